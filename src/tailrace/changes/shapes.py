"""Reduces the bindings of a name to what they mean to users, without places, and lists the words that this meaning
depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tailrace.changes.files import WORD
from tailrace.python.facts import Binding, ClassFacts, FunctionFacts

Shape = tuple[object, ...]


def shape_of(bindings: Iterable[Binding]) -> Shape:
    """Equal for bindings that offer the same; what stands in a class body is left out."""
    return tuple(_binding(b) for b in bindings)


def _binding(b: Binding) -> Shape:
    inner: Shape = ()
    if b.function is not None:
        inner = _function(b.function)
    elif b.cls is not None:
        inner = header(b.cls)
    return (
        b.kind,
        b.target,
        b.attr,
        b.called,
        b.annotation,
        b.runtime,
        b.conditional,
        b.keywords,
        b.has_value,
        b.settable,
        inner,
    )


def _function(f: FunctionFacts) -> Shape:
    params = tuple((p.name, p.kind, p.default is None) for p in f.params)
    return (
        params,
        f.decorators,
        f.is_async,
        f.is_generator,
        f.returns,
        f.returned,
        f.raises_always,
        f.refuses,
        f.raises_unless,
        f.first_calls,
        f.attributes,
        f.deprecation,
    )


def header(c: ClassFacts) -> Shape:
    """A class without its body."""
    return (c.bases, c.metaclass, c.decorators, c.open_class, c.open_decorators, c.open_instance, c.deprecation)


def member_shape(facts: Iterable[ClassFacts], name: str) -> Shape:
    """What the bodies, and the methods' `self.name = …`, say of one member."""
    return tuple(
        (shape_of(c.members.get(name, ())), name in c.instance, c.instance_values.get(name), _enum_literals(c, name))
        for c in facts
    )


def _enum_literals(facts: ClassFacts, name: str) -> Shape:
    """The literals of a member of what may be an enumeration, whose members are asked for by value."""
    if not any("Enum" in base for base in facts.bases):
        return ()
    return tuple(b.literal for b in facts.members.get(name, ()))


def class_facts(bindings: Iterable[Binding]) -> list[ClassFacts]:
    """The classes among the bindings of one name."""
    return [b.cls for b in bindings if b.cls is not None]


def member_names(facts: Iterable[ClassFacts]) -> set[str]:
    """Every name in the bodies and on `self`."""
    return {name for c in facts for name in (*c.members, *c.instance)}


def words_of(bindings: Iterable[Binding]) -> set[str]:
    """The words of every text through which other names give this one its meaning."""
    return {word for text in _texts(bindings) for word in WORD.findall(text)}


def member_words(facts: Iterable[ClassFacts], name: str) -> set[str]:
    """The same for one member of a class."""
    found: set[str] = set()
    for c in facts:
        found |= words_of(c.members.get(name, ()))
        found.update(word for text in c.instance_values.get(name, ()) for word in WORD.findall(text))
        if "cls" in found:
            found.add(c.name)
    return found


def _texts(bindings: Iterable[Binding]) -> Iterator[str]:
    for b in bindings:
        yield from (text for text in (b.target, b.attr, b.annotation) if text)
        if b.function is not None:
            yield from b.function.decorators
            yield from b.function.returned
            yield from b.function.first_calls
            if b.function.returns:
                yield b.function.returns
        if b.cls is not None:
            yield from (*b.cls.bases, *b.cls.decorators, b.cls.metaclass or "")
