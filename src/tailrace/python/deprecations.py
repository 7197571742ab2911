"""A function, class or module in, its deprecation mark out, with the versions the mark gives. Never decides when it
is due."""

from __future__ import annotations

import ast
import re

from tailrace.model import Deprecation
from tailrace.python.text import dotted, literal_string

_SINCE = re.compile(r"(?:since|deprecated in|as of|in)\s+(?:version\s+|v|[A-Z]\w+\s+)?v?(\d+(?:\.\d+)+)", re.IGNORECASE)
_REMOVED = re.compile(
    r"(?:remov(?:ed?|al) (?:in|from|with)|until)\s+(?:version\s+|v|[A-Z]\w+\s+)?v?(\d+(?:\.\d+)+)", re.IGNORECASE
)
_CATEGORIES = ("Deprecat", "FutureWarning", "RemovedIn")


def function_deprecation(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Deprecation | None:
    """From a decorator, or from an unconditional `warnings.warn(…Deprecat…)` in the body."""
    return _from_decorators(node.decorator_list) or _from_body(node.body)


def class_deprecation(node: ast.ClassDef) -> Deprecation | None:
    """From a decorator, or from an unconditional warning in `__init__`."""
    found = _from_decorators(node.decorator_list)
    if found is not None:
        return found
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name in {"__init__", "__new__", "__init_subclass__"}:
            found = _from_body(item.body)
            if found is not None:
                return found
    return None


def module_deprecation(tree: ast.Module) -> Deprecation | None:
    """From an unconditional warning, or `deprecated.module(…)`, at the top level of a module."""
    return _from_body([s for s in tree.body if not _marks_a_value(s)])


def _marks_a_value(statement: ast.stmt) -> bool:
    """`deprecated(Blowfish, __name__, …)`, at the top level: about what it is given, not about the module."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or (dotted(call.func) or "").rsplit(".", 1)[-1].startswith("warn"):
        return False
    return bool(call.args) and isinstance(call.args[0], ast.Name | ast.Attribute)


def call_deprecation(call: ast.Call) -> Deprecation:
    """What a call that makes a mark says: `deprecated.constant("23.3", "23.9", "NAME", value)`."""
    return _from_call(call, dotted(call.func) or "")


def _from_decorators(decorators: list[ast.expr]) -> Deprecation | None:
    for decorator in decorators:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = dotted(call.func if call else decorator) or ""
        if "deprecat" not in name.lower():
            continue
        if name.endswith((".argument", ".action")) or "kwarg" in name or "param" in name or "positional" in name:
            continue  # marks a parameter, not the function
        return _from_call(call, name) if call is not None else Deprecation(by=name)
    return None


def _from_call(call: ast.Call, name: str) -> Deprecation:
    """Read both shapes: conda's `deprecated("23.3", "23.9")` and the libraries' keywords."""
    texts = [text for text in (literal_string(a) for a in call.args) if text is not None]
    keywords = {k.arg: literal_string(k.value) for k in call.keywords if k.arg}
    versions = [text for text in texts if re.fullmatch(r"v?\d+(\.\d+)+\w*", text)]
    since = keywords.get("deprecated_in") or keywords.get("since") or keywords.get("version")
    removed = keywords.get("removed_in") or keywords.get("remove_in") or keywords.get("removal")
    message = next(
        (t for t in [*texts, *(keywords.get(k) or "" for k in ("reason", "details", "addendum"))] if " " in t), None
    )
    if since is None and versions:
        since = versions[0]
    if removed is None and len(versions) > 1:
        removed = versions[1]
    if message is not None:
        # "will be removed in 2.1" says nothing of when the mark was made.
        since, removed = since or _find(_SINCE, _REMOVED.sub("", message)), removed or _find(_REMOVED, message)
    return Deprecation(since=since, removed_in=removed, message=_short(message), by=name)


def _from_body(body: list[ast.stmt]) -> Deprecation | None:
    for statement in body:
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            continue
        call = statement.value
        name = dotted(call.func) or ""
        last = name.rsplit(".", 1)[-1]
        if last in {"constant", "argument", "action"}:
            continue  # `deprecated.constant(…)` marks one name of the module
        if (
            last == "warn"
            or last.startswith("warn_deprecat")
            or "deprecat" in last.lower()
            or name.startswith("deprecated.")
        ):
            parts = [dotted(a) or "" for a in call.args] + [dotted(k.value) or "" for k in call.keywords]
            marked = any(any(c in part for c in _CATEGORIES) for part in parts) or "deprecat" in name.lower()
            if marked:
                return _from_call(_with_text(call), name)
    return None


def _with_text(call: ast.Call) -> ast.Call:
    """The same call with the constant parts of f-strings and concatenations as one literal, so that versions are
    seen."""
    args: list[ast.expr] = []
    for arg in call.args:
        if isinstance(arg, ast.JoinedStr | ast.BinOp):
            text = "".join(
                str(p.value) for p in ast.walk(arg) if isinstance(p, ast.Constant) and isinstance(p.value, str)
            )
            args.append(ast.Constant(text))
        else:
            args.append(arg)
    return ast.Call(func=call.func, args=args, keywords=call.keywords)


def _find(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match.group(1) if match else None


def _short(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())[:200]
