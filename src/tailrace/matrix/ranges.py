"""Finds the widest range that works in one row, as PEP 440 and as a conda MatchSpec, next to the declared range."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.utils import canonicalize_name
from packaging.version import Version

from tailrace.check.requirements import containing_fix
from tailrace.matrix.values import Cell, Judgement, Range
from tailrace.model.foreign import read_version

# More versions than these between the ends are not left out one by one: the range then ends at the first of them.
_MOST_HOLES = 4


def working_range(name: str, cells: Sequence[Cell], baseline: str | None, declared: str | None) -> Range:
    """The widest range. `cells`: oldest version first. `baseline`: taken to work, whether or not it is a cell."""
    works = [cell.upstream for cell in cells if cell.works]
    breaks = [cell.upstream for cell in cells if cell.works is False]
    unknown = [cell.upstream for cell in cells if cell.works is None]
    loose = tuple(cell.upstream for cell in cells if cell.works is False and cell.declared)
    tight = tuple(cell.upstream for cell in cells if cell.works and not cell.declared)
    if not works:
        return Range(
            pep440=None,
            matchspec=None,
            declared=declared,
            judgement=_judge(loose, tight, unknown, works) if breaks else "unknown",
            breaks=tuple(breaks),
            unknown=tuple(unknown),
            too_loose=loose,
        )
    low, high, holes = _widest(cells, baseline)
    parts, conda, ends = _bounds(name, cells, low, high, holes)
    return Range(
        pep440=f"{name}{','.join(parts)}",
        matchspec=f"{canonicalize_name(name)}{' ' + ','.join(conda) if conda else ''}",
        declared=declared,
        judgement=_judge(loose, tight, unknown, works),
        lowest_known=ends[0],
        highest_known=ends[1],
        works=tuple(works),
        breaks=tuple(breaks),
        too_loose=loose,
        too_tight=tight,
        unknown=tuple(unknown),
    )


def _judge(loose: Sequence[str], tight: Sequence[str], unknown: Sequence[str], works: Sequence[str]) -> Judgement:
    if loose and tight:
        return "both"
    if loose:
        return "too-loose"
    if tight:
        return "too-tight"
    return "unknown" if unknown and not works else "fits"


def _widest(cells: Sequence[Cell], baseline: str | None) -> tuple[int, int, list[int]]:
    """Positions of the first and last version of the range, and of those in it that do not surely work."""
    good = [position for position, cell in enumerate(cells) if cell.works]
    if not good:
        return 0, -1, []
    holes = [p for p in range(good[0], good[-1] + 1) if not cells[p].works]
    if len(holes) <= _MOST_HOLES:
        return good[0], good[-1], holes
    start = good[-1]
    if baseline is not None:
        near = [p for p in good if read_version(cells[p].upstream) <= read_version(baseline)]
        start = near[-1] if near else good[0]
    low = high = start
    while low > 0 and cells[low - 1].works:
        low -= 1
    while high + 1 < len(cells) and cells[high + 1].works:
        high += 1
    return low, high, []


def _bounds(
    name: str, cells: Sequence[Cell], low: int, high: int, holes: Sequence[int]
) -> tuple[list[str], list[str], tuple[bool, bool]]:
    """PEP 440 parts, conda parts, and whether something beyond each end is known not to work."""
    if high < low:
        return [], [], (False, False)
    pep: list[str] = []
    conda: list[str] = []
    below, above = low > 0, high + 1 < len(cells)
    if below:
        pep.append(f">={cells[low].upstream}")
        conda.append(f">={cells[low].upstream}")
    if above:
        fix = containing_fix(name, cells[high + 1].upstream, cells[high].upstream).removeprefix(name)
        pep.append(fix)
        conda.append(_conda_upper(fix))
    for hole in holes:
        pep.append(f"!={cells[hole].upstream}")
        conda.append(f"!={cells[hole].upstream}")
    ends = (below and cells[low - 1].works is False, above and cells[high + 1].works is False)
    return pep, conda, ends


def _conda_upper(bound: str) -> str:
    """`<2.1` as conda's users write it: conda lets `2.1rc1` in below `2.1`, PEP 440 does not."""
    if not bound.startswith("<") or bound.startswith("<="):
        return bound
    version = Version(bound.removeprefix("<"))
    return bound if version.is_prerelease or len(version.release) == 0 else f"<{version.public}a0"
