"""Text that others wrote in, the same text harmless to terminal, log and eye out. Knows no format's markup."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# Control (Cc), invisible and bidi-override (Cf), lone surrogate (Cs), unassigned (Cn), line and paragraph separators.
# All of them can move the cursor, hide text, turn it round ("Trojan Source", CVE-2021-42574) or end a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_MAYBE_UNSAFE = re.compile(r"[^\x20-\x7e]")
_LONGEST_LINE = 300
_LONGEST_PROSE = 2000


def is_unsafe(char: str) -> bool:
    """Whether the character may not reach a reader as it is."""
    return unicodedata.category(char) in _UNSAFE


def visible(text: str) -> str:
    r"""The text on one line, unsafe characters written out (`\x1b`, `\u202e`); tabs and line ends become spaces."""
    return _MAYBE_UNSAFE.sub(_write_out, text)


def _write_out(match: re.Match[str]) -> str:
    char = match.group()
    if char in "\t\n\r":
        return " "
    if not is_unsafe(char):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


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
    parts = [part for part in path.encode("utf-8", "surrogatepass").split(b"/") if part not in (b"", b".", b"..")]
    # A colon in the first segment would read as a scheme (RFC 3986, 4.2), so it is encoded too.
    return "/".join(quote(part, safe="") for part in parts) or "unknown"
