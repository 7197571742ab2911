"""A calendar measured against practice, for a terminal: a line for each regular release, then the counts."""

from __future__ import annotations

from tailrace.gate.history import CalendarHistory
from tailrace.model.inert import visible
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions


def render(found: CalendarHistory, options: RenderOptions) -> str:
    """When each was due and tagged, how many were in their window, and how late in the week tags are made."""
    ink = Ink(color=options.color, width=options.width)
    for one in found.releases:
        off = "on the day" if one.days == 0 else f"{abs(one.days)} days {'late' if one.days > 0 else 'early'}"
        mark = "in its window" if one.in_window else "outside"
        ink.line((f"{visible(one.version):10}  due {one.due}  tagged {one.tagged}  {off:14}  {mark}", ""))
    ink.prose(f"{found.in_window} of {len(found.releases)} regular releases were tagged in their window.", indent=0)
    if found.releases:
        days = [one.days for one in found.releases]
        ink.prose(f"From the due day: {_days(min(days))} to {_days(max(days))}.", indent=0)
    ink.prose(
        f"{found.late_in_week} of {found.tags} tags were made on {found.late_from} or later in the week.", indent=0
    )
    return ink.text()


def _days(number: int) -> str:
    return f"{-number} days early" if number < 0 else f"{number} days late"
