"""What operators and statements ask of a value, as steps: `with x` for `__enter__`, `a, b = x` for two of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tailrace.python.text import literal_string
from tailrace.python.usages.values import Step

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
# Functions that ask the classes that they are given.
_CLASS_TESTS = frozenset(("isinstance", "issubclass"))
# An operator asks the value on its left, whatever these are.
_CONTAINERS = (ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.Set, ast.ListComp)
# Functions of Python's own that ask one thing of their only argument.
_FUNCTIONS = {
    "len": "__len__",
    "iter": "__iter__",
    "next": "__next__",
    "list": "__iter__",
    "tuple": "__iter__",
    "set": "__iter__",
    "sorted": "__iter__",
    "sum": "__iter__",
    "enumerate": "__iter__",
    "reversed": "__reversed__",
}


Asked = Sequence[tuple[ast.expr, Step]]


def _of_operator(node: ast.BinOp) -> Asked:
    # What a value of another class makes of it (`__radd__`) is known of literals only: they make nothing of it.
    operand = operand_of(node.right)
    if operand or isinstance(node.right, _CONTAINERS):
        return ((node.left, _step(f"__{_OPERATORS[type(node.op)]}__", node, operand)),)
    return ()


def _of_comparison(node: ast.Compare) -> Asked:
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
        return ((node.comparators[0], _step("__contains__", node, operand_of(node.left))),)
    return ()


def _of_subscript(node: ast.Subscript) -> Asked:
    value = node.value
    if node.ctx.__class__ is ast.Store:
        return ((value, _step("__setitem__", node)),)
    if node.ctx.__class__ is ast.Del:
        return ((value, _step("__delitem__", node)),)
    member = literal_string(node.slice)
    if member is not None and member.isidentifier() and _named_like_a_class(value):
        return (value, _step("__getitem__", node)), (value, _step(member, node, "member"))
    return ((value, _step("__getitem__", node)),)


def _of_iterated(node: ast.Starred | ast.YieldFrom) -> Asked:
    return ((node.value, _step("__iter__", node.value)),)


def _of_call(node: ast.Call) -> Asked:
    found: list[tuple[ast.expr, Step]] = []
    if node.func.__class__ is ast.Name and node.args:
        asked_for = _FUNCTIONS.get(node.func.id)
        if asked_for is not None:
            found.append((node.args[0], _step(asked_for, node.args[0])))
        elif node.func.id in _CLASS_TESTS and len(node.args) == 2:
            classes = node.args[1]
            for cls in classes.elts if isinstance(classes, ast.Tuple) else [classes]:
                found.append((cls, _step("__instancecheck__", cls)))
    for keyword in node.keywords:
        if keyword.arg is None:
            found.append((keyword.value, _step("keys", keyword.value)))
    return found


_ASKING: dict[type[ast.AST], Callable[[Any], Asked]] = {
    ast.BinOp: _of_operator,
    ast.Compare: _of_comparison,
    ast.Subscript: _of_subscript,
    ast.Starred: _of_iterated,
    ast.YieldFrom: _of_iterated,
    ast.Call: _of_call,
}
#: The expressions of which `asked` says anything, and the statements of which `asked_by_statement` does.
MAY_ASK = frozenset(_ASKING)
STATEMENTS_THAT_ASK = frozenset([ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Assign])


def asked(node: ast.expr) -> Asked:
    """What an expression asks of the values in it."""
    reader = _ASKING.get(node.__class__)
    return reader(node) if reader is not None else ()


def asked_by_statement(node: ast.stmt) -> Iterator[tuple[ast.expr, Step]]:
    """What a statement asks of the values in it."""
    match node:
        case ast.Assign(targets=targets, value=value):
            if len(targets) == 1 and isinstance(targets[0], ast.Tuple | ast.List):
                yield value, unpacked(targets[0], value)
        case ast.For(iter=value):
            yield value, _step("__iter__", value)
        case ast.AsyncFor(iter=value):
            yield value, _step("__aiter__", value)
        case ast.With(items=items):
            for item in items:
                yield item.context_expr, _step("__enter__", item.context_expr)
        case ast.AsyncWith(items=items):
            for item in items:
                yield item.context_expr, _step("__aenter__", item.context_expr)
        case _:
            return


def unpacked(target: ast.Tuple | ast.List, value: ast.expr) -> Step:
    """`a, b = value`."""
    starred = any(isinstance(item, ast.Starred) for item in target.elts)
    return Step(
        "__iter__",
        implicit=True,
        count=0 if starred else len(target.elts),
        line=value.lineno,
        column=value.col_offset + 1,
    )


def operand_of(node: ast.expr) -> str:
    """The type of a literal text, empty for anything else."""
    kind = node.__class__
    if kind is ast.Constant:
        value = node.value  # type: ignore[attr-defined]  # by its class
        return type(value).__name__ if isinstance(value, str | bytes) else ""
    return "str" if kind is ast.JoinedStr else ""


def _named_like_a_class(node: ast.expr) -> bool:
    """`Color`, `up.Color`; not `color` and not `COLORS`."""
    name = (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")).lstrip("_")
    return name[:1].isupper() and not (name.isupper() and len(name) > 3)


def _step(name: str, node: ast.expr, operand: str = "") -> Step:
    return Step(name, implicit=True, operand=operand, line=node.lineno, column=node.col_offset + 1)
