"""Modules of a downstream that look at the version of the upstream when they are imported, and refuse the candidate's.

`if transport.__version__ >= (9,): raise ImportError`, at the top level or in a function that a module calls there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from tailrace.check.breakage import Breakage
from tailrace.check.guards.context import Surroundings
from tailrace.check.release_pair import ReleasePair
from tailrace.python.interpreter.raising import lineage
from tailrace.python.semantics.entities import Function
from tailrace.python.usages import Condition, FileUsage, Refusal, Root, Use

_GIVING_UP = frozenset({b"raise", b"assert"})
# A dotted name, but not of a decorator. What an import statement names, and under which name. A name for another.
_PATH = re.compile(rb"(?<![\w.@])[^\W\d]\w*(?:\s*\.\s*(?:\\\r?\n\s*)?\w+)+")
_IMPORT = re.compile(
    rb"\b(?:from[ \t]+(\.*[\w.]*)[ \t]+)?import\b(?:[ \t]*\(([^()]{0,4000})\)|([^\n\\]*(?:\\\r?\n[^\n\\]*)*))"
)
_NAME = re.compile(rb"([\w.]+)(?:\s+as\s+(\w+))?")
_ALIAS = re.compile(rb"^[ \t]*(\w+)[ \t]*=[ \t]*(\w+)[\w.]*[ \t]*$", re.MULTILINE)
_VERSION = re.compile(rb"version|^ver$", re.IGNORECASE)
# The version of a distribution; a module that is imported by its name, and what it is bound to or asked for.
_DISTRIBUTION = re.compile(
    rb"\b(?:version|distribution|get_distribution|metadata|require|get_version)\(\s*[rRbBuU]?[\"']([^\"'\n]*)[\"']"
)
_LOADED = re.compile(rb"(?:\b(\w+)\s*=\s*[\w.]*)?(?:import_module|__import__|importorskip)\([^()\n]*\)(?:\.(\w+))?")


@dataclass(frozen=True, slots=True)
class SelfChecks:
    """Finds them. `candidate`, `baseline`: what is around code with either release. `modules`: those that may call the
    functions of others when they are imported.
    """

    pair: ReleasePair
    candidate: Surroundings
    baseline: Surroundings
    modules: tuple[str, ...]
    # By file: the places that give up under a test of the version.
    _asking: dict[str, tuple[Refusal, ...]] = field(default_factory=dict)

    def note(self, usage: FileUsage) -> None:
        """Look at the tests of a file while its syntax tree is at hand."""
        if usage.file not in self._asking:
            self._asking[usage.file] = tuple(r for r in usage.refusals if self._asks(usage, r))

    def find(self, usages: Iterable[FileUsage]) -> Iterator[Breakage]:
        """One break for each place that gives up with the candidate only."""
        for usage in usages:
            self.note(usage)
            for refusal in self._asking[usage.file]:
                if self._refuses(usage, refusal) and self._runs_on_import(refusal):
                    yield self._hit(usage, refusal)

    def _asks(self, usage: FileUsage, refusal: Refusal) -> bool:
        return any(self.candidate.asks_for_version(usage, i) for i in refusal.around if isinstance(i, Condition))

    def _refuses(self, usage: FileUsage, refusal: Refusal) -> bool:
        tests = [item for item in refusal.around if isinstance(item, Condition)]
        if not all(self.candidate.holds(usage, item) for item in tests):
            return False
        return any(self.baseline.holds(usage, item) is False for item in tests)

    def _runs_on_import(self, refusal: Refusal) -> bool:
        """Whether the code stands at the top level, or in a function that some module calls at its top level."""
        if refusal.scope == "import":
            return True
        candidate = self.pair.candidate
        for module in self.modules:
            facts = candidate.facts(module)
            for callee in facts.calls if facts is not None else ():
                entity = candidate.expression(callee, module).entity
                if isinstance(entity, Function) and entity.path == refusal.inside:
                    return True
        return False

    def _hit(self, usage: FileUsage, refusal: Refusal) -> Breakage:
        root = self._root(usage)
        use = Use(
            Root("import", root),
            (),
            "attribute",
            refusal.line,
            refusal.column,
            refusal.inside,
            "import",
            tuple(a for a in refusal.around if not isinstance(a, Condition)),
        )
        return Breakage(
            rule="version-refused",
            symbol=f"{root}.__version__",
            module=root,
            name="__version__",
            how="attribute",
            file=usage.file,
            line=refusal.line,
            column=refusal.column,
            use=use,
            raises=lineage(self.pair.candidate, refusal.error, usage.module),
            facts={"raises": refusal.error.rsplit(".", 1)[-1]},
        )

    def _root(self, usage: FileUsage) -> str:
        """The import name of the upstream that the file uses, or any of them."""
        used = {(use.root.module or use.root.name).split(".", 1)[0] for use in usage.uses}
        return next(iter(sorted(used & self.pair.roots) or sorted(self.pair.roots)), "")


def ask_for_version(sources: Iterable[bytes], names: Set[str]) -> bool:
    """Whether some of a downstream's sources may look at the version of the upstream, by their bytes. `names`: import
    roots and distribution of the upstream. Where none does, none refuses one."""
    distributions = {canonicalize_name(name) for name in names}
    roots = {name.encode() for name in names}
    held = set(roots)
    renamed: list[tuple[bytes, bytes]] = []
    asked: set[bytes] = set()
    for source in sources:
        if any(canonicalize_name(found.decode("latin-1")) in distributions for found in _DISTRIBUTION.findall(source)):
            return True
        for module, several, single in _IMPORT.findall(source):
            is_upstream = module.partition(b".")[0] in roots
            for name, alias in _NAME.findall(several or single.partition(b"#")[0]):
                if is_upstream and _VERSION.search(name):
                    return True
                if is_upstream or (not module and name.partition(b".")[0] in roots):
                    held.add(alias or name)
                elif alias:
                    renamed.append((name, alias))
        for name, attribute in _LOADED.findall(source):
            if _VERSION.search(attribute):
                return True
            held.add(name)
        renamed += [(value, name) for name, value in _ALIAS.findall(source)]
        asked |= {path for path in _PATH.findall(source) if b"ver" in path or b"VER" in path}
    for _ in range(2):
        held |= {alias for name, alias in renamed if name in held}
    for path in asked:
        first, *rest = (part.strip() for part in path.replace(b"\\", b"").split(b"."))
        if any(map(_VERSION.search, rest)) and not held.isdisjoint((first, *rest)):
            return True
    return False


def may_refuse(words: frozenset[bytes]) -> bool:
    """Whether a file with these words may look at a version and give up."""
    return not _GIVING_UP.isdisjoint(words) and any(b"ersion" in word or b"ERSION" in word for word in words)
