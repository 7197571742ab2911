"""A scan for a terminal: numbers first, then what could not be read."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.scan import headline, notes
from tailrace.scan.run import ScanReport

_SHOWN = 50


def render(report: ScanReport, options: RenderOptions) -> str:
    """The counts, and the first failures."""
    lines = [headline(report), *notes(report)]
    if report.failures:
        lines += ["", "Could not be read:"]
        lines += [f"  {failure.spec} ({failure.stage}): {failure.reason}" for failure in report.failures[:_SHOWN]]
        if len(report.failures) > _SHOWN:
            lines.append(f"  and {len(report.failures) - _SHOWN} more (--failures FILE lists all)")
    return "\n".join(visible(line) for line in lines)
