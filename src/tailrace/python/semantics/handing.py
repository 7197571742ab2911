"""The attributes that functions set on the objects that methods give them: `populate(self, path)`."""

from __future__ import annotations

import ast

from tailrace.python.bodies import is_object
from tailrace.python.memo import Memo
from tailrace.python.semantics.entities import Class, Function
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, dotted, literal_string

_DEEPEST = 3
_SET: Memo[Resolver, tuple[str, str], frozenset[str]] = Memo()


def attributes_set_for(resolver: Resolver, cls: Class) -> frozenset[str]:
    """The attributes that functions set which the methods of the class itself give the object to."""
    known, key = _SET.of(resolver), (cls.module, cls.path)
    if key not in known:
        known[key] = frozenset()  # while running
        found: set[str] = set()
        for text in cls.facts.given_to:
            callee, _, place = text.partition(" ")
            found |= _set_by(resolver, callee, place, cls.module, 0)
        known[key] = frozenset(found)
    return known[key]


def _set_by(resolver: Resolver, callee: str, place: str, module: str, depth: int) -> set[str]:
    function = resolver.expression(callee, module).entity
    if depth > _DEEPEST or not isinstance(function, Function) or function.bound:
        return set()
    node = function_node(resolver, function)
    if node is None:
        return set()
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if place.isdecimal():
        given = names[int(place)] if int(place) < len(names) else None
    else:
        given = place
    return _set_on(resolver, node, given, function.module, depth) if given is not None else set()


def _set_on(
    resolver: Resolver, node: ast.FunctionDef | ast.AsyncFunctionDef, given: str, module: str, depth: int
) -> set[str]:
    parts = list(descendants(node))
    same = {given}
    for part in parts:  # `route = cast(T, given)`
        if isinstance(part, ast.Assign) and is_object(part.value, given):
            same.update(target.id for target in part.targets if isinstance(target, ast.Name))
    found: set[str] = set()
    for part in parts:
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            if isinstance(part.value, ast.Name) and part.value.id in same:
                found.add(part.attr)
        elif isinstance(part, ast.Call) and (callee := dotted(part.func)) is not None:
            if callee in {"setattr", "object.__setattr__"} and len(part.args) > 1 and dotted(part.args[0]) in same:
                found.add(literal_string(part.args[1]) or "")
                continue
            places = [
                (str(place), value)
                for place, value in (*enumerate(part.args), *((k.arg, k.value) for k in part.keywords))
                if any(is_object(value, name) for name in same)
            ]
            for place, _ in places:
                found |= _set_by(resolver, callee, place, module, depth + 1)
    return found - {""}
