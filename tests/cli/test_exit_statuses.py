"""One enum says how a command can end, and one function gives the exit status of each end."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from tailrace.channel.index_formats.values import ChannelCheck
from tailrace.cli import failure
from tailrace.hotfix.prove.proof import HotfixProof
from tailrace.hotfix.reach.values import ReachReport
from tailrace.lint.model import LintReport
from tailrace.model.errors import TailraceError
from tailrace.model.report import CheckReport
from tailrace.outcome import CommandOutcome, HasOutcome, exit_status

SOURCE = Path(__file__).parents[2] / "src" / "tailrace"
STATUSES = {"clear": 0, "breaks": 1, "usage": 2, "incomplete": 3, "wait": 4, "interrupted": 130, "terminated": 143}


def test_every_outcome_has_its_exit_status() -> None:
    assert {outcome.value: exit_status(outcome) for outcome in CommandOutcome} == STATUSES


def test_the_command_line_uses_the_same_numbers() -> None:
    names = ("CLEAR", "BREAKS", "USAGE", "INCOMPLETE", "INTERRUPTED", "TERMINATED")
    assert all(getattr(failure, name) == STATUSES[name.lower()] for name in names)


VERDICTS = {
    CheckReport: {"clear": 0, "contained": 0, "breaks": 1, "incomplete": 3},
    LintReport: {"clean": 0, "findings": 1, "incomplete": 3},
    ChannelCheck: {"fine": 0, "differences": 1, "incomplete": 3},
    HotfixProof: {"proven": 0, "not-proven": 1, "nothing-to-prove": 3, "incomplete": 3},
    ReachReport: {"reached": 0, "missed": 1, "incomplete": 3},
}


@pytest.mark.parametrize("report", VERDICTS, ids=lambda report: report.__name__)
def test_every_verdict_of_a_report_has_an_outcome(report: type[HasOutcome]) -> None:
    hints = get_type_hints(report)
    expected = VERDICTS[report]  # type: ignore[index]
    assert set(get_args(hints.get("verdict", hints.get("status")))) == set(expected)
    outcomes = import_module(report.__module__)._OUTCOMES
    assert {verdict: exit_status(outcome) for verdict, outcome in outcomes.items()} == expected


def _kinds(error: type[TailraceError]) -> list[type[TailraceError]]:
    return [error, *(kind for one in error.__subclasses__() for kind in _kinds(one))]


def test_every_error_ends_a_command_in_a_known_way() -> None:
    for path in sorted(SOURCE.rglob("*errors.py")):
        import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    kinds = _kinds(TailraceError)
    assert len(kinds) > 40
    assert {kind.exit_status for kind in kinds} <= {1, 2, 3}


def test_no_command_writes_an_exit_status_as_a_number() -> None:
    """Besides 0 at the end of a command that has nothing to judge."""
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((SOURCE / "cli").rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if re.match(r"\s+return [1-9]\d*( if |$)", line)
    ]
    assert found == []
