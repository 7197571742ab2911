"""Repodata bytes in, frozen records of a channel out. Never downloads, never writes.

A record is one package file as the channel's `repodata.json` describes it (CEP 36). A channel is read once;
everything after works on values, so a hotfix can be tried, or a past day looked at, without touching the channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from tailrace.channels.errors import ChannelUnreadableError

#: The most that is read of one repodata file, unpacked (the largest real one is about 400 MB).
LIMIT = 2 << 30


#: The index as the packages say, before hotfixes.
UNPATCHED = ("repodata_from_packages.json", "repodata_from_packages.json.zst")


class Record(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """One package file. `timestamp`, `indexed_timestamp`: milliseconds since the epoch, UTC; `None` when the channel
    does not say.

    `file_name`, `channel` and `subdir` are filled in by the reader (the file's own `subdir` is not trusted).
    """

    name: str
    version: str
    build: str
    build_number: int = 0
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    track_features: str | tuple[str, ...] | None = None
    features: str | None = None
    noarch: str | bool | None = None
    timestamp: int | float | None = None
    indexed_timestamp: int | float | None = None
    file_name: str = ""
    channel: str = ""
    subdir: str = ""

    @property
    def appeared(self) -> int | None:
        """When a client could first see it: `indexed_timestamp` (set by the server, CEP 47), else `timestamp` (set
        by the builder).
        """
        moment = self.indexed_timestamp if self.indexed_timestamp is not None else self.timestamp
        return None if moment is None else milliseconds(moment)

    @property
    def tracked(self) -> tuple[str, ...]:
        """Names in `track_features`, which clients use to push a build back."""
        value = self.track_features
        if not value:
            return ()
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @property
    def label(self) -> str:
        """`channel::name-version-build`, the channel by its last path part."""
        return f"{self.channel}::{self.name}-{self.version}-{self.build}"


def milliseconds(moment: float) -> int:
    """A repodata timestamp in ms since the epoch: old records are in seconds (as conda reads them: before the year
    9999 in seconds).
    """
    return int(moment * 1000) if moment <= 253402300799 else int(moment)


class _Repodata(msgspec.Struct):
    packages: dict[str, Record] = {}
    packages_conda: dict[str, Record] = msgspec.field(default_factory=dict, name="packages.conda")
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subdir:
    """The records of one subdir of one channel, in the file's order; a `.tar.bz2` with a `.conda` twin is left out,
    as clients do.
    """

    name: str
    records: tuple[Record, ...]


@dataclass(frozen=True, eq=False)
class Channel:
    """A channel as read: `name` is the last part of its path, `url` its base without a slash at the end."""

    name: str
    url: str
    subdirs: tuple[Subdir, ...] = ()
    _index: dict[str, Mapping[str, tuple[Record, ...]]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _by_subdir(self) -> Mapping[str, Subdir]:
        return {subdir.name: subdir for subdir in self.subdirs}

    def of(self, subdir: str) -> Mapping[str, tuple[Record, ...]]:
        """The records of one subdir by package name; empty when the channel has no such subdir."""
        known = self._index.get(subdir)
        if known is None:
            groups: dict[str, list[Record]] = {}
            found = self._by_subdir.get(subdir)
            for record in found.records if found else ():
                groups.setdefault(record.name, []).append(record)
            known = self._index.setdefault(subdir, {name: tuple(group) for name, group in groups.items()})
        return known

    def records(self) -> Iterable[Record]:
        """Every record of every subdir."""
        for subdir in self.subdirs:
            yield from subdir.records

    def replacing(self, changed: Mapping[tuple[str, str], Mapping[str, Any]]) -> Channel:
        """The same channel with fields of some records replaced, keyed by `(subdir, file name)`: a hotfix tried in
        memory.
        """
        return Channel(
            self.name,
            self.url,
            tuple(
                Subdir(
                    subdir.name,
                    tuple(
                        msgspec.structs.replace(record, **changed[key])
                        if (key := (subdir.name, record.file_name)) in changed
                        else record
                        for record in subdir.records
                    ),
                )
                for subdir in self.subdirs
            ),
        )


def decode_repodata(data: bytes, *, channel: str, subdir: str, place: str) -> Subdir:
    """The records of one `repodata.json`. Raises ChannelUnreadableError, naming the place, for half-written or
    misshapen JSON.
    """
    try:
        found = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ChannelUnreadableError(
            channel, f"{place} is not repodata ({error})", hint="Is it being written?"
        ) from None
    twins = {name.removesuffix(".conda") for name in found.packages_conda}
    return Subdir(
        subdir,
        tuple(
            _placed(record, file_name, channel, subdir)
            for group, legacy in ((found.packages, True), (found.packages_conda, False))
            for file_name, record in group.items()
            if not (legacy and file_name.removesuffix(".tar.bz2") in twins)
        ),
    )


_DECODER = msgspec.json.Decoder(_Repodata, strict=False)


def _placed(record: Record, file_name: str, channel: str, subdir: str) -> Record:
    # The decoder has just made this value and nobody else has seen it: filling it in place spares a second copy
    # of 100,000 records.
    msgspec.structs.force_setattr(record, "file_name", file_name)
    msgspec.structs.force_setattr(record, "channel", channel)
    msgspec.structs.force_setattr(record, "subdir", subdir)
    return record


def channel_from_packages(name: str, subdirs: Mapping[str, Mapping[str, Any]], url: str | None = None) -> Channel:
    """A channel from `packages` mappings (file name → record) that are already at hand, by subdir."""
    return Channel(
        name,
        url or f"file:///{name}",
        tuple(
            decode_repodata(msgspec.json.encode({"packages": packages}), channel=name, subdir=subdir, place=subdir)
            for subdir, packages in sorted(subdirs.items())
        ),
    )


def load_directory(
    folder: Path,
    subdirs: Iterable[str] | None = None,
    *,
    name: str | None = None,
    url: str | None = None,
    unpatched: bool = False,
) -> Channel:
    """A channel from a folder: `SUBDIR/repodata.json` or `SUBDIR/repodata.json.zst`. `noarch` always belongs to it.

    `name` and `url`: what clients call the channel where that is not the folder's own. `unpatched`: without hotfixes,
    from `repodata_from_packages.json`, where there is one.
    """
    shown = name or folder.resolve().name
    if not folder.is_dir():
        raise ChannelUnreadableError(str(folder), "there is no such folder")
    wanted = sorted({*subdirs, "noarch"}) if subdirs is not None else sorted(_subdirs_in(folder))
    read = tuple(
        decode_repodata(_bytes(path, shown), channel=shown, subdir=subdir, place=f"{subdir}/{path.name}")
        for subdir in wanted
        if (path := _repodata_path(folder / subdir, UNPATCHED if unpatched else ())) is not None
    )
    if not read:
        raise ChannelUnreadableError(
            str(folder), "it has no repodata.json for " + (", ".join(wanted) or "any platform")
        )
    return Channel(shown, url or folder.resolve().as_uri(), read)


def _subdirs_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir() and _repodata_path(path) is not None}


def _repodata_path(folder: Path, first: Iterable[str] = ()) -> Path | None:
    for file_name in (*first, "repodata.json", "repodata.json.zst"):
        if (folder / file_name).is_file():
            return folder / file_name
    return None


def _bytes(path: Path, channel: str) -> bytes:
    try:
        if path.suffix == ".zst":
            import zstandard

            with path.open("rb") as packed:
                data = zstandard.ZstdDecompressor().stream_reader(packed).read(LIMIT + 1)
        else:
            with path.open("rb") as plain:
                data = plain.read(LIMIT + 1)
    except (OSError, ValueError, MemoryError) as error:
        raise ChannelUnreadableError(channel, f"{path.name} cannot be read ({error})") from None
    except Exception as error:  # zstandard's own error class is only known once it is imported
        raise ChannelUnreadableError(channel, f"{path.name} cannot be unpacked ({error})") from None
    if len(data) > LIMIT:
        raise ChannelUnreadableError(channel, f"{path.name} is larger than {LIMIT >> 20} MB")
    return data
