"""The store: open it, add what was scanned, merge, verify, collect, export. Asks no questions of the facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tailrace.store.engine import Engine, literal
from tailrace.store.errors import DamagedStoreError, NoStoreError, StoreError, StorePlaceError
from tailrace.store.fragments import (
    bucket_of,
    merge_rows,
    merge_words,
    select,
    write_rows,
    write_words,
)
from tailrace.store.manifest import FOLDER as GENERATIONS
from tailrace.store.manifest import FRAGMENTS, Fragment, Generation, commit, numbers, object_name, read_latest, unseal
from tailrace.store.place import FolderPlace, Place, open_place, sha256_of
from tailrace.store.rows import NOT_PYTHON, SCHEMA, TABLES, WORDS, FailureRow, Scanned

PENDING: Final = "pending"
#: Fragments of a table, as scans leave them, from which on they are merged.
_MANY = 6
#: Generations that are kept for readers that opened the store before the last commits.
KEPT_GENERATIONS: Final = 20
#: Seconds for which what no generation names is kept: a scan may be about to commit it.
MINIMUM_AGE: Final = 3600.0
# Bytes up to which a fragment is compared with its hash whenever it is read; `verify` compares the larger ones.
_HASHED_EACH_TIME = 32 << 20


class Problem(msgspec.Struct, frozen=True):
    """Something that is not as it was written."""

    name: str
    problem: str


class VerifiedStore(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found. `checked`: number of objects."""

    schema: str = "tailrace.store-verify/1"
    store: str
    generation: int
    checked: int
    problems: tuple[Problem, ...] = ()


class CollectedObjects(msgspec.Struct, frozen=True, kw_only=True):
    """What `gc` removed; with `dry_run`, what it would remove. `bytes`: their size."""

    schema: str = "tailrace.store-gc/1"
    store: str
    generations: int = 0
    fragments: int = 0
    pending: int = 0
    bytes: int = 0
    dry_run: bool = False


class TableInfo(msgspec.Struct, frozen=True):
    """Size of one table. `rows` counts what is stored; a row that two scans wrote counts twice until it is merged."""

    fragments: int
    rows: int
    bytes: int


class StoreInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a store holds. `content`: hash of the logical content, the same whatever the fragments are.

    `files_without_facts`: file contents that no parser reads, of those that Python could import.
    """

    schema: str = "tailrace.store-info/1"
    store: str
    generation: int
    version: int
    content: str
    bytes: int
    distributions: int
    artifacts: int
    files: int
    lines: int
    uses: int
    upstreams: int
    failures: int
    files_without_facts: int
    tables: dict[str, TableInfo]


class Snapshot:
    """The store as one generation describes it. Later commits change nothing of it."""

    def __init__(self, place: Place, generation: Generation) -> None:
        self.place = place
        self.generation = generation
        self._hashed: set[str] = set()

    def paths(self, table: str, values: Sequence[str] | None = None) -> list[str]:
        """Local files with the rows of a table; with `values`, only those that may hold one of these values of the
        partition column. Raises `DamagedStoreError` where one is missing or too short, or is small and was changed."""
        fragments = self.generation.of(table)
        if values is not None:
            wanted = [(bucket_of(value), value) for value in values]
            fragments = tuple(
                fragment
                for fragment in fragments
                if any(
                    fragment.buckets[0] <= bucket <= fragment.buckets[1] and fragment.first <= value <= fragment.last
                    for bucket, value in wanted
                )
            )
        return [self._path(fragment) for fragment in fragments]

    def _path(self, fragment: Fragment) -> str:
        path = self.place.local(fragment.name, fragment.sha256)
        try:
            size = path.stat().st_size
        except OSError:
            raise DamagedStoreError(self.place.shown, fragment.name, "is missing") from None
        if size != fragment.size:
            raise DamagedStoreError(self.place.shown, fragment.name, f"has {size} bytes instead of {fragment.size}")
        if size <= _HASHED_EACH_TIME and fragment.name not in self._hashed:
            if sha256_of(path.read_bytes()) != fragment.sha256:
                raise DamagedStoreError(
                    self.place.shown, fragment.name, "does not have the hash that the generation names"
                )
            self._hashed.add(fragment.name)
        return str(path)


class Store:
    """A store at a place. Opening reads the number of the latest generation, and nothing else."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def shown(self) -> str:
        """The place as a user knows it."""
        return self.place.shown

    def snapshot(self) -> Snapshot:
        """The latest generation. Raises `NoStoreError` where nothing was committed yet."""
        generation = read_latest(self.place)
        if generation is None:
            raise NoStoreError(self.shown)
        if generation.version < SCHEMA:
            generation = self.migrate()
        return Snapshot(self.place, generation)

    def migrate(self) -> Generation:
        """Brings a store of an older schema to this one: its rows get the columns that they lack, with the defaults.

        What was there stays until it is collected, so that an interruption costs nothing.
        """
        generation = read_latest(self.place) or Generation()
        for name, table in TABLES.items():
            older = tuple(fragment for fragment in generation.of(name) if fragment.schema < SCHEMA)
            if older:
                with Engine() as engine:
                    made = merge_rows(engine, self.place, table, older)
                generation = commit(
                    self.place,
                    lambda base, older=older, made=made: _replaced(base, older, made),  # type: ignore[misc]
                )
        return commit(
            self.place,
            lambda base: msgspec.structs.replace(base, version=SCHEMA) if base.version < SCHEMA else None,
        )

    def prepare(self) -> None:
        """Refuses a place that holds something else, and one that cannot be read; migrates a store of an older
        schema."""
        generation = read_latest(self.place)
        if generation is not None and generation.version < SCHEMA:
            self.migrate()
        if isinstance(self.place, FolderPlace) and self.place.root.is_dir():
            ours = {GENERATIONS, FRAGMENTS, PENDING}
            others = sorted(entry.name for entry in self.place.root.iterdir() if entry.name not in ours)
            others = [name for name in others if not name.startswith(".")]
            if others and not (self.place.root / GENERATIONS).is_dir():
                raise StorePlaceError(
                    f"{self.shown} is not a store, and not empty ({', '.join(others[:3])}).",
                    hint="Name an empty or a new folder with --store.",
                )

    # -- what a scan adds ----------------------------------------------------------------------------------------------

    def add(self, scanned: Sequence[Scanned], failures: Sequence[FailureRow] = (), *, extractor: int = 0) -> None:
        """Commits what was scanned. What the store has already changes nothing."""
        with Engine() as engine:
            rows: dict[str, list[msgspec.Struct]] = {
                "uses": [row for one in scanned for row in one.uses],
                "files": [row for one in scanned for row in one.files],
                "artifacts": [one.artifact for one in scanned],
                "contents": [row for one in scanned for row in one.contents],
                "requires": [row for one in scanned for row in one.requires],
                "failures": list(failures),
            }
            made = [
                fragment
                for name, table in TABLES.items()
                if (fragment := write_rows(engine, self.place, table, rows[name], extractor)) is not None
            ]
            words = write_words(engine, self.place, [row for one in scanned for row in one.words], extractor)
            made += [words] if words is not None else []
        if made or read_latest(self.place) is None:
            commit(self.place, lambda base: _with(base, made))

    def merge(self, *, everything: bool = False) -> None:
        """Merges and sorts fragments where a table has many. A merge that another writer was faster than is dropped."""
        generation = read_latest(self.place)
        if generation is None:
            return
        for name in (*TABLES, WORDS):
            chosen = _to_merge(generation.of(name), everything=everything)
            if len(chosen) > 1:
                with Engine() as engine:
                    if name == WORDS:
                        made = merge_words(engine, self.place, chosen)
                    else:
                        made = merge_rows(engine, self.place, TABLES[name], chosen)
                commit(self.place, lambda base, chosen=chosen, made=made: _replaced(base, chosen, made))  # type: ignore[misc]

    # -- care ----------------------------------------------------------------------------------------------------------

    def verify(self) -> VerifiedStore:
        """Reads every object that a kept generation names, and compares it with its hash."""
        latest = self.snapshot().generation
        problems: list[Problem] = []
        fragments: dict[str, Fragment] = {}
        checked = 0
        for number in numbers(self.place):
            name = object_name(number)
            data = self.place.read(name)
            if data is None:
                continue
            checked += 1
            try:
                fragments |= {fragment.name: fragment for fragment in unseal(data, self.shown, name).fragments}
            except DamagedStoreError as error:
                problems.append(Problem(name, error.problem))
        named = {fragment.name for fragment in latest.fragments}
        for name, fragment in sorted(fragments.items()):
            data = self.place.read(name)
            checked += 1
            if data is None:
                if name in named or read_latest(self.place) is None:
                    problems.append(Problem(name, "is missing"))
            elif sha256_of(data) != fragment.sha256:
                problems.append(Problem(name, "does not have the hash that the generation names"))
        return VerifiedStore(store=self.shown, generation=latest.number, checked=checked, problems=tuple(problems))

    def collect(
        self, *, keep_last: int = KEPT_GENERATIONS, minimum_age: float = MINIMUM_AGE, dry_run: bool = False
    ) -> CollectedObjects:
        """Removes what no kept generation names and what is older than `minimum_age` seconds by the store's clock."""
        snapshot = self.snapshot()
        kept = numbers(self.place)[-max(keep_last, 1) :]
        named: set[str] = set()
        for number in kept:
            data = self.place.read(object_name(number))
            if data is not None:
                # A generation that cannot be read names something unknown: nothing is removed then.
                named |= {fragment.name for fragment in unseal(data, self.shown, object_name(number)).fragments}
        now = self.place.now()
        removed = {GENERATIONS: 0, FRAGMENTS: 0, PENDING: 0}
        size = 0
        keeping = {object_name(number) for number in kept} | named
        for folder in removed:
            for one in self.place.list(folder):
                old = now - one.time >= minimum_age
                if one.name in keeping or not old or (folder == PENDING and not self._is_taken_in(one.name)):
                    continue
                removed[folder] += 1
                size += one.size
                if not dry_run:
                    self.place.delete(one.name)
        return CollectedObjects(
            store=snapshot.place.shown,
            generations=removed[GENERATIONS],
            fragments=removed[FRAGMENTS],
            pending=removed[PENDING],
            bytes=size,
            dry_run=dry_run,
        )

    def _is_taken_in(self, name: str) -> bool:
        """Whether what a worker wrote is in the store; what is not, the next scan takes in."""
        waiting = read_pending(self.place, name)
        if waiting is None:
            return True
        from tailrace.store.ask import known_keys

        _, artifacts, _ = known_keys(self.snapshot(), waiting.artifact.extractor)
        return waiting.artifact.artifact in artifacts

    def export(self, folder: Path) -> list[Path]:
        """Writes each table as one Parquet file that any tool reads; identifiers as pairs of word and file."""
        snapshot = self.snapshot()
        written: list[Path] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} could not be made: {error.strerror or error}.") from error
        with Engine() as engine:
            sources = {
                name: f"SELECT DISTINCT * FROM ({select(table, snapshot.paths(name))}) ORDER BY {table.order}"
                for name, table in TABLES.items()
            }
            for name, source in (sources | {WORDS: f"{words_source(snapshot)} ORDER BY word, file"}).items():
                part, path = folder / f".{name}.parquet.part", folder / f"{name}.parquet"
                try:
                    engine.run(f"COPY ({source}) TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)")
                    part.replace(path)
                finally:
                    part.unlink(missing_ok=True)
                written.append(path)
        return written

    def info(self) -> StoreInfo:
        """What the store holds, counted, with the hash of its logical content."""
        snapshot = self.snapshot()
        generation = snapshot.generation
        with Engine() as engine:
            parts = []
            for name, table in TABLES.items():
                if name != "failures":
                    columns = ", ".join(f'"{column}"' for column in table.identity)
                    source = f"SELECT DISTINCT {columns} FROM ({select(table, snapshot.paths(name))})"
                    parts.append(f"{name}:{_fingerprint(engine, source)}")
            parts.append(f"{WORDS}:{_fingerprint(engine, words_source(snapshot))}")
            content = hashlib.sha256("\n".join(parts).encode()).hexdigest()
            sources = {name: select(table, snapshot.paths(name)) for name, table in TABLES.items()}
            files = f"(SELECT DISTINCT * FROM ({sources['files']}))"
            uses = f"(SELECT DISTINCT * FROM ({sources['uses']}))"
            counts = engine.run(
                f"SELECT (SELECT count(DISTINCT name) FROM ({sources['artifacts']})), "
                f"(SELECT count(DISTINCT artifact) FROM ({sources['artifacts']})), "
                f"(SELECT count(*) FROM {files}), (SELECT coalesce(sum(lines), 0) FROM {files}), "
                f"(SELECT count(*) FROM {uses}), "
                f"(SELECT count(DISTINCT top) FROM {uses} WHERE top NOT LIKE '$%' AND top <> '.'), "
                f"(SELECT count(DISTINCT spec) FROM ({sources['failures']})), "
                f"(SELECT count(*) FROM {files} WHERE problem NOT IN ('', {literal(NOT_PYTHON)}))"
            )[0]
        return StoreInfo(
            store=self.shown,
            generation=generation.number,
            version=SCHEMA,
            content=content,
            bytes=sum(fragment.size for fragment in generation.fragments),
            distributions=counts[0],
            artifacts=counts[1],
            files=counts[2],
            lines=int(counts[3]),
            uses=counts[4],
            upstreams=counts[5],
            failures=counts[6],
            files_without_facts=counts[7],
            tables={
                name: TableInfo(
                    len(generation.of(name)),
                    sum(fragment.rows for fragment in generation.of(name)),
                    sum(fragment.size for fragment in generation.of(name)),
                )
                for name in (*TABLES, WORDS)
            },
        )


def open_store(text: str | None, cache_dir: Path | None = None) -> Store:
    """The store that a user names, else the one in the user's data folder."""
    return Store(open_place(text, cache_dir))


def write_pending(place: Place, key: str, scanned: Scanned) -> str:
    """Keeps what one artifact gives until a commit takes it in; the name of the object."""
    name = f"{PENDING}/{key}.msgpack"
    body = msgspec.msgpack.encode(scanned)
    place.create(name, bytes.fromhex(sha256_of(body)) + body)
    return name


def read_pending(place: Place, name: str) -> Scanned | None:
    """What was kept; `None` where it is gone or damaged, or another version wrote it."""
    data = place.read(name)
    if data is None or sha256_of(data[32:]) != data[:32].hex():
        return None
    try:
        found = msgspec.msgpack.decode(data[32:], type=Scanned)
    except (msgspec.MsgspecError, ValueError):
        return None
    return found if found.schema == SCHEMA else None


def words_source(snapshot: Snapshot) -> str:
    """SQL for the pairs of word and file."""
    parts = [
        "SELECT w.word AS word, k.keys[w.place + 1] AS file FROM "
        f"(SELECT word, unnest(files) AS place FROM read_parquet({literal(path)}) WHERE word <> '') w, "
        f"(SELECT keys FROM read_parquet({literal(path)}) WHERE word = '') k"
        for path in snapshot.paths(WORDS)
    ]
    if not parts:
        return "SELECT CAST(NULL AS VARCHAR) AS word, CAST(NULL AS BIGINT) AS file WHERE false"
    return f"SELECT DISTINCT word, file FROM ({' UNION ALL '.join(parts)})"


def _fingerprint(engine: Engine, source: str) -> str:
    """A text that depends on the set of rows and on nothing else."""
    count, low, high = engine.run(
        "SELECT count(*), bit_xor(md5_number_lower(t)), bit_xor(md5_number_upper(t)) "
        f"FROM (SELECT CAST(to_json(r) AS VARCHAR) AS t FROM ({source}) r)"
    )[0]
    return f"{count}:{low or 0:x}:{high or 0:x}"


def _with(base: Generation, made: Sequence[Fragment]) -> Generation | None:
    known = {fragment.name for fragment in base.fragments}
    fresh = tuple(fragment for fragment in made if fragment.name not in known)
    if not fresh and base.number:
        return None
    return msgspec.structs.replace(base, fragments=(*base.fragments, *fresh))


def _replaced(base: Generation, chosen: Sequence[Fragment], made: Sequence[Fragment]) -> Generation | None:
    names = {fragment.name for fragment in chosen}
    left = tuple(fragment for fragment in base.fragments if fragment.name not in names)
    if len(left) != len(base.fragments) - len(names):
        return None
    kept = {fragment.name for fragment in left}
    return msgspec.structs.replace(base, fragments=(*left, *(f for f in made if f.name not in kept)))


def _to_merge(fragments: Sequence[Fragment], *, everything: bool) -> tuple[Fragment, ...]:
    """The fragments of a table that are worth merging: small ones, and large ones that are not much larger."""
    if everything:
        return tuple(fragments) if any(fragment.level == 0 for fragment in fragments) or len(fragments) > 1 else ()
    fresh = [fragment for fragment in fragments if fragment.level == 0]
    if len(fresh) < _MANY:
        return ()
    rows = sum(fragment.rows for fragment in fresh)
    merged = [fragment for fragment in fragments if fragment.level > 0]
    several = len({fragment.level for fragment in merged}) > _MANY
    if several or sum(fragment.rows for fragment in merged) <= 4 * rows:
        return tuple(fragments)
    return tuple(fresh)


def iterate_failures(snapshot: Snapshot) -> Iterator[FailureRow]:
    """The specs that could not be scanned, with their reasons, sorted."""
    with Engine() as engine:
        source = select(TABLES["failures"], snapshot.paths("failures"))
        for row in engine.run(f"SELECT DISTINCT spec, stage, reason, time FROM ({source}) ORDER BY ALL"):
            yield FailureRow(*row)


__all__ = [
    "CollectedObjects",
    "Problem",
    "Snapshot",
    "Store",
    "StoreInfo",
    "TableInfo",
    "VerifiedStore",
    "open_store",
    "read_pending",
    "write_pending",
]
