"""The numbers of a store for a terminal."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.store import info_lines, size_text
from tailrace.store.store import StoreInfo


def render(found: StoreInfo, options: RenderOptions) -> str:
    """What it holds, and a line for each table."""
    lines = [*info_lines(found), "", f"  {'table':10} {'rows':>12} {'fragments':>10} {'size':>10}"]
    lines += [
        f"  {name:10} {table.rows:12,} {table.fragments:10,} {size_text(table.bytes):>10}"
        for name, table in found.tables.items()
    ]
    return "\n".join(visible(line) if line.strip() else line for line in lines)
