"""Wraps sentences with a hanging indent, for reports that have columns of their own."""

from __future__ import annotations

import textwrap
from typing import Final

from tailrace.model.inert import visible

#: The columns that a grid and its remarks take at most.
GRID_WIDTH: Final = 80


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """The lines of a sentence, unsafe characters written out."""
    return textwrap.wrap(
        visible(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    ) or [indent]
