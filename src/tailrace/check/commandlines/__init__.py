"""Joins between a downstream and the upstream's command line: what it runs, what it adds, what it loads by name.

Each name is imported on first use: a program that starts often should not read what it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.check.commandlines.conflicts import ConflictFinder
    from tailrace.check.commandlines.entry_points import EntryPointFinder, entry_point_targets
    from tailrace.check.commandlines.joins import CommandLineJoins
    from tailrace.check.commandlines.places import place_in_metadata
    from tailrace.check.commandlines.processes import ProcessFinder, removed_scripts
    from tailrace.check.commandlines.upstream_names import UpstreamNames

_FOUND_IN = {
    "CommandLineJoins": "joins",
    "ConflictFinder": "conflicts",
    "EntryPointFinder": "entry_points",
    "ProcessFinder": "processes",
    "UpstreamNames": "upstream_names",
    "entry_point_targets": "entry_points",
    "place_in_metadata": "places",
    "removed_scripts": "processes",
}


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "CommandLineJoins",
    "ConflictFinder",
    "EntryPointFinder",
    "ProcessFinder",
    "UpstreamNames",
    "entry_point_targets",
    "place_in_metadata",
    "removed_scripts",
]
