"""The rows of the store's tables, and what each table is sorted by. Plain data.

A row of facts is a function of the content of one file: a file is known by `file`, 63 bits of the hash of its content
and of the extractor's version, so that the same file in many releases is kept once. Relative imports stay relative
(`.utils.helper`), since only the artifact says which module the file is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final, Literal, get_type_hints

import msgspec

#: Version of the tables. A column that is added later gets a default, which older fragments are read with.
SCHEMA: Final = 1
#: The problem of a file that is kept for its words only: a template, a configuration file.
NOT_PYTHON: Final = "not Python"
#: The longest path that is kept whole, in characters.
LONGEST: Final = 400
#: Stands in the place of what was cut off a path, before a hash of the whole.
CUT: Final = "\u2026#"


def shorten(text: str) -> str:
    """A text as it is kept. One that is longer than `LONGEST` ends in `CUT` and a hash of all of it, so that two
    different texts stay different."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return f"{text[: LONGEST - len(CUT) - len(digest)]}{CUT}{digest}"


Kind = Literal[
    "import", "from-import", "attribute", "call", "store", "string", "subclass", "override", "super", "command"
]
Guard = Literal["", "try", "except", "type-checking", "hasattr", "version", "platform", "default"]


class UseRow(msgspec.Struct, frozen=True, gc=False):
    """One use in one file.

    `top`: the first part of `path`; `.` for a relative path, `$PROGRAM` for a command line. `path`: the dotted path;
    `()` stands for the result of a call. `inside`: the function or class around it, dotted, without the module.
    `in_function`: it runs when the function is called, not when the module is imported. `guard`: what stands around it;
    `condition`: the text of a test of version, platform or attribute. `positional`, `keywords`, `star`, `double_star`:
    the arguments of a call. `bound`: the name of the module that this import alone binds, under no test; else empty.

    A text longer than `LONGEST` is cut (see `shorten`).
    """

    file: int
    top: str
    path: str
    kind: str
    line: int
    column: int
    inside: str = ""
    in_function: bool = False
    guard: str = ""
    condition: str = ""
    positional: int = 0
    keywords: tuple[str, ...] = ()
    star: bool = False
    double_star: bool = False
    bound: str = ""


class FileRow(msgspec.Struct, frozen=True, gc=False):
    """One file content that was read. `problem`: why it gave no facts, else empty."""

    file: int
    size: int
    lines: int
    problem: str = ""


class WordsRow(msgspec.Struct, frozen=True, gc=False):
    """The identifiers in one file. Stored the other way round: for each word the files."""

    file: int
    words: tuple[str, ...]


class ArtifactRow(msgspec.Struct, frozen=True):
    """One release that was scanned.

    `artifact`: hash of name, version, metadata and files. `uploaded`: ms since epoch UTC, 0 where it is not known.
    `requires`: requirement lines as written. `entry_points`: `group:name=target`. `unreadable`: files that could not be
    read, with the reason. `opaque`: number of files that hold Python in a form that is not read.
    """

    artifact: int
    name: str
    version: str
    spec: str
    kind: str
    filename: str
    sha256: str
    requires_python: str
    uploaded: int
    import_names: tuple[str, ...]
    requires: tuple[str, ...]
    entry_points: tuple[str, ...]
    unreadable: tuple[str, ...]
    opaque: int
    files: int
    extractor: int


class ContentRow(msgspec.Struct, frozen=True):
    """One file of an artifact: its path, the module it is (empty for none), and the content."""

    artifact: int
    path: str
    module: str
    file: int


class RequireRow(msgspec.Struct, frozen=True):
    """One requirement of an artifact. `name`: the distribution, normalised; `source`: where it is said."""

    name: str
    artifact: int
    text: str
    source: str = "Requires-Dist"


class FailureRow(msgspec.Struct, frozen=True):
    """A spec that could not be scanned, and why. `stage`: what was being done."""

    spec: str
    stage: str
    reason: str
    time: int = 0


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one artifact adds to the store: what a worker writes and a commit takes in."""

    schema: int = SCHEMA
    artifact: ArtifactRow
    contents: tuple[ContentRow, ...] = ()
    requires: tuple[RequireRow, ...] = ()
    files: tuple[FileRow, ...] = ()
    uses: tuple[UseRow, ...] = ()
    words: tuple[WordsRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the struct of its rows, the columns it is sorted by, and the column that it is partitioned by.

    `identity`: the columns that the logical content of the store consists of. `group`: rows of a row group; a question
    reads only those whose smallest and largest values leave room for what it asks for.
    """

    name: str
    row: type[msgspec.Struct]
    order: str
    partition: str = ""
    left_out: tuple[str, ...] = ()
    group: int = 122_880

    @property
    def columns(self) -> dict[str, str]:
        """Column → type in DuckDB."""
        hints = get_type_hints(self.row)
        return {name: _TYPES[hints[name]] for name in self.row.__struct_fields__}

    @property
    def defaults(self) -> dict[str, object]:
        """Column → what stands for it in fragments that were written before it was added."""
        fields = msgspec.structs.fields(self.row)
        return {f.name: f.default for f in fields if f.default is not msgspec.NODEFAULT}

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that make a row what it is."""
        return tuple(name for name in self.row.__struct_fields__ if name not in self.left_out)


_TYPES: dict[Any, str] = {int: "BIGINT", str: "VARCHAR", bool: "BOOLEAN", tuple[str, ...]: "VARCHAR[]"}

TABLES: Final = {
    table.name: table
    for table in (
        Table("uses", UseRow, 'top, path, kind, file, line, "column"', partition="top"),
        Table("files", FileRow, "file"),
        Table("artifacts", ArtifactRow, "name, version, artifact", left_out=("spec", "uploaded"), group=2048),
        # A question is about the files of a few releases. Finding the releases of some files reads one column of all
        # rows, whatever they are sorted by: a file is known by a hash.
        Table("contents", ContentRow, "artifact, path, file", group=8192),
        Table("requires", RequireRow, "name, artifact, text"),
        Table("failures", FailureRow, "spec, stage, reason, time"),
    )
}
#: The identifiers: a table of its own kind (see `words.py`).
WORDS: Final = "words"
BUCKETS: Final = 64
