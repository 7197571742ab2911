"""Runs the whole comparison of two surfaces: every name that differs, then every name that depends on one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tailrace.changes.classes import is_operator
from tailrace.changes.compare import Comparison
from tailrace.changes.dynamic import compare_dynamic
from tailrace.changes.files import Files, is_test_module, last_word
from tailrace.changes.findings import deprecation_of
from tailrace.changes.hooks import compare_hooks
from tailrace.changes.kinds import kind_of, readable
from tailrace.changes.parameters import callers_params, required, takes
from tailrace.changes.roots import installed_along, owned_roots
from tailrace.changes.shapes import (
    class_facts,
    header,
    member_names,
    member_shape,
    member_words,
    shape_of,
    words_of,
)
from tailrace.python.facts import Binding, ClassFacts, ModuleFacts
from tailrace.python.modules import STUB, Surface
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.entities import Class, Module, Resolution, Value
from tailrace.python.semantics.loaded import loaded_by, no_longer_loaded
from tailrace.python.semantics.resolver import Resolver

# Each round only looks at what leans on the round before; chains of aliases are short.
_MAX_ROUNDS = 40
_PREFIX = re.compile(rb"""getattr\(\s*(?:self|cls)\s*,\s*f?["']([A-Za-z_]\w+)""")


@dataclass(frozen=True, slots=True)
class Unit:
    """One name of a module, or one member of a class of it; `words`: what its meaning hangs on."""

    module: str
    path: tuple[str, ...]
    words: frozenset[str]


def compare_surfaces(baseline: Surface, candidate: Surface) -> Comparison:
    """Everything that differs. Both surfaces are read on the way, as far as needed."""
    owned = owned_roots(baseline, candidate)
    walk = _Walk(Comparison(Files(baseline, candidate), _resolver(baseline, owned), _resolver(candidate, owned)))
    walk.run()
    return walk.state


def _resolver(surface: Surface, owned: frozenset[str]) -> Resolver:
    release = surface.artifact.release
    versions = {release.name: release.version, **dict.fromkeys(surface.roots, release.version)}
    return make_resolver(surface, versions=versions, owned=owned, required=installed_along(surface.artifact))


@dataclass(slots=True)
class _Walk:
    state: Comparison
    waiting: list[Unit] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    hooks: set[str] = field(default_factory=set)

    def run(self) -> None:
        state, files = self.state, self.state.files
        state.words.update(last_word(name) for name in files.changed_tests)
        for name in files.changed:  # everything that the trees are needed for, while they are at hand
            for resolver, candidate in ((state.baseline, False), (state.candidate, True)):
                if resolver.facts(name) is not None:
                    state.bodies(name, candidate=candidate)
        present = [name for name in files.changed if not self._removed(name)]
        self.unread = {name for name in files.same if not is_test_module(files.baseline, name)}
        compare_dynamic(state, present)
        for name in present:
            self._module(name)
        for _ in range(_MAX_ROUNDS):
            if not self._round():
                break
        self._lost_members()
        self._hooked_methods()
        self._built_names()
        self._unloaded(present)
        compare_hooks(state, present)

    def _unloaded(self, present: list[str]) -> None:
        """Submodules that a package no longer imports: they are not attributes of it until they are imported."""
        state = self.state
        if not any(_imported(state.baseline.facts(n)) - _imported(state.candidate.facts(n)) for n in present):
            return
        roots = (name for name in state.files.baseline.sources if "." not in name and STUB not in name)
        for package in sorted({*present, *roots}):
            source = state.files.candidate.sources.get(package)
            if source is None or not source.is_package:
                continue
            for path in sorted(loaded_by(state.baseline, package) - loaded_by(state.candidate, package)):
                above, _, name = path.rpartition(".")
                if above == package and no_longer_loaded(state.baseline, state.candidate, package, name):
                    state.harm(name)
                    found = state.baseline.member(package, name)
                    if found.state == "present":  # else it was there by chance and not offered
                        state.emit("name-removed", path, found, f"`import {package}` no longer imports it")

    def _hooked_methods(self) -> None:
        """Of the names called on `self` in another way, those that some class has as a method: the others are no
        hooks."""
        files = self.state.files
        methods = {name for module in files.changed for name in _methods(self.state.baseline.facts(module))}
        for module in files.same:
            if self.hooks <= methods:
                break
            if not is_test_module(files.baseline, module):
                methods |= files.text_words(files.baseline, module) & self.hooks
        self.state.words.update(self.hooks & methods)

    def _lost_members(self) -> None:
        """Members that fewer classes have now: a value whose class only inference can tell may have lost them."""
        files = self.state.files
        added = (n for n in files.candidate.sources if n not in files.baseline.sources and STUB not in n)
        baseline, candidate = Counter[str](), Counter[str]()
        for found, resolver, names in (
            (baseline, self.state.baseline, files.changed),
            (candidate, self.state.candidate, files.changed),
        ):
            for name in names:
                _count_members(resolver.facts(name), found)
        for name in added:
            if not is_test_module(files.candidate, name):
                _count_members(self.state.candidate.facts(name), candidate)
        self.state.lost = {name for name, count in baseline.items() if count > candidate[name]}
        self.state.words |= self.state.lost

    def _round(self) -> bool:
        """Look at everything that leans on what is known to be shifted; whether anything was there."""
        shifted = frozenset(self.state.shifted)
        for name in sorted(self.unread):
            if not shifted.isdisjoint(self.state.files.text_words(self.state.files.baseline, name)):
                self.unread.discard(name)
                self._unchanged(name)
        due = [unit for unit in self.waiting if not shifted.isdisjoint(unit.words)]
        if not due:
            return False
        done = set(due)
        self.waiting = [unit for unit in self.waiting if unit not in done]
        for unit in due:
            self._visit(unit)
        return True

    # -- modules ---------------------------------------------------------------------------------------------------

    def _removed(self, name: str) -> bool:
        state = self.state
        baseline = state.baseline.import_module(name)
        if baseline.state != "present" or state.candidate.import_module(name).state != "absent":
            return False
        state.harm(last_word(name))
        parent, _, last = name.rpartition(".")
        above = f"{parent}" if parent else ""
        if (
            above
            and state.baseline.import_module(above).state == "present"
            and state.candidate.import_module(above).state == "absent"
        ):
            return True  # said of the package
        candidate = state.candidate.attribute(Module(parent), last) if parent else None
        other = candidate.entity if candidate is not None and candidate.state == "present" else None
        if other is not None and not isinstance(other, Module | Value):
            state.emit(
                "kind-changed", name, baseline, f"it was a module and is now {readable(kind_of(other) or 'attribute')}"
            )
            return True
        inside = sum(other.startswith(f"{name}.") for other in state.files.baseline.sources if STUB not in other)
        detail = f"with the {inside} module{'s' if inside != 1 else ''} in it" if inside else ""
        failed = state.candidate.import_module(name)
        if "raises" in failed.note:
            detail = f"importing it raises {failed.error}"
        elif isinstance(other, Module) and other.name != name:
            detail = f"as an attribute of its package it leads to {other.name}"
        state.emit("module-removed", name, baseline, detail, deprecation_of(state.baseline, Module(name)))
        return True

    def _module(self, name: str) -> None:
        """A module that differs: names whose bindings differ now, the others when something they lean on does."""
        state = self.state
        for suffix in ("", STUB):
            baseline, candidate = state.baseline.facts(name + suffix), state.candidate.facts(name + suffix)
            if baseline is not None:
                self._bindings(name, baseline, candidate)
        self._stars(name)
        self._hooks(name)
        baseline, candidate = state.baseline.facts(name), state.candidate.facts(name)
        if (
            baseline is not None
            and candidate is not None
            and baseline.deprecation is None
            and candidate.deprecation is not None
        ):
            at = state.candidate.import_module(name)
            state.words.add(last_word(name))
            state.emit(
                "now-deprecated",
                name,
                at,
                candidate.deprecation.message or "",
                candidate.deprecation,
                in_candidate=True,
            )

    def _bindings(self, module: str, baseline: ModuleFacts, candidate: ModuleFacts | None) -> None:
        theirs_all = candidate.bindings if candidate is not None else {}
        for name, mine in baseline.bindings.items():
            theirs = theirs_all.get(name, ())
            if shape_of(mine) != shape_of(theirs) or self._forwards(module, mine, theirs):
                self.state.name(module, name)
            else:
                self.waiting.append(Unit(module, (name,), frozenset(self._words(module, mine))))
            self._class(module, (name,), mine, theirs)
        self.state.shifted.update(theirs_all.keys() - baseline.bindings.keys())

    def _class(self, module: str, path: tuple[str, ...], mine: Iterable[Binding], theirs: Iterable[Binding]) -> None:
        baseline, candidate = class_facts(mine), class_facts(theirs)
        if not baseline or not candidate:
            return
        differing = [header(c) for c in baseline] != [header(c) for c in candidate]
        pair: tuple[Class, Class] | None = None
        for name in sorted(member_names(baseline) | member_names(candidate)):
            same = member_shape(baseline, name) == member_shape(candidate, name)
            if same and not differing:
                bound = [b for c in baseline for b in c.members.get(name, ())]
                if not self._forwards(module, bound, [b for c in candidate for b in c.members.get(name, ())]):
                    words = member_words(baseline, name) | self._forward_words(module, bound)
                    if words:
                        self.waiting.append(Unit(module, (*path, name), frozenset(words)))
                    self._nested(module, (*path, name), baseline, candidate, name)
                    continue
            pair = pair or self._classes(module, path)
            if pair is None:
                return
            if any(f.decorators or f.metaclass or _has_fields(f) for f in (pair[0].facts, pair[1].facts)):
                self.state.name(module, path[0])  # fields make a constructor
            if name in {"__call__", "__init_subclass__"}:
                self.state.harm(pair[0].facts.name)  # no call and no subclass writes these names
            if name not in member_names(baseline):
                self.state.shifted.add(name)  # it may stand before an inherited one
                self.state.member(*pair, name, pair[0].path)
                if name == "__init_subclass__":
                    self._asks_of_subclasses(*pair)
                if name in {"__init__", "__new__"} or _is_abstract(candidate, name):
                    self.state.name(module, path[0])
                continue
            self.state.member(*pair, name, pair[0].path)
            self._nested(module, (*path, name), baseline, candidate, name)
            if name in {"__init__", "__new__"} or is_operator(name) or _is_abstract(candidate, name):
                self.state.name(module, path[0])

    def _asks_of_subclasses(self, baseline: Class, candidate: Class) -> None:
        """A first `__init_subclass__` that has to be given something."""
        bound = [b.function for b in candidate.facts.members["__init_subclass__"] if b.function is not None]
        if bound and required(callers_params(bound[-1], bound=True)):
            facts = self.state.candidate.facts(candidate.module)
            at = Resolution("present", file=facts.file if facts is not None else None, line=bound[-1].line)
            symbol = f"{baseline.path}.__init_subclass__"
            self.state.emit("arity-changed", symbol, at, "it is new and asks for arguments", in_candidate=True)

    def _nested(
        self, module: str, path: tuple[str, ...], baseline: list[ClassFacts], candidate: list[ClassFacts], name: str
    ) -> None:
        mine = [b for c in baseline for b in c.members.get(name, ())]
        if any(b.cls is not None for b in mine) and len(path) < 6:
            self._class(module, path, mine, [b for c in candidate for b in c.members.get(name, ())])

    def _classes(self, module: str, path: tuple[str, ...]) -> tuple[Class, Class] | None:
        found = []
        for resolver in (self.state.baseline, self.state.candidate):
            resolved = resolver.attribute(Module(module), path[0])
            for name in path[1:]:
                resolved = resolver.attribute(resolved.entity, name)
            if not isinstance(resolved.entity, Class):
                return None
            found.append(resolved.entity)
        return found[0], found[1]

    def _stars(self, module: str) -> None:
        state = self.state
        mine, theirs = state.baseline_names.starred(module), state.candidate_names.starred(module)
        baseline, candidate = state.baseline.facts(module), state.candidate.facts(module)
        if baseline is None:
            return
        own = baseline.bindings.keys()
        if candidate is None or baseline.stars != candidate.stars:
            for name in sorted(mine - own):
                state.name(module, name)
        else:
            self.waiting.extend(Unit(module, (name,), frozenset({name})) for name in sorted(mine - own))
            state.shifted.update(theirs - mine)
        gone = state.baseline_names.exports(module) - state.candidate_names.exports(module)
        if gone and candidate is not None:
            # A module that takes everything from this one has none of its names in its text.
            state.shifted.add(last_word(module))
        for name in sorted(gone) if candidate is not None else ():
            in_baseline = state.baseline.attribute(Module(module), name)
            state.missed(module, name, in_baseline.entity)
            if in_baseline.state == "present" and state.candidate.attribute(Module(module), name).state == "present":
                detail = "`import *` no longer gives it"
                state.emit(
                    "name-removed",
                    f"{module}.{name}",
                    in_baseline,
                    detail,
                    deprecation_of(state.baseline, in_baseline.entity),
                )
        for name in sorted(set(state.baseline_names.children.get(module, ())) - own - mine):
            self.waiting.append(Unit(module, (name,), frozenset({name})))

    def _hooks(self, module: str) -> None:
        """Methods that the module's classes call on `self` otherwise than before: subclasses may define them."""
        mine, theirs = self.state.bodies(module, candidate=False).hooks, self.state.bodies(module, candidate=True).hooks
        for cls in mine.keys() | theirs.keys():
            baseline, candidate = mine.get(cls, {}), theirs.get(cls, {})
            differing = (n for n in baseline.keys() | candidate.keys() if baseline.get(n) != candidate.get(n))
            self.hooks.update(n for n in differing if not n.startswith("__"))

    def _unchanged(self, name: str) -> None:
        facts = self.state.baseline.facts(name)
        if facts is None:
            return
        for bound, found in facts.bindings.items():
            self.waiting.append(Unit(name, (bound,), frozenset(self._words(name, found))))
            self.waiting.extend(self._members(name, (bound,), found))
        for star in sorted(self.state.baseline_names.starred(name) - facts.bindings.keys()):
            self.waiting.append(Unit(name, (star,), frozenset({star})))
        if facts.calls:
            self.waiting.append(Unit(name, (), frozenset(word for call in facts.calls for word in call.split("."))))

    def _members(self, module: str, path: tuple[str, ...], bindings: Iterable[Binding]) -> Iterator[Unit]:
        facts = class_facts(bindings)
        for name in sorted(member_names(facts)):
            bound = [b for c in facts for b in c.members.get(name, ())]
            words = member_words(facts, name) | self._forward_words(module, bound)
            if words:
                yield Unit(module, (*path, name), frozenset(words))
            if any(b.cls is not None for b in bound) and len(path) < 6:
                yield from self._members(module, (*path, name), bound)

    # -- units -----------------------------------------------------------------------------------------------------

    def _words(self, module: str, bindings: Iterable[Binding]) -> set[str]:
        return words_of(bindings) | self._forward_words(module, bindings)

    def _forward_words(self, module: str, bindings: Iterable[Binding]) -> set[str]:
        lines = [b.function.line for b in bindings if b.function and takes(b.function.params, "var-keyword")]
        if not lines:
            return set()
        forwards = self.state.bodies(module, candidate=False).forwards
        return {word for line in lines for word in forwards.get(line, ()) if word not in {"self", "super"}}

    def _forwards(self, module: str, mine: Iterable[Binding], theirs: Iterable[Binding]) -> bool:
        """Whether a function of the same shape does otherwise with its `**kwargs`."""
        pairs = [(b.function, a.function) for b, a in zip(mine, theirs, strict=False) if b.function and a.function]
        return any(
            takes(baseline.params, "var-keyword")
            and not self.state.same_forwarding(module, baseline, module, candidate)
            for baseline, candidate in pairs
        )

    def _visit(self, unit: Unit) -> None:
        if not unit.path:
            self._removed(unit.module)
        elif len(unit.path) == 1:
            self.state.name(unit.module, unit.path[0])
        else:
            pair = self._classes(unit.module, unit.path[:-1])
            if pair is not None:
                self.state.member(*pair, unit.path[-1], pair[0].path)

    def _built_names(self) -> None:
        """`getattr(self, "visit_" + name)`: who uses `visit_x` writes only `x`."""
        surface = self.state.files.candidate
        prefixes: set[str] = set()
        for name, source in surface.sources.items():
            if source.form == "py" and not is_test_module(surface, name) and name not in self.unread:
                prefixes.update(m.decode() for m in _PREFIX.findall(self.state.files.text(surface, name)))
        for prefix in prefixes:
            every = (*self.state.words, *self.state.calls)
            self.state.words.update(w[len(prefix) :] for w in every if w.startswith(prefix) and w != prefix)


def _imported(facts: ModuleFacts | None) -> frozenset[str]:
    """What a module imports when it runs."""
    if facts is None:
        return frozenset()
    named = (f"{b.target}.{b.attr}" for found in facts.bindings.values() for b in found if b.kind == "from")
    return frozenset((*facts.imports, *facts.stars, *named))


def _is_abstract(facts: list[ClassFacts], name: str) -> bool:
    bound = [b.function for c in facts for b in c.members.get(name, ()) if b.function is not None]
    return any("abstract" in decorator for function in bound for decorator in function.decorators)


def _has_fields(facts: ClassFacts) -> bool:
    return any(last_word(base) == "NamedTuple" for base in facts.bases)


def _every_class(facts: ModuleFacts | None) -> Iterator[ClassFacts]:
    stack = [c for bindings in facts.bindings.values() for c in class_facts(bindings)] if facts is not None else []
    while stack:
        cls = stack.pop()
        yield cls
        stack.extend(c for bindings in cls.members.values() for c in class_facts(bindings))


def _count_members(facts: ModuleFacts | None, found: Counter[str]) -> None:
    for cls in _every_class(facts):
        found.update(member_names([cls]))


def _methods(facts: ModuleFacts | None) -> Iterator[str]:
    for cls in _every_class(facts):
        yield from (name for name, bindings in cls.members.items() if any(b.function is not None for b in bindings))
