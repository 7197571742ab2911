"""Reads what each served form of the index of one subdir says. Compares nothing.

Forms: `repodata.json`, the same packed (`.zst`, `.bz2`), shards (CEP 16), and `current_repodata.json`, which holds the
newest records only. Hostile input: everything is bounded, and a form that cannot be read is a value with a reason.
"""

from __future__ import annotations

import bz2
import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin

import msgspec

from tailrace.channel.index_formats.places import LIMIT, IndexLocation, Web
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.files import UnpackError, unpack_zst
from tailrace.conda.repodata import SECTIONS

FormName = Literal["json", "zst", "bz2", "shards", "current"]
PATHS: Mapping[FormName, str] = {
    "json": "repodata.json",
    "zst": "repodata.json.zst",
    "bz2": "repodata.json.bz2",
    "shards": "repodata_shards.msgpack.zst",
    "current": "current_repodata.json",
}
SHARD_LIMIT = 64 << 20
Records = dict[str, dict[str, Any]]


class UnreadableForm(Exception):  # noqa: N818 - it is caught at once and becomes a value
    """Why the bytes of a form are no index."""


@dataclass(frozen=True, slots=True)
class Form:
    """What one form says. `problem`: it is there and cannot be read. `records`: by section and file name.

    `shards`: the hashes of a sharded index, hexadecimal, by package name. `beyond`: parts that no comparison looks at.
    `unread`: how many shards were left out.
    """

    name: FormName
    present: bool
    problem: str | None = None
    records: Mapping[str, Records] | None = None
    removed: frozenset[str] = frozenset()
    shards: Mapping[str, str] | None = None
    beyond: tuple[str, ...] = ()
    unread: int = 0

    @property
    def count(self) -> int:
        """How many records it has."""
        return sum(len(section) for section in (self.records or {}).values())


def read_form(place: IndexLocation, folder: str, name: FormName, only: frozenset[str] | None = None) -> Form:
    """One form of the index of one folder. Raises ChannelUnreadableError only when the place does not answer.

    `only`: of a sharded index, which is one download a name, no other names are read.
    """
    data = place.read(f"{folder}/{PATHS[name]}")
    if data is None:
        return Form(name, present=False)
    try:
        if name == "shards":
            return _read_shards(place, folder, data, only)
        if name == "zst":
            data = _unpack_zst(data, LIMIT)
        elif name == "bz2":
            data = _unpack_bz2(data)
        return _read_json(name, data)
    except UnreadableForm as error:
        return Form(name, present=True, problem=str(error))


def read_records(data: bytes) -> Mapping[str, Records] | None:
    """The records of plain repodata, `None` when it is none."""
    try:
        return _read_json("json", data).records
    except UnreadableForm:
        return None


def _unpack_zst(data: bytes, limit: int) -> bytes:
    try:
        return unpack_zst((data[start : start + 4096] for start in range(0, len(data), 4096)), limit, one_frame=True)
    except UnpackError as error:
        raise UnreadableForm(str(error)) from None


def _unpack_bz2(data: bytes) -> bytes:
    unpacker = bz2.BZ2Decompressor()
    try:
        found = unpacker.decompress(data, LIMIT + 1)
    except (OSError, ValueError) as error:
        raise UnreadableForm(f"is not bzip2 ({error})") from None
    if len(found) > LIMIT:
        raise UnreadableForm(f"is larger than {LIMIT >> 20} MB once unpacked")
    if not unpacker.eof:
        raise UnreadableForm("is cut short")
    return found


def _read_json(name: FormName, data: bytes) -> Form:
    try:
        top = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UnreadableForm(f"is half-written or not JSON ({error})") from None
    records, removed = _checked(top)
    beyond = tuple(key for key in ("v3",) if isinstance(top, dict) and any((top.get(key) or {}).values()))
    return Form(name, present=True, records=records, removed=removed, beyond=beyond)


def _checked(top: Any) -> tuple[dict[str, Records], frozenset[str]]:
    if not isinstance(top, dict) or not any(section in top for section in SECTIONS):
        raise UnreadableForm('has neither "packages" nor "packages.conda"')
    records: dict[str, Records] = {}
    for section in SECTIONS:
        found = top.get(section)
        found = {} if found is None else found
        if not isinstance(found, dict):
            raise UnreadableForm(f'has something other than records as its "{section}"')
        for file_name, record in found.items():
            if not isinstance(file_name, str) or not isinstance(record, dict):
                raise UnreadableForm(f"has something other than a record for {str(file_name)[:120]!r}")
        records[section] = found
    removed = top.get("removed")
    removed = [] if removed is None else removed
    if not isinstance(removed, list) or not all(isinstance(one, str) for one in removed):
        raise UnreadableForm('has something other than file names as its "removed"')
    if not isinstance(top.get("v3") or {}, dict):
        raise UnreadableForm('has something other than records as its "v3"')
    return records, frozenset(removed)


def _read_shards(place: IndexLocation, folder: str, data: bytes, only: frozenset[str] | None) -> Form:
    index = _unpacked(data, "the index of shards", LIMIT)
    names = index.get("shards") if isinstance(index, dict) else None
    info = index.get("info") if isinstance(index, dict) else None
    if not isinstance(names, dict) or not isinstance(info, dict):
        raise UnreadableForm('has no "info" or no "shards"')
    base = info.get("shards_base_url") or ""
    hashes: dict[str, str] = {}
    for name, value in names.items():
        if not isinstance(name, str) or not isinstance(value, bytes) or len(value) != 32 or not isinstance(base, str):
            raise UnreadableForm(f"names no hash for the shard {str(name)[:120]!r}")
        hashes[name] = value.hex()
    wanted = hashes if only is None else {name: value for name, value in hashes.items() if name in only}
    with ThreadPoolExecutor(8 if isinstance(place, Web) else 1) as pool:
        parts = list(
            pool.map(lambda one: _read_shard(place, _address(place, folder, base, one[1]), *one), wanted.items())
        )
    records: dict[str, Records] = {section: {} for section in SECTIONS}
    removed: set[str] = set()
    for found, gone in parts:
        removed |= gone
        for section in SECTIONS:
            records[section].update(found[section])
    return Form(
        "shards",
        present=True,
        records=records,
        removed=frozenset(removed),
        shards=hashes,
        unread=len(hashes) - len(wanted),
    )


def _address(place: IndexLocation, folder: str, base: str, hash_: str) -> str:
    """Where a shard is: relative to its subdir, which a folder is never left by."""
    file_name = f"{hash_}.msgpack.zst"
    if isinstance(place, Web):
        return urljoin(f"{place.url.rstrip('/')}/{folder}/", base.rstrip("/") + "/" * bool(base)) + file_name
    return f"{folder}/{base.removeprefix('./').strip('/')}/{file_name}" if base else f"{folder}/{file_name}"


def _read_shard(place: IndexLocation, path: str, name: str, hash_: str) -> tuple[dict[str, Records], frozenset[str]]:
    try:
        data = place.read(path)
    except ChannelUnreadableError as error:
        raise UnreadableForm(f"has a shard for {name!r} that {error.reason}") from None
    if data is None:
        raise UnreadableForm(f"names a shard for {name!r} that is not there")
    if hashlib.sha256(data).hexdigest() != hash_:
        raise UnreadableForm(f"has a shard for {name!r} whose content is not what its name says")
    shard = _unpacked(data, f"the shard for {name!r}", SHARD_LIMIT)
    if not isinstance(shard, dict):
        raise UnreadableForm(f"has a shard for {name!r} that is not a mapping")
    records, removed = _checked(
        {section: shard.get(section) for section in SECTIONS} | {"removed": shard.get("removed")}
    )
    for section in records.values():
        for record in section.values():
            for key in ("md5", "sha256"):
                if isinstance(record.get(key), bytes):
                    record[key] = record[key].hex()
    return records, removed


def _unpacked(data: bytes, what: str, limit: int) -> Any:
    try:
        return msgspec.msgpack.decode(_unpack_zst(data, limit))
    except UnreadableForm as error:
        raise UnreadableForm(f"cannot be read: {what} {error}") from None
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UnreadableForm(f"cannot be read: {what} is not msgpack ({error})") from None
