"""Collects every deprecation mark in the modules of a release, except in tests and docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from tailrace.model import Artifact
from tailrace.python.marks import DeprecationMark, calls_when_imported, is_helper, read_marks, warning_classes
from tailrace.python.modules import STUB, Surface, is_test_file
from tailrace.python.removal_comments import completed, read_removal_comments
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.resolver import Resolver

_REMOVE = re.compile(rb"#[^\n]{0,20}(?:TODO|FIXME|XXX)[^\n]{0,80}(?:remov|delet|drop)", re.IGNORECASE)


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
    calls: list[tuple[str, str, str, int]] = []
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
        if not noted and not any(word in data for word in (b"eprecat", b"FutureWarning", b"RemovedIn")):
            continue
        parsed = surface.tree(source.file)
        if parsed is None:
            unread.append(source.file)
            continue
        text = data.decode("utf-8", "replace") if noted else None
        read.append((name.removesuffix(STUB), source.file, parsed.tree, text))
    categories = warning_classes(tree for _, _, tree, _ in read)
    for module, file, tree, text in read:
        try:
            found = read_marks(tree, module, file, categories)
            if text is not None:
                found, alone = completed(found, read_removal_comments(tree, text, module, file))
                promised += alone
            marks += found
            calls += [(module, called, file, line) for called, line in calls_when_imported(tree)]
        except RecursionError:
            unread.append(file)
    marks += _warning_modules(calls, marks, resolver)
    marks.sort(key=lambda m: (m.file, m.line, m.kind, m.symbol))
    return MarkedRelease(surface, resolver, tuple(marks), tuple(sorted(set(unread))), tuple(promised))


def _warning_modules(
    calls: list[tuple[str, str, str, int]], marks: list[DeprecationMark], resolver: Resolver
) -> Iterator[DeprecationMark]:
    """Modules that are deprecated because they call, when they are imported, a helper that does nothing but warn."""
    known = {(mark.kind, mark.symbol) for mark in marks}
    helpers = {mark.symbol: mark for mark in marks if mark.kind == "function" and is_helper(mark.symbol)}
    for module, called, file, line in calls:
        if ("module", module) in known or not is_helper(called):
            continue
        path = getattr(resolver.path(f"{module}.{called}").entity, "path", None)
        helper = helpers.get(path) if isinstance(path, str) else None
        if helper is not None:
            yield msgspec.structs.replace(helper, kind="module", symbol=module, file=file, line=line)
