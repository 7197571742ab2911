"""DuckDB: connections and named queries. The only module that imports it."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailrace.store.errors import ScratchError, StoreError

if TYPE_CHECKING:
    import duckdb

# The places of parameters: all rows of fragments, what a value is one of, and any other.
_PLACES = re.compile(r"read_parquet\(\$(\w+), union_by_name = true\)|IN \(SELECT unnest\(\$(\w+)\)\)|\$(\w+)")
# Up to so many values are written as constants.
_CONSTANTS = 300
# What DuckDB says where a file could not be written, and the name of the file in it.
_NOT_WRITTEN = ("No space left on device", "Disk quota exceeded", "Read-only file system", "Could not write")
_QUOTED = re.compile(r'"([^"]+)"')
_QUERIES = Path(__file__).parent / "queries"
# A question is asked of immutable local files: nothing is fetched, no other database is opened.
_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 2,
}


class QueryError(StoreError):
    """DuckDB refused a query. `name`: of the query."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"the store could not be asked ({name}): {problem.splitlines()[0][:300]}",
            hint="`tailrace store verify` says whether it is damaged.",
        )
        self.name = name


class Engine:
    """One connection. `scratch`: where what does not fit into memory goes."""

    def __init__(self, *, scratch: Path | None = None, memory: str | None = None) -> None:
        import duckdb

        config = dict(_CONFIG)
        if scratch is not None:
            config["temp_directory"] = str(scratch)
        if memory is not None:
            config["memory_limit"] = memory
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(config=config)
        self._connection.execute("SET enable_progress_bar = false")  # it would go to stdout, among the report

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def spill_to(self, folder: Path) -> None:
        """What does not fit into memory goes there: DuckDB would take the folder that the user is in."""
        self.run(f"SET temp_directory = {literal(str(folder / 'spilled'))}")

    def ask(self, name: str, /, **parameters: object) -> list[tuple[Any, ...]]:
        """The rows that the named query gives. Raises `QueryError`.

        `fragments` may be a mapping of top-level names to the fragments with their rows. Each name is then asked for by
        itself, since DuckDB leaves out row groups by a comparison with one value, and not by one with several.
        """
        return self.run(query(name), name, **parameters)

    def run(self, text: str, name: str = "query", /, **parameters: object) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; `name` stands for it in errors."""
        text, rest = _with_lists(text, parameters)
        with translated(name):
            result = self._connection.execute(text, rest or None)
            return result.fetchall() if result.description else []


def _of_each(fragments: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for top, paths in fragments.items():
        listed = ", ".join(map(literal, paths))
        yield f"SELECT * FROM read_parquet([{listed}], union_by_name = true) WHERE top = {literal(top)}"


def _with_lists(text: str, parameters: dict[str, object]) -> tuple[str, dict[str, object]]:
    """The statement with its lists written out, and the other parameters.

    DuckDB looks for numpy and others anew for each value that it is given, which takes most of the time of a question
    with thousands of words. A few values become the constants of `IN (…)`: with these, and not with a list, DuckDB
    leaves out the row groups whose smallest and largest value say that they hold none.
    """
    rest: dict[str, object] = {}
    listed: dict[str, str] = {}
    constants: dict[str, str] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            listed[name] = f"({' UNION ALL BY NAME '.join(_of_each(value))})"
        elif not isinstance(value, list) or any(isinstance(one, str) and "\0" in one for one in value):
            rest[name] = value
        else:
            kind = "BIGINT" if value and isinstance(value[0], int) else "VARCHAR"
            written = ", ".join(literal(one) if isinstance(one, str) else str(int(one)) for one in value)
            listed[name] = f"CAST([{written}] AS {kind}[])"
            if value and len(value) <= _CONSTANTS:
                constants[name] = f"IN ({written})"

    def put(match: re.Match[str]) -> str:
        fragments, inside, name = match.groups()
        if fragments is not None and not isinstance(parameters[fragments], Mapping):
            return match[0].replace(f"${fragments}", listed[fragments]) if fragments in listed else match[0]
        if inside is not None:
            return constants.get(inside) or (f"IN (SELECT unnest({listed[inside]}))" if inside in listed else match[0])
        return listed.get(fragments or name, match[0])

    return _PLACES.sub(put, text), rest  # in one pass: what is put in is not looked at again


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for temporary files, removed at the end. Raises `ScratchError` where it is full or cannot be made."""
    try:
        with tempfile.TemporaryDirectory(prefix="tailrace-") as folder:
            yield Path(folder)
    except OSError as error:
        raise ScratchError(tempfile.gettempdir(), error.strerror or str(error)) from error


@lru_cache
def query(name: str) -> str:
    """The text of `queries/NAME.sql`."""
    return (_QUERIES / f"{name}.sql").read_text("utf-8")


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Errors of DuckDB as errors of a store."""
    import duckdb

    try:
        yield
    except duckdb.IOException as error:
        said = str(error)
        reason = next((reason for reason in _NOT_WRITTEN if reason in said), None)
        if reason is not None:
            file = _QUOTED.search(said)
            raise ScratchError(file[1] if file is not None else tempfile.gettempdir(), reason) from None
        raise QueryError(name, str(error)) from None
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        raise QueryError(name, str(error)) from None
    except RuntimeError as error:  # DuckDB puts this in the place of what a signal raised
        if "interrupted" not in str(error).lower():
            raise
        raise KeyboardInterrupt from None


def literal(text: str) -> str:
    """A string as SQL text. For paths of our own, where a statement takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
