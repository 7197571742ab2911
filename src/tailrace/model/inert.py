"""Text that others wrote in, the same text harmless to terminal, log and eye out. Knows no format's markup.

Harmless means: nothing moves the cursor or hides, no secret of an address (see `model.address`), and in a log no line
that a CI service obeys. Each format adds its own escapes to what comes from here. All functions are idempotent.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape as _escape_html

from tailrace.model.address import redact

# Control (Cc), invisible and bidi-override (Cf), lone surrogate (Cs), unassigned (Cn), line and paragraph separators.
# All of them can move the cursor, hide text, turn it round ("Trojan Source", CVE-2021-42574) or end a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_MAYBE_UNSAFE = re.compile(r"[^\x20-\x7e]")
# The runner of GitHub takes white space away first, that of Unicode too; a log may be shown without its colours.
_COMMAND_LINE = re.compile(r"(?m)^((?:[^\S\n]|\x1b\[[0-9;]{0,20}m)*)::")
_COMMAND_ANYWHERE = re.compile(r"(?i)##(\[|vso\[)")
_COLOR = re.compile(r"(\x1b\[[0-9;]{0,20}m)")


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


def _write_out(match: re.Match[str]) -> str:
    char = match.group()
    if char in "\t\n\r":
        return " "
    if not is_unsafe(char):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
