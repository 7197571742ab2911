"""The size of the cache for a terminal."""

from __future__ import annotations

from tailrace.model.cache import CacheReport
from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.cache import cache_tables


def render(report: CacheReport, options: RenderOptions) -> str:
    """The total, and a line for each kind of entry."""
    shown = cache_tables(report, options)
    lines = [visible(shown.headline)]
    for table in shown.tables:
        cells = [tuple(column.title for column in table.columns), *table.rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines += ["", *("  " + _line(row, widths) for row in cells)]
    return "\n".join(lines)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers = row
    return "  ".join(
        [first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True))]
    )
