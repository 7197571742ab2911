"""A check report speaks for or against a promotion; what speaks about something else opens nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from own_parts import WHEN, patcher, served_names

from tailrace import channel as own
from tailrace.channel.errors import GateReportError, RefusedError, SelectionError
from tailrace.model import CheckReport, Counts, DownstreamReport, Release, Verdict
from tailrace.model.report import Tool


def report(verdict: Verdict, name: str = "conda", version: str = "4.13.0", **candidate: Any) -> dict[str, Any]:
    status = {"breaks": "breaks", "clear": "clear", "incomplete": "not-checked"}[verdict]
    made = CheckReport(
        tool=Tool(version="0"),
        candidate=Release(name=name, version=version, spec=f"{name}=={version}", source="conda", **candidate),
        baseline=Release(name=name, version="4.12.0", spec=f"{name}==4.12.0", source="conda"),
        verdict=verdict,
        counts=Counts(
            downstreams=1,
            breaks=int(verdict == "breaks"),
            contained=0,
            possible=0,
            clear=int(verdict == "clear"),
            not_checked=int(verdict == "incomplete"),
        ),
        downstreams=(
            DownstreamReport(name="conda-build", version="3.21.8", spec="conda-build==3.21.8", status=status),  # type: ignore[arg-type]
        ),
    )
    found: dict[str, Any] = json.loads(msgspec.json.encode(made))
    return found


def promote(channel: Path, tmp_path: Path, *reports: Any, override: str | None = None) -> own.Store:
    paths = []
    for number, one in enumerate(reports):
        paths.append(tmp_path / f"report-{number}.json")
        paths[-1].write_text(one if isinstance(one, str) else json.dumps(one))
    return own.promote(channel, ["conda"], patcher, WHEN, source="canary", reports=paths, override=override)


@pytest.mark.parametrize(
    ("given", "override", "error", "expected"),
    [
        (["clear"], None, None, "conda 4.13.0: clear (1 downstreams, 0 break"),
        ([], None, None, ""),
        (["breaks"], None, RefusedError, r"conda 4\.13\.0 breaks conda-build 3\.21\.8"),
        (["clear", "breaks"], None, RefusedError, "breaks"),
        (["incomplete"], None, RefusedError, "incomplete"),
        (["breaks"], "the fixed conda-build goes out with it", None, "conda 4.13.0: breaks"),
        (["breaks"], "  ", SelectionError, "needs a reason"),
    ],
)
def test_the_gate(
    channel: Path, tmp_path: Path, given: list[Verdict], override: str | None, error: Any, expected: str
) -> None:
    reports = [report(verdict) for verdict in given]
    if error is not None:
        with pytest.raises(error, match=expected) as raised:
            promote(channel, tmp_path, *reports, override=override)
        assert raised.value.exit_status == (1 if error is RefusedError else 2)
        assert "conda-4.13.0-0.conda" not in served_names(channel)
        return
    entry = promote(channel, tmp_path, *reports, override=override).state.entry
    assert "conda-4.13.0-0.conda" in served_names(channel)
    assert "; ".join(entry.reports).startswith(expected)
    assert entry.override == override


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (report("clear", "requests"), "is about requests 4.13.0, which is not promoted here"),
        (report("clear", version="4.12.0"), "is about conda 4.12.0"),
        (report("clear", filename="conda-4.13.0-0.conda", sha256="0" * 64), "another build"),
        (report("clear") | {"verdict": "fine"}, "is not a check report"),
        (report("clear") | {"schema": "tailrace.check/2"}, "is not a check report"),
        (report("clear") | {"verdict": "breaks"}, "contradicts itself"),
        (report("breaks") | {"verdict": "clear"}, "contradicts itself"),
        ("{", "is not a check report"),
        ("[]", "is not a check report"),
    ],
)
def test_a_report_that_is_not_about_this_opens_nothing(
    channel: Path, tmp_path: Path, given: dict[str, Any] | str, expected: str
) -> None:
    with pytest.raises(GateReportError, match=expected):
        promote(channel, tmp_path, given, override="even then")
    assert "conda-4.13.0-0.conda" not in served_names(channel)


def test_a_report_of_the_very_file_and_in_another_spelling_counts(channel: Path, tmp_path: Path) -> None:
    sha256 = own.read_store(channel).state.labels["canary"]["noarch"]["conda-4.13.0-0.conda"].sha256
    promote(channel, tmp_path, report("clear", "Conda", filename="conda-4.13.0-0.conda", sha256=sha256))
    assert "conda-4.13.0-0.conda" in served_names(channel)


def test_a_report_that_is_not_there(channel: Path, tmp_path: Path) -> None:
    with pytest.raises(GateReportError, match="cannot be read"):
        own.promote(channel, ["conda"], patcher, WHEN, source="canary", reports=[tmp_path / "none.json"])
