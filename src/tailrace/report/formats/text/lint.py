"""A lint report for a terminal: findings with reason and fix."""

from __future__ import annotations

from tailrace.lint.model import LintFinding, LintReport
from tailrace.lint.rules import LINT_RULES
from tailrace.model.inert import prose, source_line, visible
from tailrace.report.ink import LEVEL_STYLE, Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.lint import counted, headline, place

_SHOWN_PLACES = 5
_VERDICT_STYLE = {"findings": "bold red", "incomplete": "bold yellow", "clean": "bold green"}


def shown_findings(report: LintReport, options: RenderOptions) -> list[LintFinding]:
    """Those that a reader is shown: not the suppressed ones, and notes only if verbose."""
    return [f for f in report.findings if f.suppressed is None and (options.verbose or f.severity != "note")]


def render(report: LintReport, options: RenderOptions) -> str:
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
        told.append(f"{counted(report.counts.notes, 'note')}: --verbose lists them.")
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
