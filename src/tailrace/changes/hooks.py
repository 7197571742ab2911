"""Methods that subclasses may override: those that a base no longer calls, or calls with other arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tailrace.changes.bodies import Call
from tailrace.changes.compare import Comparison
from tailrace.changes.shapes import class_facts
from tailrace.python.facts import Binding
from tailrace.python.semantics.entities import Class, Function, Resolution
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import bind, signature_of
from tailrace.python.usages import CallShape

_Shapes = frozenset[Call | None]
_DEEPEST = 6


class _Side:
    """The classes of one release's changed modules, and how their methods call each other on `self`."""

    def __init__(self, state: Comparison, modules: Iterable[str], *, candidate: bool) -> None:
        self.resolver: Resolver = state.candidate if candidate else state.baseline
        self.classes: dict[str, Class] = {}
        self.calls: dict[str, dict[str, set[Call | None]]] = {}
        self.anywhere: dict[str, set[Call]] = {}
        self._state = state
        self._candidate = candidate
        self._read: set[str] = set()
        for module in modules:
            self._read_module(module)
            for name, shapes in state.bodies(module, candidate=candidate).calls.items():
                self.anywhere.setdefault(name, set()).update(shapes)
            facts = self.resolver.facts(module)
            for name, bindings in facts.bindings.items() if facts is not None else ():
                self.classes.update((c.path, c) for c in _classes(module, f"{module}.{name}", bindings))

    def _read_module(self, module: str) -> None:
        """Note how the methods of a module's classes call each other."""
        if module in self._read:
            return
        self._read.add(module)
        for path, names in self._state.bodies(module, candidate=self._candidate).hooks.items():
            for name, called in names.items():
                self.calls.setdefault(name, {}).setdefault(f"{module}.{path}", set()).update(called)

    def find(self, path: str) -> Class | None:
        """The class at a path: defined there, or brought there from a module that may not have changed."""
        known = self.classes.get(path)
        if known is not None:
            return known
        entity = self.resolver.path(path).entity
        if not isinstance(entity, Class):
            return None
        for each in self.resolver.mro(entity)[0]:
            self._read_module(each.module)
            self.classes.setdefault(each.path, each)
        return entity

    def line(self, path: str) -> frozenset[str]:
        """The paths of a class and its bases."""
        cls = self.classes.get(path)
        return frozenset(c.path for c in self.resolver.mro(cls)[0]) if cls is not None else frozenset()

    def called_on_self(self, cls: str, name: str) -> _Shapes:
        """How the bases and subclasses of a class, and the class itself, call a method on `self`."""
        return frozenset(
            shape
            for caller, shapes in self.calls.get(name, {}).items()
            if caller in self.line(cls) or cls in self.line(caller)
            for shape in shapes
        )


def compare_hooks(state: Comparison, modules: Iterable[str]) -> None:
    """Note `override-orphaned` and `arity-changed` for methods of the modules' classes."""
    modules = tuple(modules)
    baseline, candidate = _Side(state, modules, candidate=False), _Side(state, modules, candidate=True)
    for path, cls in baseline.classes.items():
        _compare_making(state, baseline, candidate, cls)
        for name, function in _methods(cls):
            now = candidate.find(path)
            if now is None or (name not in baseline.calls and name not in baseline.anywhere):
                continue
            in_baseline, in_candidate = baseline.called_on_self(path, name), candidate.called_on_self(now.path, name)
            facts = state.baseline.facts(cls.module)
            at = Resolution("present", file=facts.file if facts is not None else None, line=function.facts.line)
            if in_baseline and not in_candidate and _lacks(candidate.resolver, now, name):
                state.emit("override-orphaned", function.path, at, f"{cls.facts.name} no longer calls it")
            elif _called_otherwise(baseline, candidate, function, in_baseline, in_candidate):
                detail = f"{cls.facts.name} now calls it with other arguments"
                state.emit("arity-changed", function.path, at, detail)


def _compare_making(state: Comparison, baseline: _Side, candidate: _Side, cls: Class) -> None:
    """Note `arity-changed` for the constructor where methods of the class make instances with other arguments."""
    now = candidate.find(cls.path) if "__init__" in baseline.calls and "__init__" in candidate.calls else None
    if now is None:
        return
    in_baseline = baseline.called_on_self(cls.path, "__init__") - {None}
    in_candidate = candidate.called_on_self(now.path, "__init__") - {None}
    if in_baseline and not in_candidate <= in_baseline:
        facts = state.baseline.facts(cls.module)
        at = Resolution("present", file=facts.file if facts is not None else None, line=cls.facts.line)
        state.words.add(cls.facts.name)  # a subclass writes its name, and every class has a constructor
        state.emit(
            "arity-changed", f"{cls.path}.__init__", at, f"{cls.facts.name} now makes instances with other arguments"
        )


def _called_otherwise(
    baseline: _Side, candidate: _Side, function: Function, in_baseline: _Shapes, in_candidate: _Shapes
) -> bool:
    if in_candidate - {None}:
        return bool(in_baseline) and not in_candidate - {None} <= in_baseline
    if in_candidate:
        return False
    # No method calls it on `self`: look at calls on any object.
    name = function.facts.name
    added = candidate.anywhere.get(name, set()) - baseline.anywhere.get(name, set())
    signature = signature_of(baseline.resolver, function)
    if not added or signature is None or signature.wrapped:
        return False
    outcomes = [bind(signature, CallShape(*shape)).outcome for shape in candidate.anywhere[name]]
    return "fails" in outcomes and "binds" not in outcomes


def _lacks(resolver: Resolver, cls: Class, name: str) -> bool:
    return resolver.class_attribute(cls, name, instance=True).state != "present"


def _classes(module: str, path: str, bindings: Iterable[Binding], depth: int = 0) -> Iterator[Class]:
    for facts in class_facts(bindings):
        yield Class(module, path, facts)
        for name, inner in facts.members.items() if depth < _DEEPEST else ():
            yield from _classes(module, f"{path}.{name}", inner, depth + 1)


def _methods(cls: Class) -> Iterator[tuple[str, Function]]:
    for name, bindings in cls.facts.members.items():
        found = [b.function for b in bindings if b.function is not None]
        if found and not (name.startswith("__") and name.endswith("__")):
            yield name, Function(cls.module, f"{cls.path}.{name}", found[-1], cls, bound=True)
