"""Facts of many releases, kept in immutable Parquet fragments under numbered generations, and asked in SQL.

`rows`: what is kept. `place`: a folder or an object store. `manifest`: generations and their commit. `fragments`: rows
into Parquet, merged and sorted. `store`: add, merge, verify, collect, export. `ask`: the questions.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.store.store import Snapshot, Store, open_store

_FOUND_IN = {"Snapshot": "store", "Store": "store", "open_store": "store"}
__all__ = ["Snapshot", "Store", "open_store"]


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
