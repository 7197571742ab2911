"""The tests that a downstream needs, for a terminal: what they must reach."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.tests import headline, listed, marks, shown_as
from tailrace.verify.testfiles import TestsReport


def render(report: TestsReport, options: RenderOptions) -> str:
    """A line for each place."""
    lines = [headline(report)]
    found = listed(report)
    lines += [""] if found else []
    for one in found:
        said = marks(one)
        lines.append(f"{one.file}:{one.line}: {shown_as(one)}  in {one.function}{f' ({said})' if said else ''}")
    return "\n".join(map(visible, lines))
