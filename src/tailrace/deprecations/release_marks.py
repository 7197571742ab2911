"""Collects every deprecation mark in the modules of a release, except in tests and docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from tailrace.model import Artifact
from tailrace.python.marks import (
    DeprecationMark,
    MarkKind,
    calls_that_may_warn,
    is_helper,
    positional_decorators,
    read_marks,
    warning_classes,
)
from tailrace.python.modules import STUB, Surface, is_test_file
from tailrace.python.removal_comments import completed, read_removal_comments
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.resolver import Resolver

_REMOVE = re.compile(rb"#[^\n]{0,20}(?:TODO|FIXME|XXX)[^\n]{0,80}(?:remov|delet|drop)", re.IGNORECASE)
# Matplotlib's `make_keyword_only` and Optuna's `convert_positional_args` say nothing of a deprecation.
_WORDS = (b"eprecat", b"FutureWarning", b"RemovedIn", b"keyword_only", b"positional")


@dataclass(frozen=True, slots=True, eq=False)
class MarkedRelease:
    """A release with its resolver. `marks`: sorted by file and line. `unread`: files that could not be parsed.

    `promised`: removals that only comments name, which announces them to nobody.
    """

    surface: Surface
    resolver: Resolver
    marks: tuple[DeprecationMark, ...]
    unread: tuple[str, ...]
    promised: tuple[DeprecationMark, ...] = ()


def read_release_marks(artifact: Artifact) -> MarkedRelease:
    """Reads the files that hold the word; of the others, nothing needs to be known."""
    surface = Surface(artifact)
    release = artifact.release
    resolver = make_resolver(
        surface, versions={release.name: release.version, **dict.fromkeys(surface.roots, release.version)}
    )
    marks: list[DeprecationMark] = []
    promised: list[DeprecationMark] = []
    calls: list[_Call] = []
    unread: list[str] = []
    read: list[tuple[str, str, ast.Module, str | None]] = []
    for name, source in sorted(surface.sources.items()):
        if source.form not in {"py", "pyi"} or name.split(".", 1)[0] not in surface.roots or is_test_file(source.file):
            continue
        try:
            data = (artifact.root / source.file).read_bytes()
        except OSError:
            unread.append(source.file)
            continue
        noted = _REMOVE.search(data) is not None
        if not noted and not any(word in data for word in _WORDS):
            continue
        parsed = surface.tree(source.file)
        if parsed is None:
            unread.append(source.file)
            continue
        text = data.decode("utf-8", "replace") if noted else None
        read.append((name.removesuffix(STUB), source.file, parsed.tree, text))
    categories = warning_classes(tree for _, _, tree, _ in read)
    positional = positional_decorators((tree for _, _, tree, _ in read), categories)
    for module, file, tree, text in read:
        try:
            found = read_marks(tree, module, file, categories, positional)
            if text is not None:
                found, alone = completed(found, read_removal_comments(tree, text, module, file))
                promised += alone
            marks += found
            calls += [_Call(module, file, *call) for call in calls_that_may_warn(tree, module)]
        except RecursionError:
            unread.append(file)
    marks += _marked_by_helpers(calls, marks, resolver)
    marks.sort(key=lambda m: (m.file, m.line, m.kind, m.symbol))
    return MarkedRelease(surface, resolver, tuple(marks), tuple(sorted(set(unread))), tuple(promised))


class _Call(NamedTuple):
    module: str
    file: str
    kind: MarkKind
    symbol: str
    called: str
    line: int


def _marked_by_helpers(
    calls: list[_Call], marks: list[DeprecationMark], resolver: Resolver
) -> Iterator[DeprecationMark]:
    """What is deprecated because it always calls a helper, often of another module, that does nothing but warn."""
    known = {(mark.kind, mark.symbol) for mark in marks}
    helpers = {mark.symbol: mark for mark in marks if mark.kind == "function" and is_helper(mark.symbol)}
    for call in calls if helpers else ():
        if (call.kind, call.symbol) in known:
            continue
        path = getattr(resolver.path(f"{call.module}.{call.called}").entity, "path", None)
        helper = helpers.get(path) if isinstance(path, str) else None
        if helper is not None and helper.symbol != call.symbol:
            known.add((call.kind, call.symbol))
            yield msgspec.structs.replace(helper, kind=call.kind, symbol=call.symbol, file=call.file, line=call.line)
