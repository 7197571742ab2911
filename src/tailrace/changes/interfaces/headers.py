"""The C headers that a release ships for those who compile against it: which there are, and what they declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file

HEADERS = (".h", ".hh", ".hpp", ".hxx")
_MOST, _LARGEST = 200, 1_000_000  # headers that are read of a release, bytes of each
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_FUNCTION = re.compile(r"\b([A-Za-z_]\w{3,})\s*\(")
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w{3,})", re.MULTILINE)
_TYPE = re.compile(r"\b(?:struct|enum|union|class)\s+([A-Za-z_]\w{3,})|[}\w*][ \t]*\b([A-Za-z_]\w{3,})[ \t]*;")
_CONSTANT = re.compile(r"^[ \t]*([A-Z][A-Z0-9_]{3,})[ \t]*(?:=[^,\n]{0,80})?,?[ \t]*$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w{3,}")


class Declared(NamedTuple):
    """What headers declare: functions and macros that are called, names of types, constants and members, and every word
    that stands in them."""

    called: frozenset[str]
    named: frozenset[str]
    words: frozenset[str]


def headers_of(artifact: Artifact) -> tuple[str, ...]:
    """The headers among the files of a release."""
    return tuple(f for f in artifact.other_files if f.lower().endswith(HEADERS) and not is_test_file(f))


def included(headers: Iterable[str], name: str) -> bool:
    """Whether `#include <name>` means one of the headers."""
    return any(header == name or header.endswith(f"/{name}") for header in headers)


def beside(headers: Iterable[str], name: str) -> bool:
    """Whether `#include <folder/name>` means a header that would lie in a folder with one of the headers."""
    folder = name.rpartition("/")[0]
    return bool(folder) and any(f"/{header}".rpartition("/")[0].endswith(f"/{folder}") for header in headers)


def declared_in(artifact: Artifact) -> Declared:
    """What the headers of a release declare."""
    called: set[str] = set()
    named: set[str] = set()
    words: set[str] = set()
    for text in read_sources(artifact, headers_of(artifact)):
        called |= {*_FUNCTION.findall(text), *_MACRO.findall(text)}
        named |= declared_names(text)
        words.update(_WORD.findall(text))
    return Declared(frozenset(called), frozenset(named), frozenset(words))


def declared_names(text: str) -> set[str]:
    """Functions that have a body or a prototype are not told from calls; types, members, macros and constants."""
    found = {one or other for one, other in _TYPE.findall(text)}
    return found | {*_MACRO.findall(text), *_CONSTANT.findall(text)}


def read_sources(artifact: Artifact, files: Iterable[str]) -> Iterator[str]:
    """The texts of some files of a release, without comments and in the order given; what cannot be read is empty."""
    from tailrace.artifacts import ArtifactError, read_member

    for file in list(files)[:_MOST]:
        try:
            data = read_member(artifact, file)
        except (ArtifactError, OSError):
            data = b""
        yield without_comments(data[:_LARGEST].decode("utf-8", "replace"))


def without_comments(text: str) -> str:
    """The text with its lines where they were."""
    return _COMMENT.sub(lambda match: re.sub(r"[^\n]", "", match[0]) or " ", text)
