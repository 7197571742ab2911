"""A grid for a terminal: marks with colours, a legend, the first breaks and the ranges. At most `width` columns."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.matrix.values import Matrix, Row
from tailrace.model.inert import visible
from tailrace.report.formats.text.wrapping import GRID_WIDTH, wrap
from tailrace.report.options import RenderOptions
from tailrace.report.views.matrix import LEGEND, first_breaks, grid_headline, judgement, mark_of, to_write

_STYLES = {mark: color for mark, _, _, color in LEGEND}
_CODES = {"green": "32", "red": "1;31", "cyan": "36", "magenta": "35", "bright_black": "90", "yellow": "33"}


def render(found: Matrix, options: RenderOptions) -> str:
    """The whole answer."""
    color, width = options.color, min(options.width or GRID_WIDTH, GRID_WIDTH)
    lines = [*wrap(grid_headline(found), width), ""]
    label = max((len(row.downstream) for row in found.rows), default=0)
    room = max((width - label - 2) // 2, 4)
    for start in range(0, len(found.upstream_versions), room):
        lines += [*_block(found, start, start + room, label, color), ""]
    lines += _legend(found, color, width)
    for row in found.rows:
        lines += _row_lines(found, row, width)
    lines += [part for note in found.notes for part in wrap(f"note: {note}", width)]
    return "\n".join(lines).rstrip("\n")


def _block(found: Matrix, start: int, end: int, label: int, color: bool) -> Iterator[str]:
    versions = [visible(version) for version in found.upstream_versions[start:end]]
    height = max((len(version) for version in versions), default=0)
    for level in range(height):
        letters = (version.rjust(height)[level] for version in versions)
        yield f"{'':{label}}  {' '.join(letters)}".rstrip()
    for row in found.rows:
        marks = (_ink(mark_of(cell), color) for cell in row.cells[start:end])
        yield f"{visible(row.downstream):{label}}  {' '.join(marks)}"


def _ink(mark: str, color: bool) -> str:
    return f"\x1b[{_CODES[_STYLES[mark]]}m{mark}\x1b[0m" if color else mark


def _legend(found: Matrix, color: bool, width: int) -> list[str]:
    used = {mark_of(cell) for row in found.rows for cell in row.cells}
    parts = [(mark, meaning) for mark, meaning, _, _ in LEGEND if mark in used]
    lines: list[str] = []
    plain = shown = ""
    for mark, meaning in parts:
        piece = f"{mark} {meaning}"
        if plain and len(plain) + 3 + len(piece) > width:
            lines.append(shown)
            plain = shown = ""
        gap = "   " if plain else ""
        plain += gap + piece
        shown += f"{gap}{_ink(mark, color)} {meaning}"
    return [*lines, shown, ""] if shown else lines


def _row_lines(found: Matrix, row: Row, width: int) -> list[str]:
    lines = [visible(f"{found.downstream} {row.downstream}")]
    if row.reason is not None:
        return [*lines, *wrap(f"not checked: {row.reason}", width, "  ")]
    declared = row.requirement or f"nothing on {found.upstream}"
    lines += wrap(f"declares {declared}: {judgement(row.range)}", width, "  ")
    lines += wrap(f"works with {to_write(row.range)}", width, "  ")
    for cell in first_breaks(row)[:3]:
        lines += wrap(f"{cell.symbol} breaks with {cell.upstream}, at {cell.file}:{cell.line}", width, "  ")
    return lines
