"""Classes of the evaluated code: bases as far as they can be named, members, `super()`. Makes no objects."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tailrace.python.interpreter.expressions import Evaluator
from tailrace.python.interpreter.values import UNKNOWN, Class, Function, Method, Super, Symbol, Value

MAX_BASES = 30


def lineage(evaluator: Evaluator, cls: Class) -> Iterator[Class | Symbol]:
    """The class and its bases, depth first, each once."""
    seen: list[Value] = []
    todo: list[Value] = [cls]
    while todo and len(seen) < MAX_BASES:
        current = todo.pop(0)
        if any(current is known or (isinstance(current, Symbol) and current == known) for known in seen):
            continue
        seen.append(current)
        if isinstance(current, Class):
            yield current
            todo = [evaluator.value(base, current.frame) for base in current.node.bases] + todo
        elif isinstance(current, Symbol):
            yield current


def members(cls: Class) -> dict[str, ast.stmt]:
    """The statements of the class body that bind a name; the last one wins."""
    found: dict[str, ast.stmt] = {}
    for statement in cls.node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            found.update({target.id: statement for target in statement.targets if isinstance(target, ast.Name)})
        elif isinstance(statement, ast.AnnAssign) and statement.value and isinstance(statement.target, ast.Name):
            found[statement.target.id] = statement
    return found


def _member(evaluator: Evaluator, cls: Class, name: str) -> Value | None:
    match members(cls).get(name):
        case ast.FunctionDef() | ast.AsyncFunctionDef() as node:
            return Function(node, cls.frame, owner_class=cls)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return evaluator.value(value, cls.frame)
        case _:
            return None


def lookup(evaluator: Evaluator, cls: Class, name: str) -> Value | None:
    """A class attribute along the bases."""
    for base in lineage(evaluator, cls):
        if isinstance(base, Class) and (found := _member(evaluator, base, name)) is not None:
            return found
    return None


def bound_member(evaluator: Evaluator, cls: Class, instance: Value, name: str) -> Value:
    """An attribute of an object, methods bound."""
    found = lookup(evaluator, cls, name)
    if isinstance(found, Function):
        return _bound(found, cls, instance)
    return UNKNOWN if found is None else found


def of_class(found: Value, cls: Class) -> Value:
    """A member looked up on the class itself: only class methods are bound."""
    if isinstance(found, Function) and any(isinstance(d, ast.Name) and d.id == "classmethod" for d in found.decorators):
        return found.bind(cls)
    return found


def _bound(function: Function, cls: Class, instance: Value) -> Function:
    names = {d.id for d in function.decorators if isinstance(d, ast.Name)}
    if "staticmethod" in names:
        return function
    return function.bind(cls if "classmethod" in names else instance)


def is_property(function: Function) -> bool:
    """Whether a method is read as an attribute."""
    names = {d.attr if isinstance(d, ast.Attribute) else getattr(d, "id", "") for d in function.decorators}
    return not names.isdisjoint({"property", "cached_property"})


def super_member(evaluator: Evaluator, owner: Super, name: str) -> Value:
    """`super().name`: the next one along the bases; outside the sources, the toolkit's own method."""
    for base in list(lineage(evaluator, owner.cls))[1:]:
        if isinstance(base, Symbol):
            return Method(owner.instance, name) if evaluator.is_telling(owner.instance) else UNKNOWN
        found = _member(evaluator, base, name)
        if isinstance(found, Function):
            return _bound(found, base, owner.instance)
        if found is not None:
            return found
    return UNKNOWN


def overridden(evaluator: Evaluator, cls: Class) -> set[str]:
    """The names that the class and its bases within the sources bind."""
    return {name for base in lineage(evaluator, cls) if isinstance(base, Class) for name in members(base)}
