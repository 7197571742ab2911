"""Checks one downstream against both upstream surfaces. A failure is limited to this downstream."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import msgspec

from tailrace.changes.diff import Hurt, find_hurt, words_in
from tailrace.check.breakage import Breakage, deduplicated, is_said, names_of
from tailrace.check.breakages import FileView, find_file_breaks
from tailrace.check.breakages.deprecated import deprecation_of
from tailrace.check.breakages.describe import change_of, describe
from tailrace.check.breakages.dynamic_lookups import find_indirect
from tailrace.check.breakages.find import judge_use
from tailrace.check.breakages.inferred_attributes import find_typed
from tailrace.check.breakages.isinstance_guards import is_another_kind
from tailrace.check.breakages.kept_parameters import constructed_elsewhere, find_kept
from tailrace.check.breakages.metadata import find_entry_point_breaks, find_joined
from tailrace.check.breakages.monkeypatched import without_supplied
from tailrace.check.breakages.passed_parameters import find_passed
from tailrace.check.breakages.self_checks import SelfChecks, ask_for_version, may_refuse
from tailrace.check.code_of_tests import is_test_code
from tailrace.check.guards.context import Context, Surroundings
from tailrace.check.interfaces import Doubt, View, find_interface_breaks
from tailrace.check.narrowing.import_graph import ImportGraph
from tailrace.check.narrowing.mentions import Narrowed, narrow
from tailrace.check.narrowing.reexports import within_reach
from tailrace.check.narrowing.use_filter import LiveRoots, live_modules
from tailrace.check.narrowing.vendored import adopt_vendored
from tailrace.check.not_checked import find_unread, notes_on_unread, why_unseen
from tailrace.check.opaque import find_compiled, find_opaque
from tailrace.check.options import CheckOptions
from tailrace.check.release_pair import ReleasePair
from tailrace.check.requirements import PYTHONS, admits, containing_fix, requirement_on, supports
from tailrace.check.translated import is_translated
from tailrace.check.undecided import count_uses
from tailrace.check.unreached import weaken_unreached
from tailrace.check.upstream import KnownResolvers, Upstream
from tailrace.check.verdict import status_of
from tailrace.model import Artifact, Change, Deprecation, DownstreamReport, FileCounts, Finding, Release
from tailrace.python.modules import Surface, shown_module
from tailrace.python.parsing import MAX_SOURCE_BYTES
from tailrace.python.usages import FileUsage, Indirection, collect_usage
from tailrace.python.usages.conventions import Conventions

_ATTRIBUTE = re.compile(rb"\.[ \t]*([A-Za-z_]\w*)")
# Bytes of source that are parsed in some milliseconds.
_CHEAP_TO_PARSE = 100_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A downstream's report with the changes that its findings name. `itself`: it is the upstream, so none."""

    report: DownstreamReport
    changes: tuple[Change, ...] = ()
    itself: bool = False


@dataclass(slots=True)
class Opened:
    """A downstream that is checked against several upstreams: what was read of it is not read again."""

    surface: Surface
    narrowed: dict[frozenset[str], Narrowed] = field(default_factory=dict)
    usages: list[tuple[Conventions | None, dict[str, FileUsage | None]]] = field(default_factory=list)
    resolvers: KnownResolvers = field(default_factory=dict)

    def usages_under(self, conventions: Conventions | None) -> dict[str, FileUsage | None]:
        """The uses of the files that were read under these conventions, by file; what is read is added."""
        for known, usages in self.usages:
            if known == conventions:
                return usages
        self.usages.append((conventions, {}))
        return self.usages[-1][1]

    def narrow(self, roots: frozenset[str]) -> Narrowed:
        """The files that name these import names, or a module that does."""
        if roots not in self.narrowed:
            self.narrowed[roots] = narrow(self.surface.artifact, self.surface, roots)
        return self.narrowed[roots]


def check_downstream(
    upstream: Upstream, downstream: Artifact, options: CheckOptions, opened: Opened | None = None
) -> Checked:
    """Everything the candidate breaks in one downstream. `opened`: the same downstream, as far as it was read."""
    release, metadata = downstream.release, downstream.metadata
    requirement = (
        f"python{metadata.requires_python}"
        if upstream.is_interpreter and metadata.requires_python
        else requirement_on(metadata, upstream.candidate.metadata.name)
    )
    admitted = admits(requirement, upstream.candidate.release.version, requires_python=metadata.requires_python)
    opened = opened or Opened(Surface(downstream))
    surface = opened.surface
    everything = opened.narrow(upstream.roots)
    if everything.mentioning:
        adopt_vendored(surface, upstream.roots)
    pair = upstream.pair(surface, opened.resolvers)
    names = upstream.roots | {upstream.candidate.metadata.name}
    surroundings = Surroundings(pair, _pythons(upstream.candidate, downstream), names, judge_use)
    self_checks = _self_checks(pair, surface, everything, surroundings)
    narrowed, hurt = _narrowed(upstream, pair, opened, everything, self_checks)
    conventions = upstream.conventions
    files = _with_conventional(downstream, narrowed.files, conventions, upstream.conventional_words)
    usages, unreadable = _read(surface, files, conventions, opened.usages_under(conventions), self_checks)
    unreadable += _unparsed(surface, everything, narrowed)
    by_file = {usage.file: usage for usage in usages}
    roots = LiveRoots((pair.baseline, pair.candidate), surface, live_modules(surface, everything.words), hurt)
    changed = upstream.interface_changes
    words = hurt.words if hurt is not None else None
    uses = {usage.file: tuple(roots.uses(usage)) for usage in usages}
    found = [
        hit
        for usage in usages
        for hit in find_file_breaks(FileView(pair, usage, uses[usage.file], surface, changed, words))
    ]
    by_function = _indirections(usages)
    found += [hit for usage in usages for hit in find_indirect(pair, usage, by_function)] if by_function else []
    if upstream.lost_members:
        elsewhere, _ = _read(surface, sorted(constructed_elsewhere(pair, usages)))
        found += find_kept(pair, [*usages, *elsewhere], upstream.lost_members)
        found += find_passed(
            pair,
            surface,
            usages,
            upstream.lost_members,
            frozenset((hit.file, hit.line) for hit in found),
            lambda file, called: _read_one(surface, file, conventions, called),
        )
    found += find_entry_point_breaks(pair, downstream)
    found += find_joined(upstream.joins, pair, downstream, upstream.baseline, upstream.candidate, by_file)
    joined = list(find_interface_breaks(_view(upstream, pair, downstream, surface, usages)))
    doubts = tuple(dict.fromkeys(one.text for one in joined if isinstance(one, Doubt)))
    raising = {(hit.file, hit.line) for hit in found if hit.rule == "call-raises"}
    found += [
        one
        for one in joined
        if isinstance(one, Breakage) and not (one.rule == "value-removed" and (one.file, one.line) in raising)
    ]
    _read_more(surface, by_file, found)
    answered: set[tuple[str, int, int]] = set()
    typed, trouble, typechecked = find_typed(
        pair,
        usages,
        upstream.lost_members,
        downstream=downstream,
        baseline=upstream.baseline,
        candidate=upstream.candidate,
        time_limit=options.time_limit,
        answered=answered,
    )
    typed = [hit for hit in typed if hit.rule != "unexplained" or not is_said(hit, found)]
    if self_checks is not None:
        known = {usage.file for usage in usages}
        refusing = (f for f in everything.files if f not in known and may_refuse(everything.words[f]))
        more, _ = _read(surface, refusing, self_checks=self_checks)
        found += self_checks.find([*usages, *more])
    _read_more(surface, by_file, found)
    hits = deduplicated([*found, *typed])
    hits = without_supplied(pair, hits, usages, surroundings)
    hits = tuple(h for h in hits if h.file not in by_file or not is_another_kind(pair, by_file[h.file], h))
    hits = weaken_unreached(surface, pair.roots, hits)
    fix = containing_fix(
        upstream.candidate.metadata.name, upstream.candidate.release.version, upstream.baseline.release.version
    )
    importers = Importers(surface, everything, by_file)
    findings = _findings(hits, by_file, surroundings, upstream, downstream, importers, fix)
    changes = tuple(change_of(hit, deprecation_behind(pair, hit)) for hit in hits)
    counted = count_uses(pair, ((usage, uses[usage.file]) for usage in usages), hits, answered, upstream)
    counts = FileCounts(
        total=narrowed.total,
        read=len(usages),
        mentioning=len(everything.mentioning),
        typechecked=max(typechecked, 0),
        unreadable=len(narrowed.unreadable) + len(unreadable),
    )
    unread = find_unread(
        downstream,
        [*(file for file in unreadable if file in everything.mentioning), *narrowed.unreadable],
        uses_upstream=requirement is not None or bool(everything.mentioning),
    )
    opaque = find_opaque(downstream, upstream.roots)
    opaque += find_compiled(downstream, upstream.roots, lambda: upstream.changed_names)
    status = status_of(findings, admitted or options.ignore_bounds)
    # Where the candidate itself cannot be read, it is not known whether it still has what is used.
    unsettled = (
        unread.besides
        or opaque
        or doubts
        or counted.reasons.unparsable
        or (upstream.unread and everything.mentioning)
        or (options.strict and counted.undecided_changed)
    )
    if status == "clear" and unsettled:
        status = "possible"
    reason = (
        why_unseen(downstream, requirement, upstream.roots) or unread.reason or (trouble if typechecked < 0 else None)
    )
    unsure = reason is not None and status in {"clear", "possible"}
    notes = notes_on_unread([*unreadable, *narrowed.unreadable], downstream, opaque) + (
        (trouble,) if trouble is not None else ()
    )
    notes += doubts
    return Checked(
        DownstreamReport(
            name=release.name,
            version=release.version,
            spec=release.spec,
            status="not-checked" if unsure else status,
            reason=reason if unsure else None,
            requirement=requirement,
            admits_candidate=admitted,
            files=counts,
            uses=counted,
            findings=findings,
            notes=notes,
        ),
        changes,
    )


def _narrowed(
    upstream: Upstream, pair: ReleasePair, opened: Opened, everything: Narrowed, self_checks: SelfChecks | None
) -> tuple[Narrowed, Hurt | None]:
    """The files to read: those that can reach the upstream and, where that is cheap to know, can be hurt."""
    surface = opened.surface

    def read(file: str) -> None:  # which is sure to be read, and is parsed now
        conventions = upstream.conventions
        _read(surface, (file,), conventions, opened.usages_under(conventions), self_checks)

    if upstream.known_diff is None and not upstream.worth_a_diff(everything.mentioning_size):
        return within_reach(pair, surface, everything, read), None
    diff = upstream.find_diff()
    wanted = words_in(diff, surface, everything.words)
    words = {word.encode() for word in wanted[0]}
    holding = {file for file, held in everything.words.items() if not words.isdisjoint(held)}
    common = len(holding) * 4 > len(everything.words)
    if common:  # what is within reach is fewer than what holds the words
        holding |= wanted[1]
        everything = within_reach(pair, surface, everything, lambda file: read(file) if file in holding else None)
    held = {file: everything.words[file] for file in everything.files}
    hurt = find_hurt(diff, surface, held, wanted)
    narrowed = everything.only(hurt.files | everything.computed)
    if not common and _bytes(everything, narrowed.reaching) >= _bytes(everything, everything.mentioning):
        # Reading them costs more than finding out whether they can be reached.
        reached = within_reach(pair, surface, replace(everything, reaching=narrowed.reaching))
        narrowed = replace(narrowed, reaching=reached.reaching)
    return narrowed, hurt


def _self_checks(
    pair: ReleasePair, surface: Surface, everything: Narrowed, surroundings: Surroundings
) -> SelfChecks | None:
    """What finds where the downstream itself refuses the version of the candidate; `None` where no file may do so."""
    if not any(may_refuse(everything.words[file]) for file in everything.files):
        return None
    sources = [(surface.artifact.root / file).read_bytes() for file in everything.files]
    if not ask_for_version(sources, surroundings.upstream_names):
        return None
    backward = ReleasePair(pair.candidate, pair.baseline, pair.roots)
    before = Surroundings(backward, surroundings.pythons, surroundings.upstream_names, judge_use)
    modules = tuple(name for file in everything.files if (name := surface.module_of_file(file)) is not None)
    return SelfChecks(pair, surroundings, before, modules)


def _view(
    upstream: Upstream, pair: ReleasePair, downstream: Artifact, surface: Surface, usages: Iterable[FileUsage]
) -> View:
    return View(
        pair=pair,
        downstream=downstream,
        surface=surface,
        baseline=upstream.baseline_surface,
        candidate=upstream.candidate_surface,
        changed=upstream.interface_changes,
        joins=upstream.joins,
        memo=upstream.memo,
        lookup=upstream.lookup,
        conventions=upstream.conventions,
        offered=upstream.files,
        usages={usage.file: usage for usage in usages},
    )


def _read_more(surface: Surface, usages: dict[str, FileUsage], found: Iterable[Breakage]) -> None:
    """Read the files that name the upstream nowhere and hold a hit, so that the code around it can be judged."""
    files = {hit.file for hit in found if hit.use is not None and hit.file not in usages}
    read, _ = _read(surface, sorted(files))
    usages.update({usage.file: usage for usage in read})


def _unparsed(surface: Surface, everything: Narrowed, narrowed: Narrowed) -> list[str]:
    """Files that name the upstream, hold no word of a change, and that no Python reads.

    Only where asking costs little: a large downstream is read where it can be hurt, and nowhere else.
    """
    files = [file for file in everything.mentioning if file not in set(narrowed.files)]
    if _bytes(everything, files) > _CHEAP_TO_PARSE:
        return []
    return [file for file in files if surface.tree(file) is None]


def _bytes(narrowed: Narrowed, files: Iterable[str]) -> int:
    return sum(narrowed.sizes[file] for file in files)


def _indirections(usages: list[FileUsage]) -> dict[str, list[Indirection]]:
    found: dict[str, list[Indirection]] = {}
    for usage in usages:
        for one in usage.indirections:
            found.setdefault(one.function, []).append(one)
    return found


def not_checked(release: Release, reason: str) -> DownstreamReport:
    """The report of a downstream that could not be looked at."""
    return DownstreamReport(
        name=release.name, version=release.version, spec=release.spec, status="not-checked", reason=reason
    )


def _with_conventional(
    downstream: Artifact, files: tuple[str, ...], conventions: Conventions | None, lost: frozenset[str]
) -> tuple[str, ...]:
    """The files to read, and those that hold a plug-in's function and an attribute that fewer classes have."""
    if conventions is None or not lost:
        return files
    pattern, words = conventions.pattern(), {word.encode() for word in lost}
    known = set(files)
    more = []
    for file in downstream.python_files:
        if file in known or file.endswith(".pyi"):
            continue
        try:
            data = (downstream.root / file).read_bytes()
        except OSError:
            continue
        if len(data) <= MAX_SOURCE_BYTES and pattern.search(data) and not words.isdisjoint(_ATTRIBUTE.findall(data)):
            more.append(file)
    return tuple(sorted((*files, *more)))


def _read(
    surface: Surface,
    files: Iterable[str],
    conventions: Conventions | None = None,
    known: dict[str, FileUsage | None] | None = None,
    self_checks: SelfChecks | None = None,
) -> tuple[list[FileUsage], list[str]]:
    """The uses of the files, and the files that cannot be read. `known`: what was read before, and is from now on.
    `self_checks`: told of each file."""
    usages: list[FileUsage] = []
    unreadable: list[str] = []
    for file in files:
        if known is None or file not in known:
            found = _read_one(surface, file, conventions)
            if known is not None:
                known[file] = found
        else:
            found = known[file]
        if found is None:
            unreadable.append(file)
            continue
        usages.append(found)
        if self_checks is not None:
            self_checks.note(found)
    return usages, unreadable


def _read_one(
    surface: Surface, file: str, conventions: Conventions | None, called: frozenset[str] = frozenset()
) -> FileUsage | None:
    parsed = surface.tree(file)
    if parsed is None:
        return None
    module = surface.module_of_file(file) or file.removesuffix(".py").replace("/", ".")
    surface.module(module)  # while the tree is at hand
    try:
        is_package = file.endswith("__init__.py")
        return collect_usage(parsed, module, file, is_package=is_package, conventions=conventions, called=called)
    except RecursionError:
        return None


@dataclass(slots=True)
class Importers:
    """The files that may import a module of the downstream, also those that cannot be hurt; read when asked for."""

    surface: Surface
    narrowed: Narrowed
    known: dict[str, FileUsage]

    def of(self, module: str) -> tuple[FileUsage, ...]:
        """Every file that may import the module under a test; none where some file imports it unconditionally."""
        files = self._holding(module)
        if any(self._imports_anyway(file, module) for file in sorted(files, key=self._depth)):
            return ()
        read, _ = _read(self.surface, (file for file in files if file not in self.known))
        self.known = self.known | {usage.file: usage for usage in read}
        return tuple(self.known[file] for file in files if file in self.known)

    def lead_nowhere(self, module: str, judge: Callable[[tuple[FileUsage, ...], str], Context], depth: int = 3) -> bool:
        """Whether every module that imports this one unconditionally is only imported by code that cannot run. A
        module of the top level is imported by users."""
        found = False
        for file in sorted(self._holding(module), key=self._depth):
            name = self.surface.module_of_file(file)
            if name is None or not self._imports_anyway(file, module):
                continue
            found = True
            if (
                "." not in name
                or not depth
                or not (judge(self.of(name), name).dead or self.lead_nowhere(name, judge, depth - 1))
            ):
                return False
        return found

    def _holding(self, module: str) -> list[str]:
        """The files that hold the last part of a module's name."""
        word = module.rsplit(".", 1)[-1].encode()
        return [file for file, held in self.narrowed.words.items() if word in held]

    def _depth(self, file: str) -> int:
        """How deep a module lies: packages import most of what is in them, and are looked at first."""
        return (self.surface.module_of_file(file) or file).count(".")

    def _imports_anyway(self, file: str, module: str) -> bool:
        """Whether a module imports another at its top level, outside of any test and any `try`."""
        name = self.surface.module_of_file(file)
        facts = self.surface.module(name) if name is not None and name != module else None
        for bindings in facts.bindings.values() if facts is not None else ():
            for binding in bindings:
                if binding.kind not in {"import", "from"} or binding.conditional or not binding.runtime:
                    continue
                if module in {binding.target, f"{binding.target}.{binding.attr}"}:
                    return True
        return False


def _findings(
    hits: tuple[Breakage, ...],
    usages: dict[str, FileUsage],
    surroundings: Surroundings,
    upstream: Upstream,
    downstream: Artifact,
    importers: Importers,
    fix: str,
) -> tuple[Finding, ...]:
    graph: ImportGraph | None = None
    outside: dict[tuple[str, frozenset[str]], Context] = {}
    found: list[Finding] = []

    def judge(files: tuple[FileUsage, ...], module: str) -> Context:
        return surroundings.judge_importers(files, module, frozenset())

    for hit in hits:
        usage = usages.get(hit.file)
        context = Context()
        if usage is not None and hit.use is not None:
            is_import = hit.use.how in {"import", "from-import"} or hit.how == "string"
            context = surroundings.judge(usage, hit.use, hit.raises, is_import=is_import, names=names_of(hit))
            if not context.dead and context.guard is None:
                # What fails inside a function fails long after its module was imported.
                raised = hit.raises if hit.use is not None and hit.use.scope == "import" else frozenset()
                key = (usage.module, raised)
                if key not in outside:
                    outer = surroundings.judge_importers(importers.of(usage.module), usage.module, raised)
                    if not outer.dead and importers.lead_nowhere(usage.module, judge):
                        outer = Context(dead=True)
                    outside[key] = outer
                outer = outside[key]
                context = outer if outer.dead else replace(context, guard=outer.guard)
            if context.dead:
                continue
            if hit.rule == "attribute-removed" and is_translated(
                surroundings.pair.baseline, usage.module, hit.use.inside
            ):
                context = replace(context, doubtful=True)
        breaks: tuple[str, ...] = ()
        at_import = hit.use is not None and hit.use.scope == "import" and hit.raises
        if at_import and context.guard is None and usage is not None:
            graph = graph or ImportGraph(downstream, importers.surface, importers.narrowed.words)
            breaks = graph.broken_by(usage.module)
        source = usage.lines[hit.line - 1] if usage is not None and 0 < hit.line <= len(usage.lines) else ""
        found.append(
            describe(
                hit,
                context,
                candidate=upstream.candidate.release,
                baseline=upstream.baseline.release,
                downstream=downstream.release.name,
                source=source,
                inside=shown_module(hit.use.inside) if hit.use is not None else "",
                import_breaks=tuple(shown_module(name) for name in breaks),
                fix=fix,
                in_tests=hit.use is not None
                and usage is not None
                and is_test_code(importers.surface, usage.module, hit.use.inside),
            )
        )
    return _unique_fingerprints(sorted(found, key=lambda f: (f.file, f.line, f.column, f.rule, f.used or f.symbol)))


def _unique_fingerprints(findings: list[Finding]) -> tuple[Finding, ...]:
    """The same line twice in one function gets a number, in the order of the file."""
    seen: dict[str, int] = {}
    result: list[Finding] = []
    for finding in findings:
        count = seen.get(finding.fingerprint, 0)
        seen[finding.fingerprint] = count + 1
        if count:
            finding = msgspec.structs.replace(finding, fingerprint=f"{finding.fingerprint[:12]}{count:04x}")
        result.append(finding)
    return tuple(result)


def deprecation_behind(pair: ReleasePair, hit: Breakage) -> Deprecation | None:
    """The deprecation mark of what a hit uses, `None` where there is none."""
    resolver = pair.candidate if hit.rule == "now-deprecated" else pair.baseline
    found = deprecation_of(resolver, resolver.path(hit.symbol.split("(", 1)[0]).entity)
    facts = resolver.facts(hit.module) if found is None else None
    # A name with several definitions (a compiled one and its fallback) is marked where one of them is.
    for binding in facts.bindings.get(hit.name, ()) if facts is not None else ():
        if binding.kind == "from":
            found = found or deprecation_of(
                resolver, resolver.from_import(binding.target or "", binding.attr or "").entity
            )
    return found


def _pythons(upstream: Artifact, downstream: Artifact) -> tuple[tuple[int, int], ...]:
    """CPython 3 versions that both support; what says nothing supports all."""
    minors = [p for p in PYTHONS if p.startswith("3.")]
    both = [
        p
        for p in minors
        if supports(upstream.metadata.requires_python, p) and supports(downstream.metadata.requires_python, p)
    ]
    return tuple((3, int(p.split(".")[1])) for p in both)
