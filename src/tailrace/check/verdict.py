"""Defines the status of a downstream from its findings, and the verdict from the statuses."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.model import Counts, DownstreamReport, Finding, Status, Verdict


def status_of(findings: Sequence[Finding], admitted: bool) -> Status:
    """The status of a downstream that was checked."""
    if any(f.counts_as_break for f in findings):
        return "breaks" if admitted else "contained"
    weaker = [
        f
        for f in findings
        if f.allowed is None
        and f.severity == "error"
        and f.guard is None
        and f.condition_met is not False
        and not f.refuted
    ]
    return "possible" if weaker else "clear"


def status_after(report: DownstreamReport, findings: Sequence[Finding], admitted: bool) -> Status:
    """The status of a downstream whose findings were judged once more; what was not read of it still counts."""
    status = status_of(findings, admitted)
    if status != "clear":
        return status
    unread = report.status == "possible" and status_of(report.findings, admitted) == "clear"
    return "possible" if unread or report.files.unreadable or report.uses.reasons.unparsable else "clear"


def count(reports: Sequence[DownstreamReport]) -> Counts:
    """Downstreams by status."""
    statuses = [r.status for r in reports]
    return Counts(
        downstreams=len(reports),
        breaks=statuses.count("breaks"),
        contained=statuses.count("contained"),
        possible=statuses.count("possible"),
        clear=statuses.count("clear"),
        not_checked=statuses.count("not-checked"),
    )


def verdict_of(counts: Counts) -> Verdict:
    """A break is a break whatever else is unknown; without one, anything unchecked leaves the question open.

    What only a requirement keeps out is `contained`, not clear; of no downstream at all nothing is known.
    """
    if counts.breaks:
        return "breaks"
    if counts.not_checked or not counts.downstreams:
        return "incomplete"
    return "contained" if counts.contained else "clear"
