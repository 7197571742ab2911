"""A repodata.json (or .zst) in, its records one at a time, and the file with some replaced out.

Loses nothing it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Raw

from tailrace.conda.errors import RepodataError
from tailrace.conda.files import MAX_BYTES, read_bounded, write_atomically

Section = Literal["packages", "packages.conda"]
SECTIONS: tuple[Section, ...] = ("packages", "packages.conda")
_TOP = msgspec.json.Decoder(dict[str, Raw])
_RECORD = msgspec.json.Decoder(dict[str, Any])
_TEXTS = ("name", "version", "build")
_LISTS = ("depends", "constrains")


class Records(Mapping[str, dict[str, Any]]):
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
    packages: Records
    packages_conda: Records
    subdir: str | None = None
    removed: tuple[str, ...] = ()

    def section(self, name: Section) -> Records:
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
    conda = Records(path, "packages.conda", sections["packages.conda"])
    return Repodata(path, top, Records(path, "packages", sections["packages"]), conda, subdir, removed)


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
    sections: dict[str, Records] = {}
    for name in SECTIONS:
        records, gone, new = repodata.section(name), (removed or {}).get(name, frozenset()), changed.get(name, {})
        raw = {fn: old for fn, old in records.raw.items() if fn not in gone} if gone else dict(records.raw)
        for fn, record in new.items():
            if fn in raw:
                raw[fn] = Raw(msgspec.json.encode(record))
        sections[name] = Records(records.path, name, raw)
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


def _encode_section(records: Records) -> Iterator[bytes]:
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
