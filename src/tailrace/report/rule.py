"""A rule in, its page out: for `tailrace explain`, for the docs, and for the help of SARIF viewers. Judges nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Literal, assert_never

from tailrace.report.ink import LEVEL_STYLE, Ink
from tailrace.report.json import dump_json
from tailrace.rules import Rule, example_files

PageFormat = Literal["text", "markdown", "json"]


def render_rule(rule: Rule, *, format: PageFormat = "text", color: bool = False, width: int = 100) -> str:
    """The whole page of one rule."""
    match format:
        case "markdown":
            return _markdown(rule)
        case "text":
            return _text(rule, color=color, width=width)
        case "json":
            return dump_json(_data(rule))
        case _:
            assert_never(format)


def render_rules(rules: Iterable[Rule], *, format: PageFormat = "text", color: bool = False, width: int = 100) -> str:
    """The list of all rules: id, severity and summary."""
    rules = list(rules)
    match format:
        case "markdown":
            head = ["| Rule | Severity | What it says |", "| --- | --- | --- |"]
            return (
                "\n".join([*head, *(f"| [`{r.id}`]({r.id}.md) | {r.severity} | {r.summary} |" for r in rules)]) + "\n"
            )
        case "text":
            return _list(rules, color=color, width=width)
        case "json":
            return dump_json(
                [{"id": r.id, "severity": r.severity, "title": r.title, "summary": r.summary} for r in rules]
            )
        case _:
            assert_never(format)


def _list(rules: list[Rule], *, color: bool, width: int) -> str:
    ink = Ink(color=color, width=width)
    widest = max((len(rule.id) for rule in rules), default=0)
    for rule in rules:
        room = max(20, width - widest - 11) if width else 10_000
        first, *rest = textwrap.wrap(rule.summary, room)
        ink.line((rule.id.ljust(widest + 2), "bold"), (rule.severity.ljust(9), LEVEL_STYLE[rule.severity]), (first, ""))
        for line in rest:
            ink.line((" " * (widest + 11) + line, ""))
    return ink.text()


def _examples(rule: Rule) -> list[tuple[str, dict[str, str]]]:
    example = rule.example
    return [
        ("The old upstream", example_files(example.old, "upstream")),
        ("The new upstream", example_files(example.new, "upstream")),
        ("A downstream that is reported", example_files(example.downstream, "downstream")),
        ("A downstream that is not", example_files(example.near_miss, "downstream")),
    ]


def _markdown(rule: Rule) -> str:
    lines = [f"# `{rule.id}`: {rule.title}", "", f"*{rule.severity.capitalize()}.* {rule.summary}", ""]
    lines += ["## What happens at run time", "", rule.why.strip(), ""]
    lines += ["## How to fix it", "", rule.repair.strip(), ""]
    lines += ["## The smallest example", ""]
    for title, files in _examples(rule):
        lines += [f"{title}:", ""]
        for path, content in files.items():
            # Empty `__init__.py` files are needed by Python, not by a reader.
            if content.strip():
                language = "toml" if path.endswith(".toml") else "python"
                lines += [f"```{language}", f"# {path}", content.strip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _text(rule: Rule, *, color: bool, width: int) -> str:
    """The Markdown page without its marks: our own pages hold headings, paragraphs and blocks of code, nothing else."""
    ink = Ink(color=color, width=min(width, 100))
    in_code = False
    paragraph: list[str] = []
    for line in [*_markdown(rule).splitlines(), ""]:
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            ink.line((f"    {line}".rstrip(), "dim" if line.startswith("#") else "cyan"))
        elif line.startswith("#"):
            ink.line((line.lstrip("# ").replace("`", ""), "bold"))
        elif line:
            paragraph.append(line)
        else:
            if paragraph:
                ink.prose(_without_emphasis(" ".join(paragraph)), indent=0)
                paragraph.clear()
            ink.blank()
    return ink.text().rstrip("\n") + "\n"


def _without_emphasis(text: str) -> str:
    """Stars go, but not from `code`, where they mean something."""
    parts = text.split("`")
    return "`".join(part if index % 2 else part.replace("*", "") for index, part in enumerate(parts))


def _data(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "summary": rule.summary,
        "why": rule.why,
        "repair": rule.repair,
        "example": dict(_examples(rule)),
    }
