"""Reads what the text of a test or `except` clause says, without resolving names."""

from __future__ import annotations

import ast

from tailrace.python.text import descendants, dotted, source_of
from tailrace.python.usages import Attempt, Condition, InHandler


def item_text(item: Condition) -> str:
    """The test as a reader would say it."""
    text = source_of(item.test, 120)
    return text if item.polarity else f"not ({text})"


_MISFITS = frozenset(
    {"ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "TypeError", "Exception", "BaseException"}
)


_LOOKUPS = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "NameError"})


def is_for_lookups(handler: ast.ExceptHandler) -> bool:
    """Whether the branch catches only what is raised for a name that is not there."""
    kind = handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind] if kind is not None else []
    return bool(kinds) and {(dotted(k) or "?").rsplit(".", 1)[-1] for k in kinds} <= _LOOKUPS


def catches_mishaps(item: InHandler) -> bool:
    """The branch is for what calls in the body may raise at any time, not for names that are not there."""
    kind = item.handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind] if kind is not None else []
    names = {(dotted(k) or "?").rsplit(".", 1)[-1] for k in kinds}
    if not names or names & _MISFITS:
        return False
    return item.statement.calls


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


def asks_with_default(node: ast.expr) -> bool:
    """`getattr(x, "name", None)`: a test of the value asks whether the name is there."""
    return isinstance(node, ast.Call) and dotted(node.func) == "getattr" and len(node.args) == 3


def assigned_in(scope: ast.AST, name: str) -> list[ast.expr]:
    """What the statements of a scope assign to a name, those of functions and classes inside left out."""
    found: list[ast.expr] = []
    stack: list[ast.AST] = list(getattr(scope, "body", ()))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            found.append(node.value)
        stack.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr))
    return found


def import_family(error: str) -> set[str]:
    """The other name under which an import error is caught."""
    return {"ImportError"} if error == "ModuleNotFoundError" else set()


def first_import(attempt: Attempt) -> str:
    """The first statement of a `try`, as a reader would say it."""
    return attempt.first if isinstance(attempt.first, str) else source_of(attempt.first, 80)


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


def makes_up_for(tree: ast.AST, statement: ast.Try) -> bool:
    """Whether the statements after a `try` do something else where its body failed: all of them where the body ends
    in `return`, else those under a test of a name that the body sets."""
    following = _following(tree, statement)
    last = statement.body[-1] if statement.body else None
    if isinstance(last, ast.Return):
        return any(_works(part) for part in following)
    names = {
        node.id
        for part in statement.body
        for node in descendants(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for part in following:
        if isinstance(part, ast.If) and any(isinstance(n, ast.Name) and n.id in names for n in descendants(part.test)):
            return any(_works(inner) for inner in (*part.body, *part.orelse))
    return False


def _following(tree: ast.AST, statement: ast.Try) -> list[ast.stmt]:
    """The statements after another one in its block."""
    for node in descendants(tree):
        for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if not isinstance(block, list):
                continue
            for index, one in enumerate(block):
                if isinstance(one, ast.Try) and (one.lineno, one.col_offset) == _place(statement):
                    return block[index + 1 :]
    return []


def _place(statement: ast.Try) -> tuple[int, int] | None:
    """Where a `try` begins; `None` for one that no text holds."""
    line = getattr(statement, "lineno", None)
    return None if line is None else (line, statement.col_offset)


def _works(statement: ast.stmt) -> bool:
    """Whether a statement calls anything but what notes something down."""
    calls = (node for node in descendants(statement) if isinstance(node, ast.Call))
    return any((dotted(call.func) or "?").rsplit(".", 1)[-1] not in _NOTES for call in calls)


_COMPLAINTS = frozenset(["warning", "warn", "error", "exception", "critical", "fatal", "print_exc", "print", "echo"])


def only_notes(handler: ast.ExceptHandler) -> bool:
    """The branch logs or prints what happened, and does nothing else; where it returns, it complains and gives
    nothing."""
    notes: list[str] = []
    gives_up = False
    body = list(handler.body)
    for statement in body:  # grows while it is read
        if isinstance(statement, ast.Pass | ast.Continue):
            continue
        if isinstance(statement, ast.If) and not statement.orelse:
            body += statement.body
            continue
        if isinstance(statement, ast.Assign) and all(map(_is_state, statement.targets)) and _gives_nothing(statement):
            gives_up = True
            continue
        if isinstance(statement, ast.Return) and _is_nothing(statement.value):
            gives_up = True
            continue
        value = statement.value if isinstance(statement, ast.Expr) else None
        callee = dotted(value.func) if isinstance(value, ast.Call) else None
        name = (callee or "").rsplit(".", 1)[-1]
        if name not in _NOTES:
            return False
        notes.append(name)
    return bool(notes) and (not gives_up or not _COMPLAINTS.isdisjoint(notes))


def _is_state(target: ast.expr) -> bool:
    """`self.connected`, of the object that the method belongs to."""
    if isinstance(target, ast.Tuple):
        return all(map(_is_state, target.elts))
    return isinstance(target, ast.Attribute) and dotted(target.value) == "self"


def _gives_nothing(statement: ast.Assign) -> bool:
    """`= False`, `= None, False`."""
    value = statement.value
    return all(map(_is_nothing, value.elts)) if isinstance(value, ast.Tuple) else _is_nothing(value)


def _is_nothing(value: ast.expr | None) -> bool:
    """`return`, `return None`, `return False`."""
    return value is None or (isinstance(value, ast.Constant) and (value.value is None or value.value is False))


def is_broad(handler: ast.ExceptHandler) -> bool:
    """A clause for whatever happens."""
    return handler.type is None or dotted(handler.type) in {"Exception", "BaseException"}
