"""Requirements and extras that a release no longer has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tailrace.changes.distribution import PYTHONS, supports
from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Artifact, Change, Metadata
from tailrace.model.foreign import read_requirement
from tailrace.python.modules import Surface
from tailrace.toml.parse import parse_toml

# Requirements of older Pythons only are backports, which are dropped with them.
_CURRENT = PYTHONS[PYTHONS.index("3.8") :]
_EXTRA = re.compile(r"\bextra\s*===?\s*['\"]([^'\"]+)['\"]")


def requirements_of(metadata: Metadata) -> dict[str, list[Requirement]]:
    """The requirements that no extra is needed for, by canonical name."""
    found: dict[str, list[Requirement]] = {}
    for line in metadata.requires_dist:
        requirement = _read(line)
        if requirement is not None and not (requirement.marker and "extra" in str(requirement.marker)):
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def brought_by_extra(metadata: Metadata, extra: str) -> frozenset[str]:
    """Canonical names of what an extra requires."""
    wanted = canonicalize_name(extra)
    names = set()
    for line in metadata.requires_dist:
        requirement = _read(line)
        if requirement is not None and requirement.marker is not None:
            if wanted in {canonicalize_name(name) for name in _EXTRA.findall(str(requirement.marker))}:
                names.add(canonicalize_name(requirement.name))
    return frozenset(names)


def extras_of(metadata: Metadata) -> frozenset[str] | None:
    """The canonical names of the extras of a release; `None` where they are not known."""
    named = {name for line in metadata.requires_dist for name in _EXTRA.findall(line)}
    if metadata.extras is None and not metadata.requires_dist:
        return None
    return frozenset(map(canonicalize_name, {*named, *(metadata.extras or ())}))


def compare_dependencies(baseline: Surface, candidate: Surface) -> Iterator[Change]:
    """`dependency-dropped` and `extra-removed`, where the requirements of the candidate are known."""
    if not _is_known(candidate.artifact):
        return
    in_baseline, in_candidate = baseline.artifact.metadata, candidate.artifact.metadata
    kept = requirements_of(in_candidate)
    pythons = [python for python in _CURRENT if supports(in_candidate.requires_python, python)] or list(_CURRENT)
    for name, lines in requirements_of(in_baseline).items():
        if name in kept and not _narrower(lines, kept[name], pythons):
            continue
        if not any(_applies(line, python) for line in lines for python in pythons):
            continue
        detail = f"it required {' and '.join(map(str, lines))}"
        yield Change(rule="dependency-dropped", symbol=f"dependency:{name}", detail=detail)
    had, has = extras_of(in_baseline), extras_of(in_candidate)
    for extra in sorted(had - has) if had is not None and has is not None else ():
        brought = brought_by_extra(in_baseline, extra)
        if brought and not brought <= kept.keys():
            yield Change(
                rule="extra-removed",
                symbol=f"{in_candidate.name}[{extra}]",
                detail=f"it brought {', '.join(sorted(brought))}",
            )


def _narrower(baseline: list[Requirement], candidate: list[Requirement], pythons: list[str]) -> bool:
    """Whether some Python that the candidate supports had the requirement and no longer has it."""
    return any(
        any(_applies(line, python) for line in baseline) and not any(_applies(line, python) for line in candidate)
        for python in pythons
    )


def _applies(requirement: Requirement, python: str) -> bool:
    if requirement.marker is None:
        return True
    environment = {"python_version": python, "python_full_version": f"{python}.9", "extra": ""}
    try:
        return any(
            Marker(str(requirement.marker)).evaluate({**environment, **platform})
            for platform in (
                {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
                {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
            )
        )
    except (InvalidMarker, ValueError):
        return False


def _read(line: str) -> Requirement | None:
    try:
        return read_requirement(line)
    except InvalidRequirement:
        return None


def _is_known(artifact: Artifact) -> bool:
    """Whether the absence of a requirement means that there is none."""
    if artifact.metadata.requires_dist or artifact.kind in {"wheel", "conda"}:
        return True
    try:
        data = parse_toml((artifact.root / "pyproject.toml").read_text("utf-8", errors="replace"))
    except (OSError, tomllib.TOMLDecodeError):
        return False
    project = data.get("project")
    dynamic = project.get("dynamic", ()) if isinstance(project, dict) else ("dependencies",)
    return "dependencies" not in dynamic


KIND = InterfaceKind(frozenset({"dependency-dropped", "extra-removed"}), compare_dependencies)
