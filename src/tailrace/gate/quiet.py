"""The stretches of days on which some team is away: weekends, holidays, days off. The only module that knows
`holidays`.

A stretch is a run of days each of which is quiet for at least one team: on such a day somebody who may be needed does
not react.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from tailrace.gate.calendar import WEEKDAYS, Team
from tailrace.gate.moments import DAY

#: No stretch is longer than this; a team that is never there is a mistake of the calendar.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class QuietStretch:
    """`begins`, `ends`: ms since the epoch, UTC; the end is exclusive. `teams`: whose, sorted."""

    begins: int
    ends: int
    teams: tuple[str, ...]

    @property
    def days(self) -> int:
        """How many days."""
        return (self.ends - self.begins) // DAY


def country_problem(text: str) -> str | None:
    """What is wrong with a country, as a sentence; None where it is known."""
    country, _, part = text.partition("-")
    try:
        _library().country_holidays(country, subdiv=part or None)
    except (NotImplementedError, ImportError, AttributeError, KeyError):
        pass
    else:
        return None
    known = _whole_library().list_supported_countries(include_aliases=True)
    if country not in known:
        return f"no holidays are known for {text!r}; write a country such as US, or a part of it such as DE-BE"
    if part and part not in known[country]:
        return f"{country} has no part {part!r}; known are {', '.join(known[country]) or 'none'}"
    return None


def _library() -> Any:
    """The library, which then imports those countries alone that are asked for.

    Its package of countries imports hundreds of modules. Each of them stands for itself, so an empty package of the
    same place lets one be imported.
    """
    import holidays

    name = "holidays.countries"
    if name not in sys.modules and (spec := find_spec(name)) is not None and spec.submodule_search_locations:
        package = ModuleType(name)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[name] = package
    return holidays


def _whole_library() -> Any:
    """The library with all its countries."""
    import holidays

    package = sys.modules.get("holidays.countries")
    if package is not None and package.__spec__ is None:
        del sys.modules["holidays.countries"]
    return holidays


def team_of_country(text: str) -> Team:
    """The team of a country that a rule names."""
    return Team(name=text, calendar=text)


def quiet_stretches(teams: Sequence[Team], since: int, until: int) -> Iterator[QuietStretch]:
    """The stretches that overlap `since` to `until` (ms), in order, whole."""
    day = since // DAY * DAY
    back = 0
    while back < LONGEST and _who(teams, day - DAY):
        day -= DAY
        back += 1
    while day < until:
        who = _who(teams, day)
        if not who:
            day += DAY
            continue
        begin, all_of_them = day, set(who)
        while (day - begin) // DAY < LONGEST:
            day += DAY
            who = _who(teams, day)
            if not who:
                break
            all_of_them.update(who)
        if day > since:
            yield QuietStretch(begin, day, tuple(sorted(all_of_them)))


def _who(teams: Sequence[Team], day: int) -> tuple[str, ...]:
    """Who is away on the day that begins at this moment."""
    return tuple(team.name for team in teams if _away(team, day))


@lru_cache(maxsize=100_000)
def _away(team: Team, day: int) -> bool:
    when = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=day)).date()
    if WEEKDAYS[when.weekday()] in team.weekend:
        return True
    if any(day <= off < day + DAY for off in team.away):
        return True
    return team.calendar is not None and when in _holidays(team.calendar, when.year)


@lru_cache(maxsize=1000)
def _holidays(text: str, year: int) -> frozenset[date]:
    country, _, part = text.partition("-")
    try:
        return frozenset(_library().country_holidays(country, subdiv=part or None, years=year))
    except (ImportError, AttributeError):
        return frozenset(_whole_library().country_holidays(country, subdiv=part or None, years=year))
