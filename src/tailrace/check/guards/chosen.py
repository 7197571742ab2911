"""Where a module names one of its own functions or classes, and under which tests: what a version chooses between."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tailrace.python.text import children
from tailrace.python.usages import Condition

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def choices(tree: ast.Module, name: str) -> list[tuple[Condition, ...]] | None:
    """The tests around each place that reads a top-level function or class of this name; `None` where it is read
    under no test, is no such thing, or is listed in `__all__`."""
    if not any(isinstance(node, _Function | ast.ClassDef) and node.name == name for node in tree.body):
        return None
    found = list(_places(tree, name, ()))
    return found if found and all(found) else None


def _places(node: ast.AST, name: str, around: tuple[Condition, ...]) -> Iterator[tuple[Condition, ...]]:
    match node:
        case ast.Name(id=read, ctx=ast.Load()) if read == name:
            yield around
        case ast.Constant(value=text) if text == name:
            yield around
        case ast.FunctionDef(name=own) | ast.AsyncFunctionDef(name=own) | ast.ClassDef(name=own) if own == name:
            return
        case ast.If(test=test) | ast.IfExp(test=test):
            yield from _places(test, name, around)
            parts = [(node.body, True), (node.orelse, False)]
            for part, polarity in parts:
                inner = (*around, Condition(test, polarity))
                for inside in part if isinstance(part, list) else [part]:
                    yield from _places(inside, name, inner)
        case _:
            for child in children(node):
                yield from _places(child, name, around)
