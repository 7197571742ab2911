"""The plan of a nightly for a terminal: each cell with the reason why it is there, and what the time does not allow."""

from __future__ import annotations

from tailrace.model.inert import visible, without_commands
from tailrace.nightly.values import NightlyPlan
from tailrace.report.options import RenderOptions


def render(plan: NightlyPlan, options: RenderOptions) -> str:
    """The cells in the order in which they run."""
    count = len(plan.cells)
    lines = [f"{count} cell{'s' if count != 1 else ''}, about {plan.seconds / 60:.0f} min with {plan.jobs} at once"]
    lines += [f"  {number}. {visible(cell.title)}  ({visible(cell.why)})" for number, cell in enumerate(plan.cells, 1)]
    lines += [
        f"  left out: {visible(cell.title)}  (the budget is {plan.budget / 60:.0f} min)" for cell in plan.left_out
    ]
    return without_commands("\n".join(lines))
