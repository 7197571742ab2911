"""Finds the values of local names in a test, from the functions around it. A name that may hold several things is
unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.interpreter import Interpreter
from tailrace.python.interpreter.values import UNKNOWN, Raised
from tailrace.python.text import children, descendants

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Binding = ast.expr | ast.Import | ast.ImportFrom | None
_DEPTH = 8


def local_variables(test: ast.expr, within: Sequence[_Function], module: str, machine: Interpreter) -> dict[str, Any]:
    """The values of the names in `test` that are local to the functions around it, outermost function first."""
    if not within:
        return {}
    bindings: dict[str, _Binding] = {}
    for function in within[:-1]:
        bindings.update(_bindings(function))
    bindings.update(_bindings(within[-1], until=_end_of_what_may_run_before(test, within[-1])))
    values: dict[str, Any] = {}
    _resolve(test, bindings, values, Frame(module, values), machine, 0)
    return values


def _resolve(
    node: ast.expr,
    bindings: dict[str, _Binding],
    values: dict[str, Any],
    frame: Frame,
    machine: Interpreter,
    depth: int,
) -> None:
    for name in {n.id for n in descendants(node) if isinstance(n, ast.Name) and n.id in bindings} - values.keys():
        values[name] = UNKNOWN
        bound = bindings[name]
        if bound is None or depth > _DEPTH:
            continue
        try:
            if isinstance(bound, ast.expr):
                _resolve(bound, bindings, values, frame, machine, depth + 1)
                values[name] = machine.value(bound, frame)
            else:
                imported = Frame(frame.module, {})
                machine.statement(bound, imported)
                values[name] = imported.variables.get(name, UNKNOWN)
        except Raised:
            continue


def _end_of_what_may_run_before(test: ast.expr, function: _Function) -> int:
    """The last line of the function that may run before the test: its own, or that of the outermost loop around it."""
    loops = (node for node in descendants(function) if isinstance(node, ast.For | ast.AsyncFor | ast.While))
    around = (loop.end_lineno or 0 for loop in loops if loop.lineno <= test.lineno <= (loop.end_lineno or 0))
    return max(around, default=test.lineno)


def _bindings(function: _Function, until: int | None = None) -> dict[str, _Binding]:
    """The local names with the one thing that each is bound to; `None` where that is not one simple statement.

    `until`: the last line that counts.
    """
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found: dict[str, _Binding] = {a.arg: None for a in every if a is not None}
    elsewhere: set[str] = set()
    for name, bound, line in _bound(function.body):
        if isinstance(bound, ast.Global | ast.Nonlocal):
            elsewhere.add(name)
        elif until is None or line <= until:
            found[name] = None if name in found else bound
    return {name: bound for name, bound in found.items() if name not in elsewhere}


def _bound(body: Sequence[ast.AST]) -> Iterator[tuple[str, _Binding | ast.Global | ast.Nonlocal, int]]:
    """Every binding of a name in a function's own statements, and its line; not in the functions and classes inside."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, None, node.lineno
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                continue
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield alias.asname or alias.name.split(".")[0], node, node.lineno
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from ((name, node, node.lineno) for name in names)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value, node.lineno
                yield from _bound([value])
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, None, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, None, node.lineno
            case ast.MatchMapping(rest=str(name)):
                yield name, None, node.lineno
            case _:
                pass
        yield from _bound(children(node))
