"""Level `check`: what the static check says of the project."""

from __future__ import annotations

from tailrace.nightly.bench import CellBench, cause_of
from tailrace.nightly.values import Failure, LevelResult


def run(bench: CellBench) -> LevelResult:
    """Each finding that counts as a break; one that the requirement keeps out is none."""
    reason = None
    for downstream in bench.report.downstreams:
        if downstream.status == "not-checked":
            reason = downstream.reason or "it was not checked"
        if downstream.status != "breaks":
            continue
        for finding in downstream.findings:
            if finding.counts_as_break:
                bench.failures.append(
                    Failure(
                        level="check",
                        kind="static",
                        project=bench.project,
                        what=f"{finding.file}:{finding.line}",
                        message=finding.message[:500],
                        cause=cause_of(bench.candidate.name, finding.symbol),
                        lines=(finding.source,) if finding.source else (),
                    )
                )
    return LevelResult(level="check", tried=len(bench.report.downstreams) if reason is None else 0, reason=reason)
