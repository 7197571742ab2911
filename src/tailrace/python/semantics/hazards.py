"""Callables that fail however they are called: those that only raise, and classes with abstract methods left."""

from __future__ import annotations

from tailrace.python.semantics.entities import Class, Entity, Function
from tailrace.python.semantics.resolver import Resolver

_ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"})
_DEEPEST = 4


def always_raises(resolver: Resolver, function: Function, depth: int = 0) -> str | None:
    """The exception that every call of a function raises, by itself or through the helper that it calls first."""
    facts = function.facts
    if facts.is_generator or facts.is_async or facts.decorators:
        plain = all(d.rsplit(".", 1)[-1] in {"staticmethod", "classmethod"} for d in facts.decorators)
        if facts.is_generator or facts.is_async or not plain:
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
    if isinstance(entity, Class):
        for owner in resolver.mro(entity)[0]:
            bindings = resolver.defined(owner, "__init__")
            if bindings and bindings[-1].function is not None:
                function = Function(owner.module, f"{owner.path}.__init__", bindings[-1].function, entity, bound=True)
                break
            if resolver.defined(owner, "__new__"):
                return None
    raised = always_raises(resolver, function) if function is not None else None
    if function is None or raised is None:
        return None
    if raised.rsplit(".", 1)[-1] == "NotImplementedError" and function.owner is not None:
        return None
    return function, raised


def abstract_left(resolver: Resolver, cls: Class) -> dict[str, Class]:
    """The abstract methods that nothing in a class defines, with the class that asks for each; empty where the class
    can be instantiated, or nobody knows."""
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
