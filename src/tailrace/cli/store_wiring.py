"""Settings in, stores and scans out: how the commands on the store call the rooms `store` and `scan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model.errors import TailraceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.config.values import Settings
    from tailrace.model import Address
    from tailrace.sources import Sources
    from tailrace.store.store import Store


class NothingToScanError(TailraceError):
    """A scan was asked for, and nothing was named."""

    def __init__(self) -> None:
        super().__init__(
            "there is nothing to scan: no release was named.",
            hint="Name releases, a list with --from FILE, an environment with --env PREFIX, a channel with "
            "--channel URL, or names with --pypi-list FILE.",
        )


def find_store(settings: Settings) -> Store:
    """The store that the settings name."""
    from tailrace.store.store import open_store

    return open_store(settings.store, Path(settings.cache_dir).expanduser() if settings.cache_dir else None)


def specs_to_scan(
    named: Sequence[str],
    lists: Sequence[Path],
    environment: Path | None,
    sources: Sources,
) -> tuple[str | Address, ...]:
    """What is scanned, each once. An environment stands for each distribution in it."""
    found: list[str | Address] = [part for spec in named for part in sources.parts(spec)]
    for file in lists:
        found += sources.expand(file)
    if environment is not None:
        found += sources.installed(environment.expanduser())
    return tuple(dict.fromkeys(found))
