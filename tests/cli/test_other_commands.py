"""`diff`, `explain`, `config show`, and what every command shares."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tailrace import __version__
from tailrace.changes.releases import ReleaseDiff
from tailrace.model import Change, Release
from tailrace.rules import RULES

from .conftest import Outcome

Run = Callable[..., Outcome]


def test_version_is_told(tailrace: Run) -> None:
    assert tailrace("--version").out == f"tailrace, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["-h"], ["check", "--help"], ["diff", "-h"], ["explain", "-h"], ["config", "show", "-h"]]
)
def test_help_is_status_0(tailrace: Run, arguments: list[str]) -> None:
    outcome = tailrace(*arguments)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("Usage: tailrace")


def test_the_first_example_of_the_help_is_the_incident(tailrace: Run) -> None:
    example = "tailrace check MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3"
    for arguments in ([], ["check"]):
        text = tailrace(*arguments, "--help").out
        assert example in text
        assert text.index(example) < text.index("Options:")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chek"], "There is no command 'chek'. Did you mean 'check'?"),
        (["zzz"], "The commands are check, verify, "),
        (["check"], "Missing argument 'CANDIDATE'"),
        (["diff", "a==1"], "Missing argument 'NEW'"),
        (["explain"], "name one rule, or ask for --list."),
        (["explain", "name-removed", "--list"], "name one rule, or ask for --list."),
        (["explain", "name-remved"], "Did you mean `name-removed`?"),
        (["bisect", "./new", "./down"], "'./new' is not a name of the package index"),
        (["bisect", "https://u:SECRET@h/x-1.tar.gz", "./down"], "'https://****@h/x-1.tar.gz' is not a name"),
    ],
)
def test_a_usage_error_is_status_2_with_the_way_out(tailrace: Run, arguments: list[str], says: str) -> None:
    outcome = tailrace(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert says in outcome.err
    assert "hint: " in outcome.err


@pytest.mark.parametrize("group", ["", "channel", "gate", "hotfix", "incident", "nightly", "notify", "store", "config"])
def test_a_group_without_a_command_shows_its_help_as_it_is(tailrace: Run, group: str) -> None:
    outcome = tailrace(*group.split())
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"Usage: {' '.join(['tailrace', *group.split()])} ")
    assert "error" not in outcome.err.splitlines()[0]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_be_explained(tailrace: Run, rule: str) -> None:
    outcome = tailrace("explain", rule)
    assert outcome.status == 0
    assert outcome.out.startswith(rule)


def test_the_list_names_every_rule(tailrace: Run) -> None:
    assert [line.split()[0] for line in tailrace("explain", "--list").out.splitlines() if not line.startswith(" ")] == [
        *RULES
    ]
    assert [row["id"] for row in json.loads(tailrace("explain", "--list", "-f", "json").out)] == [*RULES]


def test_diff_shows_the_changes(tailrace: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Release(name="up", version=v, spec=f"up=={v}", source="pypi") for v in ("1", "2"))
    changes = (Change(rule="name-removed", symbol="up.gone", file="up/__init__.py", line=3),)
    found = ReleaseDiff(baseline=old, candidate=new, changes=changes)
    monkeypatch.setattr("tailrace.changes.releases.diff_releases", lambda *_, **__: found)
    outcome = tailrace("diff", "up==1", "up==2")
    assert outcome.status == 0
    assert "up.gone" in outcome.out
    assert "up.gone" in tailrace("diff", "up==1", "up==2", "--format", "json").out


def test_config_show_tells_value_and_origin(tailrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'jobs = 3\n[[allow]]\nrule = "name-removed"\nsymbol = "a.b"\nreason = "known"\nexpires = 2030-01-01\n'
    (tmp_path / "tailrace.toml").write_text(text)
    monkeypatch.setenv("TAILRACE_OFFLINE", "yes")
    lines = [line.split() for line in tailrace("config", "show").out.splitlines()]
    assert ["jobs", "3", "tailrace.toml:1"] in lines
    assert ["offline", "true", "TAILRACE_OFFLINE"] in lines
    assert ["time-limit", "300", "default"] in lines
    assert ["allow:", "name-removed", "of", "a.b", "until", "2030-01-01:", "known"] in lines
    document = json.loads(tailrace("config", "show", "--format", "json").out)
    assert document["settings"]["jobs"] == {
        "value": 3,
        "origin": "tailrace.toml:1",
        "environment": "TAILRACE_JOBS",
        "flag": "--jobs",
    }
    assert document["allow"][0]["expires"] == "2030-01-01"


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:hunter2@example.org/simple", "https://me:****@example.org/simple"),
        ("https://hunter2@example.org/simple", "https://****@example.org/simple"),
        ("https://example.org/@scope/simple", "https://example.org/@scope/simple"),
    ],
)
def test_config_show_hides_passwords(
    tailrace: Run, monkeypatch: pytest.MonkeyPatch, format_: str, url: str, shown: str
) -> None:
    monkeypatch.setenv("TAILRACE_INDEX_URL", url)
    monkeypatch.setenv("TAILRACE_EXTRA_INDEX_URLS", f"{url} {url}")
    out = tailrace("config", "show", "--format", format_).out
    assert out.count(shown) == 3
    assert "hunter2" not in out


def test_mistakes_of_a_configuration_come_together(tailrace: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.tailrace]\njob = 1\noffline = 3\n")
    outcome = tailrace("config", "show")
    assert outcome.status == 2
    assert outcome.err.splitlines() == [
        "error: 2 mistakes in the configuration",
        "  pyproject.toml:2: unknown key `job`; did you mean `jobs`?",
        "  pyproject.toml:3: `offline` must be true or false, not 3",
    ]


def test_the_shell_completes_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "_TAILRACE_COMPLETE": "bash_complete",
        "COMP_WORDS": "tailrace explain name-",
        "COMP_CWORD": "2",
    }.items():
        monkeypatch.setenv(name, value)
    out = subprocess.run(
        [sys.executable, "-c", "from tailrace.cli import main; main()"], capture_output=True, text=True, check=False
    )
    assert out.stdout.split() == ["plain,name-removed"]
