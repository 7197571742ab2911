"""A lint rule in, its page out: for `--explain`, for the docs, and for the help of SARIF viewers. Judges nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Literal

from tailrace.lint.rules.interface import LintRule
from tailrace.report.ink import Ink

_LANGUAGES = {".yml": "yaml", ".yaml": "yaml", ".toml": "toml", ".sh": "bash"}


def render_lint_rule(
    rule: LintRule, *, format: Literal["text", "markdown"] = "text", color: bool = False, width: int = 100
) -> str:
    """The whole page of one rule."""
    return _markdown(rule) if format == "markdown" else _text(rule, color=color, width=width)


def render_lint_rules(
    rules: Iterable[LintRule], *, format: Literal["text", "markdown"] = "text", color: bool = False, width: int = 100
) -> str:
    """The list of rules: id, severity, whether `--fix` knows it, and summary."""
    rules = list(rules)
    if format == "markdown":
        head = ["| Rule | Severity | Fixed by | What it says |", "| --- | --- | --- | --- |"]
        rows = [f"| [`{r.id}`]({r.id}.md) | {r.severity} | {_fixed(r)} | {r.summary} |" for r in rules]
        return "\n".join([*head, *rows]) + "\n"
    ink = Ink(color=color, width=width)
    widest = max((len(rule.id) for rule in rules), default=0)
    for rule in rules:
        first, *rest = textwrap.wrap(rule.summary, max(20, width - widest - 11))
        ink.line((rule.id.ljust(widest + 2), "bold"), (rule.severity.ljust(9), ""), (first, ""))
        for line in rest:
            ink.line((" " * (widest + 11) + line, ""))
    return ink.text()


def _fixed(rule: LintRule) -> str:
    if not any(example.fixed for example in rule.examples):
        return ""
    return "`--unsafe-fixes`" if "--unsafe-fixes" in rule.repair else "`--fix`"


def _markdown(rule: LintRule) -> str:
    lines = [f"# `{rule.id}`: {rule.title}", "", f"*{rule.severity.capitalize()}.* {rule.summary}", ""]
    lines += ["## Why", "", rule.why.strip(), "", "## How to fix it", "", rule.repair.strip(), "", "## Examples", ""]
    for example in rule.examples:
        # Not marked as TOML: it is no configuration of ours.
        language = _LANGUAGES.get("." + example.path.rpartition(".")[2], "text").replace("toml", "text")
        for title, text in (("Reported", example.bad), ("Not reported", example.good)):
            lines += [f"{title}, in `{example.path}`:", "", f"```{language}", text.strip("\n"), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _text(rule: LintRule, *, color: bool, width: int) -> str:
    ink = Ink(color=color, width=min(width, 100))
    in_code = False
    paragraph: list[str] = []
    for line in [*_markdown(rule).splitlines(), ""]:
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            ink.line((f"    {line}".rstrip(), "cyan"))
        elif line.startswith("#"):
            ink.line((line.lstrip("# ").replace("`", ""), "bold"))
        elif line:
            paragraph.append(line)
        else:
            if paragraph:
                ink.prose(" ".join(paragraph).replace("*", ""), indent=0)
                paragraph.clear()
            ink.blank()
    return ink.text().rstrip("\n") + "\n"
