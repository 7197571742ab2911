"""What a release offers besides names and calls, compared: hooks, fixtures, extras, dependencies, data.

One module per kind. A module with a `KIND` in this folder is a kind; no list names them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Change
from tailrace.python.modules import Surface


def _load() -> tuple[InterfaceKind, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return tuple(module.KIND for module in modules if hasattr(module, "KIND"))


KINDS = _load()
RULES = frozenset().union(*(kind.rules for kind in KINDS))


def compare_interfaces(baseline: Surface, candidate: Surface) -> tuple[Change, ...]:
    """The changes of every kind, in the order of rule and symbol."""
    found = [change for kind in KINDS for change in kind.compare(baseline, candidate)]
    return tuple(sorted(found, key=lambda change: (change.rule, change.symbol)))


__all__ = ["KINDS", "RULES", "InterfaceKind", "compare_interfaces"]
