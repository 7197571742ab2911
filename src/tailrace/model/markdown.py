"""Escapes what others wrote, so that it stays text in Markdown: no links, HTML or mentions."""

from __future__ import annotations

import re

from tailrace.model.inert import visible, visible_lines

# A colon is special in `:emoji:` and `https://`, a low line at the edges of words; elsewhere they are only text.
_SPECIAL = re.compile(r"([\\`*\[\]<>#!|~$&]|:(?=[\w/+-])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_LIST_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")


def escape(text: str) -> str:
    """Prose in which nothing is markup, a link, an issue number or a mention."""
    said = _SPECIAL.sub(r"\\\1", visible(text))
    said = _LIST_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", said)
    # A zero-width space takes the meaning from what is recognised in plain text, after Markdown is done.
    said = re.sub(r"(@|\\#)(?=\\?\w)", r"\1&#8203;", said)
    return re.sub(r"(?i)\b(www|gh)(?=[.\\])", r"\1&#8203;", said)


def code(text: str) -> str:
    """Inline code that its own backticks cannot end; not for tables, where a pipe would need more."""
    text = visible(text)
    if not text:
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def inline(text: str) -> str:
    """A sentence of ours: `code` between single backticks stays code, all else is escaped."""
    parts = re.split(r"(?<!`)`([^`]+)`(?!`)", text)
    return "".join(code(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def fence(text: str, language: str = "") -> list[str]:
    """A block of code that its own content cannot end."""
    text = visible_lines(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [f"{ticks}{language}", *text.split("\n"), ticks]
