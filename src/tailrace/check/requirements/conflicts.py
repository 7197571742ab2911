"""Finds requirements of a downstream that cannot be met together with those of the candidate.

Only what the two say directly is compared: `candidate requires packaging>=22`, `downstream requires packaging<22`.
Whether a version of the third package exists in the remaining range is for a resolver to say. PEP 508 lines only.
"""

from __future__ import annotations

from collections.abc import Iterable

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tailrace.changes.distribution import supports
from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.places import place_in_metadata
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.check.requirements.admission import (
    SEPARATOR,
    admits,
    applies,
    environments,
    parse_requirement,
    requirement_on,
)
from tailrace.model import Artifact, Metadata

Environment = dict[str, str]


def requirement_conflicts(
    downstream: Artifact, baseline: Artifact, candidate: Artifact, upstream: UpstreamNames
) -> tuple[Breakage, ...]:
    """One hit for each third package that candidate and downstream pin apart and baseline and downstream did not.

    Markers are evaluated on every environment that all three support and on which the downstream asks for the upstream;
    one with a conflict suffices. Nothing is said where the downstream's own requirement keeps the candidate out.
    """
    asked = requirement_on(downstream.metadata, upstream.name)
    if asked is None or not admits(asked, upstream.candidate):
        return ()
    theirs, before, after = (_plain(artifact.metadata) for artifact in (downstream, baseline, candidate))
    skipped = {canonicalize_name(upstream.name), canonicalize_name(downstream.metadata.name)}
    hits = []
    for name in sorted(theirs.keys() & after.keys() - skipped):
        lines = [*theirs[name], *before.get(name, ()), *after[name], *asked.split(SEPARATOR)]
        broken = [
            environment
            for environment in environments(lines)
            if _everywhere_supported(environment, downstream, baseline, candidate)
            and _asked(asked, environment)
            and _unmeetable([*theirs[name], *after[name]], environment)
            and not _unmeetable([*theirs[name], *before.get(name, ())], environment)
        ]
        if broken:
            shown = _applying(theirs[name], broken[0]), _applying(after[name], broken[0])
            hits.append(_hit(downstream, name, *shown, _where(broken, lines)))
    return (*hits, *_on_itself(downstream, baseline, candidate, upstream))


def _on_itself(
    downstream: Artifact, baseline: Artifact, candidate: Artifact, upstream: UpstreamNames
) -> tuple[Breakage, ...]:
    """The upstream may itself ask for the downstream, in a version that this one is not."""
    name, version = downstream.metadata.name, downstream.metadata.version
    wants = requirement_on(candidate.metadata, name)
    if wants is None or any("extra" in line for line in wants.split(SEPARATOR)):
        return ()
    if admits(wants, version) or not admits(requirement_on(baseline.metadata, name), version):
        return ()
    return (_hit(downstream, canonicalize_name(name), f"{name}=={version}", wants, ""),)


def _hit(downstream: Artifact, name: str, ours: str, theirs: str, where: str) -> Breakage:
    file, line = place_in_metadata(downstream, ours, name)
    return Breakage(
        rule="requirement-conflict",
        symbol=name,
        module="",
        name=name,
        how="requirement",
        detail=where,
        facts={"requirement": ours, "upstream_requirement": theirs},
        file=file,
        line=line,
    )


def _plain(metadata: Metadata) -> dict[str, list[str]]:
    """The requirement lines by name that no extra is needed for and that name versions."""
    found: dict[str, list[str]] = {}
    for line in metadata.requires_dist:
        requirement = parse_requirement(line)
        if requirement is None or requirement.url or (requirement.marker and "extra" in str(requirement.marker)):
            continue
        found.setdefault(canonicalize_name(requirement.name), []).append(line)
    return found


def _everywhere_supported(environment: Environment, *artifacts: Artifact) -> bool:
    python = environment["python_version"]
    return all(supports(a.metadata.requires_python or a.release.requires_python, python) for a in artifacts)


def _asked(requirement: str, environment: Environment) -> bool:
    return any(applies(line, environment) for line in requirement.split(SEPARATOR))


def _applying(lines: Iterable[str], environment: Environment) -> str:
    return SEPARATOR.join(dict.fromkeys(line for line in lines if applies(line, environment)))


def _unmeetable(lines: Iterable[str], environment: Environment) -> bool:
    together = SpecifierSet()
    for line in lines:
        requirement = parse_requirement(line)
        if requirement is not None and applies(line, environment):
            together &= requirement.specifier
    return together.is_unsatisfiable()


def _where(broken: list[Environment], lines: list[str]) -> str:
    """On which environments, where markers make a difference."""
    total = list(environments(lines))
    if len(broken) == len(total):
        return ""
    parts = []
    for key, label in (("python_version", "Python"), ("sys_platform", "platform")):
        values = list(dict.fromkeys(environment[key] for environment in broken))
        if len(values) < len({environment[key] for environment in total}):
            parts.append(f"{label} {', '.join(values)}")
    return f"on {' and '.join(parts)}" if parts else ""
