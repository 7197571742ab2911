"""A deprecation report for comments and summaries."""

from __future__ import annotations

from tailrace.deprecations.model import RULE_TITLES, DeprecationReport
from tailrace.model.inert import prose, without_commands
from tailrace.model.markdown import code, escape
from tailrace.report.options import RenderOptions
from tailrace.report.views.deprecations import by_rule, counts_line, headline, place, said_of, users

_VERDICT = {"stop": "❌ Stop", "clear": "✅ Clear", "incomplete": "⚠️ Incomplete"}


def render(report: DeprecationReport, options: RenderOptions) -> str:
    """A heading with the verdict, then a list for each rule."""
    lines = [f"# {_VERDICT[report.verdict]}", "", escape(headline(report)), "", escape(counts_line(report)), ""]
    for rule, findings in by_rule(report):
        lines += [f"## {code(rule)}: {RULE_TITLES[findings[0].rule]}", ""]
        for finding in findings:
            stops = "**stops**: " if finding.severity == "error" else ""
            where = f" ({code(place(finding))})" if finding.file else ""
            lines.append(f"- {stops}{code(prose(finding.symbol))}{where}: {escape(said_of(finding))}")
            lines += [f"    - used by {escape(user)}" for user in users(finding)]
        lines.append("")
    if report.postponed:
        lines += ["## Postponed", ""]
        lines += [
            f"- {code(prose(m.symbol))}: {escape(prose(m.before))} → {escape(prose(m.after))}" for m in report.postponed
        ]
        lines.append("")
    if report.not_judged:
        lines += ["## Not judged", ""]
        lines += [f"- {escape(prose(o.what))}: {escape(prose(o.reason))}" for o in report.not_judged]
        lines.append("")
    return without_commands("\n".join(lines).rstrip("\n") + "\n")
