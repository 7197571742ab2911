"""A calendar measured against practice: when releases were due, and when they were tagged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

import msgspec

from tailrace.gate.calendar import WEEKDAYS, Calendar
from tailrace.gate.git import TaggedVersion
from tailrace.gate.moments import DAY, HOUR, show_moment
from tailrace.gate.names import version_order
from tailrace.gate.windows import Window, time_of_day, windows


class PastRelease(msgspec.Struct, frozen=True, kw_only=True):
    """One regular release. `due`: the day that the calendar gives. `days`: from that day to the tag, negative for
    early. `in_window`: it was tagged while the window was open.
    """

    version: str
    tagged: str
    due: str
    days: int
    in_window: bool


class CalendarHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `releases`: the regular ones. `tags`: all final versions since the calendar began; `late_in_week`:
    those of them on the last day of the window after the latest time, or on a day after it in the week. `late_from`:
    that day and time, such as `TH after 14:00`.
    """

    schema: Literal["tailrace.calendar-history/1"] = "tailrace.calendar-history/1"
    calendar: str
    releases: tuple[PastRelease, ...]
    tags: int
    late_in_week: int
    late_from: str = ""

    @property
    def in_window(self) -> int:
        """How many regular releases were tagged in their window."""
        return sum(one.in_window for one in self.releases)


def measure_history(
    calendar: Calendar, tags: Iterable[TaggedVersion], *, since: str | None = None, until: str | None = None
) -> CalendarHistory:
    """The calendar against the tags of a project. `since`, `until`: versions, both included."""
    finals = [one for one in tags if _is_final(one.version)]
    if since is not None:
        finals = [one for one in finals if version_order(one.version) >= version_order(since)]
    if until is not None:
        limit = version_order(until)
        finals = [one for one in finals if version_order(_series(one.version)) <= limit]
    if calendar.since is not None:
        finals = [one for one in finals if one.at >= calendar.since]
    finals.sort(key=lambda one: (version_order(one.version), one.tag))
    return CalendarHistory(
        calendar=calendar.name,
        releases=tuple(_regular(calendar, finals)),
        tags=len(finals),
        late_in_week=sum(_late_in_week(calendar, one.at) for one in finals),
        late_from=(calendar.window[-1] if calendar.window else "SU")
        + (f" after {calendar.latest}" if calendar.latest else ""),
    )


def _regular(calendar: Calendar, finals: list[TaggedVersion]) -> Iterator[PastRelease]:
    if not finals or calendar.regular is None:
        return
    first, last = min(one.at for one in finals), max(one.at for one in finals)
    known = list(windows(calendar, first - 120 * DAY, last + 120 * DAY))
    seen: set[str] = set()
    for one in finals:
        series = _series(one.version)
        if not _is_first(one.version) or series in seen:
            continue
        window = _window_of(calendar, one, known)
        if window is None:
            continue
        seen.add(series)
        yield PastRelease(
            version=one.version,
            tagged=show_moment(one.at),
            due=show_moment(window.due)[:10],
            days=one.at // DAY - window.due // DAY,
            in_window=window.opens <= one.at < window.closes,
        )


def _window_of(calendar: Calendar, one: TaggedVersion, known: list[Window]) -> Window | None:
    if calendar.versions == "any":
        return min(known, key=lambda window: (abs(window.due - one.at), window.due), default=None)
    numbers = [int(part) for part in one.version.split(".")[:2] if part.isdigit()]
    if len(numbers) < 2:
        return None
    year = numbers[0] + (2000 if calendar.versions == "YY.M" else 0)
    for window in known:
        day = datetime.fromtimestamp(window.due / 1000, UTC)
        if (day.year, day.month) == (year, numbers[1]):
            return window
    return None


def _series(version: str) -> str:
    """`23.1.0` → `23.1`."""
    return ".".join(version.split(".")[:2])


def _is_first(version: str) -> bool:
    """Whether it is the first of its series: `23.1.0`, not `23.1.1`."""
    return all(part == "0" for part in version.split(".")[2:])


def _is_final(version: str) -> bool:
    return all(part.isdigit() for part in version.split("."))


def _late_in_week(calendar: Calendar, at: int) -> bool:
    day = datetime.fromtimestamp(at / 1000, UTC)
    last = max((WEEKDAYS.index(one) for one in calendar.window), default=6)
    latest = time_of_day(calendar.latest) if calendar.latest else None
    if day.weekday() == last:
        return latest is not None and day.hour * HOUR + day.minute * 60_000 >= latest
    return day.weekday() > last
