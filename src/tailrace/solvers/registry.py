"""The clients there is a model of: one for each module of `solvers.clients`, by name.

Every other list of clients is made from `CLIENT_MODELS`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module

from tailrace.solvers import clients
from tailrace.solvers.interface import Client, ClientModel


def _discover() -> Mapping[Client, ClientModel]:
    modules = (import_module(f"{clients.__name__}.{found.name}") for found in pkgutil.iter_modules(clients.__path__))
    return {module.CLIENT.name: module.CLIENT for module in sorted(modules, key=lambda module: str(module.CLIENT.name))}


CLIENT_MODELS: Mapping[Client, ClientModel] = _discover()
CLIENTS: tuple[Client, ...] = tuple(CLIENT_MODELS)
#: One client of each family. In a new environment the others of a family give what this one gives, or the cell says so.
FAMILIES: tuple[Client, ...] = tuple(name for name, model in CLIENT_MODELS.items() if model.represents_family)
