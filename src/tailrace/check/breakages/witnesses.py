"""Writes a call as a small program of its own, where its arguments are literals."""

from __future__ import annotations

import ast

from tailrace.python.memo import Memo
from tailrace.python.modules import Surface
from tailrace.python.semantics.entities import Class, Entity, Function
from tailrace.python.text import descendants, source_of
from tailrace.python.usages import Step
from tailrace.python.usages.chains import call_shape

_LONGEST = 400
_CALLS: Memo[Surface, str, dict[tuple[int, int], list[ast.Call]]] = Memo()


def literal_call(downstream: Surface, file: str, step: Step, callee: Entity) -> str:
    """`upstream.fetch("x", retries=5)`: the call with the callee's full path, `""` when it does not stand alone."""
    if not isinstance(callee, Class | Function) or (isinstance(callee, Function) and callee.owner is not None):
        return ""
    # All calls of a chain begin at one place; their shapes tell them apart.
    here = _calls_of(downstream, file).get((step.line, step.column), ())
    call = next((one for one in here if call_shape(one) == step.call), None)
    if call is None or not all(_is_literal(a) for a in (*call.args, *(k.value for k in call.keywords))):
        return ""
    if any(keyword.arg is None for keyword in call.keywords):
        return ""
    arguments = [*map(source_of, call.args), *(f"{k.arg}={source_of(k.value)}" for k in call.keywords)]
    text = f"{callee.path}({', '.join(arguments)})"
    return text if len(text) <= _LONGEST and "…" not in text else ""


def _calls_of(surface: Surface, file: str) -> dict[tuple[int, int], list[ast.Call]]:
    """The calls of a file by line and column, both from 1; listed when the first of them is asked for."""
    known = _CALLS.of(surface)
    if file not in known:
        parsed = surface.tree(file)
        found: dict[tuple[int, int], list[ast.Call]] = {}
        for node in descendants(parsed.tree) if parsed is not None else ():
            if isinstance(node, ast.Call):
                found.setdefault((node.lineno, node.col_offset + 1), []).append(node)
        known[file] = found
    return known[file]


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
