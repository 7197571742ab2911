"""Tests text against patterns of unknown origin, in time linear in the text.

Python's own engine goes back over a text as often as a pattern makes it (`^(a+)+$`), which no bound on lengths cures.
RE2 builds an automaton; what an automaton cannot do (backreferences, lookaround) it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

#: Characters of one pattern, and bytes that its automaton may take.
MAX_PATTERN = 2_000
_MEMORY = 8 << 20

Matcher = Callable[[str], bool]


class PatternError(ValueError):
    """The pattern cannot be used; the message says why."""


@lru_cache(maxsize=4096)
def compile_expression(pattern: str) -> Matcher:
    """A test whether a text begins with what a regular expression describes. Raises PatternError."""
    import re2

    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"a pattern longer than {MAX_PATTERN} characters")
    options: Any = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        match = re2.compile(pattern, options).match
    except re2.error as error:
        text = error.args[0] if error.args else ""
        raise PatternError(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)) from None
    except UnicodeEncodeError:
        raise PatternError("a pattern with characters that are none") from None

    def matches(text: str) -> bool:
        try:
            return match(text) is not None
        except UnicodeEncodeError:  # half a surrogate pair, which nothing describes
            return False

    return matches


def quote(text: str) -> str:
    """A regular expression for the text itself."""
    import re

    return re.escape(text)


def glob_expression(pattern: str) -> str:
    """A shell glob (`*`, `?`, `[a-z]`, `[!a]`) as a regular expression of its whole text, without an end mark."""
    made: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if not made or made[-1] != ".*":
                made.append(".*")
        elif char == "?":
            made.append(".")
        elif char == "[" and (end := pattern.find("]", at + (pattern[at : at + 1] == "!") + 1)) > 0:
            made.append(_set(pattern[at:end]))
            at = end + 1
        else:
            made.append(quote(char))
    return "".join(made)


def _set(body: str) -> str:
    """The inside of `[...]`. A range whose ends are the wrong way round holds nothing, as in a shell."""
    negated = body.startswith("!")
    chars = body[negated:]
    parts: list[str] = []
    at = 0
    while at < len(chars):
        if at + 2 < len(chars) and chars[at + 1] == "-":
            if chars[at] <= chars[at + 2]:
                parts.append(f"{quote(chars[at])}-{quote(chars[at + 2])}")
            at += 3
        else:
            parts.append("\\-" if chars[at] == "-" else "\\^" if chars[at] == "^" else quote(chars[at]))
            at += 1
    if not parts:
        return "." if negated else r"[^\x00-\x{10FFFF}]"
    return f"[{'^' if negated else ''}{''.join(parts)}]"


@lru_cache(maxsize=65536)
def compile_glob(pattern: str) -> Matcher:
    """A test whether the whole of a text fits a shell glob. Raises PatternError."""
    return compile_expression(f"(?s:{glob_expression(pattern)})\\z")
