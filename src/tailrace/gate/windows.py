"""When regular releases are due, by a rule of recurrence; and who runs them. The only module that knows dateutil."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tailrace.conda.timestamps import to_ms
from tailrace.gate.calendar import WEEKDAYS, Calendar
from tailrace.gate.decision import Rota
from tailrace.gate.moments import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from dateutil.rrule import rrule

#: So many occurrences are looked at; a rule that is due every second is no calendar of releases.
MOST = 5000
_RULE = re.compile(r"(?:RRULE:)?((?:[A-Z]{2,12}=[A-Z0-9,+-]{1,80};?){1,12})", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_PARTS = frozenset(
    {
        "FREQ",
        "INTERVAL",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYSETPOS",
        "BYWEEKNO",
        "BYYEARDAY",
        "WKST",
        "COUNT",
        "UNTIL",
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    """One regular release: the day that the rule gives (ms), and from when until when (ms, exclusive) it may go out.

    `number`: counted from 0 since the calendar began.
    """

    due: int
    opens: int
    closes: int
    number: int


def rule_problem(text: str) -> str | None:
    """What is wrong with a rule of recurrence, as the rest of a sentence; None where it can be used."""
    match = _RULE.fullmatch(text.strip())
    if match is None:
        return f"is not a rule of recurrence such as RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=+2MO: {text[:60]!r}"
    names = [part.partition("=")[0] for part in match[1].split(";") if part]
    for name, _, value in (part.partition("=") for part in match[1].split(";") if part):
        if name in ("INTERVAL", "COUNT") and not (value.isdecimal() and int(value)):
            return f"has {name}={value}, which must be a number from 1 on"
    strange = [name for name in names if name not in _PARTS]
    if strange:
        return f"has the part {strange[0]}, which no calendar of days needs"
    if (
        "FREQ=YEARLY" not in text
        and "FREQ=MONTHLY" not in text
        and "FREQ=WEEKLY" not in text
        and "FREQ=DAILY" not in text
    ):
        return "must have FREQ=YEARLY, MONTHLY, WEEKLY or DAILY"
    if re.search(r"FREQ=DAILY|FREQ=WEEKLY", text) and re.search(r"BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYSETPOS", text):
        return "must have FREQ=YEARLY or FREQ=MONTHLY where it names days of a month, of a year or of a week's number"
    try:
        # A rule that fits no day, such as 30 February, is followed to the year 9999, which takes seconds at most.
        if next(iter(_rule(text, datetime(2022, 1, 1, tzinfo=UTC))), None) is None:
            return "fits no day"
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        return f"cannot be read: {error}"
    return None


def time_of_day(text: str) -> int | None:
    """`14:00` in ms since midnight; None for anything else."""
    match = _TIME.fullmatch(text.strip())
    return int(match[1]) * HOUR + int(match[2]) * MINUTE if match else None


def windows(calendar: Calendar, since: int, until: int) -> Iterator[Window]:
    """The windows that close after `since` and begin before `until` (ms), in order."""
    if calendar.regular is None or calendar.since is None:
        return
    begin = datetime.fromtimestamp(calendar.since / 1000, UTC)
    for number, day in enumerate(_rule(calendar.regular, begin)):
        due = to_ms(day)
        if number >= MOST or due - 7 * DAY > until:
            return
        window = window_of(calendar, due, number)
        if window.closes > since and window.opens < until:
            yield window


def window_of(calendar: Calendar, due: int, number: int) -> Window:
    """The days of the window's week on which the release may go out: from the due day on."""
    monday = due - _weekday(due) * DAY
    places = sorted(WEEKDAYS.index(day) for day in calendar.window)
    days = [monday + place * DAY for place in places] or [due]
    last = days[-1]
    latest = time_of_day(calendar.latest) if calendar.latest else None
    return Window(due, max(days[0], due) if days[0] <= due <= last else days[0], last + (latest or DAY), number)


def next_window(calendar: Calendar, moment: int) -> Window | None:
    """The window that is open at a moment, or the first one after it."""
    return next(windows(calendar, moment, moment + 800 * DAY), None)


def rota_of(calendar: Calendar, window: Window) -> Rota | None:
    """Who leads a regular release, and who learns it."""
    plan = calendar.rota
    if plan is None or not plan.order:
        return None
    if plan.since is not None and window.closes <= plan.since:
        return None
    turn = window.number - plan.start
    if plan.per == "month":
        day = datetime.fromtimestamp(window.due / 1000, UTC)
        turn = day.year * 12 + day.month - 1 - plan.start
    people = plan.order
    return Rota(lead=people[turn % len(people)], shadow=people[(turn + 1) % len(people)] if len(people) > 1 else None)


def _rule(text: str, begin: datetime) -> rrule:
    from dateutil.rrule import rrule, rrulestr

    start = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    rule = rrulestr(text.strip(), dtstart=start)
    if not isinstance(rule, rrule):
        raise ValueError("it is a set of rules")
    return rule


def _weekday(moment: int) -> int:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).weekday()
