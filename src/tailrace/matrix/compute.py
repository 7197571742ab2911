"""Computes every cell of a grid. A cell is checked unless the same changes meet the same code in another one.

For each version of the downstream one version of the upstream is the baseline. A cell is the check of another version
against it. Two cells of a row have the same answer where the candidates differ from the baseline in the same way, as
far as the downstream's words go; two rows where the files that reach the upstream, and the metadata, are the same.
Where code asks for the version of the upstream, nothing is shared.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tailrace.changes.diff import Diff, load_or_diff
from tailrace.changes.interfaces import RULES
from tailrace.changes.interfaces.data import installed_files
from tailrace.check.downstream import Opened, check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.requirements import admits, requirement_on
from tailrace.check.upstream import Upstream
from tailrace.matrix.choose import baseline_for
from tailrace.matrix.ranges import working_range
from tailrace.matrix.values import Cell, GridCounts, Matrix, Row
from tailrace.model import Address, Artifact, DownstreamReport, TailraceError, redact
from tailrace.processes.pool import Done, Lost, Pool
from tailrace.python.modules import Surface
from tailrace.python.parsing import identifiers
from tailrace.python.resolving import make_resolver
from tailrace.scan.extract import extract

if TYPE_CHECKING:
    from tailrace.sources import Sources

_WORD = re.compile(r"[^\W\d]\w*")
# The number of checks of a row whose release neither requires nor names the upstream.
_UNRELATED = -1
# Comparisons of releases that are held at once; each keeps two indexes of modules.
_HELD = 48
# Words of a file with a star import that are looked up in each version.
_STAR_WORDS = 2000
# Releases of the upstream of which what was read is kept.
_SURFACES = 24
# What code asks for a version with, but for Python's own and for the definition of one's own.
_ASKS_VERSION = re.compile(
    rb"\b(?:version_info|__version__|VERSION|parse_version|(?:Loose|Strict)?Version|get_distribution|working_set"
    rb"|importlib[._]metadata)\b"
)
_NOT_ASKED = re.compile(rb"sys\.version_info|(?m:^__version__\s*=)|[\"']__version__[\"']")
_OF_PYTHON = re.compile(rb"(?m)^[ \t]*from[ \t]+sys[ \t]+import[ \t][^\n]*\bversion_info\b")
_INFO = re.compile(r"\.(?:dist|egg)-info/")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check says of one pair, without the versions."""

    works: bool | None
    symbol: str | None = None
    rule: str | None = None
    file: str | None = None
    line: int | None = None
    message: str | None = None
    breaks: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Which grid: names, and versions oldest first. `downstream_specs`: release specs by version, where the downstream
    does not come from the index."""

    upstream: str
    downstream: str
    upstream_versions: tuple[str, ...]
    downstream_versions: tuple[str, ...]
    downstream_specs: tuple[tuple[str, str], ...] = ()
    baseline: str | None = None

    def downstream_spec(self, version: str) -> str:
        """The spec of one version of the downstream."""
        return dict(self.downstream_specs).get(version, f"{self.downstream}=={version}")


def compute(grid: Grid, sources: Sources, options: CheckOptions, notes: Sequence[str] = ()) -> Matrix:
    """The whole grid. What cannot be fetched or read gives cells that are not checked, with the reason.

    Raises TailraceError where no version of the downstream requires or names the upstream.
    """
    rows: dict[str, tuple[Row, int]] = {}
    for part, outcome in _run(grid, sources, options):
        if isinstance(outcome, Lost):
            reason = _why_lost(outcome, options)
            rows |= {version: (_empty_row(grid, version, reason), 0) for version in part}
        else:
            rows |= {row.downstream: (row, checks) for row, checks in outcome}
    if all(checks == _UNRELATED for _, checks in rows.values()):
        raise TailraceError(
            f"no version of {grid.downstream} requires {grid.upstream} or names it in its code.",
            hint="There is nothing to check; are both names right?",
        )
    ordered = tuple(rows[version][0] for version in grid.downstream_versions)
    cells = [cell for row in ordered for cell in row.cells]
    states = [cell.state for cell in cells]
    return Matrix(
        upstream=grid.upstream,
        downstream=grid.downstream,
        upstream_versions=grid.upstream_versions,
        downstream_versions=grid.downstream_versions,
        counts=GridCounts(
            cells=len(cells),
            works=states.count("works"),
            breaks=states.count("breaks"),
            declared_incompatible=states.count("declared-incompatible"),
            not_checked=states.count("not-checked"),
            checks=sum(max(checks, 0) for _, checks in rows.values()),
        ),
        rows=ordered,
        notes=tuple(notes),
    )


Outcome = list[tuple[Row, int]]


def _run(grid: Grid, sources: Sources, options: CheckOptions) -> Iterator[tuple[tuple[str, ...], Outcome | Lost]]:
    plain = replace(options, progress=None, ignore_bounds=True, allow=())
    versions = grid.downstream_versions
    if options.progress is not None:
        options.progress.start(len(versions))
    if options.in_process:
        worker = _Worker(grid, sources, plain)
        for version in versions:
            yield (version,), [worker.row(version)]
            _step(options, grid, version)
        return
    jobs = min(options.jobs or os.cpu_count() or 1, len(versions))
    setup = pickle.dumps((grid, sources, plain))
    # A worker gets the neighbours of what it has: their files are often the same.
    size = max(1, -(-len(versions) // (jobs * 2)))
    parts = [versions[start : start + size] for start in range(0, len(versions), size)]
    limit = options.time_limit * size
    with Pool(jobs, module=__name__, time_limit=limit, memory_limit=options.memory_limit) as pool:
        for number, outcome in pool.run(_work, [(setup, part) for part in parts]):
            yield parts[number], outcome.value if isinstance(outcome, Done) else outcome
            for version in parts[number]:
                _step(options, grid, version)


def _step(options: CheckOptions, grid: Grid, version: str) -> None:
    if options.progress is not None:
        options.progress.step(f"{grid.downstream} {version}")


def _why_lost(lost: Lost, options: CheckOptions) -> str:
    return {
        "time-limit": f"it took more than {options.time_limit:g} seconds a row (--time-limit)",
        "memory-limit": f"it took more than {options.memory_limit >> 20} MiB (--memory-limit)",
        "killed": f"the process that checked it ended twice ({lost.detail})",
        "failed": f"Tailrace failed on it ({redact(lost.detail)[:300]}); please report this fault",
        "not-started": "no worker process could be started",
    }[lost.why]


_worker: tuple[bytes, _Worker] | None = None


def _work(setup: bytes, versions: tuple[str, ...]) -> Outcome:
    global _worker  # noqa: PLW0603 - one value per worker process
    if _worker is None or _worker[0] != setup:
        _worker = (setup, _Worker(*pickle.loads(setup)))  # noqa: S301 - from the process that started this one
    return [_worker[1].row(version) for version in versions]


@dataclass(slots=True)
class _Down:
    """One version of the downstream, read as far as every pair needs. `words`: of the files that reach the upstream,
    `every_word`: of all. `legible`: nothing of it is left unread."""

    artifact: Artifact
    opened: Opened
    requirement: str | None
    words: frozenset[str]
    every_word: frozenset[str]
    requires: frozenset[str]
    print: str
    asks_version: bool
    legible: bool


@dataclass(slots=True)
class _Worker:
    """The rows of one process. What was found out once serves all of its cells."""

    grid: Grid
    sources: Sources
    options: CheckOptions
    checks: int = 0
    _releases: dict[str, Artifact | str] = field(default_factory=dict)
    _diffs: dict[tuple[str, str], Diff] = field(default_factory=dict)
    _surfaces: OrderedDict[str, Surface] = field(default_factory=OrderedDict)
    _upstreams: OrderedDict[tuple[str, str], Upstream] = field(default_factory=OrderedDict)
    _answers: dict[tuple[object, ...], tuple[Answer, tuple[str, str]]] = field(default_factory=dict)

    def row(self, version: str) -> tuple[Row, int]:
        """The cells of one version of the downstream, and how many checks they took (`_UNRELATED`: none was needed)."""
        from tailrace.artifacts import open_release

        before = self.checks
        spec = self.grid.downstream_spec(version)
        try:
            artifact = open_release(spec, self.sources)
        except (TailraceError, OSError) as error:
            return _empty_row(self.grid, version, Address(spec).scrub(redact(str(error)))), 0
        metadata = artifact.metadata
        requirement = requirement_on(metadata, self.grid.upstream)
        baseline, chosen = self.grid.baseline, "named"
        if baseline is None:
            baseline, chosen = baseline_for(
                artifact.release, requirement, metadata.requires_python, self.grid.upstream, self.sources
            )
        if baseline is None:
            baseline, chosen = self._most_complete(artifact, requirement)
        opened = self._open(baseline) if baseline is not None else "no release of the upstream is admitted"
        if isinstance(opened, str) or baseline is None:
            reason = f"there is no baseline to compare with: {opened}"
            row = _empty_row(self.grid, version, reason, requirement, metadata.requires_python)
            return row, 0
        try:
            down = self._read(artifact, requirement, opened)
        except RecursionError:
            return _empty_row(self.grid, version, "it is nested too deeply to be read", requirement), 0
        cells = tuple(self._cell(version, down, baseline, candidate) for candidate in self.grid.upstream_versions)
        row = Row(
            downstream=version,
            requirement=requirement,
            baseline=baseline,
            baseline_from=chosen,
            cells=cells,
            range=working_range(self.grid.upstream, cells, baseline, requirement),
        )
        related = requirement is not None or down.words or not down.legible
        return row, self.checks - before if related or self.checks > before else _UNRELATED

    def _most_complete(self, artifact: Artifact, requirement: str | None) -> tuple[str | None, str]:
        """The newest version that lacks the fewest of the names that the downstream uses, rather one that it admits."""
        versions = self.grid.upstream_versions
        python = artifact.metadata.requires_python
        admitted = [v for v in versions if admits(requirement, v, requires_python=python)]
        paths: dict[str, None] = {}
        for file in artifact.python_files:
            try:
                facts = extract((artifact.root / file).read_bytes())
            except OSError:
                continue
            for use in facts.uses:
                if use.guard:
                    continue
                module, star, _ = use.path.rpartition(".*")
                if not star:
                    paths[use.path.partition("()")[0]] = None
                elif module and facts.words is not None:  # any word of the file may come by it
                    paths |= dict.fromkeys(f"{module}.{word}" for word in facts.words.words[:_STAR_WORDS])
        best: tuple[int, str] | None = None
        for version in (*reversed(admitted), *(v for v in reversed(versions) if v not in admitted)):
            opened = self._open(version)
            if isinstance(opened, str):
                continue
            surface = self._surface(opened)
            resolver = make_resolver(surface, versions={opened.release.name: version})
            used = [path for path in paths if path.partition(".")[0] in surface.roots]
            missing = sum(resolver.path(path).state == "absent" for path in used)
            if best is None or missing < best[0]:
                best = (missing, version)
        if best is None:
            return None, "no release could be opened"
        return best[1], "newest that has most of the names that it uses"

    def _read(self, artifact: Artifact, requirement: str | None, baseline: Artifact) -> _Down:
        opened = Opened(Surface(artifact))
        roots = Surface(baseline).roots
        narrowed = opened.narrow(roots)
        held = frozenset[bytes]().union(*narrowed.words.values())
        digest = hashlib.sha256()
        asks = False
        every: set[bytes] = set()
        for file in artifact.python_files:
            try:
                data = (artifact.root / file).read_bytes()
            except OSError:
                continue
            if file in narrowed.words:
                digest.update(f"{file}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
                asks = asks or _asks_version(data)
            every |= identifiers(data)
        metadata = artifact.metadata
        other = sorted(file for file in artifact.other_files if not _INFO.search(file))
        digest.update(repr((metadata.requires_python, metadata.requires_dist, metadata.entry_points)).encode())
        digest.update(repr((artifact.unreadable, artifact.opaque_files, other)).encode("utf-8", "surrogateescape"))
        return _Down(
            artifact=artifact,
            opened=opened,
            requirement=requirement,
            words=_texts(held) | {word for point in metadata.entry_points for word in _WORD.findall(repr(point))},
            every_word=_texts(every),
            requires=_names_required(metadata.requires_dist),
            print=digest.hexdigest(),
            asks_version=asks,
            legible=bool(artifact.python_files)
            and not artifact.unreadable
            and not artifact.opaque_files
            and not narrowed.unreadable
            and all(opened.surface.tree(file) is not None for file in narrowed.mentioning),
        )

    def _cell(self, version: str, down: _Down, baseline: str, candidate: str) -> Cell:
        metadata = down.artifact.metadata
        declared = admits(down.requirement, candidate, requires_python=metadata.requires_python)
        here = (version, candidate)
        if candidate == baseline:
            return _shown(here, declared, Answer(True), "baseline", None)
        try:
            key, touched = self._key(down, baseline, candidate)
            if not touched and down.legible:
                return _shown(here, declared, Answer(True), "narrowed", None)
            known = self._answers.get(key)
            if known is not None:
                return _shown(here, declared, known[0], "shared", known[1])
            self.checks += 1
            answer = self._check(down, baseline, candidate)
        except TailraceError as error:
            return _shown(here, declared, Answer(None, reason=redact(str(error))[:500]), "none", None)
        except (OSError, RecursionError, MemoryError) as error:
            reason = f"it could not be checked ({type(error).__name__}: {redact(str(error))[:300]})"
            return _shown(here, declared, Answer(None, reason=reason), "none", None)
        self._answers[key] = (answer, here)
        return _shown(here, declared, answer, "checked", None)

    def _check(self, down: _Down, baseline: str, candidate: str) -> Answer:
        report = check_downstream(self._upstream(baseline, candidate), down.artifact, self.options, down.opened).report
        return answer_of(report)

    def _key(self, down: _Down, baseline: str, candidate: str) -> tuple[tuple[object, ...], bool]:
        """What the answer depends on, and whether a change meets a word of the downstream.

        Each finding of a check names a change of the releases, so that two candidates whose changes are the same, as
        far as the downstream holds the names, have the same findings.
        """
        upstream = self._upstream(baseline, candidate)
        diff = upstream.find_diff()
        words = down.words
        changes = tuple(
            (change.rule, change.symbol, change.detail)
            for change in diff.changes
            if change.rule in RULES or (_NAMED_BY.get(change.rule, _last_words)(change.symbol) & words)
        )
        opened_candidate = upstream.candidate.metadata
        lost = words & diff.lost
        # A file that names the upstream nowhere counts where plug-ins are given objects of it.
        if (anywhere := down.every_word & diff.lost) != lost and upstream.conventions is not None:
            lost = anywhere
        met = (
            tuple(one for one in changes if one[0] not in RULES),
            tuple(one for one in changes if one[0] in RULES and down.every_word & set(_WORD.findall(one[1]))),
            tuple((name, diff.calls[name]) for name in sorted(diff.calls) if name in words),
            tuple(sorted(lost)),
            tuple(
                line
                for line in opened_candidate.requires_dist
                if not down.requires.isdisjoint(_names_required((line,)))
            ),
            tuple(sorted(self._gone(upstream, words))),
            candidate if down.asks_version else "",
        )
        return (down.print, baseline, *met), any(met)

    def _gone(self, upstream: Upstream, words: frozenset[str]) -> Iterator[str]:
        """The resources of the upstream that are gone and that the downstream may name."""
        for file in installed_files(upstream.baseline) - installed_files(upstream.candidate):
            parts = [part.partition(".")[0] for part in file.split("/")]
            if parts[0] in upstream.roots and not words.isdisjoint(parts[1:]):
                yield file

    def _upstream(self, baseline: str, candidate: str) -> Upstream:
        pair = (baseline, candidate)
        if pair in self._upstreams:
            self._upstreams.move_to_end(pair)
            return self._upstreams[pair]
        opened_baseline, opened_candidate = self._open(baseline), self._open(candidate)
        for opened, version in ((opened_baseline, baseline), (opened_candidate, candidate)):
            if isinstance(opened, str):
                raise TailraceError(f"{self.grid.upstream} {version} could not be opened: {opened}")
        assert isinstance(opened_baseline, Artifact)
        assert isinstance(opened_candidate, Artifact)
        cache = self.sources.cache.root
        surfaces = self._surface(opened_baseline), self._surface(opened_candidate)
        if pair not in self._diffs:
            self._diffs[pair] = load_or_diff(opened_baseline, opened_candidate, cache, surfaces)
        made = Upstream(opened_baseline, opened_candidate, cache_dir=cache, surfaces=surfaces)
        made.known_diff = self._diffs[pair]
        self._upstreams[pair] = made
        if len(self._upstreams) > _HELD:
            self._upstreams.popitem(last=False)
        return made

    def _surface(self, artifact: Artifact) -> Surface:
        """The modules of a release of the upstream; the last few are kept, with what was read of them."""
        version = artifact.release.version
        if version not in self._surfaces:
            self._surfaces[version] = Surface(artifact)
            if len(self._surfaces) > _SURFACES:
                self._surfaces.popitem(last=False)
        self._surfaces.move_to_end(version)
        return self._surfaces[version]

    def _open(self, version: str) -> Artifact | str:
        """The upstream in one version, or why it cannot be had."""
        from tailrace.artifacts import open_release

        if version not in self._releases:
            try:
                self._releases[version] = open_release(f"{self.grid.upstream}=={version}", self.sources)
            except (TailraceError, OSError) as error:
                self._releases[version] = redact(str(error))[:500]
        return self._releases[version]


def answer_of(report: DownstreamReport) -> Answer:
    """What a report says of its one downstream, requirements taken to be lifted."""
    counted = [finding for finding in report.findings if finding.counts_as_break]
    if report.status in ("breaks", "contained") and counted:
        first = min(
            counted, key=lambda finding: (finding.scope != "import", finding.file, finding.line, finding.column)
        )
        return Answer(
            False, first.used or first.symbol, first.rule, first.file, first.line, first.message, len(counted)
        )
    if report.status == "clear":
        return Answer(True)
    if report.status == "possible":
        weak = next((finding for finding in report.findings if finding.severity == "error"), None)
        reason = f"only weak evidence: {weak.message}" if weak is not None else "something in it could not be read"
        return Answer(None, reason=reason)
    return Answer(None, reason=report.reason or "it was not checked")


def _shown(here: tuple[str, str], declared: bool, answer: Answer, how: str, same_as: tuple[str, str] | None) -> Cell:
    state = "works" if answer.works else "breaks" if answer.works is False else "not-checked"
    return Cell(
        downstream=here[0],
        upstream=here[1],
        state=state if declared else "declared-incompatible",  # type: ignore[arg-type]  # one of the literals
        works=answer.works,
        declared=declared,
        how=how,  # type: ignore[arg-type]
        symbol=answer.symbol,
        rule=answer.rule,
        file=answer.file,
        line=answer.line,
        message=answer.message,
        breaks=answer.breaks,
        reason=answer.reason,
        same_as=same_as,
    )


def _empty_row(
    grid: Grid, version: str, reason: str, requirement: str | None = None, requires_python: str | None = None
) -> Row:
    cells = tuple(
        _shown(
            (version, candidate),
            admits(requirement, candidate, requires_python=requires_python),
            Answer(None, reason=reason),
            "none",
            None,
        )
        for candidate in grid.upstream_versions
    )
    return Row(
        downstream=version,
        requirement=requirement,
        baseline=None,
        baseline_from="",
        cells=cells,
        range=working_range(grid.upstream, cells, None, requirement),
        reason=reason,
    )


def _asks_version(data: bytes) -> bool:
    """Whether code may ask for the version of something other than Python."""
    plain = _NOT_ASKED.sub(b"", data)
    if _OF_PYTHON.search(plain):  # what it calls `version_info` is Python's
        plain = plain.replace(b"version_info", b"")
    return _ASKS_VERSION.search(plain) is not None


def _texts(words: Iterable[bytes]) -> frozenset[str]:
    return frozenset(word.decode("utf-8", "replace") for word in words)


def _last_words(symbol: str) -> frozenset[str]:
    """The words of which a file must hold one to be hurt by a change: the last names of its symbol.

    `up.f(x=)` → `f`; `up.C.__init__(x=)` → `C` too, since a class is called by its name.
    """
    path = symbol.partition("(")[0]
    parts = path.split(".")
    found = {parts[-1]}
    if parts[-1].startswith("__") and len(parts) > 1:
        found.add(parts[-2])
    return frozenset(found)


def _every_word(symbol: str) -> frozenset[str]:
    return frozenset(_WORD.findall(symbol))


# Rules whose symbol is no dotted path: any word of it may be what a downstream holds.
_NAMED_BY: dict[str, Callable[[str], frozenset[str]]] = {
    "option-removed": _every_word,
    "option-conflict": _every_word,
    "entry-point-removed": _every_word,
    "requirement-conflict": _every_word,
    "unexplained": _every_word,
}


def _names_required(lines: Iterable[str]) -> frozenset[str]:
    from packaging.utils import canonicalize_name

    found = (re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line) for line in lines)
    return frozenset(str(canonicalize_name(match[1])) for match in found if match is not None)
