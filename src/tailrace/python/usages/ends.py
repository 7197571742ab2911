"""Reads what statements say of the code in and below them: it is left, skipped, expected to fail, or binds a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tailrace.python.text import children, descendants, dotted, source_of, statements
from tailrace.python.usages.values import Attempt, CallShape, Condition, Step

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LEAVING = frozenset(
    {
        "sys.exit",
        "exit",
        "quit",
        "os._exit",
        "pytest.skip",
        "pytest.fail",
        "pytest.xfail",
        "pytest.exit",
        "self.skipTest",
    }
)


def captured(pattern: ast.pattern) -> Iterator[str]:
    """The names that a pattern binds."""
    for node in descendants(pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if name is not None:
            yield name


def matched_classes(pattern: ast.pattern) -> Iterator[tuple[str | None, ast.expr]]:
    """The classes that a pattern names, with the name that it binds to an instance of one; values that it compares."""
    names = {id(node.pattern): node.name for node in descendants(pattern) if isinstance(node, ast.MatchAs)}
    for node in descendants(pattern):
        if isinstance(node, ast.MatchClass):
            yield names.get(id(node)), node.cls
        elif isinstance(node, ast.MatchValue):
            yield None, node.value


def asked_by_pattern(pattern: ast.pattern) -> Iterator[tuple[ast.expr, tuple[Step, ...]]]:
    """The classes of a pattern with what it asks of each: `case Point(x, y)` for two fields by place, `case Point(z=1)`
    for an attribute of an instance. Python's own classes need no fields for it."""
    for node in descendants(pattern):
        if not isinstance(node, ast.MatchClass):
            continue
        line, column = node.cls.lineno, node.cls.col_offset + 1
        if node.patterns:
            given = CallShape(len(node.patterns), double_star=True)
            yield node.cls, (Step("__match_args__", line=line, column=column),)
            fields = Step("__match_args__", implicit=True, line=line, column=column)
            yield node.cls, (fields, Step(call=given, line=line, column=column))
        for name in node.kwd_attrs:
            asked = Step(name, operand="pattern", line=line, column=column)
            yield node.cls, (Step(instance=True), asked)


def leaves(node: ast.expr) -> bool:
    """A call that never returns: what stands below it does not run."""
    return isinstance(node, ast.Call) and dotted(node.func) in _LEAVING


def skips(
    node: _Function | ast.ClassDef,
    within: tuple[int, ...],
) -> Iterator[Condition]:
    """`@pytest.mark.skipif(test)`, `@unittest.skipUnless(test, …)`: what the decorated test runs under."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args and not isinstance(decorator.args[0], ast.Constant):
            word = (dotted(decorator.func) or "").rsplit(".", 1)[-1].lower()
            if word in {"skipif", "skipunless"}:
                yield Condition(decorator.args[0], word == "skipunless", within)


def _expects(item: ast.withitem) -> list[ast.expr]:
    """The exceptions that a `with suppress(…)`, `with raises(…)` is for."""
    call = item.context_expr
    word = (dotted(call.func) or "").rsplit(".", 1)[-1] if isinstance(call, ast.Call) else ""
    if isinstance(call, ast.Call) and word in {"suppress", "raises", "assertRaises"}:
        return call.args if word == "suppress" else call.args[:1]
    return []


def suppresses(node: ast.With | ast.AsyncWith) -> bool:
    """Whether the statement is there for exceptions that its body may raise."""
    return any(_expects(item) for item in node.items)


def suppressing_handler(node: ast.With | ast.AsyncWith) -> ast.ExceptHandler:
    """The `except` clause that it amounts to."""
    kinds = [kind for item in node.items for kind in _expects(item)]
    clause = ast.ExceptHandler(type=ast.Tuple(elts=kinds, ctx=ast.Load()), name=None, body=[ast.Pass()])
    return ast.copy_location(clause, node)


_PLAIN = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)


def attempt_of(node: ast.stmt, body: list[ast.stmt], handlers: Sequence[ast.ExceptHandler]) -> Attempt:
    """A statement that catches what its body raises, as somebody may ask about it later."""
    first = body[0]
    return Attempt(
        node.lineno,
        tuple(handlers),
        _size(body),
        _calls(body),
        all(isinstance(statement, _PLAIN) for statement in body),
        source_of(first, 80) if hasattr(first, "body") else first,
    )


def _size(body: list[ast.stmt]) -> int:
    """The number of statements in a block, inner ones counted."""
    flat = not any(hasattr(statement, "body") or hasattr(statement, "cases") for statement in body)
    return len(body) if flat else len(statements(body, inner=True))


def _calls(body: list[ast.stmt]) -> bool:
    stack: list[ast.AST] = [*body]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Call):
            return True
        stack += children(node)
    return False
