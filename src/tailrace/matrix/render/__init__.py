"""A grid or the bounds of a release, shown: for a terminal, as JSON, CSV, HTML and PNG."""

from __future__ import annotations

from typing import Final

from tailrace.matrix.values import Cell

FORMATS: Final = ("text", "html", "json", "csv", "png")

#: Mark, what it means, and colour (background of HTML and PNG, name of the terminal's), in the order of the legend.
LEGEND: Final[tuple[tuple[str, str, str, str], ...]] = (
    (".", "works", "#7bc47f", "green"),
    ("X", "breaks", "#d64545", "red"),
    ("o", "declared incompatible, works", "#a9c8e8", "cyan"),
    ("x", "declared incompatible, breaks", "#c9a0a0", "magenta"),
    ("-", "declared incompatible, not checked", "#d0d0d0", "bright_black"),
    ("?", "not checked", "#f0d58a", "yellow"),
)
COLORS: Final = {mark: color for mark, _, color, _ in LEGEND}
MEANINGS: Final = {mark: meaning for mark, meaning, _, _ in LEGEND}


def mark_of(cell: Cell) -> str:
    """The one character that stands for a cell."""
    if cell.state == "declared-incompatible":
        return "-" if cell.works is None else "o" if cell.works else "x"
    return {"works": ".", "breaks": "X", "not-checked": "?"}[cell.state]
