"""Rows into Parquet fragments, and fragments into fewer, sorted ones. Commits nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from tailrace.store.engine import Engine, literal, scratch_folder
from tailrace.store.manifest import Fragment, fragment_name
from tailrace.store.place import Place, sha256_of
from tailrace.store.rows import BUCKETS, TABLES, WORDS, Table, WordsRow

_PARQUET = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2"
# What a scan leaves is merged soon; what was merged stays, and is worth the time.
_FRESH, _MERGED = f"{_PARQUET}, COMPRESSION_LEVEL 6", f"{_PARQUET}, COMPRESSION_LEVEL 19"
# Of the table of identifiers, of which a question asks for a few hundred, spread over all.
_WORDS_GROUP = 16_384
#: Rows from which on a table is cut into the files of its partitions.
_LARGE = 300_000


def bucket_of(value: str) -> int:
    """The partition that rows with this value of the partition column are in: part of the format, never changed."""
    return hashlib.blake2b(value.encode("utf-8", "surrogateescape"), digest_size=2).digest()[0] % BUCKETS


def write_rows(
    engine: Engine, place: Place, table: Table, rows: Iterable[msgspec.Struct], extractor: int
) -> Fragment | None:
    """A fragment with these rows, sorted, each once; `None` where there are none."""
    with scratch_folder() as folder:
        lines = folder / "rows.ndjson"
        data = msgspec.json.Encoder().encode_lines(list(rows))
        if not data.strip():
            return None
        lines.write_bytes(data)
        source = (
            f"SELECT DISTINCT * FROM read_json({literal(str(lines))}, format='newline_delimited', "
            f"columns={_columns(table.columns)}, maximum_object_size=67108864)"
        )
        return _store(engine, place, table, source, folder, extractor=extractor)


def merge_rows(engine: Engine, place: Place, table: Table, fragments: Sequence[Fragment]) -> list[Fragment]:
    """The same rows, each once, sorted, in one fragment or in one for each group of partitions."""
    extractor = max(fragment.extractor for fragment in fragments)
    level = max(fragment.level for fragment in fragments) + 1
    total = sum(fragment.rows for fragment in fragments)
    paths = [str(place.local(fragment.name, fragment.sha256)) for fragment in fragments]
    groups: list[tuple[int, int]] = [(0, BUCKETS - 1)]
    low = min(fragment.buckets[0] for fragment in fragments)
    high = max(fragment.buckets[1] for fragment in fragments)
    if table.partition and total > _LARGE:
        count = min(high - low + 1, max(1, total // (_LARGE // 4)))
        edges = [low + (high - low + 1) * i // count for i in range(count + 1)]
        groups = [(start, end - 1) for start, end in pairwise(edges)]
    elif table.partition:
        groups = [(low, high)]
    source = f"SELECT DISTINCT * FROM ({select(table, paths)})"
    merged: list[Fragment] = []
    with scratch_folder() as folder:
        engine.spill_to(folder)
        if len(groups) > 1:
            values = engine.run(f"SELECT DISTINCT {_edge(table)} FROM ({select(table, paths)})")
            engine.run("CREATE OR REPLACE TEMP TABLE buckets_of (value VARCHAR, bucket INTEGER)")
            _fill_buckets(engine, [value for (value,) in values], folder)
        for start, end in groups:
            part = source
            if len(groups) > 1:
                part = (
                    f"SELECT t.* FROM ({source}) t JOIN buckets_of b ON {_edge(table)} = b.value "
                    f"WHERE b.bucket BETWEEN {start} AND {end}"
                )
            made = _store(engine, place, table, part, folder, extractor=extractor, buckets=(start, end), level=level)
            if made is not None:
                merged.append(made)
    return merged


def _fill_buckets(engine: Engine, values: list[object], folder: Path) -> None:
    lines = folder / "buckets.ndjson"
    encoder = msgspec.json.Encoder()
    lines.write_bytes(encoder.encode_lines([{"value": str(v), "bucket": bucket_of(str(v))} for v in values]))
    engine.run(
        f"INSERT INTO buckets_of SELECT * FROM read_json({literal(str(lines))}, format='newline_delimited', "
        "columns={'value': 'VARCHAR', 'bucket': 'INTEGER'})"
    )


def select(table: Table, paths: Sequence[str]) -> str:
    """SQL that reads a table from fragments, columns that some or all of them lack filled in."""
    columns = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in table.columns.items())
    nothing = f"SELECT {columns} WHERE false"
    if not paths:
        return nothing
    listed = ", ".join(literal(path) for path in paths)
    rows = f"SELECT * FROM read_parquet([{listed}], union_by_name=true)"
    return f"SELECT {_selected(table)} FROM ({nothing} UNION ALL BY NAME {rows})"


def _selected(table: Table) -> str:
    columns = []
    for name in table.columns:
        default = table.defaults.get(name)
        columns.append(f'"{name}"' if default is None else f'coalesce("{name}", {_sql(default)}) AS "{name}"')
    return ", ".join(columns)


def _sql(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "[]"
    return literal(str(value))


def _store(
    engine: Engine,
    place: Place,
    table: Table,
    source: str,
    folder: Path,
    *,
    extractor: int,
    buckets: tuple[int, int] = (0, BUCKETS - 1),
    level: int = 0,
) -> Fragment | None:
    file = folder / "fragment.parquet"
    options = f"{_MERGED if level else _FRESH}, ROW_GROUP_SIZE {table.group}"
    engine.run(f"COPY (SELECT * FROM ({source}) ORDER BY {table.order}) TO {literal(str(file))} ({options})")
    rows, first, last = engine.run(
        f"SELECT count(*), min({_edge(table)}), max({_edge(table)}) FROM read_parquet({literal(str(file))})"
    )[0]
    if not rows:
        return None
    return keep(
        place,
        table.name,
        file.read_bytes(),
        rows=rows,
        first=str(first),
        last=str(last),
        extractor=extractor,
        buckets=buckets,
        level=level,
    )


def _edge(table: Table) -> str:
    return f'"{table.partition}"' if table.partition else table.order.partition(",")[0]


def keep(
    place: Place,
    table: str,
    data: bytes,
    *,
    rows: int,
    extractor: int,
    first: str = "",
    last: str = "",
    buckets: tuple[int, int] = (0, BUCKETS - 1),
    level: int = 0,
) -> Fragment:
    """Puts the bytes of a fragment into the store, under a name made of their hash."""
    sha256 = sha256_of(data)
    name = fragment_name(table, sha256)
    place.create(name, data)
    return Fragment(
        table=table,
        name=name,
        sha256=sha256,
        size=len(data),
        rows=rows,
        buckets=buckets,
        first=first,
        last=last,
        level=level,
        extractor=extractor,
    )


def _columns(columns: dict[str, str]) -> str:
    return "{" + ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items()) + "}"


# -- identifiers -------------------------------------------------------------------------------------------------------

_WORD_COLUMNS = {"word": "VARCHAR", "files": "INTEGER[]", "keys": "BIGINT[]"}


def write_words(engine: Engine, place: Place, rows: Sequence[WordsRow], extractor: int) -> Fragment | None:
    """A fragment of posting lists: for each word the numbers of the files that hold it.

    The row with the empty word holds the files that the numbers stand for, from 0 on.
    """
    by_file = {row.file: row.words for row in rows}
    if not by_file:
        return None
    keys = list(by_file)
    postings: dict[str, list[int]] = {}
    for number, key in enumerate(keys):
        for word in by_file[key]:
            postings.setdefault(word, []).append(number)
    table: list[dict[str, object]] = [{"word": "", "files": [], "keys": keys}]
    table += [{"word": word, "files": postings[word], "keys": None} for word in sorted(postings)]
    with scratch_folder() as folder:
        lines, file = folder / "words.ndjson", folder / "words.parquet"
        lines.write_bytes(msgspec.json.Encoder().encode_lines(table))
        size = max(16 << 20, 32 * len(keys))
        engine.run(
            f"COPY (SELECT * FROM read_json({literal(str(lines))}, format='newline_delimited', "
            f"columns={_columns(_WORD_COLUMNS)}, maximum_object_size={size}) ORDER BY word) "
            f"TO {literal(str(file))} ({_FRESH}, ROW_GROUP_SIZE {_WORDS_GROUP})"
        )
        return keep(place, WORDS, file.read_bytes(), rows=len(table), extractor=extractor)


def merge_words(engine: Engine, place: Place, fragments: Sequence[Fragment]) -> list[Fragment]:
    """The posting lists of all fragments as one."""
    with scratch_folder() as folder:
        file = folder / "words.parquet"
        engine.spill_to(folder)
        paths = [str(place.local(fragment.name, fragment.sha256)) for fragment in fragments]
        keys = " UNION ALL ".join(
            f"SELECT {number} AS part, keys FROM read_parquet({literal(path)}) WHERE word = ''"
            for number, path in enumerate(paths)
        )
        words = " UNION ALL ".join(
            f"SELECT {number} AS part, word, files FROM read_parquet({literal(path)}) WHERE word <> ''"
            for number, path in enumerate(paths)
        )
        engine.run(
            "CREATE OR REPLACE TEMP TABLE numbered AS "
            f"SELECT part, unnest(range(len(keys))) AS place, unnest(keys) AS file FROM ({keys})"
        )
        engine.run(
            "CREATE OR REPLACE TEMP TABLE renumbered AS SELECT file, "
            "row_number() OVER (ORDER BY min(part), min(place)) - 1 AS number FROM numbered GROUP BY file"
        )
        engine.run(
            "COPY (SELECT '' AS word, CAST([] AS INTEGER[]) AS files, list(file ORDER BY number) AS keys "
            "FROM renumbered UNION ALL SELECT word, list(number ORDER BY number), NULL "
            "FROM (SELECT DISTINCT word, CAST(number AS INTEGER) AS number "
            f"FROM (SELECT part, word, unnest(files) AS place FROM ({words})) "
            "JOIN numbered USING (part, place) JOIN renumbered USING (file)) GROUP BY word ORDER BY word) "
            f"TO {literal(str(file))} ({_MERGED}, ROW_GROUP_SIZE {_WORDS_GROUP})"
        )
        rows = engine.run(f"SELECT count(*) FROM read_parquet({literal(str(file))})")[0][0]
        extractor = max(fragment.extractor for fragment in fragments)
        level = max(fragment.level for fragment in fragments) + 1
        return [keep(place, WORDS, file.read_bytes(), rows=rows, extractor=extractor, level=level)]


def tables() -> tuple[Table, ...]:
    """Every table of rows."""
    return tuple(TABLES.values())
