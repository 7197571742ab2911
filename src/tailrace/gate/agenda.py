"""What a calendar holds in a span of time: windows with who runs them, freezes, quiet stretches. Also as iCalendar.

The only module that knows `icalendar`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from tailrace.gate.calendar import Calendar, Team
from tailrace.gate.moments import DAY, show_moment
from tailrace.gate.policy import Policy
from tailrace.gate.quiet import quiet_stretches, team_of_country
from tailrace.gate.windows import rota_of, windows

What = Literal["window", "hand-over", "freeze", "quiet"]


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One entry. `begins`, `ends`: ms since the epoch, the end exclusive. `text`: what it is; `detail`: who, or why."""

    what: What
    begins: int
    ends: int
    text: str
    detail: str = ""


def teams_of(policy: Policy, calendar: Calendar | None) -> tuple[Team, ...]:
    """The teams of the calendar, and the countries that calendar rules of the policy name."""
    own = calendar.teams if calendar is not None else ()
    named = {team.calendar for team in own}
    countries = dict.fromkeys(
        text
        for rule in policy.rules
        if rule.kind == "calendar"
        for text in rule.settings.calendars
        if text not in named
    )
    return (*own, *(team_of_country(text) for text in countries))


def agenda(
    calendar: Calendar, teams: Sequence[Team], since: int, until: int, *, quiet_days: int = 2
) -> list[AgendaEntry]:
    """The entries that overlap a span (ms), in order."""
    entries = [*_windows(calendar, since, until)]
    for freeze in calendar.freezes:
        if freeze.ends > since and freeze.begins < until:
            where = f" ({', '.join(freeze.targets)})" if freeze.targets else ""
            entries.append(AgendaEntry("freeze", freeze.begins, freeze.ends + 1, f"no releases{where}", freeze.reason))
    if teams:
        for stretch in quiet_stretches(teams, since, until):
            if stretch.days >= quiet_days:
                days = f"{stretch.days} quiet days"
                entries.append(AgendaEntry("quiet", stretch.begins, stretch.ends, days, ", ".join(stretch.teams)))
    order = {"window": 0, "hand-over": 1, "freeze": 2, "quiet": 3}
    return sorted(entries, key=lambda one: (one.begins, order[one.what], one.ends, one.text))


def _windows(calendar: Calendar, since: int, until: int) -> Iterator[AgendaEntry]:
    for window in windows(calendar, since, until):
        rota = rota_of(calendar, window)
        who = "" if rota is None else f"lead {rota.lead}" + (f", shadow {rota.shadow}" if rota.shadow else "")
        yield AgendaEntry("window", window.opens, window.closes, "regular release", who)
        if rota is not None and rota.shadow:
            text = f"hand over from {rota.lead} to {rota.shadow}"
            yield AgendaEntry("hand-over", window.closes, window.closes + DAY, text)


def to_ics(calendar: Calendar, entries: Sequence[AgendaEntry], at: int) -> bytes:
    """The entries as an iCalendar file (RFC 5545): the same for the same entries, with ids that stay when it is made
    anew.
    """
    from icalendar import Calendar as Ics
    from icalendar import Event

    ics = Ics()
    ics.add("prodid", "-//Tailrace//release calendar//EN")
    ics.add("version", "2.0")
    ics.add("x-wr-calname", calendar.name)
    for entry in entries:
        event = Event()
        key = f"{calendar.name}\0{entry.what}\0{entry.begins}\0{entry.text if entry.what == 'freeze' else ''}"
        event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@tailrace")
        event.add("dtstamp", _when(at))
        event.add("summary", f"{calendar.name}: {entry.text}" if entry.what != "quiet" else entry.text)
        whole = entry.begins % DAY == 0 and entry.ends % DAY == 0
        event.add("dtstart", _when(entry.begins).date() if whole else _when(entry.begins))
        event.add("dtend", _when(entry.ends).date() if whole else _when(entry.ends))
        if entry.detail:
            event.add("description", entry.detail)
        event.add("categories", [entry.what])
        event.add("transp", "OPAQUE" if entry.what == "window" else "TRANSPARENT")
        ics.add_component(event)
    text: bytes = ics.to_ical()
    return text


def show_entry(entry: AgendaEntry) -> str:
    """One line: from when, until when, what."""
    last = show_moment(entry.ends - 1)[:10]
    detail = f" ({entry.detail})" if entry.detail else ""
    return f"{show_moment(entry.begins)[:10]}  {last}  {entry.what:9}  {entry.text}{detail}"


def _when(moment: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
