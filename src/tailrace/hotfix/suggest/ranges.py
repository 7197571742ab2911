"""Groups verdicts on single releases into ranges that share a harmful region. Pure; writes no hotfix language.

What was not checked counts as its neighbours do, the harmful one of two; above the highest release that is known to
exist nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tailrace.hotfix.suggest.harmful_regions import Order, Slice, Verdict
from tailrace.hotfix.suggest.regions import Region


@dataclass(frozen=True, slots=True)
class Range:
    """Releases from `low` to `high`, places in the order of versions; `None` as `low`: from the first.

    `low_open`, `high_open`: the end itself does not belong to it. `builds`: the builds of the only version, where it is
    not all. `known`: places of releases that are known to exist; `checked` of these, those with evidence.
    """

    region: Region
    low: int | None
    high: int
    low_open: bool = False
    high_open: bool = False
    builds: Slice | None = None
    known: tuple[int, ...] = ()
    checked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Segment:
    """A release with evidence (`gap` false), or all that lie between two of them."""

    region: Region
    low: int | None
    high: int
    low_open: bool = False
    high_open: bool = False
    gap: bool = False
    known: tuple[int, ...] = ()
    builds: Slice | None = None


def ranges(verdicts: Mapping[str, Verdict], order: Order, *, complete: bool) -> tuple[Range, ...]:
    """The harmful ranges, lowest first. `order`: of the downstream, with every release that is known to exist.

    `complete`: that these are all there are (a channel was looked at), so that a range may end at a release rather than
    before the next one.
    """
    segments = list(_segments(verdicts, order, complete))
    found: list[list[_Segment]] = []
    for segment in segments:
        last = found[-1][-1] if found and found[-1] else None
        if not segment.region:
            found.append([])
        elif last and last.region == segment.region and last.builds is None and segment.builds is None:
            found[-1].append(segment)
        else:
            found.append([segment])
    return tuple(_range(group) for group in found if group)


def _segments(verdicts: Mapping[str, Verdict], order: Order, complete: bool) -> Iterator[_Segment]:
    judged = {order.places[version]: verdict for version, verdict in sorted(verdicts.items())}
    before: int | None = None
    for place in sorted(judged):
        verdict = judged[place]
        between = tuple(range(0 if before is None else before + 1, place))
        region = verdict.entry if before is None else judged[before].exit | verdict.entry
        if complete and between:
            low = None if before is None else between[0]
            yield _Segment(region, low, between[-1], gap=True, known=between)
        elif before is None or not (complete or (not between and are_adjacent(order.text(before), order.text(place)))):
            yield _Segment(region, before, place, before is not None, True, gap=True, known=between)
        for piece in verdict.slices:
            yield _Segment(piece.region, place, place, known=(place,), builds=None if piece.whole else piece)
        before = place
    above = tuple(range(before + 1, len(order))) if before is not None else ()
    if before is not None and above:
        yield _Segment(judged[before].exit, above[0], above[-1], gap=True, known=above)


def _range(group: list[_Segment]) -> Range:
    first, last = group[0], group[-1]
    known = tuple(place for segment in group for place in segment.known)
    checked = tuple(place for segment in group if not segment.gap for place in segment.known)
    return Range(first.region, first.low, last.high, first.low_open, last.high_open, first.builds, known, checked)


def are_adjacent(one: str, other: str) -> bool:
    """Whether nothing is likely to lie between two versions: only their last numbers differ, by one."""
    a, b = one.split("."), other.split(".")
    if len(a) != len(b) or a[:-1] != b[:-1] or not (a[-1].isdecimal() and b[-1].isdecimal()):
        return False
    return int(b[-1]) - int(a[-1]) == 1
