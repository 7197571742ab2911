"""Opens stores and starts scans as the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model.errors import TailraceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.check.options import Progress
    from tailrace.config.values import Settings
    from tailrace.model import Address, CheckReport
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
    *,
    channels: Sequence[str] = (),
    latest: int = 1,
    name_lists: Sequence[Path] = (),
) -> tuple[str | Address, ...]:
    """What is scanned, each once. An environment stands for each distribution in it, a channel for the `latest` newest
    versions of each package that needs Python, a list of names for the newest release of each."""
    found: list[str | Address] = [part for spec in named for part in sources.parts(spec)]
    for file in lists:
        found += sources.expand(file)
    if environment is not None:
        found += sources.installed(environment.expanduser())
    for channel in channels:
        from tailrace.model import Address
        from tailrace.sources.channel_listing import list_channel

        found += list_channel(sources.conda, Address(channel), latest)
    for file in name_lists:
        found += read_names(file)
    return tuple(dict.fromkeys(found))


class NamesError(TailraceError):
    """A list of names that cannot be used."""


def read_names(path: Path) -> list[str]:
    """The specs of a list of names, one a line; what follows a `#` is left out. Raises `NamesError`."""
    from tailrace.sources.lists import read_text
    from tailrace.sources.spec import PypiSpec, parse_spec

    found: list[str] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        name = line.partition("#")[0].strip()
        if not name:
            continue
        try:
            spec = parse_spec(f"pypi:{name.removeprefix('pypi:')}")
        except TailraceError as error:
            raise NamesError(f"{path}, line {number}: {error.message}", hint="Write one name a line.") from None
        assert isinstance(spec, PypiSpec)
        found.append(str(spec))
    if not found:
        raise NamesError(f"{path} lists no name.", hint="Write one name a line.")
    return found


class FactsNeedAStoreError(TailraceError):
    """Downstreams were named, and the store alone was to answer."""

    def __init__(self) -> None:
        super().__init__(
            "--engine facts answers for what the store holds, and downstreams were named.",
            hint="Leave them out, or leave out --engine facts.",
        )


def use_store(settings: Settings, folder: Path, engine: str) -> bool:
    """Whether the downstreams are those in the store: none is named, and the store is, or there is nothing else.

    A Python project in the working directory is its own downstream, unless the store is named.
    """
    from tailrace.cli.wiring import PROJECT_FILES
    from tailrace.store.manifest import numbers

    if settings.downstreams or settings.downstreams_from or settings.downstream_env:
        if engine == "facts":
            raise FactsNeedAStoreError
        return False
    if settings.store is not None or engine == "facts":
        return True
    if any((folder / name).is_file() for name in PROJECT_FILES):
        return False
    return bool(numbers(find_store(settings).place))


def run_check_of_store(
    candidate: str, baseline: str | None, settings: Settings, progress: Progress | None, engine: str
) -> CheckReport:
    """The check of everyone in the store that depends on the candidate."""
    from tailrace.check.from_store import check_store
    from tailrace.cli.wiring import make_options, make_sources

    snapshot = find_store(settings).snapshot()
    sources, options = make_sources(settings), make_options(settings, progress)
    if engine == "facts":
        from tailrace.check.from_facts import check_facts

        return check_facts(candidate, baseline, snapshot, sources, options)
    return check_store(candidate, baseline, snapshot, sources, options)
