"""Makes text from others harmless to a terminal, a log and a reader, independently of any format's markup.

Harmless means: nothing moves the cursor or hides, no secret of an address (see `model.address`), and in a log no line
that a CI service obeys. Each format adds its own escapes to what comes from here. All functions are idempotent.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape as _escape_html
from typing import Any
from urllib.parse import quote

from tailrace.model.address import redact, redact_all

# Control (Cc), invisible and bidi-override (Cf), lone surrogate (Cs), unassigned (Cn), line and paragraph separators.
# All of them can move the cursor, hide text, turn it round ("Trojan Source", CVE-2021-42574) or end a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_MAYBE_UNSAFE = re.compile(r"[^\x20-\x7e]")
# The runner of GitHub takes white space away first, that of Unicode too; a log may be shown without its colours.
_COMMAND_LINE = re.compile(r"(?m)^((?:[^\S\n]|\x1b\[[0-9;]{0,20}m)*)::")
_COMMAND_ANYWHERE = re.compile(r"(?i)##(\[|vso\[)")
_COLOR = re.compile(r"(\x1b\[[0-9;]{0,20}m)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_LINE = 300
_LONGEST_PROSE = 2000


def is_unsafe(char: str) -> bool:
    """Whether the character may not reach a reader as it is."""
    return unicodedata.category(char) in _UNSAFE


def visible(text: str) -> str:
    r"""The text on one line, unsafe characters written out (`\x1b`, `\u202e`); tabs and line ends become spaces.

    Secrets of addresses are hidden.
    """
    return _MAYBE_UNSAFE.sub(_write_out, redact(text))


def visible_lines(text: str) -> str:
    """The same, with its line breaks (`\\n` alone) and tabs kept."""
    kept = re.split(r"([\n\t])", redact(text.replace("\r\n", "\n")))
    return "".join(part if part in ("\n", "\t") else _MAYBE_UNSAFE.sub(_write_out, part) for part in kept)


def inert(text: str, *, color: bool = False) -> str:
    r"""The whole of a text output, at the last step: lines stay, and none of them is a command to a CI service.

    A line that begins with `::` (GitHub) is written `\x3a:`, and `##[` and `##vso[`, which count anywhere in a line,
    `\x23#[`. `color`: escape sequences that only set colours are kept.
    """
    if color:
        pieces = _COLOR.split(text)
        text = "".join(piece if index % 2 else visible_lines(piece) for index, piece in enumerate(pieces))
    else:
        text = visible_lines(text)
    return without_commands(text)


def without_commands(text: str) -> str:
    """Several lines, none of which a CI service obeys."""
    if "::" in text:
        text = _COMMAND_LINE.sub(r"\1\\x3a:", text)
    return _COMMAND_ANYWHERE.sub(r"\\x23#\1", text) if "##" in text else text


def html(text: str) -> str:
    """Several lines as the text of an HTML page or the value of an attribute in it."""
    return _escape_html(without_commands(visible_lines(text)), quote=True)


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


def _write_out(match: re.Match[str]) -> str:
    char = match.group()
    if char in "\t\n\r":
        return " "
    if not is_unsafe(char):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def sayable(value: Any) -> Any:
    """The value without the secrets of addresses, and fit for UTF-8."""
    return _without_surrogates(redact_all(value))


def _without_surrogates(value: Any) -> Any:
    """Half characters, which file names can hold, have no place in UTF-8: they are written out (`\\udc80`)."""
    match value:
        case str():
            return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", value)
        case list() | tuple():
            return type(value)(_without_surrogates(item) for item in value)
        case dict():
            return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
        case _:
            return value
