"""Formats moments, durations and counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.conda.timestamps import show_moment

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_LAST = "T23:59:59.999Z"


def when(moment: int) -> str:
    """`2022-05-26 23:09`, to the minute; a moment that is the last of its day is that day."""
    text = show_moment(moment)
    return text[:10] if text.endswith(_LAST) else text[:16].replace("T", " ")


def short(moment: int) -> str:
    """`05-26 23:09`, without the year."""
    return when(moment)[5:]


def length(milliseconds: int) -> str:
    """`15 h 30 min`, `7 days 6 h`: the two largest units that matter."""
    days, rest = divmod(max(milliseconds, 0), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return f"{count(days, 'day')} {hours} h" if hours else count(days, "day")
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 day`, `2 days`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(texts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    every = list(texts)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)
