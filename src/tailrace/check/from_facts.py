"""Answers from the store alone which of the candidate's dependents break. No downstream is fetched.

Exact for imports, attributes of modules and classes, and the arguments of calls: each use is followed with the baseline
and with the candidate, as the check follows it. What hangs on the downstream's own code is not seen, and each report
says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tailrace.check.breakage import Breakage, deduplicated
from tailrace.check.breakages.describe import change_of, describe
from tailrace.check.breakages.find import judge_use
from tailrace.check.commandlines.processes import scripts
from tailrace.check.comparable import notes_on_comparison
from tailrace.check.downstream import Checked, deprecation_behind
from tailrace.check.from_store import Dependent, NoDependentError, check_metadata, find_dependents, stand_in
from tailrace.check.guards.context import Context
from tailrace.check.requirements import admits, containing_fix, requirement_on
from tailrace.check.run import assemble, open_pair
from tailrace.check.verdict import status_of
from tailrace.model import DownstreamReport, FileCounts, Finding
from tailrace.model.report import UseCounts
from tailrace.python.modules import Surface
from tailrace.python.text import absolute_module
from tailrace.python.usages import CallShape, FileUsage, Root, Step, Use
from tailrace.store import ask
from tailrace.store.engine import Engine
from tailrace.store.rows import CUT

if TYPE_CHECKING:
    from tailrace.check.options import CheckOptions
    from tailrace.check.release_pair import ReleasePair
    from tailrace.check.upstream import Upstream
    from tailrace.model import Address, CheckReport
    from tailrace.sources import Sources
    from tailrace.store.store import Snapshot

#: What the store alone cannot see, for the notes of each report.
UNSEEN: Final = (
    "attributes of values whose class only inference knows",
    "names that reach the upstream through another package, or through a module of the downstream that binds them "
    "under a test or by a star import",
    "methods that override others, and plug-ins",
    "command lines that are not written out, and calls of a program's own functions",
)
# The result of a call in the middle of a chain: whatever it was given, it is not asked about here.
_ANY = CallShape(positional=0, star=True, double_star=True)
# Modules of a downstream through which a name is followed.
_LONGEST_WAY: Final = 5
_CHECKED_KINDS: Final = ("import", "from-import", "attribute", "call", "string", "subclass", "store")


def check_facts(
    candidate: str | Address,
    baseline: str | Address | None,
    snapshot: Snapshot,
    sources: Sources,
    options: CheckOptions,
) -> CheckReport:
    """Which releases of the store break, as far as the store alone says. Raises `NoDependentError` and what `check`
    raises."""
    upstream, options = open_pair(candidate, baseline, sources, options)
    with Engine() as engine:
        found, contents = find_dependents(engine, snapshot, upstream)
        if not found:
            raise NoDependentError(upstream.candidate.release.name, snapshot.place.shown)
        asked = _Asked(engine, snapshot, upstream, found, contents)
        uses = asked.uses()
        for artifact, commands in asked.commands().items():
            uses.setdefault(artifact, []).extend(commands)
        imported: dict[int, frozenset[str]] = {}
        for artifact, (more, paths) in asked.reexported_uses().items():
            uses.setdefault(artifact, []).extend(more)
            imported[artifact] = paths
        doubts = asked.doubts()
    checked = [
        _check(
            upstream,
            one,
            uses.get(one.row.artifact, ()),
            imported.get(one.row.artifact, frozenset()),
            doubts.get(one.row.artifact, ()),
            options,
        )
        for one in found
    ]
    notes = [
        *notes_on_comparison(upstream),
        f"the store at {snapshot.place.shown} alone was asked (--engine facts) about the {len(found)} releases in it "
        f"that depend on {upstream.candidate.release.name}. It does not see {'; '.join(UNSEEN)}.",
    ]
    return assemble(upstream, checked, options, notes)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions of one check. `contents`: the files of the dependents."""

    engine: Engine
    snapshot: Snapshot
    upstream: Upstream
    found: Sequence[Dependent]
    contents: ask.Contents

    def uses(self) -> dict[int, list[ask.Use]]:
        """The uses of the upstream that hold a word of a change, by artifact."""
        diff = self.upstream.find_diff()
        words, roots = sorted(diff.identifiers), sorted(self.upstream.roots)
        return self._placed(ask.uses_with_words(self.engine, self.snapshot, roots, words, sorted(diff.calls)))

    def commands(self) -> dict[int, list[ask.Use]]:
        """The command lines that run the upstream's programs, by artifact."""
        programs = {
            name
            for side in (self.upstream.baseline, self.upstream.candidate)
            for script, target in scripts(side.metadata).items()
            for name in (script, target.partition(":")[0])
        }
        return self._placed(ask.commands_of(self.engine, self.snapshot, sorted(programs)))

    def reexported_uses(self) -> dict[int, tuple[list[ask.Use], frozenset[str]]]:
        """The uses that reach the upstream through the downstream's own modules, by artifact, under the upstream's
        paths; and the paths that those modules import.

        Only through names that one import alone binds, under no test; and only uses of what is below such a name, or
        calls of it: the name itself is judged where it is imported.
        """
        fresh = ask.bindings(self.engine, self.snapshot, sorted(self.upstream.roots))
        modules = {
            one.row.artifact: {file: (path, module) for file, path, module in self.contents.get(one.row.artifact, ())}
            for one in self.found
        }
        names = {artifact: _Reexports(files) for artifact, files in modules.items()}
        known = set[str]()
        for _ in range(_LONGEST_WAY):
            added = {name for reexports in names.values() for name in reexports.take(fresh)} - known
            if not added:
                break
            known |= added
            fresh = ask.bindings(self.engine, self.snapshot, self._own_tops(names), sorted(added))
        naming = {artifact: reexports for artifact, reexports in names.items() if reexports.paths}
        own_files = {file for artifact in naming for file in modules[artifact]}
        parts = sorted({part for name in known for part in (name, f"{name}()")})
        rows = ask.uses_with_parts(self.engine, self.snapshot, self._own_tops(naming), sorted(own_files), parts)
        placed = self._placed(rows)
        uses: dict[int, tuple[list[ask.Use], frozenset[str]]] = {}
        for artifact, reexports in naming.items():
            held = [use for row in placed.get(artifact, ()) if (use := reexports.follow(row)) is not None]
            if held:
                uses[artifact] = held, frozenset(path for path in reexports.paths.values() if "." in path)
        return uses

    def doubts(self) -> dict[int, tuple[str, ...]]:
        """Files that name the upstream and of which the store cannot say whether a change hurts them, as
        `FILE (why)`."""
        tops, words = sorted(self.upstream.roots), self.upstream.find_diff().identifiers
        among = {file for files in self.contents.values() for file, _, _ in files}
        problems = ask.problems_of_files(self.engine, self.snapshot, among)
        stars = ask.star_imports(self.engine, self.snapshot, tops)
        cut = ask.files_with_cut_paths(self.engine, self.snapshot, tops)
        naming = ask.files_holding(self.engine, self.snapshot, tops, problems)
        hurt = ask.files_holding(self.engine, self.snapshot, words, {*stars, *(file for file, _ in cut)})
        why = {file: problem for file, problem in problems.items() if file in naming}
        why |= {file: f"line {line}: a path is longer than what the store keeps" for file, line in cut if file in hurt}
        for file, imports in stars.items():
            if file in hurt:
                path, line = imports[0]
                why[file] = f"line {line}: the star import from {path.removesuffix('.*')} may bring what changed"
        doubts = {
            artifact: sorted({f"{path} ({why[file]})" for file, path, _ in files if file in why})
            for artifact, files in self.contents.items()
        }
        return {artifact: tuple(texts) for artifact, texts in doubts.items() if texts}

    def _own_tops(self, artifacts: Iterable[int]) -> list[str]:
        """What the paths of these releases' own modules start with."""
        rows = {one.row.artifact: one.row for one in self.found}
        return sorted({".", *(name for artifact in artifacts for name in rows[artifact].import_names)})

    def _placed(self, rows: Sequence[tuple[Any, ...]]) -> dict[int, list[ask.Use]]:
        return ask.place_by_artifact(rows, [one.row for one in self.found], self.contents)


class _Reexports:
    """The names of one release's modules that stand for something of the upstream. `files`: file → its path and its
    module."""

    def __init__(self, files: Mapping[int, tuple[str, str]]) -> None:
        self.files = files
        self.by_path = {path: (module, path.endswith("/__init__.py")) for path, module in files.values()}
        self.paths: dict[str, str] = {}

    def take(self, rows: Iterable[tuple[int, str, str]]) -> set[str]:
        """Adds the names that these imports bind; returns those that are new."""
        added = set()
        for file, path, bound in rows:
            place, module = self.files.get(file, ("", ""))
            if not module:
                continue
            whole = self._absolute(path, place)
            target = self.paths.get(whole, "" if path.startswith(".") or self._is_own(whole) else whole)
            name = f"{module}.{bound}"
            if target and name not in self.paths:
                self.paths[name] = target
                added.add(bound)
        return added

    def follow(self, row: ask.Use) -> ask.Use | None:
        """The use under the upstream's path; `None` where it is not one, or where its import says it already."""
        parts = self._absolute(row.path, row.file).split(".")
        for length in range(len(parts), 1, -1):
            *before, last = parts[:length]
            target = self.paths.get(".".join((*before, last.removesuffix("()"))))
            if target is None:
                continue
            if length == len(parts) and row.kind not in ("call", "subclass"):
                return None
            end = "()" if last.endswith("()") else ""
            path = ".".join((target + end, *parts[length:]))
            kind = "attribute" if row.kind == "from-import" else row.kind
            return msgspec.structs.replace(row, path=path, kind=kind)
        return None

    def _is_own(self, path: str) -> bool:
        return any(module.partition(".")[0] == path.partition(".")[0] for _, module in self.files.values())

    def _absolute(self, path: str, file: str) -> str:
        """A relative path as the file's place makes it."""
        if not path.startswith("."):
            return path
        module, is_package = self.by_path.get(file, ("", False))
        rest = path.lstrip(".")
        level = len(path) - len(rest)
        package = absolute_module(module, is_package, level, None) if module else None
        return f"{package}.{rest}" if package else path


def _check(
    upstream: Upstream,
    one: Dependent,
    uses: Sequence[ask.Use],
    imported: frozenset[str],
    doubts: Sequence[str],
    options: CheckOptions,
) -> Checked:
    told = check_metadata(upstream, one, options)
    if told.report.status == "not-checked" and one.row.files == 0:
        return told
    with tempfile.TemporaryDirectory(prefix="tailrace-") as folder:
        artifact = stand_in(one.row, Path(folder))
        pair = upstream.pair(Surface(artifact))
        found = [hit for file in _by_file(uses) for hit in _breaks(pair, file, imported)]
        found += [hit for use in uses if use.kind == "command" for hit in _gone_options(upstream, use)]
        marks = {id(hit): deprecation_behind(pair, hit) for hit, _ in found}
    hits = {(hit.file, hit.line, hit.rule, hit.path): (hit, use) for hit, use in found}
    kept = deduplicated(hit for hit, _ in hits.values())
    metadata = artifact.metadata
    requirement = requirement_on(metadata, upstream.candidate.metadata.name)
    admitted = admits(requirement, upstream.candidate.release.version, requires_python=metadata.requires_python)
    fix = containing_fix(
        upstream.candidate.metadata.name, upstream.candidate.release.version, upstream.baseline.release.version
    )
    by_hit = {id(hit): use for hit, use in hits.values()}
    findings = [_finding(hit, by_hit[id(hit)], upstream, one, fix) for hit in kept]
    findings = sorted((*findings, *told.report.findings), key=lambda f: (f.file, f.line, f.column, f.rule, f.symbol))
    unread = bool(one.row.unreadable) or one.row.opaque > 0 or bool(upstream.unread)
    status = status_of(findings, admitted or options.ignore_bounds)
    if status == "clear" and unread:
        status = "possible"
    reason = None
    if doubts and status in ("clear", "possible"):
        status = "not-checked"
        more = f", and {len(doubts) - 3} more" if len(doubts) > 3 else ""
        reason = f"the store alone cannot decide on {'; '.join(doubts[:3])}{more}"
    return Checked(
        DownstreamReport(
            name=one.row.name,
            version=one.row.version,
            spec=one.row.spec,
            status=status,
            requirement=requirement,
            admits_candidate=admitted,
            reason=reason,
            files=FileCounts(total=one.row.files, mentioning=len(one.naming), unreadable=len(one.row.unreadable)),
            uses=UseCounts(total=len(uses), decided=len(uses)),
            findings=tuple(findings),
            notes=(*told.report.notes, *(f"not read: {text}" for text in one.row.unreadable[:3])),
        ),
        (*told.changes, *(change_of(hit, marks[id(hit)]) for hit in kept)),
    )


def _by_file(uses: Sequence[ask.Use]) -> Iterator[list[ask.Use]]:
    files: dict[str, list[ask.Use]] = {}
    for use in uses:
        files.setdefault(use.file, []).append(use)
    yield from files.values()


def _breaks(
    pair: ReleasePair, uses: Sequence[ask.Use], elsewhere: frozenset[str]
) -> Iterator[tuple[Breakage, ask.Use]]:
    """The breaks in one file. `elsewhere`: paths that other modules of the downstream import."""
    imported = elsewhere | {use.path for use in uses if use.kind == "from-import"}
    modules = {use.path for use in uses if use.kind == "import"}
    for row in uses:
        if row.kind not in _CHECKED_KINDS or row.guard == "type-checking":
            continue
        use = _use(row, imported, modules)
        if use is None:
            continue
        usage = FileUsage(module="", file=row.file, uses=(use,), classes=(), sites=(), text="")
        for hit in judge_use(pair, usage, use):
            yield replace(hit, line=row.line, column=row.column), row


def _gone_options(upstream: Upstream, row: ask.Use) -> Iterator[tuple[Breakage, ask.Use]]:
    """The options and subcommands of one command line that the candidate no longer has."""
    if upstream.joins is None or CUT in row.path:
        return
    words = [None if word == "…" else word for word in row.path.split(" ")]
    for given in (words, ["python", "-m", *words]):
        hits = list(upstream.joins.processes.in_line(row.file, row.line, row.column, given))
        if hits:
            yield from ((hit, row) for hit in hits)
            return


def _use(row: ask.Use, imported: Iterable[str], modules: Iterable[str]) -> Use | None:
    """The use as the reader of sources would give it."""
    parts = row.path.replace("()", ".()").split(".")
    line, column = row.line, row.column
    how = {"import": "import", "from-import": "from-import", "string": "string"}.get(row.kind, "attribute")
    rest: list[str]
    if row.kind == "import" or (row.kind == "string" and "()" not in parts and len(parts) == 1):
        root, rest = Root("import", row.path, row.path), []
    elif row.kind == "from-import":
        module, _, name = row.path.rpartition(".")
        if not module or name == "*":
            return None
        root, rest = Root("from", name, module), []
    else:
        held = _longest(parts, imported)
        if held:
            root, rest = Root("from", parts[held - 1], ".".join(parts[: held - 1])), parts[held:]
        else:
            held = _longest(parts, modules) or 1
            module = ".".join(parts[:held])
            root, rest = Root("import", module, module), parts[held:]
    steps = [
        Step(call=_ANY, line=line, column=column) if part == "()" else Step(part, line=line, column=column)
        for part in rest
    ]
    if row.guard == "default" and steps:
        steps[-1] = msgspec.structs.replace(steps[-1], default=True)
    if row.kind == "call":
        shape = CallShape(row.positional, tuple(row.keywords), row.star, row.double_star)
        steps.append(Step(call=shape, line=line, column=column))
    scope = "function" if row.in_function else "import"
    return Use(root, tuple(steps), how, row.line, row.column, row.inside, scope)  # type: ignore[arg-type]


def _longest(parts: Sequence[str], known: Iterable[str]) -> int:
    """How many of the parts the longest known path has; 0 for none."""
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in known:
            return length
    return 0


def _finding(hit: Breakage, row: ask.Use, upstream: Upstream, one: Dependent, fix: str) -> Finding:
    guard = {"try": "try", "except": "except", "hasattr": row.condition}.get(row.guard)
    decided = row.guard not in ("version", "platform")
    context = Context(
        guard=guard,
        condition=row.condition or None if not decided else None,
        doubtful=not decided,
    )
    return describe(
        hit,
        context,
        candidate=upstream.candidate.release,
        baseline=upstream.baseline.release,
        downstream=one.row.name,
        source="",
        inside=row.inside,
        import_breaks=(),
        fix=fix,
    )
