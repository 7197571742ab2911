"""Finds records kept outside of a channel that differ from the channel's. Reads folders; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace.conda.errors import PrefixError
from tailrace.conda.records import Channel, Record

#: Larger than any real `repodata_record.json`.
LIMIT = 16 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A record and the file it stands in. `url`: the package's own address, where it is told."""

    record: Record
    path: Path
    url: str = ""


class _Entry(Record, frozen=True, kw_only=True, eq=False):
    url: str = ""
    fn: str = ""


_DECODER = msgspec.json.Decoder(_Entry, strict=False)


class Expected:
    """The records of channels as they should be, to be found by file."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._by_file: dict[tuple[str, str], list[tuple[Channel, Record]]] = {}
        for channel in channels:
            for record in channel.records():
                # An installer may have the .conda of what another one knows as .tar.bz2: the build is the same.
                self._by_file.setdefault((record.subdir, _stem(record)), []).append((channel, record))

    def of(self, record: Record, url: str = "") -> Record | None:
        """The channel's record of the same file; of several channels the one the URL, or else the name, points at."""
        found = self._by_file.get((record.subdir, _stem(record)))
        if not found and record.subdir:
            return None
        if not found:
            found = [one for (_, stem), group in self._by_file.items() if stem == _stem(record) for one in group]
        if not found:
            return None
        for channel, one in found:
            if url and url.startswith(f"{channel.url.rstrip('/')}/"):
                return one
        for channel, one in found:
            if record.channel and channel.name == record.channel:
                return one
        return found[0][1]


def _stem(record: Record) -> str:
    return f"{record.name}-{record.version}-{record.build}"


def compare_records(old: Record, new: Record) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """`(what the old record lacks, what it has instead)` of dependencies and constraints, `None` when they agree."""
    lacks, has = [], []
    for name in ("depends", "constrains"):
        before, after = set(getattr(old, name)), set(getattr(new, name))
        mark = "" if name == "depends" else "constrains "
        lacks += [f"{mark}{text}" for text in sorted(after - before)]
        has += [f"{mark}{text}" for text in sorted(before - after)]
    return (tuple(lacks), tuple(has)) if lacks or has else None


def read_cache(folder: Path) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """The records beside unpacked packages in a package cache, and what could not be read. Raises PrefixError."""
    if not folder.is_dir():
        raise PrefixError(f"{folder} is not a package cache: there is no such folder.")
    found: list[Kept] = []
    unreadable: list[str] = []
    try:
        places = sorted(path / "info" / "repodata_record.json" for path in folder.iterdir())
    except OSError as error:
        raise PrefixError(f"{folder} cannot be listed ({error.strerror}).") from None
    for path in places:
        try:
            if not path.is_file():
                continue
            if path.stat().st_size > LIMIT:
                unreadable.append(f"{path}: larger than {LIMIT >> 20} MB")
                continue
            entry = _DECODER.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            unreadable.append(f"{path}: {error}")
            continue
        fields = {name: getattr(entry, name) for name in Record.__struct_fields__}
        fields["file_name"] = entry.fn or f"{path.parent.parent.name}.conda"
        fields["channel"] = _channel(entry)
        found.append(Kept(Record(**fields), path, entry.url))
    return tuple(found), tuple(unreadable)


def _channel(entry: _Entry) -> str:
    base = entry.url.rsplit("/", 2)[0] if entry.url.count("/") > 3 else entry.channel.rstrip("/")
    return base.removesuffix(f"/{entry.subdir}").rsplit("/", 1)[-1] if entry.subdir else base.rsplit("/", 1)[-1]


def plain_record(fields: Mapping[str, object]) -> Iterator[Record]:
    """A record of an index that was read as plain mappings; nothing for one that is none."""
    try:
        yield msgspec.convert(fields, Record, strict=False)
    except (msgspec.ValidationError, TypeError):
        return
