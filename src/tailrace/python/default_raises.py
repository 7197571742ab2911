"""Finds functions that raise when a call leaves out what has a default: `if a is None and b is None: raise`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from tailrace.python.bodies import exception_name
from tailrace.python.text import dotted, source_of

_PLAIN = ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.Pass | ast.Global | ast.Nonlocal
_LEAVES = ast.Return | ast.Raise | ast.Break | ast.Continue


def raises_unless(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[tuple[str, ...], str] | None:
    """The parameters of which a call must give one, and what is raised otherwise.

    A `*args` or `**kwargs` stands among them with its stars. Only tests of the defaults themselves are decided; what
    follows a test that is not is left out.
    """
    if not any(isinstance(statement, ast.If) for statement in node.body):
        return None
    known = _Defaults.of(node.args)
    for statement in node.body:
        if isinstance(statement, ast.If):
            known.asked.clear()
            outcome = known.decide(statement.test)
            asked = tuple(sorted(known.asked))
            last = statement.body[-1]
            if isinstance(last, ast.Raise) and outcome is True and all(map(_goes_on, statement.body[:-1])):
                return tuple(sorted({*known.needed, *asked})), exception_name(last)
            if outcome is None or asked == ():
                if _may_leave(statement):
                    break
            elif outcome or statement.orelse:
                break  # what its body does is not followed
            elif _may_leave(statement) and not _asks_itself(statement, node.name):
                known.needed.update(asked)
        elif not _goes_on(statement):
            break
        known.forget(statement)
    return None


def _goes_on(statement: ast.stmt) -> bool:
    """Whether the next statement is reached, as far as the text says."""
    return isinstance(statement, _PLAIN) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant | ast.Call)
    )


def _asks_itself(statement: ast.If, name: str) -> bool:
    """Whether a body only returns what the function itself gives without arguments: `if fs: return f()(*fs)`."""
    match statement.body:
        case [ast.Return(value=ast.Call(func=ast.Call(func=ast.Name(id=called), args=[], keywords=[])))]:
            return called == name
        case _:
            return False


def _may_leave(statement: ast.stmt) -> bool:
    return any(isinstance(part, _LEAVES) for part in ast.walk(statement))


@dataclass(slots=True)
class _Defaults:
    """What the parameters are where a call leaves them out. `asked`: those that the last test looked at; `needed`:
    those that an earlier test looked at, which would have left the function otherwise.
    """

    values: dict[str, ast.expr]
    stars: dict[str, str]
    asked: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, arguments: ast.arguments) -> _Defaults:
        """The defaults of a signature; a parameter without one has no entry."""
        plain = [*arguments.posonlyargs, *arguments.args]
        values = {a.arg: d for a, d in zip(reversed(plain), reversed(arguments.defaults), strict=False)}
        values |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
        stars = {arguments.vararg.arg: f"*{arguments.vararg.arg}"} if arguments.vararg is not None else {}
        if arguments.kwarg is not None:
            stars[arguments.kwarg.arg] = f"**{arguments.kwarg.arg}"
        return cls(values, stars)

    def forget(self, statement: ast.stmt) -> None:
        """Drop what a statement may set anew."""
        for part in ast.walk(statement):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                self.values.pop(part.id, None)
                self.stars.pop(part.id, None)

    def decide(self, test: ast.expr) -> bool | None:
        """What a test gives where nothing is given, `None` where that is not known."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.decide(operand)
                return None if inner is None else not inner
            case ast.BoolOp(op=op, values=values):
                results = [self.decide(value) for value in values]
                decisive = isinstance(op, ast.Or)
                if decisive in results:
                    return decisive
                return None if None in results else not decisive
            case ast.Name(id=name):
                value = self._value(name)
                return bool(value[0]) if value is not None else None
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[other]):
                return self._compare(name, op, other)
            case _:
                return None

    def _compare(self, name: str, op: ast.cmpop, other: ast.expr) -> bool | None:
        default = self.values.get(name)
        if default is None or not isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            return None
        same: bool | None = None
        given, asked = _literal(default), _literal(other)
        if given is not None and asked is not None:
            singletons = isinstance(op, ast.Eq | ast.NotEq) or all(
                value is None or isinstance(value, bool) for value in (given[0], asked[0])
            )
            same = (given[0] == asked[0] and type(given[0]) is type(asked[0])) if singletons else None
        elif dotted(default) and source_of(default) == source_of(other):
            same = True
        if same is None:
            return None
        self.asked.add(name)
        return same == isinstance(op, ast.Is | ast.Eq)

    def _value(self, name: str) -> tuple[Any] | None:
        if name in self.stars:
            self.asked.add(self.stars[name])
            return ((),)
        default = self.values.get(name)
        literal = _literal(default) if default is not None else None
        if literal is not None:
            self.asked.add(name)
        return literal


def _literal(node: ast.expr) -> tuple[Any] | None:
    """The value of a literal, in a tuple; `None` for anything else."""
    match node:
        case ast.Constant(value=value):
            return (value,)
        case ast.Tuple(elts=[]) | ast.List(elts=[]) | ast.Dict(keys=[]):
            return ((),)
        case _:
            return None
