"""A deprecation report for a terminal: what stops, then the notes of each rule."""

from __future__ import annotations

from tailrace.deprecations.model import RULE_TITLES, DeprecationReport
from tailrace.model.inert import prose
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.deprecations import by_rule, counts_line, headline, place, said_of, users

_STYLE = {"stop": "bold red", "clear": "bold green", "incomplete": "bold yellow"}
_SHOWN = 5


def render(report: DeprecationReport, options: RenderOptions) -> str:
    """All that stops; of notes the first of each rule, unless verbose."""
    ink = Ink(color=options.color, width=options.width)
    ink.prose(headline(report), indent=0, first=(f"{report.verdict.upper()}  ", _STYLE[report.verdict]), hang=2)
    ink.prose(counts_line(report), indent=2)
    hidden = 0
    for rule, findings in by_rule(report):
        stops = sum(f.severity == "error" for f in findings)
        level = "all stop" if stops == len(findings) else f"{stops} stop" if stops else "note"
        ink.blank()
        ink.prose(
            f"{RULE_TITLES[findings[0].rule]}  ({len(findings)}, {level})",
            indent=0,
            first=(f"{rule}  ", "bold"),
            hang=2,
        )
        shown = findings if options.verbose else findings[: max(stops, _SHOWN)]
        hidden += len(findings) - len(shown)
        for finding in shown:
            mark = ("  stop  ", "bold red") if finding.severity == "error" else ("  ", "")
            ink.line(mark, (prose(finding.symbol), "bold"), ("  " + place(finding), "dim"))
            ink.prose(said_of(finding), indent=6)
            for user in users(finding):
                ink.prose(f"used by {user}", indent=6)
    if report.postponed:
        ink.blank()
        ink.line(("postponed", "bold"), ("  Removals that were put off", ""))
        shown_moves = report.postponed if options.verbose else report.postponed[:_SHOWN]
        for moved in shown_moves:
            ink.prose(f"{prose(moved.symbol)}  {prose(moved.before)} → {prose(moved.after)}", indent=2, hang=2)
        hidden += len(report.postponed) - len(shown_moves)
    used = [one for one in report.announced if one.used_by]
    if used and options.verbose:
        ink.blank()
        ink.line(("announced", "bold"), ("  Removals that had been announced, and that are used", ""))
        for removal in used:
            since = f", deprecated in {prose(removal.announced_in)}" if removal.announced_in else ""
            ink.prose(f"{prose(removal.symbol)}  {prose(removal.by)}{since}", indent=2, hang=2)
            for user in users(removal):
                ink.prose(f"used by {user}", indent=6)
    if report.not_judged:
        ink.blank()
        ink.line(("not judged", "bold yellow"))
        for one in report.not_judged:
            ink.prose(f"{prose(one.what)}: {prose(one.reason)}", indent=2)
    if hidden:
        ink.blank()
        ink.line((f"{hidden} more: --verbose lists them.", "dim"))
    return ink.text()
