"""pytest fixtures that a plug-in, or pytest itself, no longer offers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Change
from tailrace.python.modules import Surface
from tailrace.python.plugins.fixtures import read_fixtures

_WORDS = re.compile(rb"fixture")
_PYTEST = "_pytest"


def is_plugin(surface: Surface) -> bool:
    """Whether a release is loaded by pytest, or is pytest."""
    return bool(surface.artifact.metadata.entry_point_group("pytest11")) or _PYTEST in surface.roots


def fixtures_of(surface: Surface) -> dict[str, tuple[str, int]]:
    """Name → file and line of the fixtures that the modules of a release define."""
    found: dict[str, tuple[str, int]] = {}
    for file in holding(surface.artifact, _WORDS):
        if file.endswith("conftest.py"):
            continue
        parsed = surface.tree(file)
        for fixture in read_fixtures(parsed.tree) if parsed is not None else ():
            found.setdefault(fixture.name, (file, fixture.line))
    return found


def compare_fixtures(baseline: Surface, candidate: Surface) -> Iterator[Change]:
    """`fixture-removed`, where the baseline is a plug-in of pytest."""
    if not is_plugin(baseline) or not candidate.artifact.python_files:
        return
    in_baseline, in_candidate = fixtures_of(baseline), fixtures_of(candidate)
    for name, (file, line) in in_baseline.items():
        if name not in in_candidate:
            yield Change(rule="fixture-removed", symbol=f"fixture:{name}", file=file, line=line)


KIND = InterfaceKind(frozenset({"fixture-removed"}), compare_fixtures)
