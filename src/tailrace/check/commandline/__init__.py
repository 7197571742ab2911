"""Joins between a downstream and the upstream's command line: what it runs, what it adds, what it loads by name."""

from tailrace.check.commandline.conflicts import ConflictFinder
from tailrace.check.commandline.entry_points import EntryPointFinder, entry_point_targets
from tailrace.check.commandline.hit import Hit, Upstream
from tailrace.check.commandline.joins import CommandLineJoins
from tailrace.check.commandline.places import place_in_metadata
from tailrace.check.commandline.processes import ProcessFinder, removed_scripts

__all__ = [
    "CommandLineJoins",
    "ConflictFinder",
    "EntryPointFinder",
    "Hit",
    "ProcessFinder",
    "Upstream",
    "entry_point_targets",
    "place_in_metadata",
    "removed_scripts",
]
