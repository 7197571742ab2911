"""Two worlds in, what differs between them out: changes for readers, words for narrowing. Walks both side by side.

A *word* is an identifier without which no use can be hurt; one of `calls` hurts only calls that meet a need. A *shift*
is a name that leads elsewhere, harmless in itself; other names of the upstream that get their meaning through a shifted
name are looked at in turn, until nothing new turns up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tailrace.model import Change, Deprecation
from tailrace.surface.diffing.bodies import Bodies, read_bodies
from tailrace.surface.diffing.files import Files, is_test_module, last_word
from tailrace.surface.diffing.grouping import offered
from tailrace.surface.diffing.kinds import kind_of, member_kind, other_kind, readable
from tailrace.surface.diffing.names import Names
from tailrace.surface.diffing.needs import HURTS, SAME, SHIFTED, CompareCalls, Meaning, Need, any_call, needing
from tailrace.surface.diffing.parameters import (
    binds_like,
    callers_params,
    keywords_of,
    parameter_changes,
    takes,
    telling_decorators,
)
from tailrace.surface.entities import Class, Entity, External, Function, Instance, Module, Resolution, Union, Value
from tailrace.surface.facts import FunctionFacts
from tailrace.surface.modules import STUB
from tailrace.surface.world import World

# Bases that give a class nothing that could be missed.
_NO_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})
Key = tuple[object, ...]


@dataclass(slots=True)
class Comparison:
    """The state of one walk."""

    files: Files
    old: World
    new: World
    compare_calls: CompareCalls = any_call
    words: set[str] = field(default_factory=set)
    calls: dict[str, set[Need]] = field(default_factory=dict)
    incidental: set[tuple[str, str]] = field(default_factory=set)
    shifted: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    textual: set[str] = field(default_factory=set)
    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    old_names: Names = field(init=False)
    new_names: Names = field(init=False)
    _pairs: dict[tuple[Key, Key], Meaning] = field(default_factory=dict)
    _bodies: dict[tuple[bool, str], Bodies] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.old_names, self.new_names = Names(self.old), Names(self.new)

    # -- what was found --------------------------------------------------------------------------------------------

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
        if (isinstance(entity, External) and not offered(self.old, f"{module}.{name}")) or name == "__all__":
            self.incidental.add((last_word(module), name))
            self.shifted.add(name)
        else:
            self.harm(name)

    def flag(self, name: str, meaning: Meaning) -> None:
        """A name that means something else now."""
        if meaning:
            self.shifted.add(name)
        if meaning.calls:
            self.words.add(name)
        elif meaning.needs:
            self.calls.setdefault(name, set()).update(meaning.needs)

    # -- names -----------------------------------------------------------------------------------------------------

    def name(self, module: str, name: str) -> None:
        """One name of a module that both releases have."""
        owner = Module(module)
        before = self.old.attribute(owner, name)
        if before.state != "present":
            self.shifted.add(name)
            return
        after = self.new.attribute(owner, name)
        symbol = f"{module}.{name}"
        if after.state == "absent":
            self.missed(module, name, before.entity)
            self._gone(symbol, before, after)
            return
        if after.state == "unknown":
            self.shifted.add(name)
            return
        self.flag(name, self.pair(before.entity, after.entity, symbol))
        self._kind(symbol, before, kind_of(before.entity), kind_of(after.entity))
        self.deprecated(symbol, before, after)

    def _gone(self, symbol: str, before: Resolution, after: Resolution) -> None:
        entity = before.entity
        if isinstance(entity, Module) and entity.name == symbol:
            if self.new.import_module(symbol).state != "absent":
                return  # its package no longer shows it unasked; importing it still does
            if not is_test_module(self.old.surfaces[0], symbol):
                self.emit("module-removed", symbol, before, deprecation=deprecation_of(self.old, entity))
            return
        path = getattr(entity, "path", getattr(entity, "name", symbol))
        if isinstance(entity, Instance | Union) or not isinstance(path, str):
            path = symbol
        detail = ""
        if path != symbol:
            self.origins[symbol] = path
            detail = f"re-exported there from {path.rpartition('.')[0] or path}"
        elif after.dynamic and "raises" in after.note:
            detail = after.note
        self.emit("name-removed", symbol, before, detail, deprecation_of(self.old, entity))

    def _kind(self, symbol: str, before: Resolution, old: str, new: str) -> None:
        if other_kind(old, new):
            self.harm(symbol.rpartition(".")[2])
            self.emit("kind-changed", symbol, before, f"it was {readable(old)} and is now {readable(new)}")

    def deprecated(self, symbol: str, before: Resolution, after: Resolution) -> None:
        """A mark that only the candidate has."""
        mark = deprecation_of(self.new, after.entity)
        if mark is None or deprecation_of(self.old, before.entity) is not None:
            return
        entity = after.entity
        if isinstance(entity, Class | Function) and entity.path != symbol:
            return  # said where it stands
        self.words.add(symbol.rpartition(".")[2])
        self.emit("now-deprecated", symbol, after, mark.message or "", mark, in_candidate=True)

    # -- entities --------------------------------------------------------------------------------------------------

    def pair(self, old: Entity | None, new: Entity | None, symbol: str) -> Meaning:
        """What a name that led to `old` and leads to `new` means for its users."""
        if old is None or new is None:
            return SAME if old is new else SHIFTED
        key = (_key(old), _key(new))
        if key not in self._pairs:
            self._pairs[key] = SAME  # while running: a cycle adds nothing
            self._pairs[key] = self._pair(old, new, symbol)
        return self._pairs[key]

    def _pair(self, old: Entity, new: Entity, symbol: str) -> Meaning:
        match old, new:
            case Module(name=mine), Module(name=theirs):
                if mine == theirs:
                    marked = deprecation_of(self.new, new) is not None and deprecation_of(self.old, old) is None
                    return HURTS if marked or mine in self.textual else SAME
                for name in sorted(self.old_names.module(mine)):
                    self._ask(old, new, name, symbol)
                return SHIFTED
            case Class(), Class():
                return self.classes(old, new, symbol)
            case Instance(of=mine), Instance(of=theirs):
                shifted = SHIFTED if self.classes(mine, theirs, mine.path).shift else SAME
                return shifted | self._used_as_instance(old, new, symbol)
            case Function(), Function():
                return self._functions(old, new)
            case Value(binding=None), Class():
                return HURTS  # it was compiled: whatever stood in the binary may be missing
            case (Value() | External(), _) | (_, Value() | External()):
                same = type(old) is type(new) and getattr(old, "path", 0) == getattr(new, "path", 0)
                return SAME if same else SHIFTED
            case _:
                for name in sorted(self.old_names.of(old)):
                    self._ask(old, new, name, symbol)
                return HURTS

    def _ask(self, old: Entity, new: Entity, name: str, symbol: str) -> None:
        before = self.old.attribute(old, name)
        if before.state != "present":
            return
        after = self.new.attribute(new, name)
        if after.state == "absent":
            self.harm(name)
            rule = "name-removed" if isinstance(old, Module) else "attribute-removed"
            self.emit(rule, f"{symbol}.{name}", before, _led_to(new), deprecation_of(self.old, before.entity))
        elif after.state == "present":
            self.flag(name, self.pair(before.entity, after.entity, f"{symbol}.{name}"))

    def _used_as_instance(self, old: Instance, new: Instance, symbol: str) -> Meaning:
        meaning = SAME
        for name in ("__call__", "__enter__", "__aenter__"):
            before, after = self.old.attribute(old, name), self.new.attribute(new, name)
            if isinstance(before.entity, Function) and isinstance(after.entity, Function):
                meaning |= self.pair(before.entity, after.entity, f"{symbol}.{name}")
        return meaning

    # -- functions -------------------------------------------------------------------------------------------------

    def _functions(self, old: Function, new: Function) -> Meaning:
        before, after = callers_params(old.facts, bound=old.bound), callers_params(new.facts, bound=new.bound)
        decorated = telling_decorators(old.facts) == telling_decorators(new.facts)
        meaning = SAME if decorated and old.bound == new.bound else HURTS
        # A name taken out of **kwargs or by a decorator is asked for by name all the same.
        self.words.update(keywords_of(before) - keywords_of(after))
        binds = binds_like(before, after)
        if not binds and decorated and not self._forgiving(new):
            self._parameters(old, before, after)
        if not binds or self._forwards_otherwise(old, new):
            meaning |= needing(self.compare_calls(self.old, old, self.new, new))
        if _hurts_always(old.facts, new.facts):
            meaning |= HURTS
        for name in sorted(set(old.facts.attributes) - set(new.facts.attributes)):
            self._ask(old, new, name, old.path)
        return meaning | self.pair(self.old.call(old), self.new.call(new), f"{old.path}()")

    def _forgiving(self, function: Function) -> bool:
        """A decorator may keep old parameters alive."""
        words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in telling_decorators(function.facts)}
        return not words <= {"staticmethod", "classmethod", "contextmanager", "asynccontextmanager", "property"}

    def _parameters(self, old: Function, before: tuple[object, ...], after: tuple[object, ...]) -> None:
        facts = self.old.facts(old.module)
        at = Resolution("present", file=facts.file if facts is not None else None, line=old.facts.line)
        path = old.path.removesuffix(".__init__").removesuffix(".__new__")
        if last_word(path).startswith("__") and last_word(path) != "__call__":
            return  # Python calls these, with what it always gives
        for change in parameter_changes(
            callers_params(old.facts, bound=old.bound),
            after,  # type: ignore[arg-type]
        ):
            symbol = f"{path}({change.parameter}=)" if change.parameter else path
            self.emit(change.rule, symbol, at, change.detail, old.facts.deprecation)

    def _forwards_otherwise(self, old: Function, new: Function) -> bool:
        if not takes(new.facts.params, "var-keyword") or not takes(old.facts.params, "var-keyword"):
            return False
        return not self.same_forwarding(old.module, old.facts, new.module, new.facts)

    def same_forwarding(self, old_module: str, old: FunctionFacts, new_module: str, new: FunctionFacts) -> bool:
        """Whether two functions with `**kwargs` have the same body."""
        before, after = self.bodies(old_module, candidate=False).done, self.bodies(new_module, candidate=True).done
        return before.get(old.line) == after.get(new.line)

    def bodies(self, module: str, *, candidate: bool) -> Bodies:
        """What matters of a module's function bodies."""
        key = (candidate, module)
        if key not in self._bodies:
            world = self.new if candidate else self.old
            surface, facts = world.surface_of(module), world.facts(module)
            parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
            self._bodies[key] = read_bodies(parsed)
        return self._bodies[key]

    # -- classes ---------------------------------------------------------------------------------------------------

    def classes(self, old: Class, new: Class, symbol: str) -> Meaning:
        """Two classes: bases, constructor; members too where no unit of their own stands for them."""
        line, _, standard = self.old.mro(old)
        new_line, _, new_standard = self.new.mro(new)
        moved = old.path != new.path
        rebased = [c.path for c in line] != [c.path for c in new_line] or _telling(standard) != _telling(new_standard)
        lost: list[str] = []
        if moved or rebased or is_test_module(self.old.surfaces[0], old.module):
            shown = symbol if moved and self._still_there(old.path, new) else old.path
            for name in sorted(self.old_names.of(old)):
                if self.member(old, new, name, shown, inherited=rebased):
                    lost.append(name)
        meaning = (SHIFTED if moved or rebased else SAME) | self._constructor(old, new)
        if old.facts.deprecation is None and new.facts.deprecation is not None:
            meaning |= HURTS
        if rebased:
            self._bases(old, line, standard, new_line, new_standard, lost)
        return meaning

    def _still_there(self, path: str, new: Class) -> bool:
        found = self.new.path(path)
        return found.state == "present" and isinstance(found.entity, Class) and found.entity.facts is not new.facts

    def member(self, old: Class, new: Class, name: str, symbol: str, *, inherited: bool = False) -> bool:
        """One member; whether it went with a base, which is then said of the base."""
        before = self.old.class_attribute(old, name, instance=True)
        after = self.new.class_attribute(new, name, instance=True)
        if before.state != "present":
            return False
        line, new_line = self.old.mro(old)[0], self.new.mro(new)[0]
        if after.state == "absent":
            self.harm(name)
            holder = next((c for c in line if name in c.facts.members or name in c.facts.instance), None)
            if inherited and (holder is None or holder.path != old.path):
                return True
            if holder is None or holder.path == old.path:
                self.emit("attribute-removed", f"{symbol}.{name}", before, "", deprecation_of(self.old, before.entity))
            return False
        if after.state == "unknown":
            self.shifted.add(name)
            return False
        self.flag(name, self.pair(before.entity, after.entity, f"{symbol}.{name}"))
        owner = next((c for c in line if name in c.facts.members), None)
        new_owner = next((c for c in new_line if name in c.facts.members), None)
        if owner is not None and new_owner is None:
            on_class = self.new.class_attribute(new, name, instance=False)
            if on_class.state == "absent" and self.old.class_attribute(old, name, instance=False).state == "present":
                self.harm(name)
        if owner is not None and new_owner is not None and owner.path == old.path and new_owner.path == new.path:
            mine, theirs = member_kind(owner.facts, name), member_kind(new_owner.facts, name)
            if other_kind(mine, theirs):
                self.harm(name)
            self._kind(f"{symbol}.{name}", before, mine, theirs)
            self._member_deprecated(f"{symbol}.{name}", owner, new_owner, name, after)
        return False

    def _member_deprecated(self, symbol: str, old: Class, new: Class, name: str, after: Resolution) -> None:
        marks = [
            next((b.function.deprecation for b in c.facts.members[name] if b.function and b.function.deprecation), None)
            for c in (old, new)
        ]
        if marks[0] is None and marks[1] is not None and not name.startswith("__"):
            self.words.add(name)
            self.emit("now-deprecated", symbol, after, marks[1].message or "", marks[1], in_candidate=True)

    def _bases(
        self,
        old: Class,
        line: tuple[Class, ...],
        standard: tuple[str, ...],
        new_line: tuple[Class, ...],
        new_standard: tuple[str, ...],
        lost: list[str],
    ) -> None:
        kept = {last_word(c.path) for c in new_line} | {last_word(base) for base in new_standard}
        gone = [c.path for c in line[1:] if last_word(c.path) not in kept]
        gone += [base for base in standard if last_word(base) not in kept and last_word(base) not in _NO_BASES]
        for cls in (*line[1:], *new_line[1:]):  # hooks that only one of them calls
            for side in (False, True):
                self.words.update(self.bodies(cls.module, candidate=side).hooks.get(_inner(cls), {}))
        if gone:
            shown = f"; without {', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''}" if lost else ""
            facts = self.old.facts(old.module)
            at = Resolution("present", file=facts.file if facts is not None else None, line=old.facts.line)
            self.harm(last_word(old.path))
            named = " and ".join(base.split(":", 1)[0] for base in gone)
            self.emit("base-changed", old.path, at, f"it no longer derives from {named}{shown}", old.facts.deprecation)

    def _constructor(self, old: Class, new: Class) -> Meaning:
        mine, theirs = constructors(self.old, old), constructors(self.new, new)
        if [digest for digest, _ in mine] != [digest for digest, _ in theirs]:
            return HURTS
        meaning = SAME
        for (_, before), (_, after) in zip(mine, theirs, strict=True):
            if before is None or after is None:
                continue
            if telling_decorators(before.facts) != telling_decorators(after.facts):
                return HURTS
            if not binds_like(before.facts.params[1:], after.facts.params[1:]) or self._forwards_otherwise(
                before, after
            ):
                meaning |= needing(self.compare_calls(self.old, before, self.new, after))
        return meaning


def constructors(world: World, cls: Class) -> list[tuple[Key, Function | None]]:
    """What decides how the class is called: each `__init__`/`__new__` as far as `**kwargs` reaches, and generated
    ones."""
    found: list[tuple[Key, Function | None]] = []
    line, doubt, standard = world.mro(cls)
    for owner in line:
        facts = owner.facts
        made: Key = ()
        if facts.decorators or facts.metaclass is not None:
            fields = tuple(
                (n, b[-1].annotation, bool(b[-1].target or b[-1].literal))
                for n, b in facts.members.items()
                if b[-1].annotation
            )
            made = (facts.decorators, facts.metaclass, fields)
        if made:
            found.append((made, None))
        for name in ("__init__", "__new__"):
            bound = [b.function for b in facts.members.get(name, ()) if b.function is not None and b.runtime]
            if bound and bound[-1] is not None:
                found.append(((name,), Function(owner.module, f"{owner.path}.{name}", bound[-1], cls, bound=True)))
                if not takes(bound[-1].params, "var-keyword"):
                    return found
    return [*found, ((doubt, standard), None)]


def deprecation_of(world: World, entity: Entity | None) -> Deprecation | None:
    """The mark on what a name leads to."""
    if isinstance(entity, Class | Function):
        return entity.facts.deprecation
    if isinstance(entity, Value) and entity.binding is not None:
        return entity.binding.deprecation
    if isinstance(entity, Module):
        facts = world.facts(entity.name)
        return facts.deprecation if facts is not None else None
    return None


def _hurts_always(old: FunctionFacts, new: FunctionFacts) -> bool:
    """Whether something else than the parameters differs, so that any call may go otherwise."""
    return (
        old.raises_always != new.raises_always
        or (old.deprecation is None and new.deprecation is not None)
        or old.is_async != new.is_async
        or old.is_generator != new.is_generator
    )


def _telling(bases: tuple[str, ...]) -> list[str]:
    return [base for base in bases if last_word(base) not in _NO_BASES]


def _led_to(new: Entity) -> str:
    path = getattr(new, "path", None) or getattr(new, "name", None)
    return f"it now leads to {path}" if isinstance(path, str) else ""


def _inner(cls: Class) -> str:
    return cls.path.removeprefix(f"{cls.module.removesuffix(STUB)}.")


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
        case _:
            return ("value", entity.path)
