"""Modules of a downstream that look at the version of the upstream when they are imported, and refuse the candidate's.

`if transport.__version__ >= (9,): raise ImportError`, at the top level or in a function that a module calls there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from tailrace.check.breakage import Breakage
from tailrace.check.guards.context import Surroundings
from tailrace.check.release_pair import ReleasePair
from tailrace.python.interpreter.raising import lineage
from tailrace.python.semantics.entities import Function
from tailrace.python.usages import Condition, FileUsage, Refusal, Root, Use

_GIVING_UP = frozenset({b"raise", b"assert"})
# A dotted name, but not of a decorator. What an import statement names, and under which name; what stands before it.
# Patterns begin with a literal where they can, which is found much faster.
_PATH = re.compile(rb"(?<![\w.@])[^\W\d]\w*+(?:\s*+\.\s*+\w++)++")
_IMPORT = re.compile(rb"import\b(?:[ \t]*\(([^()]{0,4000})\)|([^\n\\]*+(?:\\\r?\n[^\n\\]*+)*+))")
_FROM = re.compile(rb"(?:.*[\s;:])?from[ \t]+(\.*[\w.]*)[ \t]+\Z")
_NAME = re.compile(rb"([\w.]+)(?:\s+as\s+(\w+))?")
_ALIAS = re.compile(rb"^[ \t]*(\w+)[ \t]*=[ \t]*(\w+)[\w.]*[ \t]*$", re.MULTILINE)
_VERSION = re.compile(rb"version|^ver$", re.IGNORECASE)
# The version of a distribution; a module that is imported by its name, and what it is bound to or asked for.
_DISTRIBUTION = re.compile(
    rb"\b(?:version|distribution|get_distribution|metadata|require|get_version)\(\s*[rRbBuU]?[\"']([^\"'\n]*)[\"']"
)
_LOADERS = (b"import_module", b"__import__", b"importorskip")
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


def ask_for_version(sources: Sequence[bytes], names: Set[str]) -> bool:
    """Whether some of a downstream's sources may look at the version of the upstream, by their bytes. `names`: import
    roots and distribution of the upstream. Where none does, none refuses one."""
    if any(_asks_for_distribution(source, names) for source in sources):
        return True
    asked = {path for source in sources for path in _version_paths(source)}
    roots = {name.encode() for name in names}
    held = set(roots)
    renamed: list[tuple[bytes, bytes]] = []
    for source in sources:
        for module, name, alias in _imported(source):
            is_upstream = module.partition(b".")[0] in roots
            if is_upstream and _VERSION.search(name):
                return True
            if is_upstream or (not module and name.partition(b".")[0] in roots):
                held.add(alias or name)
            elif alias:
                renamed.append((name, alias))
        for name, attribute in _LOADED.findall(source) if any(word in source for word in _LOADERS) else ():
            if _VERSION.search(attribute):
                return True
            held.add(name)
    if not asked:
        return False
    renamed += [(value, name) for source in sources for name, value in _ALIAS.findall(source)]
    for _ in range(2):
        held |= {alias for name, alias in renamed if name in held}
    return any(not held.isdisjoint(path) for path in asked)


def _asks_for_distribution(source: bytes, names: Set[str]) -> bool:
    lower = source.lower()
    if not any(re.split("[-_.]", name)[0].lower().encode() in lower for name in names):
        return False
    wanted = {canonicalize_name(name) for name in names}
    return any(canonicalize_name(found.decode("latin-1")) in wanted for found in _DISTRIBUTION.findall(source))


def _version_paths(source: bytes) -> Iterator[tuple[bytes, ...]]:
    """The parts of each dotted name that asks something for a version, which stands in one line."""
    for line in source.splitlines():
        if b"ersion" in line or b"ERSION" in line or b".ver" in line:
            for path in _PATH.findall(line):
                parts = tuple(part.strip() for part in path.split(b"."))
                if any(map(_VERSION.search, parts[1:])):
                    yield parts


def _imported(source: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The module, name and alias of each import; no module for `import name`."""
    for found in _IMPORT.finditer(source):
        before = _FROM.match(source[source.rfind(b"\n", 0, found.start()) + 1 : found.start()])
        for name, alias in _NAME.findall(found[1] or (found[2] or b"").partition(b"#")[0]):
            yield before[1] if before is not None else b"", name, alias


def may_refuse(words: frozenset[bytes]) -> bool:
    """Whether a file with these words may look at a version and give up."""
    return not _GIVING_UP.isdisjoint(words) and any(b"ersion" in word or b"ERSION" in word for word in words)
