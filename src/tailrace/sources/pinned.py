"""Finds the version at which a project's folder, a list file or an environment holds one package.

Somebody who asks what an upgrade breaks in a project upgrades from what the project has now, not from the release just
below the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tailrace.sources.errors import EmptyListError, SourceError
from tailrace.sources.pypi import normal_name
from tailrace.sources.spec import CondaSpec, EnvironmentSpec, PypiSpec, parse_spec

LOCKS = (
    "uv.lock",
    "pylock.toml",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "requirements.lock",
    "requirements.txt",
)
# `flask==2.0`, `flask[async] (==2.0) ; python_version > "3.8"`; nothing after the pin but a marker.
_PINNED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?\s*(={2,3}[^,;)]+)\)?\s*(?:;|\Z)")
ENVIRONMENTS = (".venv", "venv", ".pixi/envs/default")


@dataclass(frozen=True, slots=True)
class Pin:
    """`version`, and where it stands: `locked in uv.lock`. `spec`: the installed distribution, where it is one.

    Without a version: what might pin one and cannot be read, and why.
    """

    version: str
    origin: str
    spec: str | None = None


def pins_of_project(folder: Path, name: str) -> Iterator[Pin]:
    """The versions of `name` that a project is held at: by its lock files, then by an exact requirement, then by what
    is installed in its environment. For a file that cannot be read there is a pin without a version.
    """
    for lock in LOCKS:
        if (folder / lock).is_file():
            yield from pins_of_list(folder / lock, name, lock)
    yield from _pins_of_metadata(folder, name)
    for environment in ENVIRONMENTS:
        if (folder / environment).is_dir():
            yield from pins_of_environment(folder / environment, name, environment)


def pins_of_list(file: Path, name: str, shown: str) -> Iterator[Pin]:
    """The exact versions of `name` in a requirements, lock or environment file, highest first."""
    from tailrace.sources.lists import read_list

    wanted = normal_name(name)
    try:
        specs = [parse_spec(text) for text in read_list(file) if _mentions(str(text), wanted)]
    except EmptyListError:
        return
    except SourceError as error:
        yield Pin("", f"{shown} cannot be read ({error.message.rstrip('.')})")
        return
    versions = [
        version
        for spec in specs
        if isinstance(spec, PypiSpec | CondaSpec) and normal_name(spec.name) == wanted
        if (version := _exact(spec.specifier if isinstance(spec, PypiSpec) else spec.version))
    ]
    yield from (Pin(version, f"the version in {shown}") for version in sorted(set(versions), key=_order, reverse=True))


def pins_of_environment(prefix: Path, name: str, shown: str) -> Iterator[Pin]:
    """The version of `name` that is installed in an environment."""
    from tailrace.sources.local import find_distribution, open_environment

    try:
        root, folders = open_environment(EnvironmentSpec(str(prefix)))
        found = find_distribution(folders, normal_name(name))
        version = found.version if found is not None else None
    except Exception:  # whatever the parser makes of foreign metadata: nothing is pinned
        return
    if version:
        yield Pin(version, f"the version installed in {shown}", str(EnvironmentSpec(str(root), normal_name(name))))


def _pins_of_metadata(folder: Path, name: str) -> Iterator[Pin]:
    from tailrace.sources.local import folder_reader
    from tailrace.sources.project import read_project

    for line in read_project(folder_reader(folder)).requires_dist:
        found = _PINNED.match(line)
        if found and normal_name(found.group(1)) == normal_name(name) and (version := _exact(found.group(2).strip())):
            yield Pin(version, "the version that the project's own requirement pins")


def _exact(specifier: str) -> str | None:
    found = re.fullmatch(r"={1,3}\s*([A-Za-z0-9.!+_-]+)", specifier.strip())
    return found.group(1) if found else None


def _mentions(text: str, wanted: str) -> bool:
    return wanted in normal_name(text)


def _order(version: str) -> tuple[bool, object]:
    from packaging.version import InvalidVersion, Version

    try:
        return (True, Version(version))
    except InvalidVersion:
        return (False, version)
