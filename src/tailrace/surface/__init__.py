"""What a release offers: its modules, names, classes, signatures and command lines, read statically; and the diff of
two.

Each name is imported on first use: a program that starts often should not read what it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.surface.diff import Diff, changed_identifiers, diff_artifacts, diff_surfaces, hurt_files, load_or_diff
    from tailrace.surface.entities import Entity, Resolution
    from tailrace.surface.modules import Surface
    from tailrace.surface.world import World

_FOUND_IN = {
    "Diff": "diff",
    "Entity": "entities",
    "Resolution": "entities",
    "Surface": "modules",
    "World": "world",
    "changed_identifiers": "diff",
    "diff_artifacts": "diff",
    "diff_surfaces": "diff",
    "hurt_files": "diff",
    "load_or_diff": "diff",
}


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Diff",
    "Entity",
    "Resolution",
    "Surface",
    "World",
    "changed_identifiers",
    "diff_artifacts",
    "diff_surfaces",
    "hurt_files",
    "load_or_diff",
]
