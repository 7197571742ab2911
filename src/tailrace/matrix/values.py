"""The values of the room: a cell, a row, a grid, a range, and the answer about all requirements of a release."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["works", "breaks", "declared-incompatible", "not-checked"]
How = Literal["baseline", "checked", "narrowed", "shared", "none"]
Judgement = Literal["fits", "too-loose", "too-tight", "both", "unknown"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the downstream with one version of the upstream.

    `state`: what is shown: `declared-incompatible` where the downstream's requirement keeps the version out, whatever
    the check says; `works` is that answer (`None`: not known). `symbol`, `rule`, `file`, `line`, `message`: of the
    first break. `reason`: why it is not checked. `how`: `checked`; `narrowed` where no file of the downstream holds a
    word of a change; `shared` where the same changes meet the same code as in the cell `same_as`; `baseline` for the
    version that the others are compared with.
    """

    downstream: str
    upstream: str
    state: State
    works: bool | None
    declared: bool
    how: How
    symbol: str | None = None
    rule: str | None = None
    file: str | None = None
    line: int | None = None
    message: str | None = None
    breaks: int = 0
    reason: str | None = None
    same_as: tuple[str, str] | None = None


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """The widest range of checked versions that works around the baseline, next to the declared one.

    `pep440`, `matchspec`: what to write; `None` where no version is known to work. `lowest_known`, `highest_known`:
    whether a break, and not merely the end of what was checked, gives the bound. `too_loose`: versions that the
    declared requirement lets in and that break. `too_tight`: versions that it keeps out and that work. `unknown`:
    versions that were not checked.
    """

    pep440: str | None
    matchspec: str | None
    declared: str | None
    judgement: Judgement
    lowest_known: bool = False
    highest_known: bool = False
    works: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    too_loose: tuple[str, ...] = ()
    too_tight: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the downstream. `baseline`: the version of the upstream that it is taken to work with, `None`
    where none was found. `cells`: in the order of the grid's upstream versions. `reason`: why nothing was checked."""

    downstream: str
    requirement: str | None
    baseline: str | None
    baseline_from: str
    cells: tuple[Cell, ...]
    range: Range
    reason: str | None = None


class GridCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Cells by state, which add up to `cells`; and how many checks gave the answers."""

    cells: int
    works: int
    breaks: int
    declared_incompatible: int
    not_checked: int
    checks: int


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The grid. `upstream_versions`: oldest first; `rows`: oldest version of the downstream first."""

    schema: Literal["tailrace.matrix/1"] = "tailrace.matrix/1"
    upstream: str
    downstream: str
    upstream_versions: tuple[str, ...]
    downstream_versions: tuple[str, ...]
    counts: GridCounts
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


class RequirementBounds(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement of a release: what it declares, what really works, what to write. `reason`: why that is not
    known. `checked`: the versions of the upstream that were looked at, oldest first."""

    upstream: str
    declared: str
    range: Range | None
    baseline: str | None = None
    first_break: Cell | None = None
    checked: tuple[str, ...] = ()
    reason: str | None = None


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of all requirements of one release."""

    schema: Literal["tailrace.bounds/1"] = "tailrace.bounds/1"
    downstream: str
    version: str
    requirements: tuple[RequirementBounds, ...]
    notes: tuple[str, ...] = ()
