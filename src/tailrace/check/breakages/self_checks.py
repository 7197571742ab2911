"""Modules of a downstream that look at the version of the upstream when they are imported, and refuse the candidate's.

`if transport.__version__ >= (9,): raise ImportError`, at the top level or in a function that a module calls there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tailrace.check.breakage import Breakage
from tailrace.check.guards.context import Surroundings
from tailrace.check.release_pair import ReleasePair
from tailrace.python.interpreter.raising import lineage
from tailrace.python.semantics.entities import Function
from tailrace.python.usages import Condition, FileUsage, Refusal, Root, Use

_GIVING_UP = frozenset({b"raise", b"assert"})


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


def may_refuse(words: frozenset[bytes]) -> bool:
    """Whether a file with these words may look at a version and give up."""
    return not _GIVING_UP.isdisjoint(words) and any(b"ersion" in word or b"ERSION" in word for word in words)
