"""A decision of the gate for comments and summaries: the verdict, the rules as a table, and what must happen."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.gate.decision import Decision
from tailrace.model.inert import without_commands
from tailrace.model.markdown import code, escape
from tailrace.report.options import RenderOptions
from tailrace.report.views.decision import finding_text, headline, needs_first, shown_findings

MARKS = {"go": "✅", "wait": "⏳", "unknown": "❔", "stop": "⛔", "pass": "✅", "waived": "✅", "not-applicable": "➖"}


def render(decision: Decision, options: RenderOptions) -> str:
    """A heading with the verdict, a table of the rules, and a list of what must happen."""
    return without_commands("\n".join(_section(decision)) + "\n")


def _section(decision: Decision) -> Iterator[str]:
    yield f"## {MARKS[decision.verdict]} {escape(headline(decision))}"
    yield ""
    yield f"At {decision.at}, by the policy {escape(decision.policy.id)}. Decision `{decision.id[:12]}`."
    yield ""
    yield "| | rule | |"
    yield "|---|---|---|"
    for rule in needs_first(decision.rules):
        text = escape(rule.reason) + (f", until {rule.opens_at}" if rule.opens_at else "")
        shown, more = shown_findings(rule)
        details = "".join(f"<br>{escape(finding_text(one))}" for one in shown)
        details += f"<br>and {more} more" if more else ""
        yield f"| {MARKS[rule.state]} {rule.state} | {escape(rule.id)} | {text}{details} |"
    if decision.next:
        yield ""
        for step in decision.next:
            command = f" – {code(step.command)}" if step.command else ""
            yield f"- **{escape(step.who)}**: {escape(step.what)}{command}"
