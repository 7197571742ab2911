"""The first bad release of a row."""

from __future__ import annotations

import pytest

from tailrace.verify.bisecting import bisect

# answers by version (g, b, u), the first bad, the last good, unknown between
CASES = {
    "in the middle": ("gggbbb", 3, 2, ()),
    "the newest": ("ggggb", 4, 3, ()),
    "the second": ("gbbbb", 1, 0, ()),
    "none": ("ggggg", None, 4, ()),
    "an unknown one beside it": ("ggubb", 3, 1, (2,)),
    "unknown ones elsewhere": ("gugbub", 3, 2, ()),
    "all but the ends unknown": ("guuub", 4, 0, (1, 2, 3)),
    "the newest unknown": ("gggu", None, None, ()),
    "two": ("gb", 1, 0, ()),
    "one": ("g", None, None, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_bad_release_is_found_with_few_questions(name: str) -> None:
    row, bad, good, unknown = CASES[name]
    words = {"g": "good", "b": "bad", "u": "unknown"}
    versions = [str(index) for index in range(len(row))]
    found = bisect(versions, lambda version: words[row[int(version)]])  # type: ignore[arg-type, return-value]
    assert found.first_bad == (None if bad is None else str(bad))
    assert found.last_good == (None if good is None else str(good))
    assert found.unknown == tuple(map(str, unknown))
    assert len({version for version, _ in found.asked}) == len(found.asked)


def test_a_long_row_is_not_asked_one_by_one() -> None:
    versions = [str(index) for index in range(1000)]
    found = bisect(versions, lambda version: "bad" if int(version) >= 700 else "good")
    assert (found.first_bad, found.last_good) == ("700", "699")
    assert len(found.asked) <= 12
