"""Compares two resolvers side by side, and collects changes for readers and words for narrowing.

A *word* is an identifier without which no use can be hurt; one of `calls` hurts only calls that meet a need. A *shift*
is a name that leads elsewhere, harmless in itself; other names of the upstream that get their meaning through a shifted
name are looked at in turn, until nothing new turns up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tailrace.changes.causes import callable_path, class_place, constructed
from tailrace.changes.classes import (
    Key,
    compare_constructors,
    lost_operators,
    note_bases,
    note_deprecated_member,
    still_there,
    telling_bases,
)
from tailrace.changes.fallbacks import only_fallback
from tailrace.changes.files import is_test_module
from tailrace.changes.findings import Findings, deprecation_of
from tailrace.changes.functions import compare_functions, note_parameters, note_raising
from tailrace.changes.impact import HURTS, SAME, SHIFTED, Impact
from tailrace.changes.kinds import (
    READ_ONLY,
    is_frozen_dataclass,
    kind_of,
    member_kind,
    other_kind,
    readable,
    settable_kind,
)
from tailrace.changes.results import fields_change, functions_naming, giver_of, result_change, type_text
from tailrace.python.semantics.chains import Reached
from tailrace.python.semantics.entities import (
    UNKNOWN,
    Class,
    Entity,
    External,
    Function,
    Instance,
    Module,
    Resolution,
    Standard,
    Union,
    Value,
)
from tailrace.python.semantics.enumerations import lost_values
from tailrace.python.semantics.hazards import abstract_left
from tailrace.python.semantics.signatures import signature_of
from tailrace.python.usages import Step


@dataclass(slots=True)
class Comparison(Findings):
    """The state of one walk."""

    _pairs: dict[tuple[Key, Key], Impact] = field(default_factory=dict)

    def name(self, module: str, name: str) -> None:
        """One name of a module that both releases have."""
        owner = Module(module)
        baseline = self.baseline.attribute(owner, name)
        candidate = self.candidate.attribute(owner, name) if baseline.state != "absent" else baseline
        symbol = f"{module}.{name}"
        if baseline.state != "present":
            self.shifted.add(name)
            if only_fallback(self.baseline, self.candidate, owner, owner, name, baseline, candidate):
                self.harm(name)
                self._gone(symbol, baseline, candidate)
            return
        if candidate.state == "absent":
            self.missed(module, name, baseline.entity)
            self._gone(symbol, baseline, candidate)
            return
        if only_fallback(self.baseline, self.candidate, owner, owner, name, baseline, candidate):
            self.harm(name)
            self._gone(symbol, baseline, candidate)
            return
        if candidate.state == "unknown" or (candidate.dynamic and not baseline.dynamic):
            self.words.add(name)  # whether it is still there has to be said wherever it is used
        if candidate.state == "unknown":
            self.shifted.add(name)
            return
        self.flag(name, self.pair(baseline.entity, candidate.entity, symbol))
        self.kind(symbol, baseline, kind_of(baseline.entity), kind_of(candidate.entity))
        self.deprecated(symbol, baseline, candidate)

    def _gone(self, symbol: str, baseline: Resolution, candidate: Resolution) -> None:
        entity = baseline.entity
        if isinstance(entity, Module) and entity.name == symbol:
            if self.candidate.import_module(symbol).state != "absent":
                return  # its package no longer shows it unasked; importing it still does
            if not is_test_module(self.baseline.surfaces[0], symbol):
                self.emit("module-removed", symbol, baseline, deprecation=deprecation_of(self.baseline, entity))
            return
        path = getattr(entity, "path", getattr(entity, "name", symbol))
        if isinstance(entity, Instance | Union) or not isinstance(path, str):
            path = symbol
        detail = ""
        if path != symbol:
            self.origins[symbol] = path
            detail = f"re-exported there from {path.rpartition('.')[0] or path}"
        elif candidate.dynamic and "raises" in candidate.note:
            detail = candidate.note
        self.emit("name-removed", symbol, baseline, detail, deprecation_of(self.baseline, entity))

    def pair(self, baseline: Entity | None, candidate: Entity | None, symbol: str) -> Impact:
        """What a name that led to `baseline` and leads to `candidate` means for its users."""
        if baseline is None or candidate is None:
            return SAME if baseline is candidate else SHIFTED
        key = (_key(baseline), _key(candidate))
        if key not in self._pairs:
            self._pairs[key] = SAME  # while running: a cycle adds nothing
            self._pairs[key] = self._pair(baseline, candidate, symbol)
        return self._pairs[key]

    def _pair(self, baseline: Entity, candidate: Entity, symbol: str) -> Impact:
        match baseline, candidate:
            case Module(name=mine), Module(name=theirs):
                if mine == theirs:
                    marked = (
                        deprecation_of(self.candidate, candidate) is not None
                        and deprecation_of(self.baseline, baseline) is None
                    )
                    return HURTS if marked or mine in self.textual else SAME
                for name in sorted(self.baseline_names.module(mine)):
                    self._ask(baseline, candidate, name, symbol)
                return SHIFTED
            case Class(), Class():
                return self.classes(baseline, candidate, symbol)
            case Instance(of=mine), Instance(of=theirs):
                shifted = SHIFTED if self.classes(mine, theirs, mine.path).shift else SAME
                if lost_operators(self.baseline, self.candidate, mine, theirs) or fields_change(
                    self.baseline, self.candidate, mine, theirs
                ):
                    shifted |= HURTS
                return shifted | self._used_as_instance(baseline, candidate, symbol)
            case Function(), Function():
                return self._functions(baseline, candidate)
            case Value(binding=None), Class():
                return HURTS  # it was compiled: whatever stood in the binary may be missing
            case Standard(items=held), Standard(items=held_now) if type_text(baseline) == type_text(candidate):
                meaning = SAME
                for one, one_now in zip(held, held_now, strict=False):
                    meaning |= self.pair(one, one_now, symbol)
                return meaning
            case (Standard(), _) | (_, Standard()):
                return SAME if type_text(baseline) == type_text(candidate) else SHIFTED
            case (Value() | External(), _) | (_, Value() | External()):
                same = type(baseline) is type(candidate) and getattr(baseline, "path", 0) == getattr(
                    candidate, "path", 0
                )
                return SAME if same else SHIFTED
            case _:
                for name in sorted(self.baseline_names.of(baseline)):
                    self._ask(baseline, candidate, name, symbol)
                self._calls(baseline, candidate)
                return HURTS

    def _calls(self, baseline: Entity, candidate: Entity) -> None:
        """Calls of a function that is a class now, or the other way round."""
        mine, theirs = signature_of(self.baseline, baseline), signature_of(self.candidate, candidate)
        if isinstance(baseline, Class | Function) and mine is not None and theirs is not None:
            callee = constructed(baseline, mine, theirs)
            if callee is not None and not mine.wrapped and not theirs.wrapped:
                note_parameters(self, callee, mine.params, theirs.params)

    def _ask(self, baseline: Entity, candidate: Entity, name: str, symbol: str) -> None:
        in_baseline = self.baseline.attribute(baseline, name)
        if in_baseline.state != "present":
            return
        in_candidate = self.candidate.attribute(candidate, name)
        if in_candidate.state == "absent":
            self.harm(name)
            rule = "name-removed" if isinstance(baseline, Module) else "attribute-removed"
            self.emit(
                rule,
                f"{symbol}.{name}",
                in_baseline,
                _led_to(candidate),
                deprecation_of(self.baseline, in_baseline.entity),
            )
        elif in_candidate.state == "present":
            self.flag(name, self.pair(in_baseline.entity, in_candidate.entity, f"{symbol}.{name}"))

    def _used_as_instance(self, baseline: Instance, candidate: Instance, symbol: str) -> Impact:
        meaning = SAME
        for name in ("__call__", "__enter__", "__aenter__"):
            in_baseline, in_candidate = (
                self.baseline.attribute(baseline, name),
                self.candidate.attribute(candidate, name),
            )
            if isinstance(in_baseline.entity, Function) and isinstance(in_candidate.entity, Function):
                meaning |= self.pair(in_baseline.entity, in_candidate.entity, f"{symbol}.{name}")
        return meaning

    def _functions(self, baseline: Function, candidate: Function) -> Impact:
        meaning = compare_functions(self, baseline, candidate) | self._results(baseline, candidate)
        for name in sorted(set(baseline.facts.attributes) - set(candidate.facts.attributes)):
            self._ask(baseline, candidate, name, baseline.path)
        return meaning | self.pair(self.baseline.call(baseline), self.candidate.call(candidate), f"{baseline.path}()")

    def _abstract(self, baseline: Class, candidate: Class) -> bool:
        """Abstract methods that are new: a subclass that does not define them cannot be instantiated."""
        mine, theirs = abstract_left(self.baseline, baseline), abstract_left(self.candidate, candidate)
        added = [name for name in theirs if name not in mine]
        for name in added:
            owner = theirs[name]
            facts = self.candidate.facts(owner.module)
            line = owner.facts.members[name][-1].line
            at = Resolution("present", file=facts.file if facts is not None else None, line=line)
            detail = f"a subclass of {owner.facts.name} must define it"
            self.emit("now-abstract", f"{owner.path}.{name}", at, detail, in_candidate=True)
        return bool(added)

    def _lost_member(self, baseline: Class, in_baseline: Resolution, name: str) -> None:
        """A member that no class defines any more, listed where it was defined."""
        line = self.baseline.mro(baseline)[0]
        holder = next((c for c in line if name in c.facts.members or name in c.facts.instance), baseline)
        detail = "what remains is a fallback for any name"
        self.emit(
            "attribute-removed",
            f"{holder.path}.{name}",
            in_baseline,
            detail,
            deprecation_of(self.baseline, in_baseline.entity),
        )

    def _property(self, baseline: Class, candidate: Class, name: str) -> None:
        """What a property gives, of which the walk sees the result only."""
        step = Step(name)
        mine = giver_of(self.baseline, Reached(0, step, Instance(baseline), UNKNOWN))
        theirs = giver_of(self.candidate, Reached(0, step, Instance(candidate), UNKNOWN)) if mine is not None else None
        if mine is not None and theirs is not None and self._results(mine, theirs):
            self.harm(name)

    def _enum_value(self, baseline: Class, candidate: Class, name: str, found: Resolution) -> None:
        """A value that no member of an enumeration has any more: asking for it raises."""
        lost = lost_values(self.baseline, baseline, self.candidate, candidate)
        if lost is not None and name in lost:
            self.harm(baseline.facts.name)
            detail = f"no member has the value {lost[name]!r} any more"
            self.emit("call-raises", baseline.path, found, detail, baseline.facts.deprecation)

    def _settable(self, baseline: Class, candidate: Class, name: str, symbol: str, found: Resolution) -> None:
        """An attribute that can no longer be set."""
        now, holder = settable_kind(self.candidate, candidate, name)
        if now != READ_ONLY or holder is None or holder.path != candidate.path:
            return
        was, _ = settable_kind(self.baseline, baseline, name)
        if was not in {READ_ONLY, ""}:
            self.harm(name)
            self.emit("kind-changed", f"{symbol}.{name}", found, f"it was {readable(was)} and is now {readable(now)}")

    def _results(self, baseline: Function, candidate: Function) -> Impact:
        """A result of another type: whatever is asked of it may fail."""
        changed = result_change(self.baseline, self.candidate, baseline, candidate)
        if changed is None:
            return SAME
        facts = self.baseline.facts(baseline.module)
        at = Resolution("present", file=facts.file if facts is not None else None, line=baseline.facts.line)
        detail = f"it gave {changed[0]} and now gives {changed[1]}"
        self.emit("result-changed", callable_path(self.baseline, baseline), at, detail, baseline.facts.deprecation)
        return HURTS

    def classes(self, baseline: Class, candidate: Class, symbol: str) -> Impact:
        """Two classes: bases, constructor; members too where no unit of their own stands for them."""
        line, _, standard = self.baseline.mro(baseline)
        new_line, _, candidate_standard = self.candidate.mro(candidate)
        moved = baseline.path != candidate.path
        rebased = [c.path for c in line] != [c.path for c in new_line] or telling_bases(standard) != telling_bases(
            candidate_standard
        )
        lost: list[str] = []
        if moved or rebased or is_test_module(self.baseline.surfaces[0], baseline.module):
            shown = symbol if moved and still_there(self, baseline.path, candidate) else baseline.path
            for name in sorted(self.baseline_names.of(baseline)):
                if self.member(baseline, candidate, name, shown, inherited=rebased):
                    lost.append(name)
        meaning = (SHIFTED if moved or rebased else SAME) | compare_constructors(self, baseline, candidate)
        if baseline.facts.deprecation is None and candidate.facts.deprecation is not None:
            meaning |= HURTS
        counts = fields_change(self.baseline, self.candidate, baseline, candidate)
        if counts is not None:
            meaning |= HURTS
            self.harm(*functions_naming(self.baseline, baseline.facts.name))
            detail = f"it had {counts[0]} and has {counts[1]}"
            self.emit(
                "result-changed", callable_path(self.baseline, baseline), class_place(self.baseline, baseline), detail
            )
        if (
            lost_operators(self.baseline, self.candidate, baseline, candidate)
            or note_raising(self, baseline, candidate)
            or self._abstract(baseline, candidate)
        ):
            meaning |= HURTS
        frozen = is_frozen_dataclass(baseline), is_frozen_dataclass(candidate)
        if set(frozen) == {True, False}:
            detail = f"it is a dataclass that is {'frozen' if frozen[1] else 'not frozen'} now"
            self.emit(
                "base-changed", baseline.path, class_place(self.baseline, baseline), detail, baseline.facts.deprecation
            )
        if rebased:
            note_bases(self, baseline, line, standard, new_line, candidate_standard, lost)
        return meaning

    def member(self, baseline: Class, candidate: Class, name: str, symbol: str, *, inherited: bool = False) -> bool:
        """One member; whether it went with a base, which is then said of the base."""
        in_baseline = self.baseline.class_attribute(baseline, name, instance=True)
        in_candidate = self.candidate.class_attribute(candidate, name, instance=True)
        if in_baseline.state != "present":
            return False
        self._enum_value(baseline, candidate, name, in_baseline)
        line, new_line = self.baseline.mro(baseline)[0], self.candidate.mro(candidate)[0]
        if in_candidate.state == "absent":
            self.harm(name)
            holder = next((c for c in line if name in c.facts.members or name in c.facts.instance), None)
            if inherited and (holder is None or holder.path != baseline.path):
                return True
            if holder is None or holder.path == baseline.path:
                self.emit(
                    "attribute-removed",
                    f"{symbol}.{name}",
                    in_baseline,
                    "",
                    deprecation_of(self.baseline, in_baseline.entity),
                )
            return False
        if in_candidate.state == "unknown":
            if only_fallback(self.baseline, self.candidate, baseline, candidate, name, in_baseline, in_candidate):
                self.harm(name)
                self._lost_member(baseline, in_baseline, name)
            self.shifted.add(name)
            return False
        self.flag(name, self.pair(in_baseline.entity, in_candidate.entity, f"{symbol}.{name}"))
        self._property(baseline, candidate, name)
        self._settable(baseline, candidate, name, symbol, in_baseline)
        owner = next((c for c in line if name in c.facts.members), None)
        candidate_owner = next((c for c in new_line if name in c.facts.members), None)
        if owner is not None and candidate_owner is None:
            on_class = self.candidate.class_attribute(candidate, name, instance=False)
            if (
                on_class.state == "absent"
                and self.baseline.class_attribute(baseline, name, instance=False).state == "present"
            ):
                self.harm(name)
        own = owner is not None and owner.path == baseline.path
        own_in_candidate = candidate_owner is not None and candidate_owner.path == candidate.path
        if (
            owner is not None and candidate_owner is not None and (own or own_in_candidate)
        ):  # one may override the other
            mine, theirs = member_kind(owner.facts, name), member_kind(candidate_owner.facts, name)
            if other_kind(mine, theirs):
                self.harm(name)
            self.kind(f"{symbol if own else owner.path}.{name}", in_baseline, mine, theirs)
        if own and own_in_candidate and owner is not None and candidate_owner is not None:
            note_deprecated_member(self, f"{symbol}.{name}", owner, candidate_owner, name, in_candidate)
        return False


def _led_to(candidate: Entity) -> str:
    path = getattr(candidate, "path", None) or getattr(candidate, "name", None)
    return f"it now leads to {path}" if isinstance(path, str) else ""


def _key(entity: Entity) -> Key:
    match entity:
        case Module(name=name):
            return ("module", name)
        case Class():
            return ("class", entity.path, id(entity.facts))
        case Function():
            return ("function", id(entity.facts), entity.owner.path if entity.owner else "", entity.bound)
        case Instance(of=cls):
            return ("instance", cls.path, id(cls.facts))
        case Union(members=members):
            return ("union", *(_key(member) for member in members))
        case External(path=path):
            return ("external", path)
        case Standard(type=kind):
            return ("standard", kind, str(entity.items))
        case _:
            return ("value", entity.path)
