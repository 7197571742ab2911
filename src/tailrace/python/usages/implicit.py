"""What operators and statements ask of a value, as steps: `with x` for `__enter__`, `a, b = x` for two of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

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


# The expressions of which `asked` says anything, and the statements of which `asked_by_statement` does.
MAY_ASK = frozenset([ast.BinOp, ast.Compare, ast.Subscript, ast.Starred, ast.YieldFrom, ast.Call])
STATEMENTS_THAT_ASK = frozenset([ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Assign])


def asked(node: ast.expr) -> Iterator[tuple[ast.expr, Step]]:
    """What an expression asks of the values in it."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            # What a value of another class makes of it (`__radd__`) is known of literals only: they make nothing of it.
            operand = operand_of(right)
            if operand or _is_plain(right):
                yield left, _step(f"__{_OPERATORS[type(op)]}__", node, operand)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
            yield right, _step("__contains__", node, operand_of(left))
        case ast.Subscript(value=value, ctx=ast.Load()):
            yield value, _step("__getitem__", node)
            member = literal_string(node.slice)
            if member is not None and member.isidentifier() and _named_like_a_class(value):
                yield value, _step(member, node, "member")
        case ast.Subscript(value=value, ctx=ast.Store()):
            yield value, _step("__setitem__", node)
        case ast.Subscript(value=value):
            yield value, _step("__delitem__", node)
        case ast.Starred(value=value) | ast.YieldFrom(value=value):
            yield value, _step("__iter__", value)
        case ast.Call(func=func, args=args, keywords=keywords):
            if isinstance(func, ast.Name) and func.id in _FUNCTIONS and args:
                yield args[0], _step(_FUNCTIONS[func.id], args[0])
            if isinstance(func, ast.Name) and func.id in {"isinstance", "issubclass"} and len(args) == 2:
                for cls in args[1].elts if isinstance(args[1], ast.Tuple) else [args[1]]:
                    yield cls, _step("__instancecheck__", cls)
            for keyword in keywords:
                if keyword.arg is None:
                    yield keyword.value, _step("keys", keyword.value)
        case _:
            return


def asked_by_statement(node: ast.stmt) -> Iterator[tuple[ast.expr, Step]]:
    """What a statement asks of the values in it."""
    match node:
        case ast.For(iter=value, target=target):
            yield value, _step("__iter__", value)
        case ast.AsyncFor(iter=value):
            yield value, _step("__aiter__", value)
        case ast.With(items=items):
            for item in items:
                yield item.context_expr, _step("__enter__", item.context_expr)
        case ast.AsyncWith(items=items):
            for item in items:
                yield item.context_expr, _step("__aenter__", item.context_expr)
        case ast.Assign(targets=[ast.Tuple() | ast.List() as target], value=value):
            yield value, unpacked(target, value)
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
    if isinstance(node, ast.JoinedStr):
        return "str"
    value = node.value if isinstance(node, ast.Constant) else None
    return type(value).__name__ if isinstance(value, str | bytes) else ""


def _named_like_a_class(node: ast.expr) -> bool:
    """`Color`, `up.Color`; not `color` and not `COLORS`."""
    name = (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")).lstrip("_")
    return name[:1].isupper() and not (name.isupper() and len(name) > 3)


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.List | ast.Dict | ast.Tuple | ast.Set | ast.ListComp)


def _step(name: str, node: ast.expr, operand: str = "") -> Step:
    return Step(name, implicit=True, operand=operand, line=node.lineno, column=node.col_offset + 1)
