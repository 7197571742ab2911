"""Tests and comparisons in, whether they are known to be true or false out. Executes nothing."""

from __future__ import annotations

import ast
from typing import Any

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import (
    UNKNOWN,
    Class,
    Command,
    Const,
    Evaluated,
    External,
    Function,
    Group,
    Instance,
    Items,
    ModuleRef,
    Option,
    Parser,
    Partial,
    Scope,
    SubParsers,
    Table,
    Value,
    text_of,
)
from tailrace.python.interpreter.values import truth


def decide(machine: Core, node: ast.expr, scope: Scope) -> bool | None:
    """Whether a test is known to be true or false."""
    match node:
        case ast.UnaryOp(op=ast.Not()):
            decided = decide(machine, node.operand, scope)
            return None if decided is None else not decided
        case ast.BoolOp():
            parts = [decide(machine, operand, scope) for operand in node.values]
            if isinstance(node.op, ast.And):
                return False if False in parts else (None if None in parts else True)
            return True if True in parts else (None if None in parts else False)
        case ast.Compare(ops=[op], comparators=[other]):
            left, right = machine.value(node.left, scope), machine.value(other, scope)
            decided = compare(op, left, right)
            if decided is None and machine.installed is not None:
                return machine.installed.compare(op, left, right)
            return decided
        case ast.UnaryOp():
            value = machine.value(node.operand, scope)
            return None if not isinstance(value, Const) else bool(value.value)
        case ast.Compare():
            return None if machine.installed is None else truth_of(machine.installed.evaluate(node, scope))
        case _:
            return truth_of(machine.value(node, scope))


def truth_of(value: Value) -> bool | None:
    """The truth of a value."""
    match value:
        case Const():
            return bool(value.value)
        case Evaluated():
            return truth(value.value)
        case Items(closed=True) | Table(closed=True):
            return bool(value.items)
        case Parser() | Group() | SubParsers() | Command() | Option() | Function() | Class() | Instance() | ModuleRef():
            return True
        case External(path="typing.TYPE_CHECKING"):
            return False
        case _:
            return None


def compare(op: ast.cmpop, left: Value, right: Value) -> bool | None:
    """`==`, `!=`, `is`, `in` of known values."""
    if isinstance(op, ast.Eq | ast.NotEq) and isinstance(left, Const) and isinstance(right, Const):
        return (left.value == right.value) is isinstance(op, ast.Eq)
    if isinstance(op, ast.Is | ast.IsNot) and right == Const(None) and left is not UNKNOWN:
        known: bool | None = (left == Const(None)) is isinstance(op, ast.Is)
        return None if isinstance(left, External | Partial) else known
    if isinstance(op, ast.In | ast.NotIn) and isinstance(left, Const):
        found: Any = None
        if isinstance(right, Table) and right.closed and isinstance(left.value, str | int | bool | None):
            found = left.value in right.items
        elif isinstance(right, Items) and right.closed and all(isinstance(i, Const) for i in right.items):
            found = left in right.items
        elif isinstance(right, Items) and left in right.items:
            found = True
        elif (text := text_of(right)) is not None and isinstance(left.value, str):
            found = left.value in text
        return None if found is None else found is isinstance(op, ast.In)
    return None
