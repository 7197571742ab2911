"""Hosts whose plug-ins are functions of agreed names with untyped parameters: what they pass.

One module per host. A module with a `HOST` in this folder is one; no list names them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tailrace.python.plugins.hosts.interface import Host


def _load() -> tuple[Host, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return tuple(module.HOST for module in modules if hasattr(module, "HOST"))


HOSTS = _load()

__all__ = ["HOSTS", "Host"]
