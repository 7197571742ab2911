"""Converts dates as people write them to milliseconds since the epoch, UTC, and back. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tailrace.conda.errors import ChannelError

DAY = 86_400_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")


class MomentError(ChannelError):
    """A date that cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a date.", hint="Write it as in 2022-05-26 or 2022-05-26T23:09Z.")
        self.text = text


def parse_moment(text: str, *, start: bool = False) -> int:
    """A date or a date and time (UTC where no zone is given). A bare date means its last millisecond, or its first
    with `start`.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise MomentError(text) from None
    if _DATE.match(text.strip()):
        return to_ms(when.replace(tzinfo=UTC)) + (0 if start else DAY - 1)
    # The zone is applied here, once: py-rattler 0.28 reads an aware non-UTC time as if it were UTC.
    return to_ms(when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC))


def to_ms(when: datetime) -> int:
    """Milliseconds since the epoch of an aware time."""
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def show_moment(moment: int) -> str:
    """ISO 8601, UTC, to the second (to the millisecond where it matters)."""
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
    text = when.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{when.microsecond // 1000:03d}Z" if when.microsecond else f"{text}Z"
