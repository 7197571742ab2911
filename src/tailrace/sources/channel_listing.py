"""Lists the releases of a conda channel that need Python, and the dependents of a package there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailrace.conda.rattler import library, run
from tailrace.model import Address
from tailrace.sources.conda import COMMON_SUBDIRS, has_repodata, place_of, subdirs_of
from tailrace.sources.download import local_path
from tailrace.sources.errors import OfflineError, UnknownNameError, UnreachableError
from tailrace.sources.spec import CondaSpec, spec_text

if TYPE_CHECKING:
    from tailrace.sources.conda import CondaSource

# Names whose records are asked for at once.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ChannelDependent:
    """A record that names a package in `depends` or `constrains`. `timestamp`: ms since epoch UTC, `None` where the
    record has none."""

    name: str
    version: str
    build: str
    subdir: str
    requirement: str
    kind: str
    timestamp: int | None


def list_channel(source: CondaSource, channel: Address, latest: int) -> tuple[str | Address, ...]:
    """The specs of the `latest` newest versions of every package of a channel that needs Python, sorted by name.

    Of several builds of a version one is taken: without a platform if there is one, else the first platform's.
    """
    with _Asking(source, channel) as (gateway, place, subdirs):
        answer = run(gateway.names([place], subdirs, channel_relations="disabled"))
        names = sorted({getattr(name, "normalized", str(name)) for name in _names_in(answer)})
        order = library().Version
        found: list[str | Address] = []
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            records = run(gateway.query([place], subdirs, part, recursive=False, channel_relations="disabled"))
            versions: dict[str, dict[str, Any]] = defaultdict(dict)
            for record in (one for group in records for one in group):
                if not _needs_python(record):
                    continue
                held = versions[record.name.normalized]
                known = held.get(str(record.version))
                if known is None or _rank(record) > _rank(known):
                    held[str(record.version)] = record
            for name in sorted(versions):
                newest = sorted(versions[name], key=order, reverse=True)[:latest]
                for version in reversed(newest):
                    record = versions[name][version]
                    found.append(spec_text(CondaSpec((channel,), name, f"=={version}", str(record.build))))
    return tuple(found)


def names_in_channel(source: CondaSource, channel: Address) -> frozenset[str]:
    """The names of all packages of a channel."""
    with _Asking(source, channel) as (gateway, place, subdirs):
        answer = run(gateway.names([place], subdirs, channel_relations="disabled"))
        return frozenset(getattr(name, "normalized", str(name)) for name in _names_in(answer))


def dependents_in_channel(source: CondaSource, channel: Address, name: str) -> tuple[ChannelDependent, ...]:
    """The records that depend on a package or constrain it, sorted."""
    with _Asking(source, channel) as (gateway, place, subdirs):
        answer = run(gateway.who_needs([place], subdirs, name))
        found = {
            ChannelDependent(
                name=one.record.name.normalized,
                version=str(one.record.version),
                build=str(one.record.build),
                subdir=str(one.record.subdir),
                requirement=str(one.dependency),
                kind=str(one.kind).rsplit(".", 1)[-1].lower(),
                timestamp=_timestamp(one.record),
            )
            for one in answer
        }
    return tuple(sorted(found, key=lambda d: (d.name, d.version, d.build, d.subdir, d.requirement)))


def _names_in(answer: Any) -> Iterable[Any]:
    names = getattr(answer, "names", answer)
    return names() if callable(names) else names  # type: ignore[no-any-return]


def _needs_python(record: Any) -> bool:
    return (record.noarch is not None and "python" in str(record.noarch).lower()) or any(
        str(text).split(" ", 1)[0] in ("python", "python_abi") for text in record.depends
    )


def _rank(record: Any) -> tuple[bool, int, str]:
    return str(record.subdir) == "noarch", record.build_number, str(record.build)


def _timestamp(record: Any) -> int | None:
    when = getattr(record, "timestamp", None)
    return int(when.timestamp() * 1000) if when is not None else None


class _Asking:
    """A gateway, the channel as it knows it, and the subdirs to ask; its errors as ours."""

    def __init__(self, source: CondaSource, channel: Address) -> None:
        self.source = source
        self.channel = channel
        self.remote = True

    def __enter__(self) -> tuple[Any, Any, list[str]]:
        rattler = library()
        place = place_of(self.channel)
        subdirs = list(COMMON_SUBDIRS)
        if place.startswith("file://"):
            self.remote = False
            folder = local_path(place)
            subdirs = list(_local_subdirs(folder, subdirs_of(rattler)))
            if not subdirs:
                reason = "has no repodata" if folder.is_dir() else "does not exist"
                raise UnknownNameError("*", (str(self.channel),), hint=f"The channel folder {folder} {reason}.")
        settings = self.source.settings
        action = "force-cache-only" if settings.offline and self.remote else "cache-or-fetch"
        gateway = rattler.Gateway(
            cache_dir=self.source.cache.root / "repodata",
            default_config=rattler.SourceConfig(cache_action=action),
            show_progress=False,
        )
        return gateway, rattler.Channel(place), subdirs

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, UnknownNameError):
            return
        shown = self.channel.public
        if self.source.settings.offline and self.remote:
            raise OfflineError(f"The list of packages of {shown}") from error
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise UnreachableError(shown, self.channel.scrub(reason)) from error


def _local_subdirs(folder: Path, known: Iterable[str]) -> Iterator[str]:
    return (subdir for subdir in known if has_repodata(folder / subdir))
