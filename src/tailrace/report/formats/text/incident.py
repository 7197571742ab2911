"""An incident for a terminal: its state, then the chronicle."""

from __future__ import annotations

from tailrace.model.inert import prose
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.incident import IncidentView, date_of, duration, time_of

_STYLE = {"plain": "", "harm": "red", "help": "green", "detect": "yellow"}
_STATE = {"open": "bold red", "contained": "bold yellow", "closed": "bold green"}


def render(view: IncidentView, options: RenderOptions) -> str:
    """Computed events are marked, and disorders of an imported text come last."""
    record = view.record
    ink = Ink(color=options.color, width=options.width)
    head = (f"{record.state.upper()}  ", _STATE[record.state])
    ink.prose(f"{prose(record.title)}  {record.id}", indent=0, first=head, hang=2)
    if view.figures.first_harm:
        known = view.figures
        ink.prose(
            f"first harm {known.first_harm}, detected after {duration(known.to_detect)}, contained after "
            f"{duration(known.to_contain)}, {known.exposed} configurations exposed",
            indent=2,
        )
    before = ""
    for event in view.events:
        day = date_of(event)
        if day != before:
            ink.blank()
            ink.line((day or "without a date", "bold"))
        before = day
        mark = "computed: " if event.by == "computed" else ""
        ink.prose(f"{mark}{prose(event.event)}", indent=2, first=(f"{time_of(event) or '--:--'}  ", "dim"), hang=7)
        if event.link and options.verbose:
            ink.prose(prose(event.link), indent=9)
    for title, lines in (
        ("mitigations", [f"{one.state}: {prose(one.what, 200)}" for one in record.mitigations]),
        (
            "action items",
            [
                f"{one.state} ({one.kind}): {prose(one.what, 200)}"
                + (f", {prose(one.owner)}" if one.owner else "")
                + (f", due {prose(one.due)}" if one.due else "")
                for one in record.actions
            ],
        ),
        (
            "disorders of the imported text",
            [f"{one.kind}{f', line {one.line}' if one.line else ''}: {prose(one.message)}" for one in record.disorders],
        ),
    ):
        if lines:
            ink.blank()
            ink.line((title, "bold"))
            for line in lines:
                ink.prose(line, indent=2, hang=2)
    return ink.text()
