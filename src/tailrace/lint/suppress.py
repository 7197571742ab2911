"""Finds `tailrace: ignore[…]` comments and the lines that each covers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tailrace.lint.source import Source, Word

_COMMENT = re.compile(
    r"(?:#|\brem\b|::|//)[ \t]*tailrace:[ \t]*ignore\[([^\]\r\n]*)\][ \t]*:?[ \t]*([^\r\n]*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. `line`: the 1-based line that it means: its own, or the next one of code if it stands alone."""

    rules: tuple[str, ...]
    reason: str
    line: int
    at: Word


def read_suppressions(source: Source) -> Iterator[Suppression]:
    """All of them, also those without a reason."""
    after: dict[int, int] = {}  # comment line → the line of code below it, so that no block is read twice
    for found in reversed(tuple(_COMMENT.finditer(source.text))):
        number, _ = source.place(found.start())
        line = source.line(number)
        if line.lstrip()[:1] == "#" or line.lstrip().lower().startswith(("rem", "::", "//")):
            own = number
            number += 1
            while number not in after and number < source.line_count and source.line(number).lstrip()[:1] in ("#", ""):
                number += 1
            number = after[own] = after.get(number, number)
        rules = tuple(part.strip() for part in found[1].split(",") if part.strip())
        yield Suppression(rules, found[2].strip(), number, Word(found[0], found.start(), found.end()))
