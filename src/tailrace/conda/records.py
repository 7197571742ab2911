"""The frozen records of a channel.

A record is one package file as the channel's `repodata.json` describes it (CEP 36). A channel is read once (see
`repodata` and `loading`); everything after works on values, so a hotfix can be tried, or a past day looked at, without
touching the channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec


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
