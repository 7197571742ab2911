"""Makes the question that shows which distribution causes a new diagnostic.

An attribute's diagnostic is about that attribute; a call's is about the thing called. Where both sides say that it
comes from the upstream, the diagnostic is the upstream's doing; where the baseline's side did not know the type at
all, the candidate may merely have gained annotations.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from typing import Literal

from tailrace.check.typecheck.values import Answer, Diagnostic, Kind, Query
from tailrace.python.text import descendants

_OF_AN_ATTRIBUTE: frozenset[Kind] = frozenset({"missing-attribute", "missing-member", "possibly-missing"})
_OF_A_CALL: frozenset[Kind] = frozenset(
    {
        "unknown-argument",
        "missing-argument",
        "too-many-positional",
        "positional-only-as-keyword",
        "duplicate-argument",
        "no-overload",
        "not-callable",
        "abstract-instantiation",
    }
)

Proof = Literal["shown", "stricter", "open"]


def questions(file: str, text: str, diagnostics: Iterable[Diagnostic]) -> dict[Diagnostic, Query]:
    """The question for each diagnostic of `file` that has one. `text` is the file's source; it need not parse."""
    asked: dict[Diagnostic, Query] = {}
    attributes: dict[tuple[int, int], ast.Attribute] | None = None
    calls: list[ast.Call] = []
    for one in diagnostics:
        if attributes is None:
            nodes = _nodes(text)
            attributes = {
                (node.end_lineno or 0, node.end_col_offset or 0): node
                for node in nodes
                if isinstance(node, ast.Attribute)
            }
            calls = [node for node in nodes if isinstance(node, ast.Call)]
        if one.kind in _OF_AN_ATTRIBUTE and one.name:
            node = attributes.get((one.end_line, one.end_column - 1))
            asked[one] = Query.of(file, node) if node is not None and node.attr == one.name else _by_name(one)
        elif one.kind in _OF_A_CALL and (call := _call_of(one, calls)) is not None:
            if isinstance(call.func, ast.Attribute):
                asked[one] = Query.of(file, call.func)
            elif isinstance(call.func, ast.Name):
                asked[one] = Query(file, call.func.lineno, call.func.col_offset + 1)
    return asked


def proof(one: Diagnostic, before: Answer, after: Answer) -> Proof:
    """What the two answers to a diagnostic's question show.

    `shown`: the baseline's side knew the attribute or the callee, and the upstream has to do with it. `stricter`: the
    baseline's side did not know the type, so nothing shows that the program worked before. `open`: neither.
    """
    concerned = bool(before.upstream_members) or before.on_upstream
    if one.kind in _OF_AN_ATTRIBUTE:
        if before.members and (concerned or after.on_upstream):
            return "shown"
        # The checker shows nothing at all for a call whose type it does not know.
        return "stricter" if after.classes and not before.classes else "open"
    if before.upstream_members and after.upstream_members:
        return "shown"
    return "stricter" if not before.members and after.members else "open"


def _by_name(one: Diagnostic) -> Query:
    """Of `from x import name`: the diagnostic ends where the name ends (or is the name)."""
    return Query(one.file, one.end_line, one.end_column - len(one.name.encode()))


def _call_of(one: Diagnostic, calls: Iterable[ast.Call]) -> ast.Call | None:
    """The call that `one` is about: it is the diagnostic's place, or has an argument where that begins."""
    place = (one.line, one.column - 1)
    whole = (*place, one.end_line, one.end_column - 1)
    for call in calls:
        if (call.lineno, call.col_offset, call.end_lineno, call.end_col_offset) == whole:
            return call
    for call in calls:
        arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        starts = {(argument.lineno, argument.col_offset) for argument in arguments}
        if place in starts:
            return call
    return None


def _nodes(text: str) -> list[ast.AST]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(descendants(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
