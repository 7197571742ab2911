"""The questions to a store, each a named query. Judges nothing: what is a break is decided in `check`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from tailrace.store.engine import Engine
from tailrace.store.errors import LongSymbolError, UnseenNameError
from tailrace.store.rows import CUT, LONGEST, WORDS, ArtifactRow
from tailrace.store.store import Snapshot

# From this many on, all releases are read and those that were not asked for are left out.
_MOST_NAMED = 20_000
# Top-level names that are asked for one by one.
_MOST_TOPS = 32
# The parts of paths that one regular expression looks for.
_MOST_PARTS = 2000


class Use(msgspec.Struct, frozen=True):
    """One use, and the place in the release that holds the file. `inside` starts with the module. `own`: the release
    itself brings what is used."""

    downstream: str
    version: str
    file: str
    line: int
    column: int
    path: str
    kind: str
    inside: str
    in_function: bool
    guard: str
    condition: str
    positional: int = 0
    keywords: tuple[str, ...] = ()
    star: bool = False
    double_star: bool = False
    own: bool = False


def known_keys(snapshot: Snapshot, extractor: int) -> tuple[list[str], list[int], list[int]]:
    """SHA-256 of the archives and numbers of the artifacts that this extractor read, and the file contents that are
    known, ascending."""
    artifacts, files = snapshot.paths("artifacts"), snapshot.paths("files")
    with Engine() as engine:
        archives = _column(engine, "known_archives", artifacts, extractor=extractor)
        numbers = _column(engine, "known_artifacts", artifacts, extractor=extractor)
        return archives, numbers, _column(engine, "known_files", files)


def artifacts(
    snapshot: Snapshot, name: str | None = None, *, numbers: Iterable[int] | None = None, engine: Engine | None = None
) -> list[ArtifactRow]:
    """The releases that were scanned, of one distribution, of these numbers, or all; sorted by name and version."""
    paths = snapshot.paths("artifacts")
    wanted = None if numbers is None else sorted(set(numbers))
    if not paths or wanted == []:
        return []
    with asking(engine) as used:
        if wanted is None or len(wanted) > _MOST_NAMED:
            rows = used.ask("artifacts", fragments=paths, name=name)
        else:
            rows = used.ask("artifacts_of", fragments=paths, artifacts=wanted)
    chosen = rows if wanted is None else [row for row in rows if row[0] in set(wanted)]
    fields = ArtifactRow.__struct_fields__
    return [msgspec.convert(dict(zip(fields, row, strict=True)), ArtifactRow) for row in chosen]


@contextlib.contextmanager
def asking(engine: Engine | None) -> Iterator[Engine]:
    """The engine that is open already, else one that is closed at the end."""
    if engine is not None:
        yield engine
        return
    with Engine() as opened:
        yield opened


def is_command(symbol: str) -> bool:
    """Whether a symbol is a command line."""
    return " " in symbol or symbol.startswith("$")


def uses_of(snapshot: Snapshot, symbol: str) -> list[Use]:
    """Every use of a dotted path, of what is below it and of what it gives, and the star imports that may bring it.

    A symbol with a space, or one that starts with `$`, is a command line: `conda clean`. Raises `LongSymbolError` for
    one that is longer than what the store keeps whole.
    """
    if len(symbol) > LONGEST:
        raise LongSymbolError(symbol, LONGEST)
    if is_command(symbol):
        path = symbol.removeprefix("$")
        top = f"${path.split()[0]}"
        below = result = f"{path} "
        stars: list[str] = []
    else:
        path, top = symbol, symbol.partition(".")[0]
        below, result = f"{path}.", f"{path}()"
        parts = symbol.split(".")
        stars = [".".join((*parts[:depth], "*")) for depth in range(1, len(parts))]
    fragments = snapshot.paths("uses", [top])
    if not fragments:
        return []
    with Engine() as engine:
        rows = engine.ask(
            "uses_of", fragments=fragments, top=top, path=path, below=below, result=result, stars=stars or [""]
        )
        return place_uses(engine, snapshot, rows)


def uses_with_words(
    engine: Engine, snapshot: Snapshot, tops: Sequence[str], words: Sequence[str], called: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Rows of uses of these top-level names whose path or keywords hold one of the words, and calls of what is
    `called`."""
    fragments = _fragments_of(snapshot, tops)
    if not fragments or not tops:
        return []
    return engine.ask(
        "uses_in_files", fragments=fragments, tops=list(tops), words=list(words) or [""], called=list(called) or [""]
    )


def bindings(
    engine: Engine, snapshot: Snapshot, tops: Sequence[str], parts: Sequence[str] = ()
) -> list[tuple[int, str, str]]:
    """(file, path, name): the names of modules that an import of one of these top-level names alone binds. `parts`:
    only of paths with one of these parts, where they are not too many."""
    fragments = _fragments_of(snapshot, tops)
    if not fragments or not tops:
        return []
    return engine.ask("bindings", fragments=fragments, tops=list(tops), parts=_one_of(parts))


def uses_with_parts(
    engine: Engine, snapshot: Snapshot, tops: Sequence[str], files: Sequence[int], parts: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Rows of uses in these files of these top-level names whose path has one of these parts, where they are not too
    many."""
    fragments = _fragments_of(snapshot, tops)
    if not fragments or not tops or not files or not parts:
        return []
    asked = {"tops": list(tops), "files": list(files), "parts": _one_of(parts)}
    return engine.ask("uses_with_parts", fragments=fragments, **asked)


def _one_of(parts: Sequence[str]) -> str:
    """A regular expression for paths with one of these parts; for too many of them one that all paths meet."""
    if len(parts) > _MOST_PARTS:
        return ""
    return rf"(?:^|\.)(?:{'|'.join(map(re.escape, parts))})(?:\.|$)" if parts else ""


def commands_of(engine: Engine, snapshot: Snapshot, programs: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows of the command lines of these programs."""
    tops = [f"${program}" for program in programs]
    fragments = _fragments_of(snapshot, tops)
    if not fragments or not tops:
        return []
    return engine.ask("commands", fragments=fragments, tops=tops)


#: The files of releases: number of the artifact → (file, path, module) of each.
Contents = Mapping[int, Sequence[tuple[int, str, str]]]


def _fragments_of(snapshot: Snapshot, tops: Sequence[str]) -> dict[str, list[str]] | list[str]:
    """The fragments with uses of these top-level names; for a few names, those of each."""
    if len(tops) > _MOST_TOPS or any("\0" in top for top in tops):  # no statement holds that character
        return snapshot.paths("uses", tops)
    found = {top: snapshot.paths("uses", [top]) for top in tops}
    return {top: paths for top, paths in found.items() if paths}


def place_by_artifact(
    rows: Sequence[tuple[Any, ...]], releases: Iterable[ArtifactRow], contents: Contents
) -> dict[int, list[Use]]:
    """Rows of uses, each in every one of these releases that holds its file, by the number of the artifact, sorted."""
    by_file: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_file.setdefault(row[0], []).append(row)
    found: dict[int, list[Use]] = {}
    for release in releases:
        uses = [
            _use_at(row, release, path, module)
            for file, path, module in contents.get(release.artifact, ())
            for row in by_file.get(file, ())
        ]
        if uses:
            found[release.artifact] = sorted(uses, key=_place_of)
    return found


def place_uses(engine: Engine, snapshot: Snapshot, rows: Sequence[tuple[Any, ...]]) -> list[Use]:
    """Rows of uses, each in every release that holds its file, sorted."""
    files = sorted({row[0] for row in rows})
    contents = contents_of_artifacts(engine, snapshot, sorted(holders(engine, snapshot, files)), files)
    # What only an older extractor read is not among the releases.
    releases = artifacts(snapshot, numbers=contents, engine=engine)
    placed = place_by_artifact(rows, releases, contents)
    return sorted((use for uses in placed.values() for use in uses), key=_place_of)


def _place_of(use: Use) -> tuple[str, str, str, int, int, str, str]:
    return use.downstream, use.version, use.file, use.line, use.column, use.path, use.kind


def _use_at(row: tuple[Any, ...], release: ArtifactRow, place: str, module: str) -> Use:
    """A row as the use in one file of one release."""
    _, path, kind, line, column, inside, in_function, guard, condition, positional, keywords, star, double_star = row
    return Use(
        downstream=release.name,
        version=release.version,
        file=place,
        line=line,
        column=column,
        path=path,
        kind=kind,
        inside=f"{module}.{inside}" if module and inside else module or inside,
        in_function=in_function,
        guard=guard,
        condition=condition,
        positional=positional,
        keywords=tuple(keywords or ()),
        star=star,
        double_star=double_star,
        own=path.partition(".")[0].removesuffix("()") in release.import_names,
    )


def contents_of_artifacts(
    engine: Engine, snapshot: Snapshot, wanted: Sequence[int], files: Sequence[int] | None = None
) -> dict[int, list[tuple[int, str, str]]]:
    """Artifact → its files as (file, path, module); of `files` alone, where these are named."""
    paths = snapshot.paths("contents")
    found: dict[int, list[tuple[int, str, str]]] = {}
    if not paths or not wanted or files == []:
        return found
    if files is None:
        rows = engine.ask("contents_of_artifacts", fragments=paths, artifacts=list(wanted))
    else:
        rows = engine.ask("files_of_artifacts", fragments=paths, artifacts=list(wanted), files=list(files))
    for artifact, file, path, module in rows:
        found.setdefault(artifact, []).append((file, path, module))
    return found


def holders(engine: Engine, snapshot: Snapshot, files: Iterable[int]) -> frozenset[int]:
    """The numbers of the artifacts that hold one of these file contents."""
    wanted, paths = sorted(files), snapshot.paths("contents")
    return frozenset(_column(engine, "holders", paths, files=wanted)) if wanted else frozenset()


def requirements_on(engine: Engine, snapshot: Snapshot, names: Iterable[str]) -> dict[int, tuple[str, ...]]:
    """Number of the artifact → its requirements, as written, on distributions of these normalised names."""
    paths = snapshot.paths("requires")
    found: dict[int, tuple[str, ...]] = {}
    for name in names if paths else ():
        for artifact, text, _ in engine.ask("dependents", fragments=paths, name=name):
            found[artifact] = (*found.get(artifact, ()), text)
    return found


def dependents(snapshot: Snapshot, name: str) -> list[tuple[ArtifactRow, tuple[str, ...]]]:
    """The releases that require a distribution (its normalised name), each with the requirements as written."""
    with Engine() as engine:
        texts = requirements_on(engine, snapshot, (name,))
        rows = artifacts(snapshot, numbers=texts, engine=engine)
    return [(row, texts[row.artifact]) for row in rows]


def importing_files(engine: Engine, snapshot: Snapshot, tops: Iterable[str]) -> frozenset[int]:
    """The file contents that use one of these top-level names."""
    names = sorted(tops)
    paths = _fragments_of(snapshot, names)
    if not paths or not names:
        return frozenset()
    return frozenset(_column(engine, "importers", paths, tops=names))


def problems_of_files(engine: Engine, snapshot: Snapshot, among: Iterable[int]) -> dict[int, str]:
    """Of these file contents those that are Python by name and gave no facts, each with the reason."""
    paths, wanted = snapshot.paths("files"), sorted(among)
    return dict(engine.ask("problems_of_files", fragments=paths, files=wanted)) if paths and wanted else {}


def sizes_of_files(engine: Engine, snapshot: Snapshot, among: Iterable[int]) -> dict[int, int]:
    """File content → its size in bytes."""
    paths, wanted = snapshot.paths("files"), sorted(among)
    return dict(engine.ask("sizes_of_files", fragments=paths, files=wanted)) if paths and wanted else {}


def star_imports(engine: Engine, snapshot: Snapshot, tops: Sequence[str]) -> dict[int, list[tuple[str, int]]]:
    """File content → the star imports from these top-level names, as (path, line)."""
    paths = _fragments_of(snapshot, tops)
    found: dict[int, list[tuple[str, int]]] = {}
    if paths and tops:
        for file, path, line in engine.ask("star_imports", fragments=paths, tops=list(tops)):
            found.setdefault(file, []).append((path, line))
    return found


def files_with_cut_paths(engine: Engine, snapshot: Snapshot, tops: Sequence[str]) -> list[tuple[int, int]]:
    """The file contents in which a path of one of these top-level names was too long to be kept whole; and a line."""
    fragments = _fragments_of(snapshot, tops)
    if not fragments or not tops:
        return []
    return engine.ask("cut_paths", fragments=fragments, tops=list(tops), cut=CUT)


def files_with_words(engine: Engine, snapshot: Snapshot, words: Iterable[str]) -> dict[int, set[str]]:
    """The file contents that hold one of these identifiers, each with those that it holds."""
    wanted = sorted(set(words))
    found: dict[int, set[str]] = {}
    if wanted:
        for path in snapshot.paths(WORDS):
            for word, file in engine.ask("files_with_words", fragment=path, words=wanted):
                found.setdefault(file, set()).add(word)
    return found


def files_holding(engine: Engine, snapshot: Snapshot, words: Iterable[str], among: Iterable[int]) -> frozenset[int]:
    """Of these file contents those that hold one of these identifiers."""
    wanted, files = sorted(set(words)), sorted(among)
    if not wanted or not files:
        return frozenset()
    parts = [
        [file for (file,) in engine.ask("files_holding", fragment=path, words=wanted, files=files)]
        for path in snapshot.paths(WORDS)
    ]
    return frozenset(file for part in parts for file in part)


def count_artifacts(snapshot: Snapshot) -> int:
    """How many releases were scanned."""
    return sum(fragment.rows for fragment in snapshot.generation.of("artifacts"))


def near_names(snapshot: Snapshot, symbol: str) -> tuple[str, ...]:
    """What a symbol without uses may have been meant as. Raises `UnseenNameError` where the store knows nothing
    with this first part: no release in it has the name, requires it or uses it."""
    from difflib import get_close_matches

    from packaging.utils import canonicalize_name

    if is_command(symbol):
        program, _, rest = symbol.removeprefix("$").partition(" ")
        programs = [top.removeprefix("$") for top in _tops(snapshot, "programs")]
        if program in programs:
            return ()
        near = get_close_matches(program, programs, n=3, cutoff=0.6)
        raise UnseenNameError(
            f"no file in the store at {snapshot.place.shown} runs {program}.",
            tuple(f"{name} {rest}" for name in near),
        )
    first, _, rest = symbol.partition(".")
    first = first.removesuffix("()")
    used = _near_paths(snapshot, symbol, first)
    if used is not None:
        return used
    names = upstream_names(snapshot)
    scanned = artifacts(snapshot)
    brought = {name for row in scanned for name in row.import_names}
    if first in brought:
        return ()
    meant = [name for row in scanned if row.name == str(canonicalize_name(first)) for name in row.import_names]
    near = [name for name in meant if name in names] or get_close_matches(first, {*names, *brought}, n=3, cutoff=0.6)
    raise UnseenNameError(
        f"no release in the store at {snapshot.place.shown} uses or brings a module {first}.",
        tuple(f"{name}.{rest}" if rest else name for name in dict.fromkeys(near)),
    )


def known_distributions(snapshot: Snapshot) -> frozenset[str]:
    """The normalised names of what was scanned and of what that requires."""
    paths = snapshot.paths("requires")
    with Engine() as engine:
        required = _column(engine, "required", paths)
    return frozenset((*required, *(row.name for row in artifacts(snapshot))))


def _near_paths(snapshot: Snapshot, symbol: str, top: str) -> tuple[str, ...] | None:
    """The used paths nearest to a symbol; `None` where nothing with this top-level name is used. Reads the partition
    of the name alone."""
    paths = snapshot.paths("uses", [top])
    with Engine() as engine:
        if not _column(engine, "is_used", paths, top=top):
            return None
        below = f"{top}."
        if not symbol.startswith(below):
            return ()
        rest = symbol.removeprefix(below)
        cuts = [len(rest) * part // 3 for part in range(4)]
        parts = [rest[start:end] for start, end in pairwise(cuts)]
        asked = {"top": top, "path": symbol, "below": below, "start": len(below) + 1, "parts": parts}
        return tuple(_column(engine, "near_paths", paths, **asked))


def upstream_names(snapshot: Snapshot) -> list[str]:
    """Every top-level name that some file uses."""
    return _tops(snapshot, "upstreams")


def _tops(snapshot: Snapshot, query: str) -> list[str]:
    with Engine() as engine:
        return _column(engine, query, snapshot.paths("uses"))


def _column(engine: Engine, name: str, fragments: list[str] | dict[str, list[str]], **parameters: object) -> list[Any]:
    return [value for (value,) in engine.ask(name, fragments=fragments, **parameters)] if fragments else []
