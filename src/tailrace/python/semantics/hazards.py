"""Callables that fail however they are called: those that only raise, and classes with abstract methods left."""

from __future__ import annotations

import ast
from pathlib import Path

from tailrace.python.memo import Memo
from tailrace.python.semantics.chains import Reached
from tailrace.python.semantics.decorators import effect_of
from tailrace.python.semantics.entities import Class, Entity, Function, Instance
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver

_ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"})
_PLAIN = frozenset({"staticmethod", "classmethod", "property", "override", "wraps"})
_PROPERTIES = frozenset({"property", "cached_property"})
_DEEPEST = 4
_OVERRIDDEN: Memo[Resolver, str, bool] = Memo()
# By the identity of the class's facts, which live as long as the resolver's surfaces.
_LEFT: Memo[Resolver, int, dict[str, Class]] = Memo()


def always_raises(resolver: Resolver, function: Function, depth: int = 0) -> str | None:
    """The exception that every call of a function raises, by itself or through the helper that it calls first."""
    facts = function.facts
    told = [d for d in facts.decorators if d.rsplit(".", 1)[-1] not in _PLAIN]
    effects = [effect_of(resolver, d, function.module) for d in told]
    raising = next((effect.raises for effect in effects if effect.raises is not None), None)
    if raising is not None and all(effect.known for effect in effects):
        return raising
    if facts.is_generator or facts.is_async or not all(effect.known and not effect.raises for effect in effects):
        return None
    if facts.raises_always is not None:
        return facts.raises_always
    for callee in facts.first_calls if depth < _DEEPEST else ():
        entity = resolver.expression(callee, function.module).entity
        if callee.startswith(("self.", "cls.")) and function.owner is not None:
            entity = resolver.class_attribute(function.owner, callee.partition(".")[2], instance=True).entity
        if isinstance(entity, Function) and (raised := always_raises(resolver, entity, depth + 1)) is not None:
            return raised
    return None


def raising_call(resolver: Resolver, entity: Entity | None) -> tuple[Function, str] | None:
    """The function that makes every call of `entity` raise, and the exception; a method that is meant to be overridden
    is none."""
    function = entity if isinstance(entity, Function) else None
    if isinstance(entity, Instance):
        called = resolver.class_attribute(entity.of, "__call__", instance=True).entity
        function = called if isinstance(called, Function) else None
    if isinstance(entity, Class):
        for owner in resolver.mro(entity)[0]:
            bindings = resolver.defined(owner, "__init__")
            if bindings and bindings[-1].function is not None:
                function = Function(owner.module, f"{owner.path}.__init__", bindings[-1].function, entity, bound=True)
                break
            made = resolver.defined(owner, "__new__")
            if made and made[-1].function is not None and made[-1].function.raises_always is not None:
                candidate = Function(owner.module, f"{owner.path}.__new__", made[-1].function, entity, bound=True)
                return candidate, made[-1].function.raises_always
            if made:
                return None
    raised = always_raises(resolver, function) if function is not None else None
    if function is None or raised is None:
        return None
    if raised.rsplit(".", 1)[-1] == "NotImplementedError" and _is_overridden(resolver, function):
        return None
    return function, raised


def newly_raising(
    baseline: Resolver, in_baseline: Entity | None, candidate: Resolver, in_candidate: Entity | None
) -> tuple[Function, str] | None:
    """As `raising_call` for the candidate, where the baseline does not raise; what did nothing before and raises
    `NotImplementedError` now is a method to override."""
    raising = raising_call(candidate, in_candidate)
    if raising is None or raising_call(baseline, in_baseline) is not None:
        return None
    hook = raising[1].rsplit(".", 1)[-1] == "NotImplementedError" and isinstance(in_baseline, Function)
    return None if hook and isinstance(in_baseline, Function) and _does_nothing(baseline, in_baseline) else raising


def _does_nothing(resolver: Resolver, function: Function) -> bool:
    node = function_node(resolver, function)
    return node is not None and all(
        isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in node.body
    )


def raising_property(resolver: Resolver, reached: Reached) -> tuple[Function, str] | None:
    """The property that a step asks for and that only raises, with the exception."""
    step, source = reached.step, reached.source
    if step is None or step.name is None or not isinstance(source, Instance) or reached.found.state != "present":
        return None
    for owner in resolver.mro(source.of)[0]:
        bindings = owner.facts.members.get(step.name)
        if bindings is None:
            continue
        facts = bindings[-1].function
        if facts is None or not any(d.rsplit(".", 1)[-1] in _PROPERTIES for d in facts.decorators):
            return None
        function = Function(owner.module, f"{owner.path}.{step.name}", facts, source.of, bound=True)
        raised = always_raises(resolver, function)
        if raised is None or (raised.endswith("NotImplementedError") and _is_overridden(resolver, function)):
            return None
        return function, raised
    return None


def _is_overridden(resolver: Resolver, function: Function) -> bool:
    """Whether some other class defines a method of this name: then it may be meant to be overridden."""
    if function.owner is None:
        return False
    known = _OVERRIDDEN.of(resolver)
    if function.path not in known:
        known[function.path] = _finds_other(resolver, function)
    return known[function.path]


def _finds_other(resolver: Resolver, function: Function) -> bool:
    name = function.facts.name
    for surface in resolver.surfaces:
        for module, source in surface.sources.items():
            if source.form not in {"py", "pyi"} or not _defines(surface.artifact.root / source.file, name):
                continue
            facts = surface.module(module)
            for bindings in facts.bindings.values() if facts is not None else ():
                for cls in (b.cls for b in bindings if b.cls is not None):
                    held = cls.members.get(name, ())
                    if any(b.function is not None and b.function.line != function.facts.line for b in held):
                        return True
    return False


def _defines(file: Path, name: str) -> bool:
    try:
        return f"def {name}(".encode() in file.read_bytes()
    except OSError:
        return False


def abstract_left(resolver: Resolver, cls: Class) -> dict[str, Class]:
    """The abstract methods that nothing in a class defines, with the class that asks for each; empty where the class
    can be instantiated, or that is not known."""
    if resolver.is_running:  # the bases may not be known yet
        return _abstract_left(resolver, cls)
    known = _LEFT.of(resolver)
    if id(cls.facts) not in known:
        known[id(cls.facts)] = _abstract_left(resolver, cls)
    return known[id(cls.facts)]


def _abstract_left(resolver: Resolver, cls: Class) -> dict[str, Class]:
    line, doubt, _ = resolver.mro(cls)
    if doubt or not any(_is_abc(each) for each in line):
        return {}
    left: dict[str, Class] = {}
    seen: set[str] = set()
    for owner in line:
        for name, bindings in owner.facts.members.items():
            if name in seen or not any(b.runtime for b in bindings):
                continue
            seen.add(name)
            words = [
                d.split("(", 1)[0].rsplit(".", 1)[-1] for b in bindings if b.function for d in b.function.decorators
            ]
            if _ABSTRACT & set(words):
                left[name] = owner
    return left


def _is_abc(cls: Class) -> bool:
    bases = {base.rsplit(".", 1)[-1] for base in cls.facts.bases}
    return "ABC" in bases or (cls.facts.metaclass or "").rsplit(".", 1)[-1] == "ABCMeta"
