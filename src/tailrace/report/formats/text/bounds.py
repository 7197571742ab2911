"""Bounds for a terminal: for each requirement what is declared, what works, and what to write."""

from __future__ import annotations

from tailrace.matrix.values import Bounds
from tailrace.model.inert import visible
from tailrace.report.formats.text.wrapping import GRID_WIDTH, wrap
from tailrace.report.options import RenderOptions
from tailrace.report.views.matrix import bounds_headline, bounds_line, to_write


def render(found: Bounds, options: RenderOptions) -> str:
    """For each requirement: declared, works, what to write."""
    width = min(options.width or GRID_WIDTH, GRID_WIDTH)
    lines = [visible(bounds_headline(found)), ""]
    for one in found.requirements:
        lines.append(visible(f"{one.upstream}"))
        lines += wrap(f"declared: {one.declared}", width, "  ")
        if one.range is not None:
            checked = f"{one.checked[0]} to {one.checked[-1]} ({len(one.checked)})" if one.checked else "none"
            lines += wrap(f"checked:  {checked}, compared with {one.baseline}", width, "  ")
            lines += wrap(f"works:    {to_write(one.range)}", width, "  ")
        lines += wrap(f"verdict:  {bounds_line(one)}", width, "  ")
        cell = one.first_break
        if cell is not None:
            lines += wrap(f"break:    {cell.symbol} with {cell.upstream}, at {cell.file}:{cell.line}", width, "  ")
        if one.range is not None and one.range.judgement in ("too-loose", "too-tight", "both"):
            lines += wrap(f"write:    {one.range.pep440}", width, "  ")
            lines += wrap(f"conda:    {one.range.matchspec}", width, "  ")
        lines.append("")
    lines += [part for note in found.notes for part in wrap(f"note: {note}", width)]
    return "\n".join(lines).rstrip("\n")
