"""One release in, every deprecation mark of its modules out, tests and docs apart."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.model import Artifact
from tailrace.python.marks import DeprecationMark, read_marks
from tailrace.python.modules import STUB, Surface, is_test_file
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.resolver import Resolver


@dataclass(frozen=True, slots=True, eq=False)
class MarkedRelease:
    """A release with its resolver. `marks`: sorted by file and line. `unread`: files that could not be parsed."""

    surface: Surface
    resolver: Resolver
    marks: tuple[DeprecationMark, ...]
    unread: tuple[str, ...]


def read_release_marks(artifact: Artifact) -> MarkedRelease:
    """Reads the files that hold the word; of the others, nothing needs to be known."""
    surface = Surface(artifact)
    release = artifact.release
    resolver = make_resolver(
        surface, versions={release.name: release.version, **dict.fromkeys(surface.roots, release.version)}
    )
    marks: list[DeprecationMark] = []
    unread: list[str] = []
    for name, source in sorted(surface.sources.items()):
        if source.form not in {"py", "pyi"} or name.split(".", 1)[0] not in surface.roots or is_test_file(source.file):
            continue
        try:
            data = (artifact.root / source.file).read_bytes()
        except OSError:
            unread.append(source.file)
            continue
        if not any(word in data for word in (b"eprecat", b"FutureWarning", b"RemovedIn")):
            continue
        parsed = surface.tree(source.file)
        if parsed is None:
            unread.append(source.file)
            continue
        try:
            marks += read_marks(parsed.tree, name.removesuffix(STUB), source.file)
        except RecursionError:
            unread.append(source.file)
    marks.sort(key=lambda m: (m.file, m.line, m.kind, m.symbol))
    return MarkedRelease(surface, resolver, tuple(marks), tuple(sorted(set(unread))))
