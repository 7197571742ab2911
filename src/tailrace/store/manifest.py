"""Numbered generations: which fragments a store consists of, committed by creating the next number. Reads no fragment.

A generation is a JSON object that names every fragment with its hash. It is never changed. To commit is to create the
object of the next number: where another writer was faster the name is taken, and the commit is made anew on top of
what that writer committed.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import Final

import msgspec

from tailrace.store.errors import DamagedStoreError, NewerStoreError, StoreWriteError
from tailrace.store.place import Place, sha256_of
from tailrace.store.rows import BUCKETS, SCHEMA

FOLDER: Final = "generations"
FRAGMENTS: Final = "fragments"
_FRAGMENT = re.compile(r"fragments/[A-Za-z0-9][A-Za-z0-9._-]{0,200}\Z")
_ATTEMPTS = 200


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """One immutable file of rows.

    `buckets`: the partitions that it may hold rows of, first and last. `first`, `last`: the smallest and largest value
    of the partition column. `level`: 0 as a scan left it, higher after merging.
    """

    table: str
    name: str
    sha256: str
    size: int
    rows: int
    buckets: tuple[int, int] = (0, BUCKETS - 1)
    first: str = ""
    last: str = ""
    level: int = 0
    schema: int = SCHEMA
    extractor: int = 0


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """What a store consists of. `number`: 1 for the first. `buckets`: number of partitions, by a hash of our own."""

    schema: str = "tailrace.store-generation/1"
    version: int = SCHEMA
    number: int = 0
    buckets: int = BUCKETS
    fragments: tuple[Fragment, ...] = ()

    def of(self, table: str) -> tuple[Fragment, ...]:
        """The fragments of one table."""
        return tuple(fragment for fragment in self.fragments if fragment.table == table)


class _Sealed(msgspec.Struct, frozen=True):
    """A generation with the hash of its own text."""

    generation: msgspec.Raw
    sha256: str


def seal(generation: Generation) -> bytes:
    """The object of a generation."""
    body = msgspec.json.encode(generation)
    return msgspec.json.encode(_Sealed(msgspec.Raw(body), sha256_of(body))) + b"\n"


def unseal(data: bytes, place: str, name: str) -> Generation:
    """The generation in an object. Raises `DamagedStoreError` and `NewerStoreError`."""
    try:
        sealed = msgspec.json.decode(data, type=_Sealed)
        body = bytes(sealed.generation)
        if sha256_of(body) != sealed.sha256:
            raise DamagedStoreError(place, name, "does not have the hash that it names")
        version = msgspec.json.decode(body, type=_Version).version
        if version > SCHEMA:
            raise NewerStoreError(place, version, SCHEMA)
        generation = msgspec.json.decode(body, type=Generation)
        for fragment in generation.fragments:
            # A name is a path below the store: one that is made of anything else may lead out of it.
            if not _FRAGMENT.match(fragment.name):
                raise DamagedStoreError(place, name, f"names {fragment.name!r}, which is not a part of a store")
        return generation
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedStoreError(place, name, f"cannot be read ({error})") from None


def fragment_name(table: str, sha256: str) -> str:
    """The name of a fragment's object: a table, and the hash of the bytes."""
    return f"{FRAGMENTS}/{table}-{sha256[:32]}.parquet"


class _Version(msgspec.Struct):
    version: int


def object_name(number: int) -> str:
    """The name of a generation's object."""
    return f"{FOLDER}/{number:08d}.json"


def numbers(place: Place) -> list[int]:
    """The numbers of the generations that are kept, ascending."""
    found = []
    for kept in place.list(FOLDER):
        stem = kept.name.removeprefix(f"{FOLDER}/").removesuffix(".json")
        if stem.isdigit() and kept.name == object_name(int(stem)):
            found.append(int(stem))
    return sorted(found)


def read_latest(place: Place) -> Generation | None:
    """The generation with the highest number, `None` where there is no store."""
    for _ in range(_ATTEMPTS):
        known = numbers(place)
        if not known:
            return None
        data = place.read(object_name(known[-1]))
        if data is not None:  # else collected between listing and reading: a later one is there
            return unseal(data, place.shown, object_name(known[-1]))
    return None


def commit(place: Place, change: Callable[[Generation], Generation | None]) -> Generation:
    """Makes the next generation. `change` is given the latest one and returns what is to follow it, or `None` where
    nothing is to change; it is asked again whenever another writer was faster."""
    for attempt in range(_ATTEMPTS):
        base = read_latest(place) or Generation()
        following = change(base)
        if following is None:
            return base
        following = msgspec.structs.replace(following, number=base.number + 1)
        if place.create(object_name(following.number), seal(following)):
            return following
        time.sleep(min(0.5, 0.005 * 2 ** min(attempt, 6)) * random.random())  # noqa: S311 - spreads writers apart
    raise StoreWriteError(place.shown, f"another writer was faster {_ATTEMPTS} times")
