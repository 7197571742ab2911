"""What a calendar holds in a span of time: windows with who runs them, freezes, quiet stretches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from tailrace.gate.calendar import WEEKDAYS, Calendar, Team
from tailrace.gate.moments import DAY, show_moment
from tailrace.gate.policy import Policy
from tailrace.gate.quiet import quiet_stretches, team_of_country
from tailrace.gate.windows import rota_of, windows

What = Literal["window", "hand-over", "freeze", "quiet"]


class AgendaEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `begins`, `ends`: ISO 8601 UTC, the end exclusive. `text`: what it is; `detail`: who, or why.

    `weekend`: quiet days that are nothing but a weekend.
    """

    what: What
    begins: str
    ends: str
    text: str
    detail: str = ""
    weekend: bool = False


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a calendar in a span of time, in order. `since`, `until`: ISO 8601 UTC, the end exclusive."""

    schema: Literal["tailrace.agenda/1"] = "tailrace.agenda/1"
    calendar: str
    since: str
    until: str
    entries: tuple[AgendaEntry, ...]


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


def agenda(calendar: Calendar, teams: Sequence[Team], since: int, until: int, *, quiet_days: int = 2) -> Agenda:
    """The entries that overlap a span (ms), in order."""
    entries = [*_windows(calendar, since, until)]
    for freeze in calendar.freezes:
        if freeze.ends > since and freeze.begins < until:
            where = f" ({', '.join(freeze.targets)})" if freeze.targets else ""
            entries.append(_entry("freeze", freeze.begins, freeze.ends + 1, f"no releases{where}", freeze.reason))
    if teams:
        for stretch in quiet_stretches(teams, since, until):
            if stretch.days >= quiet_days:
                days = f"{stretch.days} quiet days"
                plain = _is_weekend(stretch.begins, stretch.ends, teams)
                who = ", ".join(stretch.teams)
                entries.append(_entry("quiet", stretch.begins, stretch.ends, days, who, weekend=plain))
    order = {"window": 0, "hand-over": 1, "freeze": 2, "quiet": 3}
    return Agenda(
        calendar=calendar.name,
        since=show_moment(since),
        until=show_moment(until),
        entries=tuple(sorted(entries, key=lambda one: (one.begins, order[one.what], one.ends, one.text))),
    )


def _entry(what: What, begins: int, ends: int, text: str, detail: str = "", *, weekend: bool = False) -> AgendaEntry:
    return AgendaEntry(
        what=what, begins=show_moment(begins), ends=show_moment(ends), text=text, detail=detail, weekend=weekend
    )


def _is_weekend(begins: int, ends: int, teams: Sequence[Team]) -> bool:
    """Whether each of these days belongs to the weekend of a team, so that no holiday adds to it."""
    free = {day for team in teams for day in team.weekend}
    return all(WEEKDAYS[_when(day).weekday()] in free for day in range(begins, ends, DAY))


def _windows(calendar: Calendar, since: int, until: int) -> Iterator[AgendaEntry]:
    for window in windows(calendar, since, until):
        rota = rota_of(calendar, window)
        who = "" if rota is None else f"lead {rota.lead}" + (f", shadow {rota.shadow}" if rota.shadow else "")
        yield _entry("window", window.opens, window.closes, "regular release", who)
        if rota is not None and rota.shadow:
            text = f"hand over from {rota.lead} to {rota.shadow}"
            yield _entry("hand-over", window.closes, window.closes + DAY, text)


def _when(moment: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
