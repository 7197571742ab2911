"""The page of a rule in Markdown. The texts are our own."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.rule import examples
from tailrace.rules import Rule


def render(rule: Rule, options: RenderOptions) -> str:
    """What it means, what happens at run time, how to fix it, and the smallest example."""
    lines = [f"# `{rule.id}`: {rule.title}", "", f"*{rule.severity.capitalize()}.* {rule.summary}", ""]
    lines += ["## What happens at run time", "", rule.why.strip(), ""]
    lines += ["## How to fix it", "", rule.repair.strip(), ""]
    lines += ["## The smallest example", ""]
    for title, files in examples(rule):
        lines += [f"{title}:", ""]
        for path, content in files.items():
            # Empty `__init__.py` files are needed by Python, not by a reader.
            if content.strip():
                language = "toml" if path.endswith(".toml") else "python"
                lines += [f"```{language}", f"# {path}", content.strip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"
