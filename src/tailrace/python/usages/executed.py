"""Parses the code in the literal text that `exec` and `eval` are given."""

from __future__ import annotations

import ast
import warnings

from tailrace.python.text import descendants, literal_string

EXECUTING = frozenset({"exec", "eval"})
_LONGEST_TEXT = 100_000  # characters


def executed_statements(node: ast.Call) -> list[ast.stmt]:
    """The statements that a call of `exec` or `eval` runs, each at the place of the call; none where its text is no
    literal, or is not code.
    """
    text = literal_string(node.args[0]) if node.args else None
    if text is None or len(text) > _LONGEST_TEXT:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip() if getattr(node.func, "id", "") == "eval" else text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    for inner in descendants(tree):
        if isinstance(inner, ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword | ast.excepthandler):
            # The name that an attribute ends with is found by the end of it.
            length = len(inner.attr.encode()) if isinstance(inner, ast.Attribute) else 0
            inner.lineno = inner.end_lineno = node.lineno
            inner.col_offset, inner.end_col_offset = node.col_offset, node.col_offset + length
    return tree.body


def has_own_names(node: ast.Call) -> bool:
    """Whether the text is given a namespace that is not known to be the one around the call."""
    return any(
        not (isinstance(value, ast.Call) and getattr(value.func, "id", "") in {"globals", "locals"})
        for value in (*node.args[1:], *(keyword.value for keyword in node.keywords))
    )
