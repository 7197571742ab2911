"""Finds the line of a downstream's metadata files that declares something."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tailrace.model import Artifact

_NAMES = ("pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO", "info/index.json", "info/recipe/meta.yaml")
_PATTERNS = (
    "*.dist-info/METADATA",
    "*.dist-info/entry_points.txt",
    "*.egg-info/requires.txt",
    "*.egg-info/entry_points.txt",
)
_LIMIT = 2_000_000


def metadata_files(artifact: Artifact) -> list[str]:
    """The metadata files of an artifact that exist, relative to its root, the hand-written ones first."""
    found = [artifact.root / name for name in _NAMES]
    for pattern in _PATTERNS:
        found += sorted(artifact.root.glob(pattern)) or sorted(artifact.root.glob(f"src/{pattern}"))
    return [path.relative_to(artifact.root).as_posix() for path in found if path.is_file()]


def place_in_metadata(artifact: Artifact, *needles: str) -> tuple[str, int]:
    """The first line that holds a needle, needles in order of preference; else line 1 of the first metadata file."""
    files = metadata_files(artifact)
    for needle in filter(None, needles):
        for file in files:
            if (line := _line_of(artifact.root / file, needle)) is not None:
                return file, line
    return (files[0] if files else "METADATA"), 1


def _line_of(path: Path, needle: str) -> int | None:
    try:
        if path.stat().st_size > _LIMIT:
            return None
        lines: Iterable[str] = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    squeezed = "".join(needle.split()).lower()
    return next((number for number, line in enumerate(lines, 1) if squeezed in "".join(line.split()).lower()), None)
