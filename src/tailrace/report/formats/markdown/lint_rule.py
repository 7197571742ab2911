"""The page of a rule of lint in Markdown. The texts are our own."""

from __future__ import annotations

from tailrace.lint.rules.interface import LintRule
from tailrace.report.options import RenderOptions

_LANGUAGES = {".yml": "yaml", ".yaml": "yaml", ".toml": "toml", ".sh": "bash"}


def render(rule: LintRule, options: RenderOptions) -> str:
    """Why it is there, how to fix what it finds, and examples."""
    lines = [f"# `{rule.id}`: {rule.title}", "", f"*{rule.severity.capitalize()}.* {rule.summary}", ""]
    lines += ["## Why", "", rule.why.strip(), "", "## How to fix it", "", rule.repair.strip(), "", "## Examples", ""]
    for example in rule.examples:
        # Not marked as TOML: it is not a configuration of ours.
        language = _LANGUAGES.get("." + example.path.rpartition(".")[2], "text").replace("toml", "text")
        for title, text in (("Reported", example.bad), ("Not reported", example.good)):
            lines += [f"{title}, in `{example.path}`:", "", f"```{language}", text.strip("\n"), "```", ""]
    return "\n".join(lines).rstrip() + "\n"
