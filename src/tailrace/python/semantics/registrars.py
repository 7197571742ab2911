"""Functions that give a name to the module that calls them: `deprecated.constant("X", X)`. Runs nothing."""

from __future__ import annotations

import ast

from tailrace.python.memo import Memo
from tailrace.python.semantics.entities import Class, Function
from tailrace.python.semantics.forwarding import callee_entity
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants

# What a function must do to bind a name that stands nowhere as one.
_WAYS = frozenset({"setattr", "__getattr__", "globals", "f_globals", "modules", "__dict__", "vars"})
_DEEPEST = 4

_KNOWN: Memo[Resolver, tuple[str, int], bool] = Memo()


def registers_names(resolver: Resolver, function: Function, depth: int = 0) -> bool:
    """Whether a function, or one that it calls, sets names on a module by computation."""
    known, key = _KNOWN.of(resolver), (function.path, function.facts.line)
    if key not in known:
        known[key] = False  # while running
        known[key] = _registers(resolver, function, depth)
    return known[key]


def _registers(resolver: Resolver, function: Function, depth: int) -> bool:
    node = function_node(resolver, function)
    if node is None:
        return False
    parts = descendants(node)
    for part in parts:
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if name in _WAYS:
            return True
    if depth >= _DEEPEST:
        return False
    for part in parts:
        callee = callee_entity(resolver, function, node, part) if isinstance(part, ast.Call) else None
        if isinstance(callee, Function) and registers_names(resolver, callee, depth + 1):
            return True
        if isinstance(callee, Class) and _constructor_registers(resolver, callee, depth):
            return True
    return False


def _constructor_registers(resolver: Resolver, cls: Class, depth: int) -> bool:
    found = resolver.class_attribute(cls, "__init__", instance=True).entity
    return isinstance(found, Function) and registers_names(resolver, found, depth + 1)
