"""A call in a file in, the same call as a program of its own out, where its arguments are literals. Runs nothing."""

from __future__ import annotations

import ast

from tailrace.python.modules import Surface
from tailrace.python.semantics.entities import Class, Entity, Function
from tailrace.python.text import descendants, source_of
from tailrace.python.usages import Step
from tailrace.python.usages.chains import call_shape

_LONGEST = 400


def literal_call(downstream: Surface, file: str, step: Step, callee: Entity) -> str:
    """`upstream.fetch("x", retries=5)`: the call with the callee's full path, `""` when it does not stand alone."""
    if not isinstance(callee, Class | Function) or (isinstance(callee, Function) and callee.owner is not None):
        return ""
    parsed = downstream.tree(file)
    call = next((n for n in descendants(parsed.tree) if _stands_at(n, step)), None) if parsed is not None else None
    if not isinstance(call, ast.Call) or not all(
        _is_literal(a) for a in (*call.args, *(k.value for k in call.keywords))
    ):
        return ""
    if any(keyword.arg is None for keyword in call.keywords):
        return ""
    arguments = [*map(source_of, call.args), *(f"{k.arg}={source_of(k.value)}" for k in call.keywords)]
    text = f"{callee.path}({', '.join(arguments)})"
    return text if len(text) <= _LONGEST and "…" not in text else ""


def _stands_at(node: ast.AST, step: Step) -> bool:
    # All calls of a chain begin at one place; their shapes tell them apart.
    return (
        isinstance(node, ast.Call)
        and (node.lineno, node.col_offset + 1) == (step.line, step.column)
        and call_shape(node) == step.call
    )


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
