"""How one value is written: what is read, and what is refused with which words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tailrace.toml.kinds import Boolean, Choice, Count, Kind, Listing, PythonVersion, Seconds, Size, Text, nearest

CHOICE = Choice(("auto", "always", "never"))


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Boolean(), "true", True),
        (Boolean(), " ON ", True),
        (Boolean(), "0", False),
        (Count(), "12", 12),
        (Count(1), " 1 ", 1),
        (Seconds(), "0.5", 0.5),
        (Seconds(), "1e2", 100.0),
        (Size(), "1024", 1024),
        (Size(), "512 MiB", 512 << 20),
        (Size(), "1.5gib", 3 << 29),
        (PythonVersion(), "3.11", "3.11"),
        (CHOICE, "never", "never"),
        (Text(), "  a==1 ", "a==1"),
        (Listing(Text()), "a==1 b==2", ("a==1", "b==2")),
        (Listing(Text()), "./my dir\n./other\n", ("./my dir", "./other")),
        (Listing(Text()), "", ()),
    ],
)
def test_a_text_is_read(kind: Kind, text: str, expected: object) -> None:
    assert kind.from_text(text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Boolean(), "maybe", 'must be true or false, not "maybe"'),
        (Count(), "-1", "must be a whole number, 0 or more"),
        (Count(1), "0", "must be a whole number, 1 or more"),
        (Count(), "1_000", "must be a whole number"),
        (Count(), "١٢", "must be a whole number"),
        (Count(), "9" * 5000, "…"),
        (Seconds(), "fast", 'must be a number of seconds above 0, not "fast"'),
        (Seconds(), "0", "above 0"),
        (Seconds(), "nan", "above 0"),
        (Seconds(), "inf", "above 0"),
        (Size(), "512 MB", "512 MiB"),
        (Size(), "0", "above 0"),
        (PythonVersion(), "3", 'such as "3.11"'),
        (PythonVersion(), "2.7", 'such as "3.11"'),
        (CHOICE, "alwasy", "did you mean always?"),
        (CHOICE, "blue", "one of auto, always, never"),
        (Text(), "a\nb", "must be a text"),
        (Text(), "\x1b[31m\n", "�[31m"),
        (Listing(Count()), "1 x", 'not "x"'),
    ],
)
def test_a_wrong_text_is_refused_with_what_it_must_be(kind: Kind, text: str, says: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        kind.from_text(text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Boolean(), "true"),
        (Boolean(), 1),
        (Count(), True),
        (Count(), 1.0),
        (Count(), "1"),
        (Seconds(), "5"),
        (Seconds(), True),
        (Seconds(), float("nan")),
        (Size(), True),
        (Size(), 1.5),
        (PythonVersion(), 3.1),
        (CHOICE, 1),
        (Text(), 1),
        (Text(), dt.date(2026, 1, 1)),
        (Listing(Text()), "a==1"),
        (Listing(Text()), [1]),
    ],
)
def test_toml_has_types_and_they_are_held_to(kind: Kind, value: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        kind.from_toml(value)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("job", "jobs"), ("JOBS", "jobs"), ("time_limit", "time-limit"), ("zebra", None), ("", None)],
)
def test_the_nearest_name_is_offered_only_when_it_is_near(word: str, expected: str | None) -> None:
    assert nearest(word, ("jobs", "time-limit", "format")) == expected
