"""How releases are looked for, as plain values. Reads neither configuration files nor the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may ask of us. Sizes in bytes, counted unpacked unless said otherwise.

    `members`: entries in one archive or directory. `file_size`: one file; a larger one is left out and recorded.
    `total_size`: everything that had to be unpacked of one archive. `ratio`: unpacked over packed, looked at from
    `ratio_from` bytes on (small archives of text legitimately reach high ratios). `archive_size`: one download.
    """

    members: int = 200_000
    file_size: int = 20 * MIB
    total_size: int = 8192 * MIB
    ratio: int = 200
    ratio_from: int = 64 * MIB
    archive_size: int = 8192 * MIB


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """`None` for `index_urls`, `extra_index_urls`, `find_links`: as pip and uv are configured on this machine.

    Giving `index_urls` replaces the configured index and extra indexes alike; giving `extra_index_urls` or `find_links`
    replaces these alone. `cache_dir`: `None` for the user's cache folder. `refresh`: ask again even where the cache
    knows.
    """

    index_urls: tuple[str, ...] | None = None
    extra_index_urls: tuple[str, ...] | None = None
    find_links: tuple[str, ...] | None = None
    offline: bool = False
    cache_dir: Path | None = None
    allow_prereleases: bool = False
    refresh: bool = False
    limits: Limits = field(default_factory=Limits)
