"""`tailrace verify` as a user gives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tailrace.config.values import Settings
from tailrace.model import CheckReport, Observation
from tailrace.report import render

from .conftest import Outcome, report

Run = Callable[..., Outcome]


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[tuple[CheckReport, Settings]]:
    """Makes every verification refute all findings at once; what was asked."""
    asked: list[tuple[CheckReport, Settings]] = []

    def fake(given: CheckReport, settings: Settings, progress: object) -> CheckReport:
        from tailrace.verify.engine import with_downstreams

        asked.append((given, settings))
        refuted = Observation(outcome="refuted", reason="it works with both releases")
        return with_downstreams(
            given,
            [
                msgspec.structs.replace(
                    d, findings=tuple(msgspec.structs.replace(f, verification=refuted) for f in d.findings)
                )
                for d in given.downstreams
            ],
        )

    monkeypatch.setattr("tailrace.cli.wiring.run_verification", fake)
    return asked


def test_a_report_is_read_run_and_reported(tailrace: Run, verified: list[tuple[CheckReport, Settings]]) -> None:
    Path("report.json").write_text(render(report("breaks"), "json"))
    outcome = tailrace("verify", "report.json", "--level", "smoke", "--sandbox", "bwrap", "--timeout", "7", "--keep")
    assert outcome.status == 0
    assert "refuted" in outcome.out
    ((given, settings),) = verified
    assert given.verdict == "breaks"
    assert (settings.verify_level, settings.verify_sandbox, settings.verify_timeout, settings.verify_keep) == (
        "smoke",
        "bwrap",
        7.0,
        True,
    )


def test_a_candidate_is_checked_first(
    tailrace: Run,
    answer: Callable[[CheckReport], list[tuple[str, str | None, Settings]]],
    verified: list[tuple[CheckReport, Settings]],
) -> None:
    asked = answer(report("breaks"))
    outcome = tailrace("verify", "up==2", "--baseline", "up==1", "--downstream", "down==1.0")
    assert outcome.status == 0
    assert [call[:2] for call in asked] == [("up==2", "up==1")]


def test_check_runs_only_when_asked(
    tailrace: Run,
    answer: Callable[[CheckReport], list[tuple[str, str | None, Settings]]],
    verified: list[tuple[CheckReport, Settings]],
) -> None:
    answer(report("breaks"))
    assert tailrace("check", "up==2").status == 1
    assert verified == []
    assert tailrace("check", "up==2", "--verify").status == 0
    assert len(verified) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.json"], "missing.json cannot be read"),
        (["report.json", "--baseline", "up==1"], "leave out --baseline"),
        (["broken.json"], "report"),
        (["up==2", "--level", "deep"], "must be one of probe, smoke"),
        (["up==2", "--timeout", "0"], "seconds"),
    ],
)
def test_a_mistake_is_one_sentence(tailrace: Run, arguments: list[str], says: str) -> None:
    Path("report.json").write_text(render(report("breaks"), "json"))
    Path("broken.json").write_text("{")
    outcome = tailrace("verify", *arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    assert says in outcome.err
