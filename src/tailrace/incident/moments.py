"""Parses dates and times as people write them in a table, into UTC texts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# A day of which a digit is open (`2022-05-2?`) is not known.
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d?])")
_YEAR_LAST = re.compile(r"(?<![\d/.-])(\d{1,2})([/.])(\d{1,2})\2(\d{4})(?!\d)")
_DAY_MONTH = re.compile(r"(?<![\w-])(\d{1,2})(?:st|nd|rd|th|\.)?\s+([A-Za-z]{3,9})\.?,?(?:\s+(\d{4}))?(?![\w-])")
_MONTH_DAY = re.compile(r"(?<!\w)([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(\d{4}))?(?![\w:])")
_NUMERIC = re.compile(r"(?<![\d/-])(\d{1,2})[-/](\d{1,2})(?![\d/-])")
_TIME = re.compile(r"(?<![\d:])(\d{1,2})[:.h](\d{2})(?::(\d{2}))?\s*(?P<half>[ap]\.?m\.?)?(?![\d:])", re.IGNORECASE)
# A minus between two times is a span, unless UTC stands before it.
_ZONE = re.compile(
    r"(?:UTC|GMT)?\s?(?P<sign>\+|(?<=UTC)-|(?<=GMT)-)(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d)"
    r"|(?P<name>\b[A-Z]{2,5}\b)|(?<=\d)(?P<z>Z)"
)
# Only those that mean one thing everywhere they are written; minutes east of Greenwich.
_ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "CET": 60, "CEST": 120, "EDT": -240, "EST": -300, "PDT": -420, "PST": -480}


def read_date(text: str, year: int | None, before: date | None = None) -> date | None:
    """The date that a cell holds; the year of the incident, or of the row before, where it names none."""
    found = _ISO.search(text)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3]))
    found = _YEAR_LAST.search(text)
    if found:
        first, second = int(found[1]), int(found[3])
        # `05/04/2022` is one day in Europe and another in America; with dots, the day comes first everywhere.
        if found[2] == "." or first > 12 or first == second:
            return _date(int(found[4]), second, first)
        return _date(int(found[4]), first, second) if second > 12 else None
    year = before.year if before is not None else year
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            number = _month(match[month])
            own = int(match[3]) if match[3] else year
            if number is not None and own is not None:
                return _date(own, number, int(match[day]))
    plain = _NUMERIC.search(text)
    if plain and year is not None:
        return _date(year, int(plain[1]), int(plain[2]))
    return None


def read_time(text: str) -> tuple[int, int, int] | None:
    """Hours, minutes, and the minutes to take off for UTC; `None` where there is no time, or its zone is not known."""
    found = _TIME.search(text)
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2])
    half = (found["half"] or "").lower().replace(".", "")
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    if hours > 23 or minutes > 59:
        return None
    zone = _ZONE.search(text[found.end() :].upper() if half else text[found.end() :]) or _ZONE.search(
        text[: found.start()]
    )
    offset = 0
    if zone is not None and zone["sign"]:
        offset = (int(zone["hours"]) * 60 + int(zone["minutes"] or 0)) * (1 if zone["sign"] == "+" else -1)
    elif zone is not None and zone["name"]:
        if zone["name"] not in _ZONES:
            return None
        offset = _ZONES[zone["name"]]
    return hours, minutes, offset


def moment_text(day: date, time: tuple[int, int, int] | None) -> str:
    """`2022-05-26T23:09Z`, or the date alone."""
    if time is None:
        return day.isoformat()
    when = datetime(day.year, day.month, day.day, time[0], time[1], tzinfo=UTC) - timedelta(minutes=time[2])
    return when.strftime("%Y-%m-%dT%H:%MZ")


def order_key(at: str) -> tuple[str, str]:
    """Sorts moment texts; a date alone comes before the times of its day."""
    return (at[:10], at[10:])


def _month(name: str) -> int | None:
    short = name[:3].lower()
    known = short in _MONTHS and (len(name) == 3 or _full(name.lower()))
    return _MONTHS.index(short) + 1 if known else None


def _full(name: str) -> bool:
    months = (
        *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
        *("october", "november", "december"),
    )
    return name in {*months, "sept"}


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
