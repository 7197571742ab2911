"""Translates a text that the running Python cannot read, into a tree with the positions of that text. Bad source is a
result, not an exception.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from tailrace.python.dialects.edits import Edited
from tailrace.python.dialects.rules import ALIAS, JOINED, RENAMED, STAND_IN, edits_of
from tailrace.python.dialects.tokens import NotPythonError, tokens_of

if TYPE_CHECKING or not hasattr(ast, "TypeAlias"):

    class TypeAlias(ast.stmt):
        """`type X = …`, for Python 3.11, which has no such node."""

        _fields = ("name", "type_params", "value")
        name: ast.Name
        value: ast.expr

else:
    TypeAlias = ast.TypeAlias

_BACK = {stand_in: word for word, stand_in in RENAMED.items()}


def parse_any(text: str, parse: Callable[[str], ast.Module | None]) -> tuple[ast.Module, bool] | None:
    """The tree, and whether the text is Python 2; `None` when it is no Python at all. `parse`: text to tree."""
    try:
        tokens = tokens_of(text)
    except (NotPythonError, RecursionError):
        return None
    for tabs in (False, True) if "\t" in text else (False,):
        edits, python2 = edits_of(text, tokens, tabs=tabs)
        if not edits:
            continue
        edited = Edited(text, edits)
        tree = parse(edited.text)
        if tree is not None:
            return _restored(tree, edited), python2
    return None


def _restored(tree: ast.Module, edited: Edited) -> ast.Module:
    """The tree as the original text has it."""
    joined, aliases = edited.marks.get(JOINED, set()), edited.marks.get(ALIAS, set())
    nodes: list[ast.AST] = [tree]
    for node in nodes:  # grows while it is read
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(node, name, _renewed(value, edited, joined, aliases))
                nodes.append(getattr(node, name))
            elif isinstance(value, list):
                value[:] = [
                    _renewed(v, edited, joined, aliases) if isinstance(v, ast.AST) else _named(v) for v in value
                ]
                nodes += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, str) and STAND_IN in value and not isinstance(node, ast.Constant):
                setattr(node, name, _named(value))
    for node in nodes:
        line, column = getattr(node, "lineno", None), getattr(node, "col_offset", None)
        if line is None or column is None:
            continue
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        node.lineno, node.col_offset = edited.place(line, column)  # type: ignore[attr-defined]
        if end_line is not None and end_column is not None:
            end = edited.place(end_line, end_column, end=True)
            node.end_lineno, node.end_col_offset = end  # type: ignore[attr-defined]
    return tree


def _renewed(node: ast.AST, edited: Edited, joined: set[int], aliases: set[int]) -> ast.AST:
    """The node that the text stands for where another was written in its place."""
    match node:
        case ast.Tuple(elts=values) if joined:
            start = edited.offset(node.lineno, node.col_offset)
            if start not in joined or _is_bare(node, start, edited):
                return node
            made: ast.expr | ast.stmt = ast.JoinedStr(
                [ast.copy_location(ast.FormattedValue(value, -1, None), value) for value in values]
            )
        case ast.Assign(targets=[ast.Name() as name], value=value) if aliases:
            if edited.offset(node.lineno, node.col_offset) not in aliases:
                return node
            made = TypeAlias()
            made.name, made.value = name, value
            made.type_params = []  # type: ignore[attr-defined]
        case _:
            return node
    return ast.copy_location(made, node)


def _is_bare(node: ast.Tuple, start: int, edited: Edited) -> bool:
    """Whether the brackets at the start of a tuple are those of its first item: `(a,), b`."""
    first = node.elts[0] if node.elts else None
    return first is not None and edited.offset(first.lineno, first.col_offset) == start


def _named(value: object) -> object:
    if isinstance(value, str) and STAND_IN in value:
        for stand_in, word in _BACK.items():
            value = value.replace(stand_in, word)
    return value
