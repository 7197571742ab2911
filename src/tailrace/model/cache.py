"""What the cache folder holds, as a report."""

from __future__ import annotations

import msgspec


class CacheShelf(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of cached things. `bytes`: their size; `removed`, `removed_bytes`: what `clean` removed of them."""

    name: str
    entries: int
    bytes: int
    removed: int = 0
    removed_bytes: int = 0


class CacheReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the cache holds, and what was removed; with `dry_run`, what would be. `folder`: where it is."""

    schema: str = "tailrace.cache/1"
    folder: str
    shelves: tuple[CacheShelf, ...]
    cleaned: bool = False
    dry_run: bool = False
