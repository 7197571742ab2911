"""A lint report in, text for readers out: findings with reason and fix, or one line each. Prints nothing."""

from __future__ import annotations

from tailrace.lint.model import LintFinding, LintPlace, LintReport
from tailrace.lint.rules import LINT_RULES
from tailrace.report.clean import inert, prose, source_line, visible
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.text import LEVEL_STYLE

_SHOWN_PLACES = 5
_VERDICT_STYLE = {"findings": "bold red", "incomplete": "bold yellow", "clean": "bold green"}


def headline(report: LintReport) -> str:
    """The counts in a sentence."""
    counts = report.counts
    found = [
        _count(counts.errors, "error"),
        _count(counts.warnings, "warning"),
        _count(counts.notes, "note"),
    ]
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


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def shown_findings(report: LintReport, options: RenderOptions) -> list[LintFinding]:
    """Those that a reader is shown: not the suppressed ones, and notes only if verbose."""
    return [f for f in report.findings if f.suppressed is None and (options.verbose or f.severity != "note")]


def render_text(report: LintReport, options: RenderOptions) -> str:
    """The verdict, each finding with line, reason and fix, and what could not be read."""
    ink = Ink(color=options.color, width=options.width)
    ink.line((report.verdict.upper(), _VERDICT_STYLE[report.verdict]), ("  " + headline(report), ""))
    told: set[str] = set()
    for finding in shown_findings(report, options):
        ink.blank()
        ink.line(
            (place(finding), "bold"),
            (": ", ""),
            (finding.severity, LEVEL_STYLE[finding.severity]),
            (f": {finding.rule}", ""),
        )
        ink.prose(prose(finding.message), indent=4)
        if finding.source.strip():
            ink.line((f"    {finding.line:>4} | ", "dim"), (source_line(finding.source), "cyan"))
        shown = len(finding.places) if options.verbose else _SHOWN_PLACES
        for other in finding.places[1:shown]:
            ink.line(("    also ", "dim"), (place(other), "bold"))
        if len(finding.places) > shown:
            ink.line((f"    and in {len(finding.places) - shown} more places; --verbose lists them", "dim"))
        if finding.rule not in told:
            told.add(finding.rule)
            ink.prose(LINT_RULES[finding.rule].summary, indent=4, first=("why: ", "dim"))
        ink.prose(prose(finding.fix) + _how(finding), indent=4, first=("fix: ", "dim"))
    if report.unreadable:
        ink.blank()
        for unreadable in report.unreadable:
            line = f":{unreadable.line}" if unreadable.line else ""
            ink.line(
                (visible(unreadable.file) + line, "bold"), (": not checked: ", "yellow"), (prose(unreadable.reason), "")
            )
    _footer(report, options, ink)
    return ink.text()


def _how(finding: LintFinding) -> str:
    return {"safe": " (`--fix` does it)", "unsafe": " (`--unsafe-fixes` does it)", None: ""}[finding.fixable]


def _footer(report: LintReport, options: RenderOptions, ink: Ink) -> None:
    told = []
    if report.counts.notes and not options.verbose:
        told.append(f"{_count(report.counts.notes, 'note')}: --verbose lists them.")
    if report.counts.fixable:
        told.append(f"{report.counts.fixable} can be fixed with --fix; --diff shows how.")
    if shown_findings(report, options):
        told.append("`tailrace lint --explain RULE` explains a rule.")
    if report.left_out:
        names = ", ".join(visible(name) for name in report.left_out[:3])
        more = f" and {len(report.left_out) - 3} more" if len(report.left_out) > 3 else ""
        told.append(f"Left out: {names}{more}.")
    if told:
        ink.blank()
        for line in told:
            ink.prose(line, indent=0)


def place(finding: LintFinding | LintPlace) -> str:
    """`file:line:column`, which terminals and editors make clickable."""
    return f"{visible(finding.file)}:{finding.line}:{finding.column}"


def _more(finding: LintFinding) -> str:
    others = len(finding.places) - 1
    return f" (and in {others} more {'place' if others == 1 else 'places'})" if others > 0 else ""


def render_concise(report: LintReport, options: RenderOptions) -> str:
    """The verdict, then one line for each finding and for each file that could not be read."""
    lines = [f"{report.verdict.upper()}  {headline(report)}"]
    lines += [
        f"{place(f)}: {f.severity}: {f.rule}: {prose(f.message)}{_more(f)}" for f in shown_findings(report, options)
    ]
    lines += [f"{visible(u.file)}:{max(u.line, 1)}:1: not checked: {prose(u.reason)}" for u in report.unreadable]
    return inert("\n".join(lines) + "\n")
