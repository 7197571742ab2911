"""Collects differences that others found, as changes for readers and words for narrowing."""

from __future__ import annotations

from dataclasses import dataclass, field

from tailrace.changes.bodies import Bodies, read_bodies
from tailrace.changes.causes import public_path
from tailrace.changes.files import Files, last_word
from tailrace.changes.grouping import offered
from tailrace.changes.impact import Impact
from tailrace.changes.kinds import other_kind, readable
from tailrace.changes.names import Names
from tailrace.model import Change, Deprecation
from tailrace.python.facts import FunctionFacts
from tailrace.python.modules import STUB
from tailrace.python.semantics.call_hazards import Need
from tailrace.python.semantics.entities import Class, Entity, External, Function, Module, Resolution, Value
from tailrace.python.semantics.resolver import Resolver


@dataclass(slots=True)
class Findings:
    """The two sides of one comparison, and what was found so far."""

    files: Files
    baseline: Resolver
    candidate: Resolver
    words: set[str] = field(default_factory=set)
    calls: dict[str, set[Need]] = field(default_factory=dict)
    incidental: set[tuple[str, str]] = field(default_factory=set)
    shifted: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    textual: set[str] = field(default_factory=set)
    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    baseline_names: Names = field(init=False)
    candidate_names: Names = field(init=False)
    _bodies: dict[tuple[bool, str], Bodies] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.baseline_names, self.candidate_names = Names(self.baseline), Names(self.candidate)

    def emit(
        self,
        rule: str,
        symbol: str,
        at: Resolution,
        detail: str = "",
        deprecation: Deprecation | None = None,
        *,
        in_candidate: bool = False,
    ) -> None:
        """Note one change; the first of the same rule and symbol counts."""
        self.changes.setdefault(
            (rule, symbol),
            Change(
                rule=rule,
                symbol=symbol,
                file=at.file or None,
                line=at.line if at.file else None,
                detail=detail,
                in_candidate=in_candidate,
                deprecated_in=deprecation.since if deprecation is not None else None,
                deprecation=deprecation,
            ),
        )

    def harm(self, *names: str) -> None:
        """These names can hurt."""
        self.words.update(names)
        self.shifted.update(names)

    def missed(self, module: str, name: str, entity: Entity | None) -> None:
        """A module lacks a name now. What it merely imported from elsewhere is missed only where the module is named
        too."""
        if (isinstance(entity, External) and not offered(self.baseline, f"{module}.{name}")) or name == "__all__":
            self.incidental.add((last_word(module), name))
            self.shifted.add(name)
        else:
            self.harm(name)

    def flag(self, name: str, meaning: Impact) -> None:
        """A name that means something else now."""
        if meaning:
            self.shifted.add(name)
        if meaning.calls:
            self.words.add(name)
        elif meaning.needs:
            self.calls.setdefault(name, set()).update(meaning.needs)

    def kind(self, symbol: str, in_baseline: Resolution, baseline: str, candidate: str) -> None:
        """A name that is another kind of thing now."""
        if other_kind(baseline, candidate):
            self.harm(symbol.rpartition(".")[2])
            self.emit(
                "kind-changed", symbol, in_baseline, f"it was {readable(baseline)} and is now {readable(candidate)}"
            )

    def deprecated(self, symbol: str, baseline: Resolution, candidate: Resolution) -> None:
        """A mark that only the candidate has."""
        mark = deprecation_of(self.candidate, candidate.entity)
        if mark is None or deprecation_of(self.baseline, baseline.entity) is not None:
            return
        entity = candidate.entity
        if isinstance(entity, Class | Function) and entity.path != symbol and not self._takes_the_place(entity):
            return  # noted where it stands
        self.words.add(symbol.rpartition(".")[2])
        if isinstance(entity, Class | Function):
            symbol = public_path(self.candidate, entity.path, entity.module.removesuffix(STUB))
        self.emit("now-deprecated", symbol, candidate, mark.message or "", mark, in_candidate=True)

    def _takes_the_place(self, entity: Class | Function) -> bool:
        """Whether a marked function of the candidate is not compared under its own path: the baseline has none there,
        or has the mark already. An unmarked name that leads to it now is then the change.
        """
        module = entity.module.removesuffix(STUB)
        if module.split(".", 1)[0] not in self.candidate.surfaces[0].roots:
            return False  # of another distribution
        own = self.baseline.path(entity.path)
        return own.state != "present" or deprecation_of(self.baseline, own.entity) is not None

    def same_forwarding(
        self, baseline_module: str, baseline: FunctionFacts, candidate_module: str, candidate: FunctionFacts
    ) -> bool:
        """Whether two functions with `**kwargs` have the same body."""
        in_baseline, in_candidate = (
            self.bodies(baseline_module, candidate=False).done,
            self.bodies(candidate_module, candidate=True).done,
        )
        return in_baseline.get(baseline.line) == in_candidate.get(candidate.line)

    def bodies(self, module: str, *, candidate: bool) -> Bodies:
        """What matters of a module's function bodies."""
        key = (candidate, module)
        if key not in self._bodies:
            resolver = self.candidate if candidate else self.baseline
            surface, facts = resolver.surface_of(module), resolver.facts(module)
            parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
            self._bodies[key] = read_bodies(parsed)
        return self._bodies[key]


def deprecation_of(resolver: Resolver, entity: Entity | None) -> Deprecation | None:
    """The mark on what a name leads to."""
    if isinstance(entity, Class | Function):
        return entity.facts.deprecation
    if isinstance(entity, Value) and entity.binding is not None:
        return entity.binding.deprecation
    if isinstance(entity, Module):
        facts = resolver.facts(entity.name)
        return facts.deprecation if facts is not None else None
    return None
