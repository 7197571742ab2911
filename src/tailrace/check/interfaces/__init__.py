"""What the candidate breaks outside of names and calls: hooks, fixtures, strings, requirements, data, programs.

One module per kind. A module with a `FINDER` in this folder is a kind; no list names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Doubt, Finder, View


def _load() -> tuple[Finder, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return tuple(module.FINDER for module in modules if hasattr(module, "FINDER"))


FINDERS = _load()


def find_interface_breaks(view: View) -> Iterator[Breakage | Doubt]:
    """What every finder says of one downstream."""
    for finder in FINDERS:
        if finder.of_stubs or view.candidate.artifact.release.source != "interpreter":
            yield from finder.find(view)


__all__ = ["FINDERS", "Doubt", "Finder", "View", "find_interface_breaks"]
