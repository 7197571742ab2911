"""Marks that positional arguments end: a later release takes some parameters by keyword only.

A decorator announces it (`_deprecate_positional_args` of scikit-learn and SciPy, `deprecate_nonkeyword_arguments` of
pandas, `make_keyword_only` of Matplotlib, `convert_positional_args` of Optuna), or the function takes `*args` and warns
if there are any. Nothing is resolved.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

from tailrace.model import Deprecation
from tailrace.python.deprecations import call_deprecation
from tailrace.python.text import descendants, dotted, literal_string, statements, string_items

Function = ast.FunctionDef | ast.AsyncFunctionDef
Warns = Callable[[ast.Call, list[ast.stmt]], Deprecation | None]

_NAME = re.compile(r"positional|non_?keyword|keywords?_only|kw_?only", re.IGNORECASE)
#: Decorators whose names do not say that something is deprecated.
_OTHERS = frozenset({"make_keyword_only", "convert_positional_args"})
_TEXT = re.compile(
    r"\bpositionally\b|\bby position\b|\bkeyword[- ]only\b|\b(?:as|using|by|with) (?:an? )?(?:positional|keyword)s?\b"
    r"|\bpass(?:ed|ing)?\b[^.]{0,80}\bpositional\b|\bpositional arguments?\b[^.]{0,40}\b(?:deprecated|error|removed)\b",
    re.IGNORECASE,
)
_ALLOWED = ("allowed_args", "allowed")
_LISTED = "previous_positional_arg_names"


def speaks_of_positions(text: str | None) -> bool:
    """Whether a message is about how an argument is given, and not about whether."""
    return text is not None and _TEXT.search(text) is not None


def decorators_that_warn(tree: ast.Module, warns: Warns) -> dict[str, Deprecation]:
    """Functions of a module that give back a wrapper which warns of positional arguments, each with what it says."""
    return {
        node.name: said
        for node in tree.body
        if isinstance(node, Function)
        for wrapper in descendants(node)[1:]
        if isinstance(wrapper, Function) and wrapper.args.vararg is not None
        if (said := _warning_of_positions(wrapper, warns)) is not None
    }


def _warning_of_positions(wrapper: Function, warns: Warns) -> Deprecation | None:
    calls = [s.value for s in statements(wrapper.body, inner=False) if isinstance(s, ast.Expr)]
    said = [warns(call, wrapper.body) for call in calls if isinstance(call, ast.Call)]
    return next((one for one in said if one is not None and speaks_of_positions(one.message)), None)


def read_decorator(
    decorator: ast.expr, node: Function, known: Mapping[str, Deprecation]
) -> tuple[Deprecation, tuple[str, ...]] | None:
    """What a decorator of `node` announces and for which parameters; `None` where it is about something else.

    `known`: decorators that were seen to warn of positional arguments, by name.
    """
    call = decorator if isinstance(decorator, ast.Call) else None
    name = dotted(call.func if call is not None else decorator) or ""
    last = name.rpartition(".")[2]
    named = _NAME.search(last) is not None and ("deprecat" in name.lower() or last in _OTHERS)
    warning = known.get(last)
    if not named and warning is None:
        return None
    said = _versions(call, last) if call is not None else Deprecation(by=name)
    if warning is not None:
        said = Deprecation(
            since=said.since or warning.since,
            removed_in=said.removed_in or warning.removed_in,
            message=said.message or warning.message,
            by=name,
        )
    return said, _parameters(call, node)


def _versions(call: ast.Call, last: str) -> Deprecation:
    """scikit-learn, SciPy and pandas give the version in which positional arguments fail; Matplotlib and xarray give
    the one that began to warn, as the first argument."""
    said = call_deprecation(call)
    given = {k.arg: k.value for k in call.keywords if k.arg}
    removal = given.get("version", call.args[0] if call.args and "keyword_arg" in last else None)
    text = literal_string(removal) or _tuple_version(removal)
    if text is None:
        return said
    since = said.since if said.since != text else None
    return Deprecation(since=since, removed_in=said.removed_in or text, message=said.message, by=said.by)


def _tuple_version(value: ast.expr | None) -> str | None:
    """PyVista's `version=(0, 48)`."""
    parts = value.elts if isinstance(value, ast.Tuple) else []
    numbers = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, int)]
    return ".".join(map(str, numbers)) if numbers and len(numbers) == len(parts) else None


def _parameters(call: ast.Call | None, node: Function) -> tuple[str, ...]:
    """The parameters that are announced to be taken by keyword only; empty where that is not known."""
    args = node.args
    plain = [a.arg for a in (*args.posonlyargs, *args.args)]
    only = tuple(a.arg for a in args.kwonlyargs)
    given = {k.arg: k.value for k in call.keywords if k.arg} if call is not None else {}
    if listed := string_items(given.get(_LISTED)):
        return tuple(name for name in listed if name in only)
    if only:
        return only  # the signature says already what it will be
    for key in _ALLOWED:
        allowed = string_items(given.get(key))
        if allowed is not None:
            return tuple(name for name in plain if name not in allowed)
    first = next((t for a in (call.args if call is not None else []) if (t := literal_string(a)) in plain), None)
    first = first or literal_string(given.get("name"))
    if first in plain:
        return tuple(plain[plain.index(first) :])
    optional = len(args.defaults)
    return tuple(plain[len(plain) - optional :]) if optional else ()


def read_body(node: Function, warns: Warns) -> Iterator[tuple[ast.Call, Deprecation, tuple[str, ...]]]:
    """Warnings that a function gives when `*args` holds anything: the call, what it says, for which parameters."""
    if node.args.vararg is None:
        return
    only = {a.arg for a in node.args.kwonlyargs}
    for statement in statements(node.body, inner=False):
        if not isinstance(statement, ast.If) or not asks_for_positions(statement.test, node):
            continue
        inside = list(statements(statement.body, inner=False))
        for one in inside:
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                said = warns(one.value, [*node.body, *statement.body])
                if said is not None:
                    taken = tuple(n for n in _assigned(inside) if n in only)
                    yield one.value, said, taken or tuple(a.arg for a in node.args.kwonlyargs)
                    return


def asks_for_positions(test: ast.expr, node: Function) -> bool:
    """Whether a test asks if the function's `*args` holds anything."""
    return node.args.vararg is not None and _asks_for(test, node.args.vararg.arg)


def _asks_for(test: ast.expr, name: str) -> bool:
    """`args`, `len(args) > 1`, `args != ()`: whether there are any; not `"x" in args` or `args[0] is None`."""
    if isinstance(test, ast.BoolOp):
        return any(_asks_for(value, name) for value in test.values)
    if isinstance(test, ast.Compare):
        if not all(isinstance(op, ast.Gt | ast.GtE | ast.NotEq) for op in test.ops):
            return False
        test = test.left
    if isinstance(test, ast.Call) and dotted(test.func) in {"len", "bool"} and len(test.args) == 1:
        test = test.args[0]
    return isinstance(test, ast.Name) and test.id == name


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            yield from (n.id for n in descendants(target) if isinstance(n, ast.Name))
