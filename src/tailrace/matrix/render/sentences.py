"""Ranges and cells in words, the same in every format."""

from __future__ import annotations

from tailrace.matrix.values import Cell, Range, RequirementBounds, Row

_WORDS = {
    "fits": "fits",
    "too-loose": "too loose",
    "too-tight": "too tight",
    "both": "too loose and too tight",
    "unknown": "not known",
}


def judgement(found: Range) -> str:
    """`too loose: lets 2.1.0 in, which breaks`."""
    words = _WORDS[found.judgement]
    reasons = []
    if found.too_loose:
        reasons.append(f"lets {_several(found.too_loose)} in, which {'breaks' if _one(found.too_loose) else 'break'}")
    if found.too_tight:
        reasons.append(f"keeps {_several(found.too_tight)} out, which {'works' if _one(found.too_tight) else 'work'}")
    if found.unknown:
        verb = "is" if _one(found.unknown) else "are"
        reasons.append(f"{_several(found.unknown)} {verb} not known")
    return f"{words}: {'; '.join(reasons)}" if reasons else words


def to_write(found: Range) -> str:
    """`MarkupSafe<2.1 (conda: markupsafe <2.1.0a0)`; where nothing checked gives a bound, that is said."""
    if found.pep440 is None:
        return "nothing is known to work"
    if not any(sign in found.pep440 for sign in "<>=!"):
        return f"no bound: every version that was checked works (conda: {found.matchspec})"
    return f"{found.pep440} (conda: {found.matchspec})"


def cell_sentence(cell: Cell, upstream: str, downstream: str) -> str:
    """What a cell says, as one sentence."""
    pair = f"{downstream} {cell.downstream} with {upstream} {cell.upstream}"
    kept = "" if cell.declared else "; the requirement keeps it out"
    if cell.works is None:
        return f"{pair}: not checked ({cell.reason or 'no reason is known'}){kept}"
    if not cell.works:
        more = f", and {cell.breaks - 1} more" if cell.breaks > 1 else ""
        return f"{pair}: breaks at {cell.file}:{cell.line}: {cell.message}{more}{kept}"
    how = {
        "baseline": "it is what the others are compared with",
        "checked": "checked",
        "narrowed": "no change meets a name that it uses",
        "shared": "the same changes meet the same code in another cell",
    }.get(cell.how, cell.how)
    return f"{pair}: works ({how}){kept}"


def first_breaks(row: Row) -> list[Cell]:
    """The first cell for each different symbol that breaks in a row."""
    seen: dict[str | None, Cell] = {}
    for cell in row.cells:
        if cell.works is False:
            seen.setdefault(cell.symbol, cell)
    return list(seen.values())


def bounds_line(found: RequirementBounds) -> str:
    """One requirement: what it is judged to be, or why that is not known."""
    if found.range is None:
        return f"not checked: {found.reason}"
    return judgement(found.range)


def _one(versions: tuple[str, ...]) -> bool:
    return len(versions) == 1


def _several(versions: tuple[str, ...]) -> str:
    if len(versions) <= 3:
        return ", ".join(versions)
    return f"{versions[0]} to {versions[-1]} ({len(versions)} versions)"
