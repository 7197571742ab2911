"""Which versions of the upstream count as harmful when only some are known."""

from __future__ import annotations

import pytest

from tailrace.hotfix.suggest.regions import Region, fill_region

FILLED = [
    # known places (true: broken), up to where what is used was still there, the region, what was assumed
    ({}, -1, (), set()),
    ({0: False, 1: False}, -1, (), set()),
    ({2: True}, -1, ((0, None),), {0, 1}),
    ({2: True}, 0, ((1, None),), {1}),
    ({2: True}, 5, ((2, None),), set()),
    ({0: False, 3: True}, -1, ((1, None),), {1, 2}),
    ({0: False, 3: True}, 1, ((2, None),), {2}),
    ({3: True, 5: False}, -1, ((0, 5),), {0, 1, 2}),
    ({1: False, 2: True, 4: False, 6: True}, -1, ((2, 4), (5, None)), {5}),
    ({0: True, 1: True}, -1, ((0, None),), set()),
]


@pytest.mark.parametrize(("known", "present", "spans", "assumed"), FILLED)
def test_what_is_not_known_counts_as_its_broken_neighbour(
    known: dict[int, bool], present: int, spans: tuple[tuple[int, int | None], ...], assumed: set[int]
) -> None:
    assert fill_region(known, present) == (Region(spans), frozenset(assumed))
