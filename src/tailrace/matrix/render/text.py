"""A grid for a terminal: marks with colours, a legend, the first breaks and the ranges. At most `width` columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tailrace.matrix.render import LEGEND, mark_of
from tailrace.matrix.render.sentences import bounds_line, first_breaks, judgement, to_write
from tailrace.matrix.values import Bounds, Matrix, Row
from tailrace.model.inert import visible

_STYLES = {mark: color for mark, _, _, color in LEGEND}
_CODES = {"green": "32", "red": "1;31", "cyan": "36", "magenta": "35", "bright_black": "90", "yellow": "33"}


def render_matrix_text(found: Matrix, *, color: bool = False, width: int = 80) -> str:
    """The whole answer."""
    counts = found.counts
    lines = [
        f"{found.downstream} (rows) with {found.upstream} (columns): {counts.cells} pairs, {counts.works} work, "
        f"{counts.breaks} break, {counts.declared_incompatible} declared incompatible, "
        f"{counts.not_checked} not checked",
        "",
    ]
    lines = [part for line in lines for part in (_wrap(line, width) if line else [""])]
    label = max((len(row.downstream) for row in found.rows), default=0)
    room = max((width - label - 2) // 2, 4)
    for start in range(0, len(found.upstream_versions), room):
        lines += [*_block(found, start, start + room, label, color), ""]
    lines += _legend(found, color, width)
    for row in found.rows:
        lines += _row_lines(found, row, width)
    lines += [part for note in found.notes for part in _wrap(f"note: {note}", width)]
    return "\n".join(lines).rstrip("\n")


def render_bounds_text(found: Bounds, *, width: int = 80) -> str:
    """For each requirement: declared, works, what to write."""
    number = len(found.requirements)
    lines = [f"{found.downstream} {found.version}: {number} requirement{'s' if number != 1 else ''}", ""]
    for one in found.requirements:
        lines.append(visible(f"{one.upstream}"))
        lines += _wrap(f"declared: {one.declared}", width, "  ")
        if one.range is not None:
            checked = f"{one.checked[0]} to {one.checked[-1]} ({len(one.checked)})" if one.checked else "none"
            lines += _wrap(f"checked:  {checked}, compared with {one.baseline}", width, "  ")
            lines += _wrap(f"works:    {to_write(one.range)}", width, "  ")
        lines += _wrap(f"verdict:  {bounds_line(one)}", width, "  ")
        cell = one.first_break
        if cell is not None:
            lines += _wrap(f"break:    {cell.symbol} with {cell.upstream}, at {cell.file}:{cell.line}", width, "  ")
        if one.range is not None and one.range.judgement in ("too-loose", "too-tight", "both"):
            lines += _wrap(f"write:    {one.range.pep440}", width, "  ")
            lines += _wrap(f"conda:    {one.range.matchspec}", width, "  ")
        lines.append("")
    lines += [part for note in found.notes for part in _wrap(f"note: {note}", width)]
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
        return [*lines, *_wrap(f"not checked: {row.reason}", width, "  ")]
    declared = row.requirement or f"nothing on {found.upstream}"
    lines += _wrap(f"declares {declared}: {judgement(row.range)}", width, "  ")
    lines += _wrap(f"works with {to_write(row.range)}", width, "  ")
    for cell in first_breaks(row)[:3]:
        lines += _wrap(f"{cell.symbol} breaks with {cell.upstream}, at {cell.file}:{cell.line}", width, "  ")
    return lines


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        visible(text), width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    ) or [indent]
