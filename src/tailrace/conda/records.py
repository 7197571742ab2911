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

from tailrace.conda.errors import ChannelUnreadableError

#: The most that is read of one repodata file, unpacked (the largest real one is about 400 MB).
LIMIT = 2 << 30


#: The index as the packages say, before hotfixes.
UNPATCHED = ("repodata_from_packages.json", "repodata_from_packages.json.zst")


class Record(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """One package file. `timestamp`, `indexed_timestamp`: milliseconds since the epoch, UTC; `None` when the channel
    does not say.

    `file_name`, `channel`, `subdir`, `removed` and `revision` are filled in by the reader (what the file says of them
    is not trusted). `removed`: the index lists the file under `removed` and still describes it. `revision`: 3 for a
    record below `v3` (CEP 48), else 1.
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
    removed: bool = False
    revision: int = 1

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


class _Revision3(msgspec.Struct):
    legacy: dict[str, Record] = msgspec.field(default_factory=dict, name="tar.bz2")
    conda: dict[str, Record] = {}


class _Repodata(msgspec.Struct):
    packages: dict[str, Record] = {}
    packages_conda: dict[str, Record] = msgspec.field(default_factory=dict, name="packages.conda")
    removed: tuple[str, ...] = ()
    v3: _Revision3 = msgspec.field(default_factory=_Revision3)


_Raw = dict[str, msgspec.Raw]


class _RawRevision3(msgspec.Struct):
    legacy: _Raw = msgspec.field(default_factory=dict, name="tar.bz2")
    conda: _Raw = {}


class _RawRepodata(msgspec.Struct):
    """The same with every record unread, for an index in which one of them is misshapen."""

    packages: _Raw = {}
    packages_conda: _Raw = msgspec.field(default_factory=dict, name="packages.conda")
    removed: msgspec.Raw = msgspec.Raw(b"[]")
    v3: msgspec.Raw = msgspec.Raw(b"{}")


@dataclass(frozen=True, slots=True)
class Refused:
    """One entry of an index that cannot be read. `file_name`: as the index has it; `reason`: one line."""

    file_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Subdir:
    """The records of one subdir of one channel, in the file's order; a `.tar.bz2` with a `.conda` twin is left out,
    as clients do. `refused`: entries that are misshapen, and so not among the records.
    """

    name: str
    records: tuple[Record, ...]
    refused: tuple[Refused, ...] = ()


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

    @cached_property
    def is_plain(self) -> bool:
        """Whether every client sees the same records: none is removed and still described, none is of revision 3."""
        return not any(record.removed or record.revision > 1 for record in self.records())

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
                    subdir.refused,
                )
                for subdir in self.subdirs
            ),
        )


def decode_repodata(data: bytes, *, channel: str, subdir: str, place: str) -> Subdir:
    """The records of one `repodata.json`. Raises ChannelUnreadableError, naming the place, for half-written or
    misshapen JSON. A misshapen record is refused alone, unless no other is left.
    """
    refused: list[Refused] = []
    try:
        found = _DECODER.decode(data)
    except msgspec.ValidationError:
        found = _tolerant(data, channel, place, refused)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(channel, place, error) from None
    empty = not (found.packages or found.packages_conda or found.v3.conda or found.v3.legacy)
    if refused and empty:
        raise _unreadable(channel, place, ValueError(f"{refused[0].file_name}: {refused[0].reason}"))
    removed = frozenset(found.removed)
    twins = {name.removesuffix(".conda") for name in found.packages_conda}
    records = [
        _placed(record, file_name, channel, subdir, file_name in removed)
        for group, legacy in ((found.packages, True), (found.packages_conda, False))
        for file_name, record in group.items()
        if not (legacy and file_name.removesuffix(".tar.bz2") in twins)
    ]
    if found.v3.conda or found.v3.legacy:
        records += _third_revision(found.v3, channel, subdir, removed)
    return Subdir(subdir, tuple(records), tuple(refused))


_DECODER = msgspec.json.Decoder(_Repodata, strict=False)
_RECORD = msgspec.json.Decoder(Record, strict=False)


def _unreadable(channel: str, place: str, error: Exception) -> ChannelUnreadableError:
    return ChannelUnreadableError(channel, f"{place} is not repodata ({error})", hint="Is it being written?")


def _tolerant(data: bytes, channel: str, place: str, refused: list[Refused]) -> _Repodata:
    """The index with each record read by itself; those that cannot be read are added to `refused`."""
    try:
        raw = msgspec.json.decode(data, type=_RawRepodata)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(channel, place, error) from None
    found = _Repodata(packages=_each(raw.packages, refused), packages_conda=_each(raw.packages_conda, refused))
    try:
        removed = msgspec.json.decode(raw.removed, type=list[Any])
        found.removed = tuple(name for name in removed if isinstance(name, str))
        if len(found.removed) < len(removed):
            refused.append(Refused("removed", "an entry is not a file name"))
    except msgspec.DecodeError as error:
        refused.append(Refused("removed", str(error)))
    try:
        v3 = msgspec.json.decode(raw.v3, type=_RawRevision3)
        found.v3 = _Revision3(legacy=_each(v3.legacy, refused), conda=_each(v3.conda, refused))
    except msgspec.DecodeError as error:
        refused.append(Refused("v3", str(error)))
    return found


def _each(group: _Raw, refused: list[Refused]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for file_name, text in group.items():
        try:
            records[file_name] = _RECORD.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            refused.append(Refused(file_name, str(error)))
    return records


def _third_revision(found: _Revision3, channel: str, subdir: str, removed: frozenset[str]) -> Iterable[Record]:
    """The records below `v3` (CEP 48), whose keys are file names without their ending. Wheels are left out: they are
    no conda packages.
    """
    for group, ending in ((found.legacy, ".tar.bz2"), (found.conda, ".conda")):
        for stem, record in group.items():
            if ending == ".conda" or stem not in found.conda:
                file_name = stem if stem.endswith(ending) else f"{stem}{ending}"
                yield _placed(record, file_name, channel, subdir, not removed.isdisjoint((file_name, stem)), 3)


def _placed(
    record: Record, file_name: str, channel: str, subdir: str, removed: bool = False, revision: int = 1
) -> Record:
    # The decoder has just made this value and nobody else has seen it: filling it in place spares a second copy
    # of 100,000 records.
    msgspec.structs.force_setattr(record, "file_name", file_name)
    msgspec.structs.force_setattr(record, "channel", channel)
    msgspec.structs.force_setattr(record, "subdir", subdir)
    msgspec.structs.force_setattr(record, "removed", removed)
    msgspec.structs.force_setattr(record, "revision", revision)
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


#: `(name, version, build)`.
VirtualPackage = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Installed:
    """One package of an existing environment, as its `conda-meta` file describes it (which may be older than the
    channel's record).
    """

    record: Record
    channel_url: str
    requested: str | None = None
