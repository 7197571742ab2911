"""Which versions of Python 3 read a module: syntax that came with one, and syntax that was refused from one on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tailrace.python.dialects.rules import STAND_IN
from tailrace.python.text import descendants

_KEYWORDS = frozenset({"async", "await"})  # since Python 3.7; the reader of old sources keeps them as names
_AS_NAME = re.compile(r"\basync\b(?!\s+(?:def|for|with)\b)|\bawait\b(?=\s*[=,).:\n])|(?<=\.)await\b|(?<=def )await\b")


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
        if any(not _KEYWORDS.isdisjoint(name.split(".")) for name in _names(node)):
            yield Syntax("`async` or `await` as a name", getattr(node, "lineno", 1), until=6)
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        for decorator in decorators:
            if not _is_plain(decorator):
                yield Syntax("a decorator that is any expression", decorator.lineno, since=9)


def _names(node: ast.AST) -> Iterator[str]:
    """The identifiers that a node holds itself."""
    for field in ("id", "attr", "arg", "name", "asname", "module"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield value
    for alias in getattr(node, "names", ()):
        yield from (alias,) if isinstance(alias, str) else _names(alias)


def reads_before_keywords(source: str) -> bool:
    """Whether Python 3.6 reads a module that newer ones refuse because it has `async` or `await` as a name."""
    try:
        ast.parse(_AS_NAME.sub(lambda match: match[0][:-1] + STAND_IN, source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is a dotted name, called or not: all that a decorator could be before Python 3.9."""
    inner = node.func if isinstance(node, ast.Call) else node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return isinstance(inner, ast.Name)
