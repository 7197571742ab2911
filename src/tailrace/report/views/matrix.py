"""What every format shows of a grid and of bounds: marks, colours, and ranges and cells in words."""

from __future__ import annotations

from typing import Final

from tailrace.matrix.values import Bounds, Cell, Matrix, Range, RequirementBounds, Row
from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables

#: Mark, what it means, and colour (background of HTML and PNG, name of the terminal's), in the order of the legend.
LEGEND: Final[tuple[tuple[str, str, str, str], ...]] = (
    (".", "works", "#7bc47f", "green"),
    ("X", "breaks", "#d64545", "red"),
    ("o", "declared incompatible, works", "#a9c8e8", "cyan"),
    ("x", "declared incompatible, breaks", "#c9a0a0", "magenta"),
    ("-", "declared incompatible, not checked", "#d0d0d0", "bright_black"),
    ("?", "not checked", "#f0d58a", "yellow"),
)
COLORS: Final = {mark: color for mark, _, color, _ in LEGEND}
_WORDS = {
    "fits": "fits",
    "too-loose": "too loose",
    "too-tight": "too tight",
    "both": "too loose and too tight",
    "unknown": "not known",
}


def mark_of(cell: Cell) -> str:
    """The one character that stands for a cell."""
    if cell.state == "declared-incompatible":
        return "-" if cell.works is None else "o" if cell.works else "x"
    return {"works": ".", "breaks": "X", "not-checked": "?"}[cell.state]


def grid_headline(found: Matrix) -> str:
    """The two packages and the counts."""
    counts = found.counts
    return (
        f"{found.downstream} (rows) with {found.upstream} (columns): {counts.cells} pairs, {counts.works} work, "
        f"{counts.breaks} break, {counts.declared_incompatible} declared incompatible, "
        f"{counts.not_checked} not checked"
    )


def bounds_headline(found: Bounds) -> str:
    """The release and the number of its requirements."""
    return f"{found.downstream} {found.version}: {plural(len(found.requirements), 'requirement')}"


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


def matrix_tables(found: Matrix, options: RenderOptions) -> Tables:
    """The grid with its marks, then the ranges, then what breaks."""
    legend = {mark: meaning for mark, meaning, _, _ in LEGEND}
    used = [mark for mark in legend if any(mark_of(cell) == mark for row in found.rows for cell in row.cells)]
    grid = ShownTable(
        "Grid",
        (
            ShownColumn(found.downstream, is_code=True),
            *(ShownColumn(version, is_code=True) for version in found.upstream_versions),
        ),
        tuple((row.downstream, *(mark_of(cell) for cell in row.cells)) for row in found.rows),
        "; ".join(f"`{mark}` {legend[mark]}" for mark in used),
    )
    ranges = ShownTable(
        "Ranges",
        (
            ShownColumn(found.downstream, is_code=True),
            *(ShownColumn(name, is_code=True) for name in ("declares", "works with", "conda")),
            ShownColumn("verdict"),
        ),
        tuple(
            (
                row.downstream,
                row.requirement or "nothing",
                row.range.pep440 or "not known",
                row.range.matchspec or "not known",
                row.reason or judgement(row.range),
            )
            for row in found.rows
        ),
    )
    breaks = ShownTable(
        "Breaks",
        (
            ShownColumn(found.downstream, is_code=True),
            ShownColumn(found.upstream, is_code=True),
            ShownColumn("symbol", is_code=True),
            ShownColumn("rule", is_code=True),
            ShownColumn("place", is_code=True),
        ),
        tuple(
            (cell.downstream, cell.upstream, cell.symbol or "", cell.rule or "", f"{cell.file}:{cell.line}")
            for row in found.rows
            for cell in first_breaks(row)
        ),
    )
    title = f"{found.downstream} with {found.upstream}"
    return Tables(title, grid_headline(found), tuple(one for one in (grid, ranges, breaks) if one.rows), found.notes)


def bounds_tables(found: Bounds, options: RenderOptions) -> Tables:
    """A line for each requirement."""
    rows = []
    for one in found.requirements:
        held = one.range
        works, conda = (held.pep440, held.matchspec) if held is not None else (None, None)
        rows.append((one.upstream, one.declared, works or "not known", conda or "not known", bounds_line(one)))
    columns = (
        *(ShownColumn(name, is_code=True) for name in ("requirement", "declared", "works", "conda")),
        ShownColumn("verdict"),
    )
    title = f"Bounds of {found.downstream} {found.version}"
    return Tables(title, bounds_headline(found), (ShownTable("Requirements", columns, tuple(rows)),), found.notes)
