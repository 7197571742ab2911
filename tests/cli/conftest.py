"""The command line run in this process, with a check that answers at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.config.values import Settings
from tailrace.model import CheckReport, Counts, DownstreamReport, Finding, Release, Verdict
from tailrace.model.report import Tool


def report(verdict: Verdict = "clear") -> CheckReport:
    """A report of one downstream, as a check would give it."""
    findings = (
        Finding(
            rule="name-removed",
            confidence="certain",
            severity="error",
            symbol="up.gone",
            file="down/a.py",
            line=3,
            message="`up.gone` is gone.",
            fingerprint="0123456789abcdef",
        ),
    )
    status = {"breaks": "breaks", "clear": "clear", "incomplete": "not-checked"}[verdict]
    down = DownstreamReport(
        name="down",
        version="1.0",
        spec="down==1.0",
        status=status,  # type: ignore[arg-type]
        reason="nothing to read" if verdict == "incomplete" else None,
        findings=findings if verdict == "breaks" else (),
    )
    return CheckReport(
        tool=Tool(version="0"),
        candidate=Release(name="up", version="2", spec="up==2", source="pypi"),
        baseline=Release(name="up", version="1", spec="up==1", source="pypi"),
        verdict=verdict,
        counts=Counts(
            downstreams=1,
            breaks=int(verdict == "breaks"),
            contained=0,
            possible=0,
            clear=int(verdict == "clear"),
            not_checked=int(verdict == "incomplete"),
        ),
        downstreams=(down,),
    )


@dataclass
class Outcome:
    """What a run left behind."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in an empty repository, with nothing of the developer's configuration."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("TAILRACE_", "GITHUB_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)


@pytest.fixture
def tailrace(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs the command line with these arguments."""

    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = run(app, arguments)
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return call


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, str | None, Settings]]]:
    """Makes every check answer (or raise) at once; returns the list of what was asked."""

    def set_answer(outcome: CheckReport | BaseException) -> list[tuple[str, str | None, Settings]]:
        asked: list[tuple[str, str | None, Settings]] = []

        def fake(candidate: str, baseline: str | None, settings: Settings, folder: Path, progress: Any) -> CheckReport:
            asked.append((candidate, baseline, settings))
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr("tailrace.cli.wiring.run_check", fake)
        return asked

    return set_answer
