"""The list of the rules of lint in Markdown."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.lint_rule import LintRuleList, fixed_by


def render(found: LintRuleList, options: RenderOptions) -> str:
    """A table with a link to the page of each."""
    head = ["| Rule | Severity | Fixed by | What it says |", "| --- | --- | --- | --- |"]
    rows = [f"| [`{r.id}`]({r.id}.md) | {r.severity} | {fixed_by(r)} | {r.summary} |" for r in found.rules]
    return "\n".join([*head, *rows]) + "\n"
