"""Turn the path and bytes of a file into the facts in it. Each module with a `KIND` reads one kind of file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath
from pkgutil import iter_modules
from types import MappingProxyType

from tailrace.lint.facts import Document
from tailrace.lint.files.interface import FileKind
from tailrace.lint.source import MAX_BYTES, read_source

_SMITHY = re.compile(r"generated\s+(?:automatically\s+)?(?:from|by)\s+conda[- ]smithy", re.IGNORECASE)
_HEAD = 2000


@cache
def file_kinds() -> Mapping[str, FileKind]:
    """Every kind by its id, in the order in which they are asked."""
    found: list[FileKind] = []
    for module in iter_modules(__path__):
        kind = getattr(import_module(f"{__name__}.{module.name}"), "KIND", ())
        found += (kind,) if isinstance(kind, FileKind) else kind
    return MappingProxyType({kind.id: kind for kind in sorted(found, key=lambda kind: (kind.rank, kind.id))})


def may_matter(path: str) -> bool:
    """Whether a file of this name can be of a kind that is read; its text decides."""
    pure = PurePosixPath(path)
    return any(kind.matches(pure) for kind in file_kinds().values())


def max_bytes(path: str) -> int:
    """How many bytes of a file of this name are read at most."""
    pure = PurePosixPath(path)
    return max((kind.max_bytes for kind in file_kinds().values() if kind.matches(pure)), default=MAX_BYTES)


def read_file(path: str, data: bytes, *, kind: str | None = None) -> Document | None:
    """The facts of the file, `None` where it is of no kind that is read. Raises `UnreadableFileError`.

    `kind`: the id of the kind, for a file that another file refers to and whose name says nothing.
    """
    document = _read(path, data, kind)
    if document and (_SMITHY.search(document.source.text[:_HEAD]) or ".ci_support/" in path):
        return replace(document, generated=True)
    return document


def _read(path: str, data: bytes, named: str | None) -> Document | None:
    if named is not None:
        kind = file_kinds()[named]
        return kind.read(read_source(path, data, kind.max_bytes))
    pure = PurePosixPath(path)
    for kind in file_kinds().values():
        if kind.matches(pure) and kind.mentions(pure, data):
            document = kind.read(read_source(path, data, kind.max_bytes))
            if document is not None:
                return document
    return None


__all__ = ["FileKind", "file_kinds", "max_bytes", "may_matter", "read_file"]
