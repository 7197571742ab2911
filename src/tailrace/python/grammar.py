"""Which versions of Python 3 read a module: syntax that came with one, and syntax that was refused from one on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tailrace.python.text import descendants


@dataclass(frozen=True, slots=True)
class Syntax:
    """One use of syntax. `since`, `until`: the first and the last minor version that read it, where there is one."""

    what: str
    line: int
    since: int = 0
    until: int | None = None


def read_syntax(tree: ast.Module) -> Iterator[Syntax]:
    """The syntax in a module that not every version of Python 3 from 3.6 on reads."""
    for node in descendants(tree):
        match node:
            case ast.NamedExpr():
                yield Syntax("an assignment expression", node.lineno, since=8)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node.args.posonlyargs:
                yield Syntax("positional-only parameters", node.lineno, since=8)
            case ast.Match():
                yield Syntax("a match statement", node.lineno, since=10)
            case ast.TryStar():
                yield Syntax("except*", node.lineno, since=11)
            case ast.Subscript(slice=ast.Tuple(elts=parts)) if any(isinstance(part, ast.Starred) for part in parts):
                yield Syntax("a star in a subscript", node.lineno, since=11)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                if any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in descendants(node)):
                    yield Syntax("a yield in a comprehension", node.lineno, until=7)
            case _:
                pass
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        for decorator in decorators:
            if not _is_plain(decorator):
                yield Syntax("a decorator that is any expression", decorator.lineno, since=9)


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is a dotted name, called or not: all that a decorator could be before Python 3.9."""
    inner = node.func if isinstance(node, ast.Call) else node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return isinstance(inner, ast.Name)
