"""A grid as CSV: one line for each cell."""

from __future__ import annotations

from tailrace.matrix.values import Matrix
from tailrace.report.formats.csv.cells import write_csv
from tailrace.report.options import RenderOptions

_FIELDS = (
    *("downstream", "upstream", "state", "works", "declared", "how", "symbol", "rule", "file", "line", "breaks"),
    *("message", "reason"),
)


def render(found: Matrix, options: RenderOptions) -> str:
    """The cells, row by row."""
    cells = (cell for row in found.rows for cell in row.cells)
    return write_csv(_FIELDS, ([getattr(cell, name) for name in _FIELDS] for cell in cells))
