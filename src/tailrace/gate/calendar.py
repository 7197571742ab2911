"""The calendar of a ledger (`calendar.toml`, `tailrace.calendar/1`) as a value: regular releases, freezes, teams, rota.

Times are UTC. Which days are holidays, and when a rule of recurrence falls, is asked of libraries in `quiet.py` and
`windows.py`, and only there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from tailrace.gate.moments import Moment
from tailrace.gate.names import matches
from tailrace.gate.policy import NAMES
from tailrace.toml.fields import TEXT, Field, Reader
from tailrace.toml.kinds import Choice, Count, Listing, Text

SCHEMA: Final = "tailrace.calendar/1"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_NAMES = Listing(Choice(WEEKDAYS))

TOP: Mapping[str, Field] = {
    "schema": Field(Choice((SCHEMA,))),
    "name": Field(TEXT, "releases"),
    "regular": Field(Text("a rule of recurrence such as RRULE:FREQ=MONTHLY;BYDAY=+2MO"), None),
    "since": Field(Moment(), None),
    "window": Field(_DAY_NAMES, ("MO", "TU", "WE", "TH")),
    "latest": Field(Text("a time such as 14:00"), None),
    "versions": Field(Choice(("YY.M", "YYYY.M", "any")), "any"),
}
TEAM: Mapping[str, Field] = {
    "name": Field(TEXT),
    "calendar": Field(Text("a country such as US or DE-BE"), None),
    "weekend": Field(_DAY_NAMES, ("SA", "SU")),
    "away": Field(Listing(Moment()), ()),
}
FREEZE: Mapping[str, Field] = {
    "begins": Field(Moment()),
    "ends": Field(Moment(start=False)),
    "reason": Field(TEXT),
    "targets": Field(NAMES, None),
}
ROTA: Mapping[str, Field] = {
    "order": Field(NAMES),
    "per": Field(Choice(("release", "month")), "release"),
    "since": Field(Moment(), None),
    "start": Field(Count(), 0),
}


class CalendarFile(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a `calendar.toml`."""

    schema: Literal["tailrace.calendar/1"]
    name: str = "releases"
    regular: str | None = None
    since: str | None = None
    window: tuple[str, ...] = ("MO", "TU", "WE", "TH")
    latest: str | None = None
    versions: str = "any"
    teams: tuple[dict[str, Any], ...] = ()
    freezes: tuple[dict[str, Any], ...] = ()
    rota: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Team:
    """People who react together. `calendar`: a country, with its part (`DE-BE`), or None. `away`: more days off."""

    name: str
    calendar: str | None = None
    weekend: tuple[str, ...] = ("SA", "SU")
    away: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing goes out. `begins`, `ends`: ms since the epoch, both included. `targets`: globs."""

    begins: int
    ends: int
    reason: str
    targets: tuple[str, ...] | None = None

    def holds_for(self, target: str) -> bool:
        """Whether it concerns a target."""
        return self.targets is None or matches(self.targets, target)


@dataclass(frozen=True, slots=True)
class RotaPlan:
    """Who runs which release: the order of people, from the regular release number `start` on."""

    order: tuple[str, ...]
    per: str = "release"
    since: int | None = None
    start: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """All of it. `regular`: a rule of recurrence (RFC 5545) whose occurrences begin a window, from `since` on (ms).
    `window`: the days of that week on which a regular release may go out, `latest`: until when on the last (`HH:MM`).
    `versions`: `YY.M` and `YYYY.M` say in which month a version is due; `any` that it belongs to the nearest window.
    """

    name: str = "releases"
    regular: str | None = None
    since: int | None = None
    window: tuple[str, ...] = ("MO", "TU", "WE", "TH")
    latest: str | None = None
    versions: str = "any"
    teams: tuple[Team, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    rota: RotaPlan | None = None
    sha256: str = ""


def parse_calendar(data: bytes, origin: str) -> Calendar:
    """The calendar in these bytes. Raises ConfigError with all mistakes."""
    reader = Reader(origin, data)
    document = reader.document()
    parts = ("teams", "freezes", "rota")
    values = reader.table({key: value for key, value in document.items() if key not in parts}, TOP)
    teams = [Team(**reader.table(entry, TEAM, ("teams", n))) for n, entry in _entries(reader, document, "teams")]
    freezes = [
        Freeze(**reader.table(entry, FREEZE, ("freezes", n))) for n, entry in _entries(reader, document, "freezes")
    ]
    rota = RotaPlan(**reader.table(document["rota"], ROTA, ("rota",))) if "rota" in document else None
    for number, freeze in enumerate(freezes):
        if freeze.begins is not None and freeze.ends is not None and freeze.begins > freeze.ends:
            reader.add(("freezes", number), f"freezes[{number + 1}] ends before it begins")
    if rota is not None and rota.order == ():
        reader.add(("rota", "order"), "rota.order is empty")
    _check_regular(reader, values)
    for number, team in enumerate(teams):
        if team.calendar is not None:
            _check_country(reader, team.calendar, ("teams", number, "calendar"))
    reader.finish()
    del values["schema"]
    return Calendar(
        **values, teams=tuple(teams), freezes=tuple(freezes), rota=rota, sha256=hashlib.sha256(data).hexdigest()
    )


def _entries(reader: Reader, document: Mapping[str, Any], key: str) -> list[tuple[int, Any]]:
    entries = document.get(key, [])
    if not isinstance(entries, list):
        reader.add((key,), f"{key} must be tables, each begun by [[{key}]]")
        return []
    return list(enumerate(entries))


def _check_regular(reader: Reader, values: Mapping[str, Any]) -> None:
    from tailrace.gate.windows import rule_problem, time_of_day

    if values["latest"] is not None and time_of_day(values["latest"]) is None:
        reader.add(("latest",), f"latest must be a time of the day such as 14:00, not {values['latest']!r}")
    if values["regular"] is None:
        return
    if values["since"] is None:
        reader.add(("regular",), "regular needs since: the first day from which it counts")
        return
    problem = rule_problem(values["regular"])
    if problem is not None:
        reader.add(("regular",), f"regular {problem}")


def _check_country(reader: Reader, text: str, path: tuple[str | int, ...]) -> None:
    from tailrace.gate.quiet import country_problem

    problem = country_problem(text)
    if problem is not None:
        reader.add(path, problem)
