"""An answer about dependents for a terminal."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.dependents import headline, notes
from tailrace.scan.discover import Dependents


def render(found: Dependents, options: RenderOptions) -> str:
    """A line for each dependent from each source, with what it requires, where that is known from and how old it is."""
    lines = [headline(found)]
    for one in found.found:
        asks = f": {one.requirement}" if one.requirement else ""
        age = f", {one.as_of[:10]}" if one.as_of else ""
        lines.append(f"  {one.name} {one.version}{asks}  [{one.origin} {one.place}{age}]")
    return "\n".join(visible(line) for line in (*lines, *notes(found)))
