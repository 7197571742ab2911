"""Finders for names and calls, one module per kind of break.

A module with a `FINDER` in this folder is asked about each file; no list names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.finder import FileFinder, FileView


@cache
def file_finders() -> tuple[FileFinder, ...]:
    """Every finder, by rank."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    finders = (module.FINDER for module in modules if hasattr(module, "FINDER"))
    return tuple(sorted(finders, key=lambda finder: (finder.rank, sorted(finder.rules))))


def find_file_breaks(view: FileView) -> Iterator[Breakage]:
    """What every finder says of one file."""
    for finder in file_finders():
        yield from finder.find(view)


__all__ = ["FileFinder", "FileView", "file_finders", "find_file_breaks"]
