"""Finds type variables and what each is at least: `T = TypeVar("T", bound=C)`, `def f[T: C](x: T)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from tailrace.python.memo import remembered
from tailrace.python.text import dotted

_LONGEST = 2000  # characters of the brackets that are read
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
# What a type variable is at least; `None` for one without a bound.
Bounds = Mapping[str, ast.expr | None]


@remembered  # for each function of a file
def type_variables(tree: ast.Module) -> Bounds:
    """The type variables with a bound that a module makes."""
    found: dict[str, ast.expr | None] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func, keywords=keywords)):
                if (dotted(func) or "").rpartition(".")[2] == "TypeVar":
                    found.update((name, keyword.value) for keyword in keywords if keyword.arg == "bound")
    return found


def type_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lines: Sequence[str]) -> Bounds:
    """The type parameters of a function or class. `lines`: of its file, from which they are read where the running
    Python is 3.11, whose tree has none.
    """
    made = getattr(node, "type_params", None)
    if made:
        return {parameter.name: getattr(parameter, "bound", None) for parameter in made}
    if made is not None or node.lineno > len(lines):
        return {}
    _, found, after = lines[node.lineno - 1].partition(f" {node.name}[")
    if not found:
        return {}
    text = "\n".join((after, *lines[node.lineno : node.lineno + 20]))[:_LONGEST]
    return dict(_parameter(part) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """What commas part, up to the bracket that closes; nothing where none does."""
    depth, start = 0, 0
    found: list[str] = []
    for place, char in enumerate(text):
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            if not depth:
                yield from (*found, text[start:place])
                return
            depth -= 1
        elif char == "," and not depth:
            found.append(text[start:place])
            start = place + 1


def _parameter(part: str) -> tuple[str, ast.expr | None]:
    name, colon, bound = part.partition("=")[0].partition(":")
    if not colon:
        return name.strip(" *\n"), None
    try:
        return name.strip(), ast.parse(f"({bound})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return name.strip(), None
