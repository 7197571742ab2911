"""The one door to py-rattler: opened late, because it is heavy, and with the cure for its crash at exit."""

from __future__ import annotations

import atexit
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


@lru_cache(maxsize=1)
def load_rattler() -> ModuleType:
    """The module `rattler`.

    py-rattler 0.28 crashes in up to half of all short scripts while the interpreter shuts down: its threads still want
    the
    interpreter. A pause that is registered before the import, and so runs after everything the import registers, cures
    it.
    """
    atexit.register(time.sleep, 0.1)
    import rattler

    return rattler


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine, in a thread of its own: the caller may have an event loop already (a notebook)."""
    import asyncio

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
