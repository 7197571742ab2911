"""Checks a candidate against everything in the store that depends on it.

Downstreams that hold no word of a change are not fetched: what their files say is known. The others are fetched and
checked as any downstream is.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tailrace.changes.diff import is_compared
from tailrace.changes.interfaces.data import installed_files
from tailrace.check.comparable import notes_on_comparison
from tailrace.check.downstream import Checked, check_downstream
from tailrace.check.run import assemble, check_each, open_pair
from tailrace.model import Address, Artifact, CheckReport, FileCounts, Metadata, Release, TailraceError
from tailrace.store.ask import (
    Contents,
    artifacts,
    contents_of_artifacts,
    files_holding,
    files_with_words,
    holders,
    importing_files,
    requirements_on,
    sizes_of_files,
)
from tailrace.store.engine import Engine
from tailrace.store.rows import ArtifactRow
from tailrace.store.store import Snapshot

if TYPE_CHECKING:
    from tailrace.check.options import CheckOptions
    from tailrace.check.upstream import Upstream
    from tailrace.sources import Sources

# Changes that hurt what names the upstream without requiring or importing it.
_NAMED_ANYWHERE: Final = frozenset({"build-setting-removed", "binary-interface-changed"})
_LITERAL: Final = re.compile(rb"[\"']([\w.-]{1,60})[\"']")
_SCRIPTS: Final = ("console_scripts", "gui_scripts")


# Bytes of modules that differ up to which releases are always compared: that takes a second or two.
_CHEAP_TO_COMPARE: Final = 1_000_000
# From so many dependents on they are compared anyway, as the check does.
_MANY: Final = 4

#: The identifiers by which a release is asked for its version.
_VERSIONS = ("__version__", "__version_info__", "VERSION", "version", "version_info", "parse_version", "Version")


class NoDependentError(TailraceError):
    """Nobody in the store depends on the candidate."""

    def __init__(self, name: str, store: str) -> None:
        super().__init__(
            f"nobody in the store at {store} depends on {name}.",
            hint="Scan what uses it with `tailrace scan`, or name downstreams with --downstream.",
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Dependent:
    """A release of the store that requires the upstream, imports it, or runs its programs."""

    row: ArtifactRow
    requires: tuple[str, ...]
    #: The files that use one of the upstream's top-level names.
    naming: tuple[int, ...] = ()


def check_store(
    candidate: str | Address,
    baseline: str | Address | None,
    snapshot: Snapshot,
    sources: Sources,
    options: CheckOptions,
) -> CheckReport:
    """Which releases of the store break. Raises `NoDependentError`, and what `check` raises."""
    upstream, options = open_pair(candidate, baseline, sources, options)
    with Engine() as engine:
        found, contents = find_dependents(engine, snapshot, upstream)
        if not found:
            raise NoDependentError(upstream.candidate.release.name, snapshot.place.shown)
        compared = is_worth_comparing(engine, snapshot, upstream, found)
        near, far = narrow_by_store(engine, snapshot, upstream, found, contents) if compared else (found, [])
    checked: list[Checked] = []
    again: list[Dependent] = list(near)
    for one in far:
        told = check_metadata(upstream, one, options)
        # Which Pythons are dropped is known without the files; the place of another finding is not.
        if told.report.status == "clear" and all(f.rule == "python-dropped" for f in told.report.findings):
            checked.append(told)
        else:
            again.append(one)
    specs = [one.row.spec for one in sorted(again, key=lambda d: (d.row.name, d.row.version, d.row.spec))]
    checked += [one for _, one in check_each(upstream, specs, sources, options)]
    fetched = f"{len(specs)} hold a word of a change and were" if compared else "all were"
    notes = [
        *notes_on_comparison(upstream),
        f"downstreams are the {len(found)} releases in the store at {snapshot.place.shown} that depend on "
        f"{upstream.candidate.release.name}; {fetched} fetched and checked.",
    ]
    return assemble(upstream, checked, options, notes)


def is_worth_comparing(engine: Engine, snapshot: Snapshot, upstream: Upstream, found: Sequence[Dependent]) -> bool:
    """Whether finding out what changed at all costs less than checking all of these: comparing two large releases may
    take minutes, where a few files name them."""
    if len(found) >= _MANY or upstream.changed_bytes <= _CHEAP_TO_COMPARE:
        return True
    if is_compared(upstream.baseline, upstream.candidate, upstream.cache_dir):
        return True
    naming = {file for one in found for file in one.naming}
    return upstream.worth_a_diff(sum(sizes_of_files(engine, snapshot, naming).values()))


def find_dependents(engine: Engine, snapshot: Snapshot, upstream: Upstream) -> tuple[list[Dependent], Contents]:
    """Everyone in the store that depends on the upstream, but for the upstream itself, sorted by name and version; and
    their files."""
    required = requirements_on(engine, snapshot, sorted(upstream.names))
    programs = [
        f"${script}"
        for artifact in (upstream.baseline, upstream.candidate)
        for group in _SCRIPTS
        for script, _ in artifact.metadata.entry_point_group(group)
    ]
    files = importing_files(engine, snapshot, [*upstream.roots, *programs])
    if any(change.rule in _NAMED_ANYWHERE for change in upstream.interface_changes):
        # What a build asks for stands in no requirement, and in no Python file.
        files |= files_with_words(engine, snapshot, _names(upstream)).keys()
    numbers = {*required, *holders(engine, snapshot, files)}
    rows = [row for row in artifacts(snapshot, numbers=numbers, engine=engine) if row.name not in upstream.names]
    contents = contents_of_artifacts(engine, snapshot, [row.artifact for row in rows])
    found = [
        Dependent(
            row,
            required.get(row.artifact, ()),
            tuple(file for file, _, _ in contents.get(row.artifact, ()) if file in files),
        )
        for row in rows
    ]
    return found, contents


def narrow_by_store(
    engine: Engine, snapshot: Snapshot, upstream: Upstream, found: Sequence[Dependent], contents: Contents
) -> tuple[list[Dependent], list[Dependent]]:
    """Those that a change may hurt, and those of which no file that can reach the upstream holds a word of a change.
    `contents`: the files of all.

    It is what the check itself leaves out (see `check.narrowing`), asked of the store. What holds code that nobody read
    may be hurt. A word of an entry point counts too: it names what it loads.
    """
    words = upstream.find_diff().identifiers
    among = {file for files in contents.values() for file, _, _ in files}
    hurt = files_holding(engine, snapshot, words | _resource_words(upstream) | _value_words(upstream), among)
    naming = files_holding(engine, snapshot, _names(upstream), among)
    elsewhere = interface_words(upstream) | (upstream.conventional_words if upstream.conventions is not None else set())
    asked = files_holding(engine, snapshot, elsewhere, among)
    # Who looks at the upstream's version may refuse the candidate, whatever changed.
    asked |= files_holding(engine, snapshot, _VERSIONS, naming)
    reached = _reached(engine, snapshot, contents, hurt, naming)
    near: list[Dependent] = []
    far: list[Dependent] = []
    for one in found:
        row = one.row
        unseen = bool(upstream.unread) or bool(row.unreadable) or row.opaque > 0 or not row.files
        named = any(not words.isdisjoint(_words(point)) for point in row.entry_points)
        hit = not hurt.isdisjoint(reached.get(row.artifact, ()))
        hit = hit or any(file in asked for file, _, _ in contents.get(row.artifact, ()))
        (near if hit or unseen or named else far).append(one)
    return near, far


def interface_words(upstream: Upstream) -> set[str]:
    """Words without which a file cannot be hurt by what a release offers besides names and calls: hooks, fixtures,
    data, dependencies. Such a file need not name the upstream."""
    from tailrace.python.import_names import import_roots

    words: set[str] = set()
    for change in upstream.interface_changes:
        kind, colon, name = change.symbol.partition(":")
        name = name if colon else kind
        words.update(re.findall(r"[^\W\d]\w*", name))
        if kind == "dependency":
            words.update(import_roots(name))
    return words


def _resource_words(upstream: Upstream) -> set[str]:
    """Words without which a file names no resource of the upstream's packages that is gone."""
    gone = installed_files(upstream.baseline) - installed_files(upstream.candidate)
    found: set[str] = set()
    for file in gone:
        root, _, rest = file.partition("/")
        for part in rest.split("/") if root in upstream.roots else ():
            found.update(re.findall(r"\w+", part.partition(".")[0])[:1])
    return found


def _value_words(upstream: Upstream) -> set[str]:
    """Words without which a file passes no string that only the baseline spells out."""
    texts: list[set[bytes]] = []
    for artifact in (upstream.baseline, upstream.candidate):
        found: set[bytes] = set()
        for file in artifact.python_files:
            try:
                found.update(_LITERAL.findall((artifact.root / file).read_bytes()))
            except OSError:
                continue
        texts.append(found)
    gone = texts[0] - texts[1]
    return {word for text in gone for word in re.findall(r"[^\W\d]\w*", text.decode("utf-8", "replace"))}


def _names(upstream: Upstream) -> set[str]:
    """The words by which a file names the upstream: its import names, and its programs where the command lines
    changed."""
    names = set(upstream.roots)
    for artifact in (upstream.baseline, upstream.candidate):
        for group in _SCRIPTS:
            for script, target in artifact.metadata.entry_point_group(group):
                names.update(re.findall(r"\w+", script))
                names.add(target.partition(":")[0].partition(".")[0])
    return {unicodedata.normalize("NFKC", name) for name in names}


def _reached(
    engine: Engine,
    snapshot: Snapshot,
    contents: Contents,
    hurt: frozenset[int],
    naming: frozenset[int],
) -> dict[int, set[int]]:
    """Artifact → its files that name the upstream, or a module that does, directly or through others.

    Only artifacts in which some file holds a word of a change are looked at.
    """
    looked_at = {artifact: files for artifact, files in contents.items() if any(file in hurt for file, _, _ in files)}
    reached = {artifact: {file for file, _, _ in files if file in naming} for artifact, files in looked_at.items()}
    known: dict[int, set[str]] = {}
    frontier = {
        artifact: {_last(path, module) for file, path, module in files if file in reached[artifact]}
        for artifact, files in looked_at.items()
    }
    while words := set().union(*frontier.values()):
        holding = files_with_words(engine, snapshot, words)
        for artifact, files in looked_at.items():
            wanted = frontier[artifact]
            known.setdefault(artifact, set()).update(wanted)
            fresh = [
                (file, path, module)
                for file, path, module in files
                if file not in reached[artifact] and not wanted.isdisjoint(holding.get(file, ()))
            ]
            reached[artifact].update(file for file, _, _ in fresh)
            frontier[artifact] = {_last(path, module) for _, path, module in fresh} - known[artifact]
    return reached


def _last(path: str, module: str) -> str:
    """The word that an import of a file must contain."""
    return (module or path.removesuffix(".py").replace("/", ".")).rsplit(".", 1)[-1]


def _words(text: str) -> Iterator[str]:
    for part in text.replace(":", ".").replace("=", ".").split("."):
        yield part.strip()


def check_metadata(upstream: Upstream, one: Dependent, options: CheckOptions) -> Checked:
    """What a release says of itself, checked; its files are known to hold no word of a change."""
    with tempfile.TemporaryDirectory(prefix="tailrace-") as folder:
        told = check_downstream(upstream, stand_in(one.row, Path(folder)), options)
    report = msgspec.structs.replace(told.report, files=FileCounts(total=one.row.files, mentioning=len(one.naming)))
    return Checked(report, told.changes)


def stand_in(row: ArtifactRow, folder: Path) -> Artifact:
    """A release without its files."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for point in row.entry_points:
        group, _, rest = point.partition(":")
        name, _, target = rest.partition("=")
        groups.setdefault(group, []).append((name, target))
    metadata = Metadata(
        name=row.name,
        version=row.version,
        requires_python=row.requires_python or None,
        requires_dist=row.requires,
        entry_points=tuple((group, tuple(points)) for group, points in groups.items()),
    )
    release = Release(
        name=row.name,
        version=row.version,
        spec=row.spec,
        source="file",
        filename=row.filename or None,
        sha256=row.sha256 or None,
        requires_python=row.requires_python or None,
    )
    # Its other files are in the store; without any it would count as an empty archive.
    return Artifact(release=release, metadata=metadata, root=folder, kind="wheel", other_files=("METADATA",))
