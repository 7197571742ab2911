"""Marks the breaks of a report that the allow-list accepts, and reports what became of every entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from tailrace.check.options import AllowEntry
from tailrace.check.verdict import status_after
from tailrace.model import AllowedNote, DownstreamReport, Finding


def apply_allow_list(
    reports: Sequence[DownstreamReport], entries: Sequence[AllowEntry], today: str | None
) -> tuple[tuple[DownstreamReport, ...], tuple[AllowedNote, ...]]:
    """Mark findings that a living entry accepts. Expired and unused entries are reported, each once."""
    day = today or dt.datetime.now(dt.UTC).date().isoformat()
    living = [e for e in entries if e.expires is None or e.expires >= day]
    used: set[AllowEntry] = set()
    marked = tuple(_mark(report, living, used) for report in reports)
    notes = []
    for entry in entries:
        what = f"{entry.rule} {entry.symbol}" + (f" in {entry.downstream}" if entry.downstream else "")
        if entry not in living:
            message = f"The allow-list entry for {what} expired on {entry.expires} and works no more."
            notes.append(AllowedNote(rule=entry.rule, symbol=entry.symbol, state="expired", message=message))
        elif entry not in used:
            message = f"The allow-list entry for {what} matches nothing; it can go."
            notes.append(AllowedNote(rule=entry.rule, symbol=entry.symbol, state="unused", message=message))
    return marked, tuple(notes)


def _mark(report: DownstreamReport, entries: Sequence[AllowEntry], used: set[AllowEntry]) -> DownstreamReport:
    findings: list[Finding] = []
    for finding in report.findings:
        entry = next((e for e in entries if _matches(e, report.name, finding)), None)
        if entry is not None:
            used.add(entry)
            finding = msgspec.structs.replace(finding, allowed=entry.reason)
        findings.append(finding)
    if report.status == "not-checked" or tuple(findings) == report.findings:
        return report
    # What counted as a break before, whether or not bounds are taken to be lifted, still does if anything is left.
    admitted = report.status == "breaks" or (report.status != "contained" and report.admits_candidate)
    return msgspec.structs.replace(report, findings=tuple(findings), status=status_after(report, findings, admitted))


def _matches(entry: AllowEntry, downstream: str, finding: Finding) -> bool:
    if entry.rule != finding.rule or entry.downstream not in {None, downstream}:
        return False
    names = {finding.symbol, finding.used or finding.symbol}
    return entry.symbol in names or any(fnmatchcase(name, entry.symbol) for name in names)
