"""The plan of a nightly for a terminal: each cell with the reason why it is there, and what the time does not allow."""

from __future__ import annotations

from tailrace.model.inert import visible, without_commands
from tailrace.nightly.values import NightlyPlan
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions


def render(plan: NightlyPlan, options: RenderOptions) -> str:
    """The cells in the order in which they run."""
    count = len(plan.cells)
    ink = Ink(color=options.color, width=options.width)
    said = f"{count} cell{'s' if count != 1 else ''}, about {plan.seconds / 60:.0f} min with {plan.jobs} at once"
    ink.prose(said, indent=0)
    for number, cell in enumerate(plan.cells, 1):
        head = f"{number}. "
        ink.prose(f"{visible(cell.title)}  ({visible(cell.why)})", indent=2, first=(head, ""), hang=len(head))
    for cell in plan.left_out:
        reason = f"the budget is {plan.budget / 60:.0f} min"
        ink.prose(f"left out: {visible(cell.title)}  ({reason})", indent=2, hang=2)
    return without_commands(ink.text())
