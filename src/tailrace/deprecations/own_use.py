"""Finds the places where a release uses what it marks as deprecated itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tailrace.deprecations.release_marks import MarkedRelease
from tailrace.python.marks import DeprecationMark
from tailrace.python.modules import STUB, is_test_file
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import Class, Function, Module, Value
from tailrace.python.usages import FileUsage, Use, collect_usage


@dataclass(frozen=True, slots=True)
class OwnUse:
    """One place. `places`: how many there are of this mark in all, this one included."""

    mark: DeprecationMark
    file: str
    line: int
    places: int = 1


def find_own_uses(release: MarkedRelease) -> list[OwnUse]:
    """The first place of each mark: calls of functions and classes, imports of modules, constants that are asked for.

    What is itself marked may use what is marked, and a package may pass a name on.
    """
    marked = {m.symbol: m for m in release.marks if m.kind in {"function", "class", "module", "name", "argument"}}
    words = {_word(mark): mark for mark in marked.values()}
    arguments = {m.symbol for m in marked.values() if m.kind == "argument"}
    found: dict[str, list[tuple[str, int]]] = {}
    if not words:
        return []
    for name, source in sorted(release.surface.sources.items()):
        if source.form != "py" or is_test_file(source.file) or name.split(".", 1)[0] not in release.surface.roots:
            continue
        try:
            data = (release.surface.artifact.root / source.file).read_bytes()
        except OSError:
            continue
        if not any(word.encode() in data for word in words):
            continue
        parsed = release.surface.tree(source.file)
        if parsed is None:
            continue
        try:
            usage = collect_usage(parsed, name, source.file, is_package=source.is_package)
        except RecursionError:
            continue
        for use in (u for u in usage.uses if not words.keys().isdisjoint(_words_of(u))):
            for symbol, line in _reached(release, usage, use, marked, arguments):
                if not _is_marked(use, marked) and not _inside(use, symbol):
                    found.setdefault(symbol, []).append((source.file, line))
    return [
        OwnUse(marked[symbol], *min(set(places)), places=len(set(places))) for symbol, places in sorted(found.items())
    ]


def _words_of(use: Use) -> set[str]:
    found = {*use.root.name.split("."), *use.root.module.split(".")}
    for step in use.steps:
        found |= {step.name} if step.name is not None else set(step.call.keywords) if step.call is not None else set()
    return found


def _word(mark: DeprecationMark) -> str:
    """A word without which a file cannot use what is marked."""
    plain = mark.symbol.rpartition("(")[2].rstrip("=)") if mark.kind == "argument" else mark.symbol
    return plain.rpartition(".")[2]


def _reached(
    release: MarkedRelease, usage: FileUsage, use: Use, marked: dict[str, DeprecationMark], arguments: set[str]
) -> Iterator[tuple[str, int]]:
    resolver = release.resolver
    if use.root.kind in {"import", "from"} or use.how in {"import", "from-import"}:
        base = use.root.module if use.root.kind == "from" else use.root.name
        for name in (base, f"{base}.{use.root.name}" if use.root.kind == "from" else base):
            mark = marked.get(name)
            inside = usage.module == name or usage.module.startswith(f"{name}.")
            if mark is not None and mark.kind in {"module", "name"} and not inside:
                yield name, use.line
    for reached in walk(resolver, usage.module, use.root, use.steps):
        step, callee = reached.step, reached.source
        if step is not None and step.call is not None and isinstance(callee, Class | Function):
            path = callee.path.replace(STUB, "")
            if path in marked and marked[path].kind in {"function", "class"}:
                yield path, step.line
            for keyword in step.call.keywords:
                symbol = f"{path.removesuffix('.__init__')}({keyword}=)"
                if symbol in arguments:
                    yield symbol, step.line
        entity = reached.found.entity
        if isinstance(entity, Value) and entity.path in marked and marked[entity.path].kind == "name":
            yield entity.path, step.line if step is not None else use.line
        if isinstance(entity, Module) and step is not None and entity.name in marked:
            yield entity.name, step.line


def _is_marked(use: Use, marked: dict[str, DeprecationMark]) -> bool:
    """Whether the use stands in something that is marked as well."""
    inside = use.inside
    while inside:
        if inside in marked:
            return True
        inside = inside.rpartition(".")[0]
    return False


def _inside(use: Use, symbol: str) -> bool:
    plain = symbol.partition("(")[0]
    return use.inside == plain or use.inside.startswith(f"{plain}.")
