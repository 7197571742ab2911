"""Parses version texts as PEP 440 versions, each once.

Never in conda's order: the language compares as PEP 440 does.
"""

from __future__ import annotations

from functools import lru_cache

from packaging.version import Version

from tailrace.model.foreign import read_version


@lru_cache(maxsize=131072)
def parse_version(text: str) -> Version:
    """The version.

    Raises `packaging.version.InvalidVersion` (a `ValueError`) for what PEP 440 does not know, such as `1.1.1k`.
    """
    return read_version(text)
