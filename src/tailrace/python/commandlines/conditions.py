"""Tests and comparisons in, whether they are known to be true or false out. Executes nothing."""

from __future__ import annotations

import ast

from tailrace.python.commandlines.core import Core
from tailrace.python.interpreter import expressions
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import Symbol, Value, is_constant, truth


def decide(machine: Core, node: ast.expr, frame: Frame) -> bool | None:
    """Whether a test is known to be true or false."""
    match node:
        case ast.UnaryOp(op=ast.Not()):
            decided = decide(machine, node.operand, frame)
            return None if decided is None else not decided
        case ast.BoolOp():
            parts = [decide(machine, operand, frame) for operand in node.values]
            if isinstance(node.op, ast.And):
                return False if False in parts else (None if None in parts else True)
            return True if True in parts else (None if None in parts else False)
        case ast.Compare(ops=[op], comparators=[other]):
            return compare(machine, op, machine.value(node.left, frame), machine.value(other, frame))
        case ast.UnaryOp():
            value = machine.value(node.operand, frame)
            return bool(value) if is_constant(value) else None
        case ast.Compare():
            return None if machine.installed is None else truth(machine.ask_installed(node, frame))
        case _:
            return truth(machine.value(node, frame))


def compare(machine: Core, op: ast.cmpop, left: Value, right: Value) -> bool | None:
    """Whether `left op right` holds, `None` when it is not known."""
    if machine.installed is not None:
        return machine.installed.compare(op, left, right)
    if isinstance(op, ast.Is | ast.IsNot) and (isinstance(left, Symbol) or isinstance(right, Symbol)):
        return None  # a name of elsewhere may hold `None`
    return expressions.compare(left, op, right, None)
