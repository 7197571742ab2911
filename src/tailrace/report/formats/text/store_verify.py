"""What `store verify` found, for a terminal."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.store import verify_headline, verify_notes
from tailrace.store.store import VerifiedStore


def render(found: VerifiedStore, options: RenderOptions) -> str:
    """The counts, and a line for each damaged object."""
    lines = [verify_headline(found), *(f"  {one.name} {one.problem}" for one in found.problems)]
    notes = verify_notes(found)
    return "\n".join(visible(line) for line in (*lines, *(("", *notes) if notes else ())))
