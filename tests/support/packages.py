"""Small packages for tests, from `{path: source}`: an artifact, a surface, a world or a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Literal

from tailrace.model import Artifact, Metadata, Release
from tailrace.python.modules import Surface
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.resolver import Resolver

Source = str | bytes
Files = Mapping[str, Source]
PYTHON = (".py", ".pyi", ".pyw")
COMPILED = (".so", ".pyd", ".pyx", ".pxd")


def artifact(
    root: Path,
    files: Files,
    *,
    name: str = "up",
    version: str = "1.0",
    kind: Literal["wheel", "sdist", "conda", "tree", "environment"] = "tree",
    scripts: Mapping[str, str] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    requires: tuple[str, ...] = (),
    requires_python: str | None = None,
    search_paths: tuple[str, ...] = ("",),
    sha256: str | None = None,
) -> Artifact:
    """Write `files` below `root` (texts are dedented, bytes are not) and describe them as an opened release."""
    for file, source in files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else dedent(source).encode())
    groups = {**(entry_points or {}), **({"console_scripts": scripts} if scripts else {})}
    return Artifact(
        release=Release(name=name, version=version, spec=f"{name}=={version}", source="directory", sha256=sha256),
        metadata=Metadata(
            name=name,
            version=version,
            requires_python=requires_python,
            requires_dist=requires,
            entry_points=tuple(sorted((group, tuple(sorted(points.items()))) for group, points in groups.items())),
        ),
        root=root,
        kind=kind,
        search_paths=search_paths,
        python_files=tuple(sorted(file for file in files if file.endswith(PYTHON))),
        compiled_files=tuple(sorted(file for file in files if file.endswith(COMPILED))),
        other_files=tuple(sorted(file for file in files if not file.endswith((*PYTHON, *COMPILED)))),
    )


def surface(root: Path, files: Files, *, name: str = "up", version: str = "1.0") -> Surface:
    """The surface of such a package."""
    return Surface(artifact(root, files, name=name, version=version))


def world(root: Path, *parts: Files, version: str = "1.0") -> Resolver:
    """One world of one or more packages, each in a folder of its own; `up` has this version."""
    surfaces = [surface(root / f"part{index}", files, version=version) for index, files in enumerate(parts)]
    return make_resolver(*surfaces, versions={"up": version})


@dataclass(frozen=True)
class Moments:
    """An upstream in two versions, and a downstream."""

    old: Artifact
    new: Artifact
    downstream: Artifact


def moments(root: Path, old: Files, new: Files, downstream: Files) -> Moments:
    """Baseline 1.0 and candidate 2.0 of `up`, and `down` 1.0."""
    return Moments(
        artifact(root / "old", old, version="1.0"),
        artifact(root / "new", new, version="2.0"),
        artifact(root / "down", downstream, name="down", requires=("up",)),
    )
