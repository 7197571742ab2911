"""iCalendar (RFC 5545), for calendar programs. The only module that knows `icalendar`."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.gate.agenda import Agenda


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return to_ics(report).decode()  # type: ignore[arg-type]  # serves one kind


def to_ics(agenda: Agenda) -> bytes:
    """The entries as an iCalendar file: the same for the same entries, with ids that stay when it is made anew."""
    from icalendar import Calendar, Event

    from tailrace.gate.moments import DAY, parse_time

    ics = Calendar()
    ics.add("prodid", "-//Tailrace//release calendar//EN")
    ics.add("version", "2.0")
    ics.add("x-wr-calname", agenda.calendar)
    for entry in agenda.entries:
        event = Event()
        begins, ends = parse_time(entry.begins), parse_time(entry.ends)
        key = f"{agenda.calendar}\0{entry.what}\0{begins}\0{entry.text if entry.what == 'freeze' else ''}"
        event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@tailrace")
        event.add("dtstamp", _when(parse_time(agenda.since)))
        event.add("summary", f"{agenda.calendar}: {entry.text}" if entry.what != "quiet" else entry.text)
        whole = begins % DAY == 0 and ends % DAY == 0
        event.add("dtstart", _when(begins).date() if whole else _when(begins))
        event.add("dtend", _when(ends).date() if whole else _when(ends))
        if entry.detail:
            event.add("description", entry.detail)
        event.add("categories", [entry.what])
        event.add("transp", "OPAQUE" if entry.what == "window" else "TRANSPARENT")
        ics.add_component(event)
    text: bytes = ics.to_ical()
    return text


def _when(moment: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)


FORMAT = Format(
    "ics",
    "calendar programs",
    remarks="iCalendar; an event keeps its id when the calendar is written anew",
    serves=lambda kind: kind.name == "agenda",
    render=_render,
    is_machine=True,
)
