"""Holds both surfaces of the upstream and their differences, each computed on first use."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tailrace.changes.diff import Diff, load_or_diff
from tailrace.changes.interfaces.files import holding
from tailrace.changes.lines import differing_lines
from tailrace.changes.roots import installed_along, owned_roots
from tailrace.check.breakages.inferred_attributes import lost_members
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.check.release_pair import ReleasePair
from tailrace.check.requirements.transitive import Lookup
from tailrace.model import Artifact, Change, Release
from tailrace.python.commandlines.program import builds_command_lines
from tailrace.python.modules import Surface, is_test_file
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages.conventions import Conventions

if TYPE_CHECKING:
    from tailrace.check.commandlines.joins import CommandLineJoins

_DEFINED = re.compile(
    rb"(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)"
    rb"|^[ \t]*(\w+)[ \t]*(?::[^=\n]+)?=(?!=)"
    rb"|^[ \t]*(\w+)[ \t]*:[ \t]*\w"
    rb"|\bself\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)"
    rb"|[\"'](\w+)[\"']"
)

# Under which names modules that left the standard library are distributed.
_BACKPORTS = ("standard_{}", "legacy_{}", "py{}", "{}_lts", "{}_backport", "backports_{}", "zombie_{}", "{}")


#: Resolvers of one downstream, each with a baseline: by the identity of the baseline's surface, its version, the import
#: roots of the upstream, and the roots that are known whole.
KnownResolvers = dict[tuple[int, str, frozenset[str], frozenset[str]], Resolver]

_LOADS_PLUGINS = re.compile(rb"\b(?:iter_)?entry_points\(|load_setuptools_entrypoints|ExtensionManager|DriverManager")


@dataclass(slots=True)
class Upstream:
    """Baseline and candidate, opened and ready to be asked; shared by all downstreams."""

    baseline: Artifact
    candidate: Artifact
    cache_dir: Path | None = None
    # What other distributions require, where that can be asked.
    lookup: Lookup | None = None
    # The names of the files that the index offers of both, where it was asked.
    files: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    # The modules of both, where they were read for another pair already.
    surfaces: tuple[Surface, Surface] | None = None
    baseline_surface: Surface = field(init=False)
    candidate_surface: Surface = field(init=False)
    roots: frozenset[str] = field(init=False)
    _joins: CommandLineJoins | None = field(init=False, default=None)
    _speaks: bool | None = field(init=False, default=None)
    _lost: frozenset[str] | None = field(init=False, default=None)
    known_diff: Diff | None = field(init=False, default=None)
    _changed_bytes: int | None = field(init=False, default=None)
    _changed_names: frozenset[str] | None = field(init=False, default=None)
    _differing: tuple[bytes, bytes] | None = field(init=False, default=None)
    _conventions: tuple[Conventions | None] | None = field(init=False, default=None)
    _conventional: frozenset[str] | None = field(init=False, default=None)
    # What finders keep from one downstream to the next.
    memo: dict[str, object] = field(init=False, default_factory=dict)
    _interfaces: tuple[Change, ...] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.is_interpreter and _has_sources(self.baseline) != _has_sources(self.candidate):
            # What only one of them is known to have says nothing of the other.
            self.baseline, self.candidate, self.surfaces = _stubs_of(self.baseline), _stubs_of(self.candidate), None
        made = self.surfaces or (Surface(self.baseline), Surface(self.candidate))
        self.baseline_surface, self.candidate_surface = made
        self.roots = self.baseline_surface.roots | self.candidate_surface.roots
        if self.is_interpreter:  # of hundreds of modules a few differ
            self.roots = _changed_roots(self.baseline, self.candidate)

    @property
    def is_interpreter(self) -> bool:
        """Whether the standard library of Python is what changes."""
        return self.candidate.release.source == "interpreter"

    @property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """Modules of either version that are there and could not be read at all, each with the reason."""
        surfaces = (self.baseline_surface, self.candidate_surface)
        return tuple(dict.fromkeys(one for surface in surfaces for one in surface.unread))

    @property
    def names(self) -> frozenset[str]:
        """The names under which the two versions are distributed."""
        return frozenset(artifact.release.name for artifact in (self.baseline, self.candidate))

    @property
    def joins(self) -> CommandLineJoins | None:
        """The command lines of both versions, read on first use; `None` where neither has any, nor an entry point."""
        if self.is_interpreter:
            return None
        if self._speaks is None:
            both = (self.baseline, self.candidate)
            self._speaks = any(a.metadata.entry_points or builds_command_lines(a) for a in both)
            self._speaks = self._speaks or any(True for _ in holding(self.baseline, _LOADS_PLUGINS))
        if not self._speaks:
            return None
        if self._joins is None:
            from tailrace.check.commandlines.joins import CommandLineJoins

            names = UpstreamNames(
                self.candidate.metadata.name, self.candidate.release.version, self.baseline.release.version
            )
            known = self.known_diff.commandlines if self.known_diff is not None else None
            self._joins = CommandLineJoins(self.baseline, self.candidate, names, known)
        return self._joins

    def worth_a_diff(self, size: int) -> bool:
        """Whether reading `size` bytes of a downstream costs more than finding out what changed at all."""
        return size > self.changed_bytes

    @property
    def changed_bytes(self) -> int:
        """Bytes of both versions' modules that differ: what a diff must read."""
        if self._changed_bytes is None:
            self._changed_bytes = _changed_bytes(self.baseline, self.candidate)
        return self._changed_bytes

    def find_diff(self) -> Diff:
        """What changed; kept in the cache under the archives' hashes."""
        if self.known_diff is None:
            surfaces = self.baseline_surface, self.candidate_surface
            found = load_or_diff(self.baseline, self.candidate, self.cache_dir, surfaces)
            self.known_diff = _with_words_of_finders(found)
        return self.known_diff

    @property
    def changed_names(self) -> frozenset[str]:
        """Names that the candidate defines, or spells out in a string, in fewer places than the baseline: known from
        the diff where there is one, else counted in the text of the files that differ."""
        if self.known_diff is not None:
            return self.known_diff.identifiers
        if self._changed_names is None:
            self._changed_names = _lost_in_text(self._lines())
        return self._changed_names

    @property
    def conventions(self) -> Conventions | None:
        """What the untyped parameters of plug-ins are."""
        if self._conventions is None:
            from tailrace.check.conventions import find_conventions

            self._conventions = (find_conventions(self.baseline_surface, self.candidate_surface, self.lost_members),)
        return self._conventions[0]

    @property
    def conventional_words(self) -> frozenset[str]:
        """Words that a file which only holds a plug-in's functions must have for it to matter."""
        if self._conventional is None:
            from tailrace.check.conventions import changed_methods

            known = self.conventions
            changed = (
                changed_methods(known, self.baseline_surface, self.candidate_surface)
                if known is not None
                else frozenset()
            )
            self._conventional = self.lost_members | changed
        return self._conventional

    @property
    def interface_changes(self) -> tuple[Change, ...]:
        """What changed outside of names and calls: known from the diff where there is one."""
        if self._interfaces is None:
            from tailrace.changes.interfaces import RULES, compare_interfaces

            if self.known_diff is not None:
                self._interfaces = tuple(change for change in self.known_diff.changes if change.rule in RULES)
            else:
                self._interfaces = compare_interfaces(self.baseline_surface, self.candidate_surface)
        return self._interfaces

    @property
    def lost_members(self) -> frozenset[str]:
        """Member names that the candidate defines in fewer places: known from the diff, else counted in the text.

        Of the standard library none: the type checker has its own.
        """
        if self.is_interpreter:
            return frozenset()
        if self.known_diff is not None:
            return self.known_diff.lost
        if self._lost is None:
            self._lost = lost_members(self._lines())
        return self._lost

    def _lines(self) -> tuple[bytes, bytes]:
        if self._differing is None:
            self._differing = differing_lines(self.baseline, self.candidate)
        return self._differing

    def pair(self, downstream: Surface, known: KnownResolvers | None = None) -> ReleasePair:
        """The two moments with this downstream installed. `known`: resolvers of this downstream with baselines, to
        which this one is added; with another candidate the baseline gives the same answers."""
        candidate = self._resolver(self.candidate, self.candidate_surface, downstream)
        # What shadows a module of the upstream may do so beside one candidate only.
        if known is None or any(name.partition(".")[0] in self.roots for name in downstream.sources):
            baseline = self._resolver(self.baseline, self.baseline_surface, downstream)
        else:
            key = (id(self.baseline_surface), self.baseline.release.version, self.roots, candidate.owned)
            if key not in known:
                known[key] = self._resolver(self.baseline, self.baseline_surface, downstream)
            baseline = known[key]
        return ReleasePair(baseline, candidate, self.roots)

    def _resolver(self, artifact: Artifact, surface: Surface, downstream: Surface) -> Resolver:
        required = installed_along(artifact) | installed_along(downstream.artifact)
        owned = owned_roots(self.baseline_surface, self.candidate_surface, downstream.artifact)
        if self.is_interpreter:
            owned = frozenset(root for root in owned if not _is_backported(root, required))
        return make_resolver(
            surface, downstream, versions=_versions(artifact.release, self.roots), owned=owned, required=required
        )


def _with_words_of_finders(diff: Diff) -> Diff:
    """The diff; where a finder for names and calls looks for a change that an interface compares, the last name of the
    change is one of the words that can hurt."""
    from tailrace.changes.interfaces import RULES
    from tailrace.check.breakages import file_finders

    rules = RULES & frozenset().union(*(finder.rules for finder in file_finders()))
    words = {change.symbol.rpartition(".")[2] for change in diff.changes if change.rule in rules}
    if not words:
        return diff
    return msgspec.structs.replace(diff, identifiers=diff.identifiers | words, words=diff.words | words)


def _is_backported(root: str, required: frozenset[str]) -> bool:
    """Whether a distribution that is installed along brings a module that the standard library dropped."""
    if root == "distutils":
        return "setuptools" in required
    return any(form.format(root) in required for form in _BACKPORTS)


def _has_sources(artifact: Artifact) -> bool:
    return any(file.endswith(".py") for file in artifact.python_files)


def _stubs_of(artifact: Artifact) -> Artifact:
    return replace(artifact, python_files=tuple(file for file in artifact.python_files if file.endswith(".pyi")))


def _changed_roots(baseline: Artifact, candidate: Artifact) -> frozenset[str]:
    """Top-level names below which a file differs."""
    files = {*baseline.python_files, *candidate.python_files}
    changed = {file for file in files if _bytes(baseline, file) != _bytes(candidate, file)}
    return frozenset(file.partition("/")[0].partition(".")[0] for file in changed)


def _changed_bytes(baseline: Artifact, candidate: Artifact) -> int:
    total = 0
    names = {file for file in (*baseline.python_files, *candidate.python_files) if not is_test_file(file)}
    for file in names:
        texts = []
        for artifact in (baseline, candidate):
            try:
                texts.append((artifact.root / file).read_bytes())
            except OSError:
                texts.append(b"")
        if texts[0] != texts[1]:
            total += len(texts[0]) + len(texts[1])
    return total


def _versions(release: Release, roots: frozenset[str]) -> dict[str, str]:
    return {release.name: release.version, **dict.fromkeys(roots, release.version)}


def _lost_in_text(lines: tuple[bytes, bytes]) -> frozenset[str]:
    before, after = (Counter(match[match.lastindex or 0] for match in _DEFINED.finditer(text)) for text in lines)
    return frozenset(name.decode("utf-8", "replace") for name, count in before.items() if count > after[name])


def _bytes(artifact: Artifact, file: str) -> bytes:
    try:
        return (artifact.root / file).read_bytes()
    except OSError:
        return b""
