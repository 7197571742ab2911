"""Text that others wrote in, sentences, lines of source and URIs for a report out. Knows no format's markup.

What makes a text harmless stands in `model.inert`, which is passed on from here.
"""

from __future__ import annotations

from urllib.parse import quote

from tailrace.model.address import redact
from tailrace.model.inert import html, inert, is_unsafe, visible, visible_lines, without_commands

__all__ = [
    "cut",
    "html",
    "inert",
    "is_unsafe",
    "prose",
    "relative_uri",
    "source_line",
    "visible",
    "visible_lines",
    "without_commands",
]

_LONGEST_LINE = 300
_LONGEST_PROSE = 2000


def prose(text: str, limit: int = _LONGEST_PROSE) -> str:
    """A sentence: visible, runs of spaces made one, cut at `limit`."""
    return cut(" ".join(visible(text).split()), limit)


def source_line(text: str) -> str:
    """A line of source: visible, without indent and trailing space, cut where it is very long."""
    return cut(visible(text.strip("\r\n \t\f")).strip(), _LONGEST_LINE)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def relative_uri(path: str) -> str:
    """A relative POSIX path as a relative URI reference: percent-encoded, unable to become absolute or climb out."""
    parts = [
        part for part in redact(path).encode("utf-8", "surrogatepass").split(b"/") if part not in (b"", b".", b"..")
    ]
    # A colon in the first segment would read as a scheme (RFC 3986, 4.2), so it is encoded too.
    return "/".join(quote(part, safe="") for part in parts) or "unknown"
