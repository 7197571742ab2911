"""The docs say what the program does."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from tailrace.cli.app import app
from tailrace.config.load import load
from tailrace.config.settings import SETTINGS
from tailrace.gate.calendar import parse_calendar
from tailrace.gate.policy import parse_policy
from tailrace.report.formats import registry
from tailrace.rules import RULES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_current(generate: ModuleType) -> None:
    for path, text in generate.pages().items():
        assert path.read_text("utf-8") == text, f"run: python docs/generate.py ({path.name})"


def test_there_is_a_page_for_every_rule_and_no_other(generate: ModuleType) -> None:
    found = {path.stem for path in (ROOT / "docs" / "reference" / "rules").glob("*.md")}
    assert found == {*RULES, "index"}


def test_the_readme_holds_the_real_help(generate: ModuleType) -> None:
    assert generate.help_text(app, "tailrace") in (ROOT / "README.md").read_text("utf-8")


def test_every_setting_is_in_the_reference(generate: ModuleType) -> None:
    page = generate.configuration_page()
    for setting in SETTINGS:
        assert f"`{setting.key}`\n" in page
        assert f"`{setting.env}`" in page


def test_every_format_is_in_the_reference_and_can_be_rendered() -> None:
    page = (ROOT / "docs" / "reference" / "formats.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in registry())


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found in re.finditer(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            yield str(page.relative_to(ROOT)), found[1]


def commands() -> Iterator[tuple[str, str]]:
    for page, block in blocks("console"):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ tailrace "):
                yield page, line.removeprefix("$ tailrace ")


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_every_command_in_the_docs_can_be_parsed(page: str, line: str) -> None:
    command: click.Command = app
    arguments = shlex.split(line)
    context = click.Context(app, info_name="tailrace")
    while isinstance(command, click.Group) and not arguments[0].startswith("-"):
        found = command.get_command(context, arguments.pop(0))
        assert found, page
        command = found
    if arguments and not {"--help", "--version"} & set(arguments):
        command.make_context("tailrace", arguments)


def groups(group: click.Group, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    context = click.Context(group)
    for child in group.list_commands(context):
        command = group.get_command(context, child)
        if isinstance(command, click.Group):
            yield from groups(command, *words, child)


def test_a_list_of_commands_cuts_no_sentence_at_80_columns() -> None:
    cut = []
    for words in groups(app):
        listed = CliRunner().invoke(app, [*words, "--help"], terminal_width=80).output
        assert "Commands:" in listed
        cut += [" ".join((*words, line.strip())) for line in listed.splitlines()[1:] if line.endswith("...")]
    assert not cut


@pytest.mark.parametrize(("page", "text"), [row for row in blocks("toml") if "reference/rules" not in row[0]])
def test_every_configuration_in_the_docs_is_valid(page: str, text: str, tmp_path: Path) -> None:
    if 'schema = "tailrace.nightly-config/' in text:
        from tailrace.nightly.config import parse_config

        parse_config(text, page)
        return
    for schema, parse in (("policy", parse_policy), ("calendar", parse_calendar)):
        if f'schema = "tailrace.{schema}/' in text:
            parse(text.encode(), page)
            return
    name = "pyproject.toml" if "tool" in tomllib.loads(text) else "tailrace.toml"
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert load({}, environment={}, folder=tmp_path, rules=lambda: tuple(RULES)).file, page


def test_the_docs_name_no_host_of_a_registry() -> None:
    hosts = re.compile(r"(pypi|files\.pythonhosted|anaconda|prefix|npmjs)\.(org|com|dev)", re.IGNORECASE)
    for path in [*PAGES, ROOT / "mkdocs.yml", ROOT / "action.yml", ROOT / "Makefile"]:
        assert not hosts.search(path.read_text("utf-8")), path
