"""A test or an `except` clause in, what its text alone says of it out. Resolves nothing."""

from __future__ import annotations

import ast

from tailrace.python.text import descendants, dotted, source_of
from tailrace.python.usages import Condition, InHandler


def item_text(item: Condition) -> str:
    """The test as a reader would say it."""
    text = source_of(item.test, 120)
    return text if item.polarity else f"not ({text})"


_MISFITS = frozenset(
    {"ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "TypeError", "Exception", "BaseException"}
)


def catches_mishaps(item: InHandler) -> bool:
    """The branch is for what calls in the body may raise at any time, not for names that are not there."""
    kind = item.handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind] if kind is not None else []
    names = {(dotted(k) or "?").rsplit(".", 1)[-1] for k in kinds}
    if not names or names & _MISFITS:
        return False
    return any(isinstance(node, ast.Call) for statement in item.statement.body for node in descendants(statement))


def names_literally(test: ast.expr, names: frozenset[str]) -> bool:
    """`"ctx" in signature.parameters`, `hasattr(x, "name")`, `isinstance(x, Base)`: the test asks for the very
    thing."""
    for node in descendants(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names:
            return True
        if isinstance(node, ast.Call) and dotted(node.func) in {"isinstance", "issubclass"} and len(node.args) == 2:
            if any((dotted(part) or "").rsplit(".", 1)[-1] in names for part in descendants(node.args[1])):
                return True
    return False


def import_family(error: str) -> set[str]:
    """The other name under which an import error is caught."""
    return {"ImportError"} if error == "ModuleNotFoundError" else set()


def first_import(statement: ast.Try) -> str:
    """The first statement of a `try`, as a reader would say it."""
    return source_of(statement.body[0], 80) if statement.body else "?"


def fails_again(handler: ast.ExceptHandler) -> bool:
    """The branch ends in `raise` or in leaving the program: nothing is handled."""
    last = handler.body[-1] if handler.body else None
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return (dotted(last.value.func) or "") in {"sys.exit", "exit", "quit", "os._exit"}
    return False


_NOTES = frozenset(
    ["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "print", "print_exc", "echo"]
)


def only_notes(handler: ast.ExceptHandler) -> bool:
    """The branch logs or prints what happened, and does nothing else."""
    notes = 0
    for statement in handler.body:
        if isinstance(statement, ast.Pass | ast.Continue):
            continue
        value = statement.value if isinstance(statement, ast.Expr) else None
        callee = dotted(value.func) if isinstance(value, ast.Call) else None
        if (callee or "").rsplit(".", 1)[-1] not in _NOTES:
            return False
        notes += 1
    return notes > 0


def is_broad(handler: ast.ExceptHandler) -> bool:
    """A clause for whatever happens."""
    return handler.type is None or dotted(handler.type) in {"Exception", "BaseException"}


def size(body: list[ast.stmt]) -> int:
    """The number of statements, inner ones counted."""
    return sum(1 for statement in body for node in descendants(statement) if isinstance(node, ast.stmt))
