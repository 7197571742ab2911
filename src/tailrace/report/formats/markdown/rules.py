"""The list of rules in Markdown."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.rule import RuleList


def render(found: RuleList, options: RenderOptions) -> str:
    """A table with a link to the page of each."""
    head = ["| Rule | Severity | What it says |", "| --- | --- | --- |"]
    rows = [f"| [`{r.id}`]({r.id}.md) | {r.severity} | {r.summary} |" for r in found.rules]
    return "\n".join([*head, *rows]) + "\n"
