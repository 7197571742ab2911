"""Pages and lists of rules for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Protocol

from tailrace.report.ink import LEVEL_STYLE, Ink
from tailrace.report.options import RenderOptions


class ListedRule(Protocol):
    """What a list shows of a rule."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def severity(self) -> str:
        """Its severity."""

    @property
    def summary(self) -> str:
        """One sentence."""


def print_page(markdown: str, options: RenderOptions) -> str:
    """A Markdown page of ours without its marks: it holds headings, paragraphs and blocks of code, nothing else."""
    ink = Ink(color=options.color, width=min(options.width, 100))
    in_code = False
    paragraph: list[str] = []
    for line in [*markdown.splitlines(), ""]:
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


def print_list(rules: Iterable[ListedRule], options: RenderOptions) -> str:
    """The rules, each with its severity and its summary."""
    rules = list(rules)
    ink = Ink(color=options.color, width=options.width)
    widest = max((len(rule.id) for rule in rules), default=0)
    for rule in rules:
        room = max(20, options.width - widest - 11) if options.width else 10_000
        first, *rest = textwrap.wrap(rule.summary, room)
        ink.line((rule.id.ljust(widest + 2), "bold"), (rule.severity.ljust(9), LEVEL_STYLE[rule.severity]), (first, ""))
        for line in rest:
            ink.line((" " * (widest + 11) + line, ""))
    return ink.text()


def _without_emphasis(text: str) -> str:
    """Stars go, but not from `code`, where they mean something."""
    parts = text.split("`")
    return "`".join(part if index % 2 else part.replace("*", "") for index, part in enumerate(parts))
