"""Annotations and literals of the standard library as values: what a `list[C]` holds, what a tuple gives by place."""

from __future__ import annotations

import ast
from collections.abc import Callable

from tailrace.python import builtin_names
from tailrace.python.semantics.entities import Entity, External, Standard, Union
from tailrace.python.text import dotted

_CONCRETE = {
    "List": "builtins.list",
    "Dict": "builtins.dict",
    "Set": "builtins.set",
    "FrozenSet": "builtins.frozenset",
    "Tuple": "builtins.tuple",
    "Text": "builtins.str",
    "Deque": "collections.deque",
    "DefaultDict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter",
}
# Interfaces that hold things; what implements them is not known, so that they answer for nothing else.
_ABSTRACT = frozenset(
    ["Sequence", "MutableSequence", "Collection", "Iterable", "Iterator", "Generator", "Mapping", "MutableMapping"]
) | frozenset(["AbstractSet", "MutableSet", "Set", "Reversible", "AsyncIterator", "AsyncIterable", "AsyncGenerator"])
# What is gone through once, and has neither a length nor places.
_ONCE = frozenset({"collections.abc.Iterator", "collections.abc.Generator"})
_MAPPINGS = frozenset(["dict", "defaultdict", "OrderedDict", "Mapping", "MutableMapping"])
_TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"})
_UNKNOWN = frozenset({"builtins.object", "builtins.type", "typing.Any", "typing.Generic", "typing.Protocol"})
_LITERALS: dict[type, str] = {
    str: "builtins.str",
    bytes: "builtins.bytes",
    int: "builtins.int",
    float: "builtins.float",
}
# What a generator makes a context manager of, and what entering one gives.
_MANAGERS = frozenset({"contextlib._GeneratorContextManager", "contextlib._AsyncGeneratorContextManager"})
ENTERED = "method:__enter__"
_METHODS = frozenset({"items", "values", "keys", "get", "pop", "copy"})

Resolve = Callable[[str], Entity | None]


def parse_annotation(text: str) -> ast.expr | None:
    """The syntax of an annotation, `None` where it is no expression."""
    try:
        return ast.parse(text.strip().strip("'\""), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None


def typed(node: ast.expr, resolve: Resolve) -> Entity | None:
    """What a value annotated like this is; `resolve`: an instance of the class that a dotted text names, or the text's
    `External`. `None` where some part of it is not known."""
    found = _members(node, resolve)
    if not found:
        return None
    return found[0] if len(found) == 1 else Union(tuple(found))


def _members(node: ast.expr, resolve: Resolve) -> list[Entity] | None:
    """The parts of a union, `None` left out."""
    match node:
        case ast.Constant(value=None):
            return []
        case ast.Constant(value=str() as text):
            parsed = parse_annotation(text)
            return _members(parsed, resolve) if parsed is not None else None
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _united([left, right], resolve)
        case ast.Subscript(value=head, slice=inner):
            word = (dotted(head) or "").rsplit(".", 1)[-1]
            if word == "Optional":
                return _members(inner, resolve)
            if word == "Union":
                return _united(inner.elts if isinstance(inner, ast.Tuple) else [inner], resolve)
            if word in _TRANSPARENT:
                return _members(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner, resolve)
            one = _container(head, inner, resolve)
            return None if one is None else [one]
        case ast.Name() | ast.Attribute():
            one = _named(node, resolve)
            return None if one is None else [one]
        case _:
            return None


def _united(nodes: list[ast.expr], resolve: Resolve) -> list[Entity] | None:
    found: list[Entity] = []
    for node in nodes:
        parts = _members(node, resolve)
        if parts is None:
            return None
        found += [part for part in parts if part not in found]
    return found


def _named(node: ast.expr, resolve: Resolve) -> Entity | None:
    text = dotted(node)
    entity = resolve(text) if text is not None else None
    return standard(entity.path) if isinstance(entity, External) else entity


def standard(path: str) -> Standard | None:
    """An instance of a standard class; `None` for what says nothing of its class."""
    module, _, name = path.rpartition(".")
    if module in {"typing", "typing_extensions", "collections.abc"} and name in _ABSTRACT:
        return Standard(f"collections.abc.{name}")
    if module in {"typing", "typing_extensions"} and name in _CONCRETE:
        return Standard(_CONCRETE[name])
    cls = builtin_names.standard_class(path)
    if cls is None or path in _UNKNOWN or cls.key in _UNKNOWN or module in {"typing", "typing_extensions", "enum"}:
        return None
    return Standard(cls.key)


def _container(head: ast.expr, inner: ast.expr, resolve: Resolve) -> Entity | None:
    base = _named(head, resolve)
    if not isinstance(base, Standard):
        return base  # Sequence[int] of one's own is a Sequence
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if base.type == "builtins.tuple":
        if any(isinstance(part, ast.Constant) and part.value is ... for part in parts):
            return Standard(base.type, (typed(parts[0], resolve),))
        return Standard(base.type, tuple(typed(part, resolve) for part in parts), fixed=True)
    return Standard(base.type, tuple(typed(part, resolve) for part in parts))


def literal(text: str) -> Standard | None:
    """What a function returns that returns a literal (see `bodies.value_text`): `<tuple 2>`, `<str>`."""
    kind, _, count = text.strip("<>").partition(" ")
    if not text.startswith("<"):
        return None
    return Standard(f"builtins.{kind}", (None,) * int(count or 0), fixed=bool(count))


def has(owner: Standard, name: str, operand: str = "") -> bool | None:
    """Whether an instance of a standard class has an attribute, `None` where that is not known.

    `operand`: the type of the literal that an operator meets (`str`), which it may refuse.
    """
    if owner.type.startswith("collections.abc."):
        if owner.type in _ONCE and name in {"__getitem__", "__len__", "__reversed__"}:
            return False
        asked = "__aiter__" if owner.type.startswith("collections.abc.Async") else "__iter__"
        return True if name == asked else None
    if operand and name in {"__add__", "__contains__"} and owner.type in set(_LITERALS.values()):
        if operand in {"str", "bytes"} and owner.type in {"builtins.str", "builtins.bytes"}:
            return owner.type == f"builtins.{operand}"
    if builtin_names.standard_class_has(owner.type, name):
        return True
    return None if builtin_names.has_hidden_state(owner.type) and not name.startswith("__") else False


def element(owner: Standard, place: str) -> Entity | None:
    """What iterating over a container gives, or a literal index (`place`: `each`, `0`, `key`)."""
    kind = owner.type.rsplit(".", 1)[-1]
    if owner.type.startswith("method:"):
        return Standard("builtins.tuple", owner.items, fixed=True) if owner.type == "method:items" else _view(owner)
    if kind == "tuple" and owner.fixed:
        if place.lstrip("-").isdigit():
            index = int(place)
            return owner.items[index] if -len(owner.items) <= index < len(owner.items) else None
        return owner.items[0] if owner.items and all(item == owner.items[0] for item in owner.items) else None
    if kind in _MAPPINGS:
        return owner.items[0 if place == "each" else 1] if len(owner.items) == 2 else None
    if place != "each" and kind not in {"list", "tuple", "Sequence", "MutableSequence", "deque"}:
        return None
    return owner.items[0] if owner.items else None


def _view(owner: Standard) -> Entity | None:
    return owner.items[0 if owner.type == "method:keys" else 1] if len(owner.items) == 2 else None


def method(owner: Standard, name: str) -> Entity | None:
    """A method of a standard class whose result is known: `mapping.items`, `manager.__enter__`."""
    if name in {"__enter__", "__aenter__"} and owner.type in _MANAGERS and owner.items:
        return Standard(ENTERED, owner.items)
    if name in _METHODS and owner.type.rsplit(".", 1)[-1] in _MAPPINGS and len(owner.items) == 2:
        return Standard(f"method:{name}", owner.items)
    return None


def called(owner: Standard) -> Entity | None:
    """What calling such a method gives."""
    kind = owner.type.removeprefix("method:")
    if kind == owner.type:
        return None
    return owner if kind in {"items", "values", "keys"} else owner.items[1] if kind in {"get", "pop"} else None
