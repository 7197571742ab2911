"""Moments and durations as people write them, in milliseconds; and sentences about them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from tailrace.conda.timestamps import DAY, MomentError, parse_moment, show_moment
from tailrace.model.errors import TailraceError
from tailrace.toml.kinds import refuse

HOUR = 3_600_000
MINUTE = 60_000
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_DURATION = re.compile(r"(\d{1,6})\s*(m|h|d|w)")
#: Before the year 1970 nothing was released; far from 9999, so that a calendar can look ahead.
_LAST = 221_845_392_000_000

__all__ = [
    "DAY", "HOUR", "MINUTE", "Duration", "Moment", "day_of", "parse_duration", "parse_time", "show_duration",
    "show_moment",
]  # fmt: skip


def parse_time(text: str, *, start: bool = True) -> int:
    """A moment in ms since the epoch, UTC where no zone is given. A bare date means its first millisecond, or its last
    with `start=False`. Raises MomentError, for years that no calendar has as well.
    """
    moment = parse_moment(text, start=start)
    if not 0 <= moment <= _LAST:
        raise MomentError(text)
    return moment


def parse_duration(text: str) -> int:
    """`72h`, `5d`, `2w` or `30m` in ms. Raises ValueError."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is not a duration such as "72h", "5d" or "2w"')
    return int(match[1]) * _UNITS[match[2]]


def show_duration(length: int) -> str:
    """A length of time in words: the largest unit of which there are at least two, rounded down."""
    for unit, name in ((7 * DAY, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if length >= 2 * unit and (unit != 7 * DAY or length % unit == 0):
            return f"{length // unit} {name}s"
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if length >= unit:
            return f"1 {name}" if unit != DAY else "24 hours"
    return "less than a minute"


def day_of(moment: int) -> str:
    """The day of a moment, UTC, as `2022-05-26`."""
    return show_moment(moment)[:10]


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, in ms."""

    expects: str = 'a duration such as "72h", "5d" or "2w"'

    def from_text(self, text: str) -> int:
        """See `Kind`."""
        try:
            return parse_duration(text)
        except ValueError:
            raise refuse(self.expects, text) from None

    def from_toml(self, value: object) -> int:
        """See `Kind`."""
        if not isinstance(value, str):
            raise refuse(self.expects, value)
        return self.from_text(value)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a time, in ms since the epoch; a bare date means its first millisecond, or its last."""

    start: bool = True
    expects: str = "a date such as 2026-09-01"

    def from_text(self, text: str) -> int:
        """See `Kind`."""
        try:
            return parse_time(text, start=self.start)
        except (TailraceError, OverflowError):
            raise refuse(self.expects, text) from None

    def from_toml(self, value: object) -> int:
        """See `Kind`."""
        if isinstance(value, datetime | date):
            return self.from_text(value.isoformat())
        if not isinstance(value, str):
            raise refuse(self.expects, value)
        return self.from_text(value)
