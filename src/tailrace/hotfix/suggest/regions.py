"""Where the upstream is harmful, as sets of places in its order of versions. Pure; knows no version texts.

A place is the number of a version among all that are known, lowest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LOWEST = 0


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """Spans `(low, high)` of places, sorted and apart from one another: `low` belongs to it and `high` does not;
    `None` as `high` is "for ever". No spans: harmless throughout.
    """

    spans: tuple[tuple[int, int | None], ...] = ()

    def __contains__(self, place: int) -> bool:
        return any(low <= place and (high is None or place < high) for low, high in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __or__(self, other: Region) -> Region:
        return join_spans((*self.spans, *other.spans))


HARMLESS = Region()


def join_spans(spans: Iterable[tuple[int, int | None]]) -> Region:
    """The spans as a region; those that touch become one."""
    found: list[tuple[int, int | None]] = []
    for low, high in sorted(spans, key=lambda span: (span[0], span[1] is None, span[1] or 0)):
        if found and (found[-1][1] is None or low <= found[-1][1]):
            last = found[-1][1]
            found[-1] = (found[-1][0], None if last is None or high is None else max(last, high))
        else:
            found.append((low, high))
    return Region(tuple(found))


def fill_region(known: Mapping[int, bool], present: int = -1) -> tuple[Region, frozenset[int]]:
    """The harmful places when some are known to be broken (true) or fine (false), and which of those below the first
    broken one are in it without being known.

    What is not known counts as broken next to something broken: between a fine and a broken place (unless it lies at or
    below `present`, up to where what the downstream uses was still there), between two broken ones, between a broken
    and a fine one, and after the last when that is broken. `None` stands for nothing known below the first.
    """
    spans: list[tuple[int, int | None]] = []
    assumed: set[int] = set()
    begin: int | None = None
    fine: int | None = None
    for place in sorted(known):
        if not known[place]:
            if begin is not None:
                spans.append((begin, place))
            begin, fine = None, place
        elif begin is None:
            begin = (
                LOWEST if fine is None and present < 0 else min(place, max(-1 if fine is None else fine, present) + 1)
            )
            assumed.update(range(begin, place))
    if begin is not None:
        spans.append((begin, None))
    return join_spans(spans), frozenset(assumed)
