"""One row of a table: an upstream in two versions, a downstream, and what the check must say of it, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.packages import artifact
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.model import DownstreamReport, Finding

Sources = str | Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """`old`, `new`, `down`: a text is the `__init__.py`. `said`: see `told`. `also`: keywords for `report`."""

    name: str
    old: Sources
    new: Sources
    down: Sources
    said: tuple[str, ...] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    wrong: str = ""


def rows(*table: Row) -> list[Any]:
    """The rows as parameters; a row that the engine gets wrong as yet says why."""
    return [
        pytest.param(row, id=row.name, marks=[pytest.mark.xfail(strict=True, reason=row.wrong)] if row.wrong else [])
        for row in table
    ]


def report(
    root: Path,
    old: Sources,
    new: Sources,
    down: Sources,
    *,
    requires: tuple[str, ...] = ("up",),
    requires_python: str | None = None,
    scripts: Mapping[str, str] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    old_version: str = "1.0",
    new_version: str = "2.0",
    compared: bool = False,
) -> DownstreamReport:
    """The report of one downstream. `compared`: only what the differences of the releases can hurt is looked at."""
    upstream = Upstream(
        artifact(root / "old", _files(old, "up"), version=old_version),
        artifact(root / "new", _files(new, "up"), version=new_version),
    )
    if compared:
        upstream.find_diff()
    downstream = artifact(
        root / "down",
        _files(down, "down"),
        name="down",
        requires=requires,
        requires_python=requires_python,
        scripts=scripts,
        entry_points=entry_points,
    )
    return check_downstream(upstream, downstream, CheckOptions(jobs=1)).report


def told(root: Path, row: Row) -> tuple[str, ...]:
    """`RULE SYMBOL LINE` for every finding, the file before the line where it is another, and what qualifies it."""
    return tuple(_line(finding) for finding in report(root, row.old, row.new, row.down, **row.also).findings)


def _line(finding: Finding) -> str:
    place = str(finding.line) if finding.file == "down/__init__.py" else f"{finding.file}:{finding.line}"
    words = [finding.rule, finding.used or finding.symbol, place]
    if finding.confidence != "certain":
        words.append(finding.confidence)
    if finding.guard is not None:
        words.append(f"guard: {finding.guard}")
    if finding.condition is not None:
        met = {True: "", False: " (never)", None: "?"}[finding.condition_met]
        words.append(f"if: {finding.condition}{met}")
    if finding.platforms:
        words.append("on " + ",".join(finding.platforms))
    if finding.only_in_tests:
        words.append("in tests")
    return " ".join(words)


def _files(sources: Sources, package: str) -> Mapping[str, str]:
    return {f"{package}/__init__.py": sources} if isinstance(sources, str) else sources
