"""Parses Python source of any version. Bad source is a result, not an exception."""

from __future__ import annotations

import ast
import codecs
import gc
import io
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tailrace.python.dialects import parse_any
from tailrace.python.loaders import WORDS, rename_loaders
from tailrace.python.spelled import holds_containers, puts_together, spell_out

# A tree takes about 200 times the source. Above this it would be gigabytes, and generated tables of that size hold no
# API worth the price.
MAX_SOURCE_BYTES = 8_000_000

_IDENTIFIER = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*")
# Encodings in which a name may be spelled with other bytes than in UTF-8 or ASCII.
_ODD_ENCODING = re.compile(rb"coding[:=][ \t]*(?!utf-?8|latin-?1|iso-?8859|ascii|us-ascii|cp125)[-\w.]", re.IGNORECASE)
# Decoded piece by piece, which takes time that grows with the square of the length; no source is written in them.
_SLOW_ENCODINGS = frozenset({"idna", "punycode"})
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_PYTHON2_FIXERS = ("print", "except", "raise", "exec", "repr", "ne", "numliterals", "tuple_params", "throw")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A syntax tree with its text. `python2`: the text had to be read as Python 2 (line numbers are those of the
    original)."""

    tree: ast.Module
    text: str
    python2: bool = False


def decode_source(source: bytes) -> str:
    """Text of a source file: PEP 263 encoding if it can be had, else Latin-1, which never fails."""
    text = _decode(source)
    return (source.decode("latin-1") if text is None else text).replace("\r\n", "\n").replace("\r", "\n")


def _decode(source: bytes) -> str | None:
    """The text in the encoding that the source names; `None` where it cannot be had."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        name = codecs.lookup(encoding).name
        if name in _SLOW_ENCODINGS:
            return None
        if name == "rot-13":  # which Python 2 reads
            return codecs.decode(source.decode("latin-1"), "rot13")
        return source.decode(encoding)
    except (SyntaxError, ValueError, LookupError):
        return None


def is_unreadable(source: bytes) -> bool:
    """Whether a source names an encoding that cannot be had, and is not Python as it stands: nothing is known of it."""
    if not _ODD_ENCODING.search(b"\n".join(source[:1000].split(b"\n", 2)[:2])) or _decode(source) is not None:
        return False
    return parse_python(source) is None


def identifiers(source: bytes) -> frozenset[bytes]:
    """Every word in a source that may be an identifier, in UTF-8: as it stands, and as Python reads it.

    Python takes compatibility characters for the plain ones (NFKC), and some encodings spell ASCII otherwise.
    """
    found = _IDENTIFIER.findall(source)
    if b"\0" in source:
        found += _IDENTIFIER.findall(source.replace(b"\0", b""))  # UTF-16, or a file that no Python reads
    if not source.isascii() or _ODD_ENCODING.search(source[:1000]):
        text = decode_source(source)
        if not unicodedata.is_normalized("NFKC", text) or _ODD_ENCODING.search(source[:1000]):
            found += _IDENTIFIER.findall(unicodedata.normalize("NFKC", text).encode("utf-8", "replace"))
    return frozenset(found)


def parse_python(source: bytes) -> Parsed | None:
    """Parse as the running Python does, else as newer ones or Python 2 do; `None` when none reads it (too large, too
    deep, not Python)."""
    if len(source) > MAX_SOURCE_BYTES:
        return None
    text = decode_source(source)
    tree = _parse(text)
    if tree is not None:
        return Parsed(tree, text)
    if len(source) > 1_000_000:
        return None
    found = parse_any(text, _parse)
    if found is not None:
        return Parsed(found[0], text, python2=found[1])
    converted = _from_python2(text)
    if converted is None:
        return None
    tree = _parse(converted)
    return None if tree is None else Parsed(tree, text, python2=True)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Hold the cyclic collector back: a tree has no cycles, but its many nodes set it off again and again.

    That is half the time of reading a large package.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _parse(text: str) -> ast.Module | None:
    with warnings.catch_warnings(), without_collecting():
        warnings.simplefilter("ignore")  # invalid escapes in the scanned file are not our user's concern
        try:
            tree = ast.parse(text)
            if any(word in text for word in WORDS):
                rename_loaders(tree)
            names, containers = puts_together(text), holds_containers(tree)
            if names or containers:
                spell_out(tree, names=names, containers=containers)
            return tree
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _from_python2(text: str) -> str | None:
    """Rewrite Python 2 statements in place, line by line where possible, so that places stay true."""
    # `async` became a keyword in 3.7; old code has it as a parameter name. Same length keeps the columns.
    renamed = re.sub(r"(?<![\w.])async(?=\s*[=,)])", "asynC", re.sub(r"(?<=\.)async\b", "asynC", text))
    if renamed != text and _parse(renamed) is not None:
        return renamed
    try:
        import logging

        from fissix import refactor

        logging.getLogger("fissix").setLevel(logging.CRITICAL)
        tool = _refactoring_tool(refactor)
        body = renamed if renamed.endswith("\n") else renamed + "\n"
        return str(tool.refactor_string(body, "<source>"))
    except Exception:  # fissix raises its own ParseError, TokenError, AttributeError and IndexError alike
        return None


_tool: Any = None


def _refactoring_tool(refactor: Any) -> Any:
    global _tool  # noqa: PLW0603 - building the grammar takes 50 ms, once a process
    if _tool is None:
        names = [f"fissix.fixes.fix_{name}" for name in _PYTHON2_FIXERS]
        _tool = refactor.RefactoringTool(names)
    return _tool
