"""Names the kind of an entity or member, or the empty string where it is not certain."""

from __future__ import annotations

from tailrace.python.facts import ClassFacts
from tailrace.python.semantics.entities import Class, Entity, Function, Module, Value
from tailrace.python.semantics.resolver import Resolver

_PROPERTIES = frozenset({"property", "cached_property", "reify", "lazyproperty", "cached_readonly"})


def kind_of(entity: Entity | None) -> str:
    """`module`, `class`, `function`, `async function`, `attribute`."""
    match entity:
        case Module():
            return "module"
        case Class():
            return "class"
        case Function():
            return "async function" if entity.facts.is_async else "function"
        case Value(binding=binding) if binding is not None and binding.literal not in {None, "..."}:
            return "attribute"
        case _:
            return ""


def member_kind(facts: ClassFacts, name: str) -> str:
    """`method`, `async method`, `property`, `class`; a plain value may be anything."""
    bound = [b for b in facts.members.get(name, ()) if b.runtime or b.function is not None]
    if not bound:
        return ""
    last = bound[-1]
    if last.cls is not None:
        return "class"
    if last.function is None:
        return "attribute" if last.literal not in {None, "None", "..."} else ""
    words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in last.function.decorators}
    if words & _PROPERTIES:
        return "property"
    if words - {"staticmethod", "classmethod", "abstractmethod", "override", "final", "overload", "deprecated"}:
        return ""  # a decorator of the package's own may make anything of it
    return "async method" if last.function.is_async else "method"


# A property that no setter belongs to.
READ_ONLY = "read-only property"


def settable_kind(resolver: Resolver, cls: Class, name: str) -> tuple[str, Class | None]:
    """What setting an attribute meets, with the class that has it: `attribute`, `settable property`,
    or `READ_ONLY`. The kind is empty where that is not known for sure.
    """
    line, _, _ = resolver.mro(cls)
    if any("__setattr__" in c.facts.members for c in line):
        return "", None
    holder = next((c for c in line if name in c.facts.members), None)
    if holder is None:
        holder = next((c for c in line if name in c.facts.instance), None)
        return ("attribute" if holder is not None else ""), holder
    bound = [b for b in holder.facts.members[name] if b.runtime]
    if not bound or any(b.conditional for b in bound):
        return "", holder
    decorators = [d for b in bound if b.function is not None for d in b.function.decorators]
    if bound[-1].function is None:
        return ("attribute" if not bound[-1].called and bound[-1].target is None else ""), holder
    if any(b.settable for b in bound) or any(d.endswith(".setter") for d in decorators):
        return "settable property", holder
    plain = {"property", "abc.abstractproperty", "abstractproperty", "abstractmethod", "abc.abstractmethod"}
    is_property = bool({"property", "abc.abstractproperty", "abstractproperty"} & set(decorators))
    return (READ_ONLY if is_property and plain.issuperset(decorators) else ""), holder


_HARMLESS = frozenset({("property", "attribute"), ("attribute", "property"), ("function", "class")})


def other_kind(baseline: str, candidate: str) -> bool:
    """Whether users of the one cannot use the other."""
    return bool(baseline and candidate) and baseline != candidate and (baseline, candidate) not in _HARMLESS


def readable(kind: str) -> str:
    """`an attribute`, `a method`."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def is_frozen_dataclass(cls: Class) -> bool | None:
    """Whether a dataclass is frozen; `None` for any other class."""
    for decorator in cls.facts.decorators:
        if decorator.split("(", 1)[0].rsplit(".", 1)[-1] == "dataclass":
            return "frozen=True" in decorator.replace(" ", "")
    return None
