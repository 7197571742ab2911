"""Options that a downstream adds to the upstream's parser: a clash speaks, everything near it is silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines import ConflictFinder, UpstreamNames
from tailrace.model import Artifact
from tailrace.python.commandlines import load_program, read_commandlines

PARSER = """\
import argparse

def configure_clean(sub):
    p = sub.add_parser("clean")
    targets = p.add_argument_group("Removal Targets")
    targets.add_argument("-a", "--all")
    {option}

def add_output(p):
    p.add_argument("--json")
    {helper}

def generate_parser():
    p = argparse.ArgumentParser()
    sub = p.add_subparsers(dest="cmd")
    configure_clean(sub)
    {command}
    return p

def main():
    generate_parser().parse_args()
"""
OLD = PARSER.format(option="pass", helper="pass", command="pass")
OPTION = PARSER.format(option='targets.add_argument("-l", "--logs")', helper="pass", command="pass")
COMMAND = PARSER.format(option="pass", helper="pass", command='sub.add_parser("query")')
HELPER = PARSER.format(option="pass", helper='p.add_argument("--quiet")', command="pass")

# The downstream's function gets the parser of the upstream and is called in `main`.
DOWN = """\
import argparse
from up.cli import generate_parser, add_output

def extend(p):
    sub = p._subparsers._group_actions[0]
    clean = sub.choices["clean"]
{body}

def main(*args):
    try:
        p = generate_parser()
        extend(p)
        return p.parse_args(args)
    except Exception as error:
        print(error)
"""
LOCKS = 'clean.add_argument("-l", "--locks", action="store_true")'


def finder_of(old: Artifact, new: Artifact) -> ConflictFinder:
    before, after = read_commandlines(old), read_commandlines(new)
    return ConflictFinder(
        load_program(old), load_program(new), before, after, UpstreamNames(new.metadata.name, "2.0", "1.0")
    )


def find(root: Path, old: str, new: str, body: str) -> tuple[Breakage, ...]:
    releases = [
        artifact(root / n, {"up/__init__.py": "", "up/cli.py": text}, scripts={"up": "up.cli:main"})
        for n, text in (("old", old), ("new", new))
    ]
    finder = finder_of(*releases)
    text = DOWN.format(body="\n".join("    " + line for line in body.splitlines()))
    down = artifact(
        root / "down", {"down/__init__.py": "", "down/cli.py": text}, name="down", scripts={"down": "down.cli:main"}
    )
    return finder.find(down)


CLASHES = {
    "the subparser's own method": (OPTION, LOCKS, "up clean -l", 7),
    "a group found by its title": (
        OPTION,
        'g = {g.title: g for g in clean._action_groups}["Removal Targets"]\ng.add_argument("-l", "--locks")',
        "up clean -l",
        8,
    ),
    "found by a loop over the actions": (
        OPTION,
        "for action in p._actions:\n    if isinstance(action, argparse._SubParsersAction):\n"
        '        action.choices["clean"].add_argument("-l")',
        "up clean -l",
        9,
    ),
    "a subcommand": (COMMAND, 'sub.add_parser("query")', "up query", 7),
    "the upstream's helper on the downstream's parser": (
        HELPER,
        'mine = sub.add_parser("mine")\nmine.add_argument("--quiet")\nadd_output(mine)',
        "mine --quiet",
        8,
    ),
    "a handler that only gives up": (
        OPTION,
        f"try:\n    {LOCKS}\nexcept argparse.ArgumentError:\n    raise SystemExit('broken')",
        "up clean -l",
        8,
    ),
}


@pytest.mark.parametrize("case", CLASHES)
def test_a_clash_with_the_candidate_is_found(case: str, tmp_path: Path) -> None:
    new, body, symbol, line = CLASHES[case]
    (hit,) = find(tmp_path, OLD, new, body)
    assert hit.symbol.endswith(symbol)
    assert (hit.rule, hit.file, hit.line) == ("option-conflict", "down/cli.py", line)
    assert (hit.confidence, hit.cause_file, hit.cause_in_candidate) == ("certain", "up/cli.py", True)


SILENT = {
    "another option": (OLD, OPTION, 'clean.add_argument("--locks")'),
    "an option of another subcommand": (OLD, OPTION, 'sub.add_parser("mine").add_argument("-l", "--locks")'),
    "both releases have it": (OPTION, OPTION, LOCKS),
    "only the old release had it": (OPTION, OLD, LOCKS),
    "caught": (OLD, OPTION, f"try:\n    {LOCKS}\nexcept argparse.ArgumentError:\n    pass"),
    "asked first": (OLD, OPTION, f'if "-l" not in clean._option_string_actions:\n    {LOCKS}'),
    "resolved": (OLD, OPTION, f'clean.conflict_handler = "resolve"\n{LOCKS}'),
    "subcommand asked first": (OLD, COMMAND, 'if "query" not in sub.choices:\n    sub.add_parser("query")'),
    "subcommand caught by its text": (
        OLD,
        COMMAND,
        'try:\n    sub.add_parser("query")\nexcept argparse.ArgumentError as error:\n'
        '    if "conflicting" in str(error):\n        return\n    raise',
    ),
    "never called with that parser": (OLD, OPTION, 'clean = argparse.ArgumentParser()\nclean.add_argument("-l")'),
}


@pytest.mark.parametrize("case", SILENT)
def test_what_does_not_clash_is_silent(case: str, tmp_path: Path) -> None:
    old, new, body = SILENT[case]
    assert find(tmp_path, old, new, body) == ()


def test_a_click_command_that_silently_replaces_is_possible(tmp_path: Path) -> None:
    group = "import click\n@click.group()\ndef cli(): ...\n"
    old = artifact(tmp_path / "old", {"up.py": group}, scripts={"up": "up:cli"})
    new = artifact(tmp_path / "new", {"up.py": group + "@cli.command()\ndef sync(): ...\n"}, scripts={"up": "up:cli"})
    finder = finder_of(old, new)
    text = "import click\nfrom up import cli\n@cli.command('{}')\ndef mine(): ...\n"
    (hit,) = finder.find(artifact(tmp_path / "down", {"down.py": text.format("sync")}, name="down"))
    assert (hit.symbol, hit.confidence, hit.line) == ("up sync", "possible", 3)
    assert finder.find(artifact(tmp_path / "near", {"down.py": text.format("synchronise")}, name="down")) == ()


def test_a_subcommand_that_two_plug_ins_give_to_one_host(tmp_path: Path) -> None:
    plugin = "from host import plugins\ndef subcommands():\n    yield plugins.HostSubcommand(name='{}', action=print)\n"
    old = artifact(tmp_path / "old", {"plug/__init__.py": "", "plug/hook.py": plugin.format("other")}, name="plug")
    new = artifact(tmp_path / "new", {"plug/__init__.py": "", "plug/hook.py": plugin.format("query")}, name="plug")
    finder = finder_of(old, new)
    down = (
        "import argparse\nfrom host.cli import generate_parser\ndef extend(sub):\n    {}\n"
        "def main():\n    p = generate_parser()\n    extend(p._subparsers._group_actions[0])\n    p.parse_args()\n"
    )
    (hit,) = finder.find(artifact(tmp_path / "d", {"down.py": down.format("sub.add_parser('query')")}, name="down"))
    assert (hit.symbol, hit.line, hit.confidence) == ("host query", 4, "likely")
    caught = "try: sub.add_parser('query')\n    except argparse.ArgumentError: pass"
    for n, near in enumerate(("sub.add_parser('mine')", caught)):
        assert finder.find(artifact(tmp_path / f"n{n}", {"down.py": down.format(near)}, name="down")) == ()


def test_two_pytest_plug_ins_with_one_option(tmp_path: Path) -> None:
    hook = "def pytest_addoption(parser):\n    group = parser.getgroup('x')\n    group.addoption('{}', type=int)\n"
    old = artifact(tmp_path / "old", {"up/__init__.py": "", "up/plugin.py": hook.format("--one")})
    new = artifact(tmp_path / "new", {"up/__init__.py": "", "up/plugin.py": hook.format("--two")})
    finder = finder_of(old, new)
    (hit,) = finder.find(artifact(tmp_path / "d", {"down.py": hook.format("--two")}, name="down"))
    assert (hit.symbol, hit.line) == ("pytest --two", 3)
    assert finder.find(artifact(tmp_path / "n", {"down.py": hook.format("--three")}, name="down")) == ()
