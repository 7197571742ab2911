"""What a release offers: its modules, names, classes, signatures and command lines, read statically; and the diff of
two."""

from tailrace.surface.diff import Diff, changed_identifiers, diff_artifacts, diff_surfaces, hurt_files, load_or_diff
from tailrace.surface.entities import Entity, Resolution
from tailrace.surface.modules import Surface
from tailrace.surface.world import World

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
