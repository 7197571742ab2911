"""The one codec of `repodata.json`.

Two readers: `decode_subdir` gives the frozen records that everything else works on, and refuses a misshapen record
alone; `decode_repodata` loses nothing, decodes a record when it is asked for it, and can be written back with some
records replaced. `encode_index` writes an index of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Raw

from tailrace.conda.errors import ChannelUnreadableError, RepodataError
from tailrace.conda.files import MAX_BYTES, read_bounded, write_atomically
from tailrace.conda.records import Channel, Record, Refused, Subdir

Section = Literal["packages", "packages.conda"]
SECTIONS: tuple[Section, ...] = ("packages", "packages.conda")
OLD_ENDING = ".tar.bz2"
NEW_ENDING = ".conda"
_TOP = msgspec.json.Decoder(dict[str, Raw])
_RECORD = msgspec.json.Decoder(dict[str, Any])
_TEXTS = ("name", "version", "build")
_LISTS = ("depends", "constrains")


def section_of(file_name: str) -> Section:
    """The part of an index that a package file belongs to."""
    return "packages.conda" if file_name.endswith(NEW_ENDING) else "packages"


def as_conda_file(file_name: str) -> str:
    """The name of the `.conda` of the same build as a `.tar.bz2`; any other name as it is."""
    return file_name.removesuffix(OLD_ENDING) + NEW_ENDING if file_name.endswith(OLD_ENDING) else file_name


class RawRecords(Mapping[str, dict[str, Any]]):
    """File name → record of one section.

    A record is decoded and checked anew each time it is asked for, so that a large index stays small.
    """

    def __init__(self, path: str, section: str, raw: dict[str, Raw]) -> None:
        self.path = path
        self.section = section
        self.raw = raw

    def __getitem__(self, fn: str) -> dict[str, Any]:
        return self._decode(fn, self.raw[fn])

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __contains__(self, fn: object) -> bool:
        return fn in self.raw

    def _decode(self, fn: str, raw: Raw) -> dict[str, Any]:
        try:
            record = _RECORD.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            raise self._wrong(fn, "is not a mapping of fields") from None
        for name in _TEXTS:
            if type(record.get(name)) is not str:
                raise self._wrong(fn, f'needs text as its "{name}"')
        for name in _LISTS:
            entries = record.get(name, ())
            if entries and not (type(entries) is list and all(type(entry) is str for entry in entries)):
                raise self._wrong(fn, f'needs a list of texts as its "{name}"')
        return record

    def _wrong(self, fn: str, what: str) -> RepodataError:
        return RepodataError(self.path, f'the record "{fn[:200]}" in "{self.section}" {what}.')


@dataclass(frozen=True, slots=True)
class Repodata:
    """One index.

    `top` holds every top-level key in the file's order as undecoded JSON; `packages` and `packages_conda` the two
    file types.
    """

    path: str
    top: Mapping[str, Raw]
    packages: RawRecords
    packages_conda: RawRecords
    subdir: str | None = None
    removed: tuple[str, ...] = ()

    def section(self, name: Section) -> RawRecords:
        """The records of one file type."""
        return self.packages if name == "packages" else self.packages_conda

    def __len__(self) -> int:
        return len(self.packages) + len(self.packages_conda)


def read_repodata(path: Path, *, max_bytes: int = MAX_BYTES) -> Repodata:
    """Reads the file; `.zst` is recognised by its content.

    Raises `RepodataError` in one sentence for whatever is wrong with it.
    """
    return decode_repodata(read_bounded(path, max_bytes), str(path))


def decode_repodata(data: bytes, path: str = "<repodata>") -> Repodata:
    """The index in these bytes. The records themselves are checked when they are asked for."""
    try:
        top = _TOP.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        reason = "is empty" if not data.strip() else f"is cut short or not repodata ({error})"
        raise RepodataError(path, f"{reason}.", hint="Fetch it again.") from None
    if not any(name in top for name in SECTIONS):
        raise RepodataError(path, 'has neither "packages" nor "packages.conda", so it is not repodata.')
    sections = {
        name: _part(path, top, name, dict[str, Raw], "a mapping of file names to records") or {} for name in SECTIONS
    }
    info = _part(path, top, "info", dict[str, Any], "a mapping") or {}
    subdir = info.get("subdir")
    if subdir is not None and type(subdir) is not str:
        raise RepodataError(path, '"info" needs text as its "subdir".')
    removed = _part(path, top, "removed", tuple[str, ...], "a list of file names") or ()
    conda = RawRecords(path, "packages.conda", sections["packages.conda"])
    return Repodata(path, top, RawRecords(path, "packages", sections["packages"]), conda, subdir, removed)


def _part(path: str, top: Mapping[str, Raw], name: str, kind: Any, what: str) -> Any:
    if name not in top:
        return None
    try:
        return msgspec.json.decode(top[name], type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise RepodataError(path, f'"{name}" must be {what}.') from None


def with_records(
    repodata: Repodata,
    changed: Mapping[Section, Mapping[str, Mapping[str, Any]]],
    removed: Mapping[Section, frozenset[str]] | None = None,
    removed_names: tuple[str, ...] | None = None,
) -> Repodata:
    """The index with some records replaced (those it has, in their places) and some taken out.

    `removed_names` is the new `removed` list.
    """
    sections: dict[str, RawRecords] = {}
    for name in SECTIONS:
        records, gone, new = repodata.section(name), (removed or {}).get(name, frozenset()), changed.get(name, {})
        raw = {fn: old for fn, old in records.raw.items() if fn not in gone} if gone else dict(records.raw)
        for fn, record in new.items():
            if fn in raw:
                raw[fn] = Raw(msgspec.json.encode(record))
        sections[name] = RawRecords(records.path, name, raw)
    top = dict(repodata.top)
    if removed_names is not None and (removed_names or "removed" in top):
        top["removed"] = Raw(msgspec.json.encode(removed_names))
    names = repodata.removed if removed_names is None else removed_names
    return replace(
        repodata, top=top, packages=sections["packages"], packages_conda=sections["packages.conda"], removed=names
    )


def encode_repodata(repodata: Repodata) -> Iterator[bytes]:
    """The file in pieces: same keys, same order; records that were not replaced byte for byte as they were."""
    opening = b"{"
    for name, raw in repodata.top.items():
        yield opening + msgspec.json.encode(name) + b":"
        opening = b","
        if name in SECTIONS:
            yield from _encode_section(repodata.packages if name == "packages" else repodata.packages_conda)
        else:
            yield bytes(raw)
    yield b"}\n"


def _encode_section(records: RawRecords) -> Iterator[bytes]:
    pieces: list[bytes] = [b"{"]
    comma = b""
    for fn, raw in records.raw.items():
        pieces += (comma, msgspec.json.encode(fn), b":", bytes(raw))
        comma = b","
        if len(pieces) >= 4096:
            yield b"".join(pieces)
            pieces.clear()
    pieces.append(b"}")
    yield b"".join(pieces)


def write_repodata(repodata: Repodata, path: Path) -> None:
    """Writes the file at once or not at all; compressed when the name ends in `.zst`. Raises `RepodataError`."""
    write_atomically(path, encode_repodata(repodata))


def encode_index(subdir: str, records: Mapping[str, Raw | Mapping[str, Any]]) -> bytes:
    """A `repodata.json` of these records, by file name."""
    sections: dict[str, dict[str, Raw | Mapping[str, Any]]] = {name: {} for name in SECTIONS}
    for file_name, record in records.items():
        sections[section_of(file_name)][file_name] = record
    top: dict[str, Any] = {"info": {"subdir": subdir}, **sections, "removed": [], "repodata_version": 1}
    return msgspec.json.encode(top)


class _Revision3(msgspec.Struct):
    legacy: dict[str, Record] = msgspec.field(default_factory=dict, name="tar.bz2")
    conda: dict[str, Record] = {}


class _TypedIndex(msgspec.Struct):
    packages: dict[str, Record] = {}
    packages_conda: dict[str, Record] = msgspec.field(default_factory=dict, name="packages.conda")
    removed: tuple[str, ...] = ()
    v3: _Revision3 = msgspec.field(default_factory=_Revision3)


_Raw = dict[str, msgspec.Raw]


class _RawRevision3(msgspec.Struct):
    legacy: _Raw = msgspec.field(default_factory=dict, name="tar.bz2")
    conda: _Raw = {}


class _RawIndex(msgspec.Struct):
    """The same with every record unread, for an index in which one of them is misshapen."""

    packages: _Raw = {}
    packages_conda: _Raw = msgspec.field(default_factory=dict, name="packages.conda")
    removed: msgspec.Raw = msgspec.Raw(b"[]")
    v3: msgspec.Raw = msgspec.Raw(b"{}")


def decode_subdir(data: bytes, *, channel: str, subdir: str, place: str) -> Subdir:
    """The records of one `repodata.json`. Raises ChannelUnreadableError, naming the place, for half-written or
    misshapen JSON. A misshapen record is refused alone, unless no other is left.
    """
    refused: list[Refused] = []
    try:
        found = _TYPED_INDEX.decode(data)
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


_TYPED_INDEX = msgspec.json.Decoder(_TypedIndex, strict=False)
_TYPED_RECORD = msgspec.json.Decoder(Record, strict=False)


def _unreadable(channel: str, place: str, error: Exception) -> ChannelUnreadableError:
    return ChannelUnreadableError(channel, f"{place} is not repodata ({error})", hint="Is it being written?")


def _tolerant(data: bytes, channel: str, place: str, refused: list[Refused]) -> _TypedIndex:
    """The index with each record read by itself; those that cannot be read are added to `refused`."""
    try:
        raw = msgspec.json.decode(data, type=_RawIndex)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(channel, place, error) from None
    found = _TypedIndex(packages=_each(raw.packages, refused), packages_conda=_each(raw.packages_conda, refused))
    try:
        removed = msgspec.json.decode(raw.removed, type=list[Any])
        found.removed = tuple(name for name in removed if isinstance(name, str))
        if len(found.removed) < len(removed):
            refused.append(Refused("removed", "an entry is not a file name"))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        refused.append(Refused("removed", str(error)))
    try:
        v3 = msgspec.json.decode(raw.v3, type=_RawRevision3)
        found.v3 = _Revision3(legacy=_each(v3.legacy, refused), conda=_each(v3.conda, refused))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        refused.append(Refused("v3", str(error)))
    return found


def _each(group: _Raw, refused: list[Refused]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for file_name, text in group.items():
        try:
            records[file_name] = _TYPED_RECORD.decode(text)
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
            decode_subdir(msgspec.json.encode({"packages": packages}), channel=name, subdir=subdir, place=subdir)
            for subdir, packages in sorted(subdirs.items())
        ),
    )
