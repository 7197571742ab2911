"""Artifacts written out from texts, for the tests of command lines and requirements."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tailrace.model import Artifact, Metadata, Release


def artifact(
    root: Path,
    files: dict[str, str],
    *,
    name: str = "up",
    version: str = "1.0",
    scripts: dict[str, str] | None = None,
    entry_points: dict[str, dict[str, str]] | None = None,
    requires: tuple[str, ...] = (),
    requires_python: str | None = None,
) -> Artifact:
    """Write `files` below `root` and open them as a source tree."""
    for file, text in files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    groups = {**(entry_points or {}), **({"console_scripts": scripts} if scripts else {})}
    return Artifact(
        release=Release(name=name, version=version, spec=f"{name}=={version}", source="directory"),
        metadata=Metadata(
            name=name,
            version=version,
            requires_python=requires_python,
            requires_dist=requires,
            entry_points=tuple(sorted((group, tuple(sorted(points.items()))) for group, points in groups.items())),
        ),
        root=root,
        kind="tree",
        python_files=tuple(sorted(file for file in files if file.endswith(".py"))),
    )
