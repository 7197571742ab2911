"""Collects every deprecation mark in the modules of a release, except in tests and docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from tailrace.model import Artifact
from tailrace.python.marks import DeprecationMark, calls_when_imported, read_marks
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
        try:
            found = read_marks(parsed.tree, name.removesuffix(STUB), source.file)
            if noted:
                text = data.decode("utf-8", "replace")
                comments = read_removal_comments(parsed.tree, text, name.removesuffix(STUB), source.file)
                found, alone = completed(found, comments)
                promised += alone
            marks += found
            module = name.removesuffix(STUB)
            calls += [(module, called, source.file, line) for called, line in calls_when_imported(parsed.tree)]
        except RecursionError:
            unread.append(source.file)
    marks += _warning_modules(calls, marks, resolver)
    marks.sort(key=lambda m: (m.file, m.line, m.kind, m.symbol))
    return MarkedRelease(surface, resolver, tuple(marks), tuple(sorted(set(unread))), tuple(promised))


def _warning_modules(
    calls: list[tuple[str, str, str, int]], marks: list[DeprecationMark], resolver: Resolver
) -> Iterator[DeprecationMark]:
    """Modules that are deprecated because they call, when they are imported, a helper that does nothing but warn."""
    known = {(mark.kind, mark.symbol) for mark in marks}
    helpers = {mark.symbol: mark for mark in marks if mark.kind == "function" and _is_helper(mark.symbol)}
    for module, called, file, line in calls:
        if ("module", module) in known or not _is_helper(called):
            continue
        path = getattr(resolver.path(f"{module}.{called}").entity, "path", None)
        helper = helpers.get(path) if isinstance(path, str) else None
        if helper is not None:
            yield msgspec.structs.replace(helper, kind="module", symbol=module, file=file, line=line)


def _is_helper(symbol: str) -> bool:
    """Whether a function is named as one that warns on behalf of others; one that is deprecated itself is not."""
    name = symbol.rpartition(".")[2].lower()
    return name.startswith("_") or "warn" in name
