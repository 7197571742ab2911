"""What every format shows of a lint report."""

from __future__ import annotations

from tailrace.lint.model import LintFinding, LintPlace, LintReport
from tailrace.lint.rules import LINT_RULES
from tailrace.model.inert import prose, relative_uri, source_line, visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.diagnostics import (
    SOURCE_ROOT,
    Diagnostic,
    Diagnostics,
    Location,
    Notice,
    RulePage,
    Suite,
    Suppression,
)

_MAX_NAMED = 20


def headline(report: LintReport) -> str:
    """The counts in a sentence."""
    counts = report.counts
    found = [counted(counts.errors, "error"), counted(counts.warnings, "warning"), counted(counts.notes, "note")]
    said = ", ".join(part for part in found if part) or "nothing found"
    files = f"{counts.read} {'file' if counts.read == 1 else 'files'}"
    places = f" at {counts.places} places" if counts.places > counts.findings else ""
    parts = [f"{said}{places} in {files}"]
    if counts.unreadable:
        parts.append(f"{counts.unreadable} could not be read")
    if counts.suppressed:
        parts.append(f"{counts.suppressed} suppressed")
    if counts.fixed:
        parts.append(f"{counts.fixed} fixed")
    return "; ".join(parts)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, nothing for none."""
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def place(finding: LintFinding | LintPlace) -> str:
    """`file:line:column`, which terminals and editors make clickable."""
    return f"{visible(finding.file)}:{finding.line}:{finding.column}"


def lint_diagnostics(report: LintReport, options: RenderOptions) -> Diagnostics:
    """The findings; files are relative to where the run began."""
    return Diagnostics(
        title="tailrace lint",
        suites=(Suite("lint", "lint", headline(report)),),
        verdict=report.verdict,
        headline=headline(report),
        category="tailrace/lint/",
        tool_version=report.tool.version,
        roots={SOURCE_ROOT: "Where the run began"},
        rules=tuple(_rule_page(rule) for rule in sorted({finding.rule for finding in report.findings})),
        diagnostics=tuple(map(_diagnostic, report.findings)),
        notices=tuple(
            Notice(
                "not-checked",
                "error",
                "not checked",
                prose(one.reason),
                prose(one.file),
                Location(visible(one.file), relative_uri(one.file), max(one.line, 1)),
            )
            for one in report.unreadable
        ),
    )


def _rule_page(rule_id: str) -> RulePage:
    from tailrace.report import render

    rule = LINT_RULES[rule_id]
    return RulePage(
        id=rule_id,
        title=rule.title,
        summary=rule.summary,
        severity=rule.severity,
        text=render(rule, "text"),
        markdown=render(rule, "markdown"),
    )


def _diagnostic(finding: LintFinding) -> Diagnostic:
    others = len(finding.places) - 1
    suppression = None
    if finding.suppressed is not None:
        suppression = Suppression(in_source=True, because=prose(finding.suppressed), is_hidden=True)
    return Diagnostic(
        rule=finding.rule,
        level=finding.severity,
        message=prose(finding.message),
        location=_location(finding),
        label=f"{finding.severity}: {finding.rule}",
        title=finding.rule,
        fingerprint=finding.fingerprint,
        also=prose(_others(finding)),
        more=f" (and in {others} more {'place' if others == 1 else 'places'})" if others > 0 else "",
        fix=prose(finding.fix),
        suppression=suppression,
        # As in the verdict of a run.
        fails=finding.severity != "note" and suppression is None,
        excuse=suppression.because if suppression else "",
        related=tuple(map(_location, finding.places[1:])),
        is_minor=finding.severity == "note",
        properties={"fixable": finding.fixable, "generated": finding.generated},
    )


def _location(finding: LintFinding | LintPlace) -> Location:
    return Location(
        file=visible(finding.file),
        uri=relative_uri(finding.file),
        line=finding.line,
        column=finding.column,
        source=source_line(finding.source) if finding.source.strip() else "",
        message=prose(finding.message),
    )


def _others(finding: LintFinding) -> str:
    """The further places of the finding, in a sentence."""
    others = [place(other) for other in finding.places[1:]]
    if not others:
        return ""
    more = f", and {len(others) - _MAX_NAMED} more" if len(others) > _MAX_NAMED else ""
    return f"also in {', '.join(others[:_MAX_NAMED])}{more}"
