"""Computes the bounds of all requirements of one downstream release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from tailrace.check.options import CheckOptions
from tailrace.check.requirements import requirement_on
from tailrace.check.requirements.admission import needs_extra, parse_requirement
from tailrace.matrix.choose import Wish, choose
from tailrace.matrix.compute import Grid, compute
from tailrace.matrix.values import Bounds, RequirementBounds
from tailrace.model import Artifact, TailraceError, redact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.sources import Sources


class RequirementUnknownError(TailraceError):
    """Bounds were asked for on something that the release does not require."""


def _unknown(release: str, name: str, names: Sequence[str]) -> RequirementUnknownError:
    from difflib import get_close_matches

    by_key = {str(canonicalize_name(one)): one for one in names}
    near = get_close_matches(str(canonicalize_name(name)), list(by_key), n=3)
    shown = [by_key[key] for key in near] or sorted(names)[:8]
    hint = f"It requires {', '.join(shown)}." if shown else "It declares no requirement."
    return RequirementUnknownError(f"{release} does not require {name!r}.", hint=hint)


def find_bounds(
    artifact: Artifact,
    spec: str,
    sources: Sources,
    options: CheckOptions,
    *,
    wish: Wish,
    only: Sequence[str] = (),
) -> Bounds:
    """What each requirement should be. `wish`: which versions of each upstream. `only`: these upstreams alone.

    Raises `RequirementUnknownError` for one of `only` that the release does not require.
    """
    metadata, release = artifact.metadata, artifact.release
    wanted = {str(canonicalize_name(name)) for name in only}
    found: list[RequirementBounds] = []
    names: dict[str, str] = {}
    for line in metadata.requires_dist:
        requirement = parse_requirement(line)
        if requirement is not None and not needs_extra(line):
            names.setdefault(str(canonicalize_name(requirement.name)), requirement.name)
    for name in only:
        if str(canonicalize_name(name)) not in names:
            raise _unknown(f"{release.name} {release.version}", name, tuple(names.values()))
    for key, name in names.items():
        if wanted and key not in wanted:
            continue
        if options.progress is not None:
            options.progress.say(f"{release.name}: {name}")
        declared = requirement_on(metadata, name) or name
        found.append(_one(artifact, spec, name, declared, sources, replace(options, progress=None), wish))
    notes = [] if names else ["it declares no requirement, so there was nothing to check"]
    skipped = len(metadata.requires_dist) - len([1 for line in metadata.requires_dist if not needs_extra(line)])
    if skipped:
        notes.append(f"{skipped} requirement{'s' if skipped != 1 else ''} of extras left out")
    return Bounds(downstream=release.name, version=release.version, requirements=tuple(found), notes=tuple(notes))


def _one(
    artifact: Artifact, spec: str, name: str, declared: str, sources: Sources, options: CheckOptions, wish: Wish
) -> RequirementBounds:
    release = artifact.release
    try:
        versions = choose(name, wish, sources)
        grid = Grid(
            upstream=name,
            downstream=release.name,
            upstream_versions=versions,
            downstream_versions=(release.version,),
            downstream_specs=((release.version, spec),),
        )
        row = compute(grid, sources, options).rows[0]
    except TailraceError as error:
        return RequirementBounds(upstream=name, declared=declared, range=None, reason=redact(str(error)))
    if row.reason is not None:
        return RequirementBounds(upstream=name, declared=declared, range=None, checked=versions, reason=row.reason)
    broken = [cell for cell in row.cells if cell.works is False]
    loose = [cell for cell in broken if cell.declared]
    return RequirementBounds(
        upstream=name,
        declared=declared,
        range=row.range,
        baseline=row.baseline,
        first_break=next(iter(loose or broken), None),
        checked=versions,
    )
