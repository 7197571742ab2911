"""Compares the metadata of two releases: entry points, Python versions and ranges that are gone."""

from __future__ import annotations

from functools import lru_cache

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.utils import canonicalize_name

from tailrace.model import Change, Metadata
from tailrace.model.foreign import read_requirement, read_specifiers

# The symbol of `python-dropped`.
REQUIRES_PYTHON = "Requires-Python"
# The feature releases that a Requires-Python is asked about.
PYTHONS = ("2.7", *(f"3.{minor}" for minor in range(5, 16)))
_MICROS = range(30)
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


@lru_cache(maxsize=4096)
def supported_micros(requires_python: str | None, python: str) -> frozenset[int]:
    """The micro releases of `python` (`3.9`) that a Requires-Python lets in; one that cannot be read lets all in."""
    if not requires_python:
        return frozenset(_MICROS)
    try:
        allowed = read_specifiers(requires_python)
    except InvalidSpecifier:
        return frozenset(_MICROS)
    return frozenset(micro for micro in _MICROS if f"{python}.{micro}" in allowed)


def supports(requires_python: str | None, python: str) -> bool:
    """Whether a Requires-Python lets some micro release of `python` in."""
    return bool(supported_micros(requires_python, python))


def dropped_pythons(baseline: str | None, candidate: str | None, also: str | None = None) -> tuple[str, ...]:
    """Feature releases that `baseline` (and `also`, where given) lets in and `candidate` does not, as `3.8`.

    Where only some micro releases are dropped, they are named if they are no more than three, else as `3.8.0-3.8.5`.
    """
    found: list[str] = []
    for python in PYTHONS:
        in_baseline = supported_micros(baseline, python) & supported_micros(also, python)
        kept = supported_micros(candidate, python)
        gone = sorted(in_baseline - kept)
        if not gone:
            continue
        if not kept:
            found.append(python)
        elif len(gone) <= 3:
            found += [f"{python}.{micro}" for micro in gone]
        else:
            found.append(f"{python}.{gone[0]}-{python}.{gone[-1]}")
    return tuple(found)


def entry_point_symbol(group: str, name: str) -> str:
    """`script:NAME`, or `entry-point:GROUP:NAME`."""
    return f"script:{name}" if group in _SCRIPTS else f"entry-point:{group}:{name}"


def diff_distributions(baseline: Metadata, candidate: Metadata) -> tuple[Change, ...]:
    """`entry-point-removed`, `python-dropped` and, for each narrowed or added requirement, `requirement-conflict`.

    Requirements that an extra pulls in are left out. New metadata without any entry point may merely be incomplete:
    then none is said to be removed.
    """
    return (*_entry_points(baseline, candidate), *_pythons(baseline, candidate), *_requirements(baseline, candidate))


def _entry_points(baseline: Metadata, candidate: Metadata) -> list[Change]:
    if not candidate.entry_points:
        return []
    kept = {(group, name) for group, points in candidate.entry_points for name, _ in points}
    kept |= {("console_scripts", name) for name, _ in candidate.entry_point_group("gui_scripts")}
    return [
        Change(rule="entry-point-removed", symbol=entry_point_symbol(group, name), detail=f"it was {target}")
        for group, points in baseline.entry_points
        for name, target in points
        if (group, name) not in kept
    ]


def _pythons(baseline: Metadata, candidate: Metadata) -> list[Change]:
    gone = dropped_pythons(baseline.requires_python, candidate.requires_python)
    if not gone:
        return []
    ranges = f"{baseline.requires_python or 'unset'} became {candidate.requires_python}"
    return [Change(rule="python-dropped", symbol=REQUIRES_PYTHON, detail=f"{ranges}: without {', '.join(gone)}")]


def _requirements(baseline: Metadata, candidate: Metadata) -> list[Change]:
    in_baseline, in_candidate = _by_name(baseline), _by_name(candidate)
    changes = []
    for name, lines in in_candidate.items():
        was = in_baseline.get(name, ())
        if set(lines) == set(was) or (was and _wider(was, lines)):
            continue
        detail = f"{' and '.join(was)} became {' and '.join(lines)}" if was else f"{' and '.join(lines)} is new"
        changes.append(Change(rule="requirement-conflict", symbol=name, detail=detail))
    return changes


def _by_name(metadata: Metadata) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in metadata.requires_dist:
        try:
            requirement = read_requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker is None or "extra" not in str(requirement.marker):
            found.setdefault(canonicalize_name(requirement.name), []).append(line)
    return {name: tuple(sorted(lines)) for name, lines in found.items()}


def _wider(was: tuple[str, ...], lines: tuple[str, ...]) -> bool:
    """Whether one unconditional range became a wider one: every bound of the new one was there before."""
    if len(was) != 1 or len(lines) != 1:
        return False
    baseline, candidate = read_requirement(was[0]), read_requirement(lines[0])
    return baseline.marker == candidate.marker and set(map(str, candidate.specifier)) <= set(
        map(str, baseline.specifier)
    )
