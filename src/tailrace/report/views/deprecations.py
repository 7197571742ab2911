"""What every format shows of a deprecation report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tailrace.deprecations.model import RULE_IDS, RULE_TITLES, AnnouncedRemoval, DeprecationFinding, DeprecationReport
from tailrace.model.inert import prose, relative_uri, visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.diagnostics import SOURCE_ROOT, Diagnostic, Diagnostics, Location, Notice, RulePage, Suite
from tailrace.report.views.lint import counted

_BASELINE = "BASELINE"


def headline(report: DeprecationReport) -> str:
    """The releases, the profile and the counts in a sentence."""
    after = f" after {report.baseline.version}" if report.baseline is not None else ""
    stops = len(report.stops)
    found = [counted(stops, "stop"), counted(len(report.findings) - stops, "note")]
    said = ", ".join(part for part in found if part) or "nothing found"
    return prose(f"{report.candidate.name} {report.version}{after}, profile {report.profile}: {said}")


def counts_line(report: DeprecationReport) -> str:
    """How many removals and marks there are."""
    counts = report.counts
    if report.baseline is None:
        return f"{counted(counts.candidate, 'public mark') or 'no public mark'} in the tree"
    return (
        f"{counted(counts.removals, 'public removal') or 'no public removal'}, {counts.announced} announced; "
        f"{counted(counts.candidate, 'public mark') or 'no public mark'}, {counts.new} new; "
        f"{len(report.postponed)} postponed"
    )


def by_rule(report: DeprecationReport) -> Iterator[tuple[str, list[DeprecationFinding]]]:
    """The findings of each rule, in the order of the rules; what stops comes first."""
    order = {rule: number for number, rule in enumerate(RULE_IDS)}
    for rule, findings in groupby(sorted(report.findings, key=lambda f: order[f.rule]), key=lambda f: f.rule):
        yield rule, list(findings)


def place(finding: DeprecationFinding) -> str:
    """`file:line`, empty where no place is known."""
    return f"{visible(finding.file)}:{finding.line}" if finding.file else ""


def said_of(finding: DeprecationFinding) -> str:
    """The message, with the versions that the mark gives."""
    versions = [
        f"deprecated in {finding.announced_in}" if finding.announced_in else "",
        f"removal in {finding.remove_in}" if finding.remove_in else "",
    ]
    return prose("; ".join(part for part in (finding.message, *versions) if part))


def users(finding: DeprecationFinding | AnnouncedRemoval) -> list[str]:
    """Each place in a downstream, as `conda-build 24.1.2 conda_build/api.py:12`."""
    return [
        prose(f"{use.name} {use.version} {use.file}:{use.line}")
        + ("" if use.breaks else " (guarded, in tests, or uncertain)")
        for use in finding.used_by
    ]


def deprecation_diagnostics(report: DeprecationReport, options: RenderOptions) -> Diagnostics:
    """The findings. Removals stand in the baseline, everything else in the candidate."""
    roots = {SOURCE_ROOT: "The root of the candidate"}
    if report.baseline is not None:
        roots[_BASELINE] = "The root of the baseline"
    name = prose(f"{report.candidate.name} {report.version}")
    return Diagnostics(
        title=f"tailrace deprecations: {name}",
        suites=(Suite(name, prose(report.candidate.name), headline(report)),),
        verdict=report.verdict,
        headline=f"{headline(report)}; {counts_line(report)}",
        category=f"tailrace/deprecations/{report.candidate.name}/",
        tool_version=report.tool.version,
        roots=roots,
        rules=tuple(RulePage(id=rule) for rule in sorted({finding.rule for finding in report.findings})),
        diagnostics=tuple(map(_diagnostic, report.findings)),
        notices=tuple(
            Notice(
                "not-checked" if one.hides_a_stop else "undecided",
                "error" if one.hides_a_stop else "note",
                "not judged",
                prose(one.reason),
                prose(one.what),
            )
            for one in report.not_judged
        ),
    )


def _diagnostic(finding: DeprecationFinding) -> Diagnostic:
    used = users(finding)
    return Diagnostic(
        rule=finding.rule,
        level=finding.severity,
        message=prose(f"{finding.symbol}: {said_of(finding)}"),
        location=Location(
            file=visible(finding.file or "."),
            uri=relative_uri(finding.file or ""),
            line=finding.line,
            base=SOURCE_ROOT if finding.in_candidate else _BASELINE,
        ),
        label=f"{finding.severity}: {finding.rule}",
        title=f"{finding.rule}: {RULE_TITLES[finding.rule]}",
        fingerprint=finding.fingerprint,
        also=f"used by {', '.join(used)}" if used else "",
        is_minor=finding.severity == "note",
        properties={
            "symbol": prose(finding.symbol),
            "announcedIn": finding.announced_in,
            "removeIn": finding.remove_in,
        },
    )
