"""What a calendar holds, for a terminal: a line for each entry. Weekends are counted, not listed, unless verbose."""

from __future__ import annotations

from tailrace.gate.agenda import Agenda
from tailrace.gate.moments import parse_time, show_moment
from tailrace.model.inert import visible
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural


def render(agenda: Agenda, options: RenderOptions) -> str:
    """From when, until when, what, who."""
    ink = Ink(color=options.color, width=options.width)
    weekends = [one for one in agenda.entries if one.weekend]
    shown = [one for one in agenda.entries if options.verbose or not one.weekend]
    for one in shown:
        last = show_moment(parse_time(one.ends) - 1)[:10]
        detail = f" ({visible(one.detail)})" if one.detail else ""
        head = f"{one.begins[:10]}  {last}  {one.what:9}  "
        ink.prose(f"{visible(one.text)}{detail}", indent=0, first=(head, "dim"), hang=len(head))
    if weekends and not options.verbose:
        ink.prose(f"and {plural(len(weekends), 'weekend')}: --verbose lists them", indent=0)
    if not agenda.entries:
        ink.prose(f"nothing from {agenda.since[:10]} to {agenda.until[:10]}", indent=0)
    return ink.text()
