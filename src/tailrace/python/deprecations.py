"""The forms of a deprecation mark in code: a decorator or a warning, and the versions that each gives.

`docstring_marks` reads docstrings, and `marks` what a whole module marks. Neither decides when a mark is due.
"""

from __future__ import annotations

import ast
import re

from tailrace.model import Deprecation
from tailrace.python.text import descendants, dotted, literal_string

_SINCE = re.compile(r"(?:since|deprecated in|as of|in)\s+(?:version\s+|v|[A-Z]\w+\s+)?v?(\d+(?:\.\d+)+)", re.IGNORECASE)
_REMOVED = re.compile(
    r"(?:remov(?:ed?|al) (?:in|from|with)|until)\s+(?:version\s+|v|[A-Z]\w+\s+)?v?(\d+(?:\.\d+)+)", re.IGNORECASE
)
_CATEGORIES = ("Deprecat", "FutureWarning", "RemovedIn")
_VERSION = re.compile(r"v?\d+(\.\d+)+\w*")
# The keywords under which handlers and libraries take the two versions.
SINCE = ("deprecated_in", "deprecate_in", "since", "version", "deprecated_version", "start_version")
REMOVED = ("removed_in", "remove_in", "removal", "removed_version", "removal_version", "stop_version")
_SAID = ("reason", "details", "addendum", "message", "msg", "hint", "extra", "topic", "alternative")
# Decorators that mark a parameter, or how it is given, and not the function.
_OF_PARAMETER = ("kwarg", "param", "positional", "keyword", "argument")
# A warning that a default or a behaviour changes is not about the name.
_BEHAVIOUR = re.compile(
    r"\b(default|behaviou?r|result)\b[^.]{0,120}\b(will|is going to) (be )?chang|will default to", re.IGNORECASE
)
_REPLACEMENT = re.compile(
    r"(?:\buse|\breplaced (?:by|with)|\bin favou?r of|\brenamed to|\bmoved to)\s+(?:the\s+)?"
    r"(?:(?:function|class|method|module)\s+)?"
    r"(?::\w+:)?[`'\"~]*(?P<name>[A-Za-z_]\w*(?:\.\w+)*)(?P<end>[`'\"(]?)",
    re.IGNORECASE,
)


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


def marks_a_parameter(decorator: str) -> bool:
    """Whether a deprecation decorator of this dotted name is about a parameter, and not about the function."""
    last = decorator.rsplit(".", 1)[-1]
    return last == "action" or any(word in last for word in _OF_PARAMETER)


def call_deprecation(call: ast.Call) -> Deprecation:
    """What a call that makes a mark says: `deprecated.constant("23.3", "23.9", "NAME", value)`."""
    return _from_call(call, dotted(call.func) or "")


def _from_decorators(decorators: list[ast.expr]) -> Deprecation | None:
    for decorator in decorators:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = dotted(call.func if call else decorator) or ""
        if "deprecat" not in name.lower():
            continue
        if marks_a_parameter(name):
            continue
        return _from_call(call, name) if call is not None else Deprecation(by=name)
    return None


def _from_call(call: ast.Call, name: str) -> Deprecation:
    """Read both shapes: conda's `deprecated("23.3", "23.9")` and the libraries' keywords."""
    texts = [text for text in (_literal(a) for a in call.args) if text is not None]
    keywords = {k.arg: _literal(k.value) for k in call.keywords if k.arg}
    versions = [text for text in texts if _VERSION.fullmatch(text)]
    since = next((keywords[k] for k in SINCE if keywords.get(k)), None)
    removed = next((keywords[k] for k in REMOVED if keywords.get(k)), None)
    message = next((t for t in [*texts, *(keywords.get(k) or "" for k in _SAID)] if " " in t), None)
    if since is None and versions:
        since = versions[0]
    if removed is None and len(versions) > 1:
        removed = versions[1]
    if message is not None:
        said = versions_in(message)
        since, removed = since or said[0], removed or said[1]
    return Deprecation(since=since, removed_in=removed, message=shorten(message), by=name)


def _literal(node: ast.expr) -> str | None:
    """A string, or a version that is written as a number."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return str(node.value)
    return literal_string(node)


def versions_in(message: str) -> tuple[str | None, str | None]:
    """Since when and until when, as a sentence says."""
    # "will be removed in 2.1" says nothing of when the mark was made.
    return _find(_SINCE, _REMOVED.sub("", message)), _find(_REMOVED, message)


def _from_body(body: list[ast.stmt]) -> Deprecation | None:
    for statement in body:
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            continue
        if (dotted(statement.value.func) or "").rsplit(".", 1)[-1] in {"constant", "argument", "action"}:
            continue  # `deprecated.constant(…)` marks one name of the module
        found = warning_deprecation(statement.value, body)
        if found is not None:
            return found
    return None


def warning_deprecation(
    call: ast.Call, body: list[ast.stmt] | None = None, categories: frozenset[str] = frozenset()
) -> Deprecation | None:
    """What a call that warns of a deprecation says; `None` for any other call.

    `body`: the block around it, where its message may have been given a name. `categories`: names of warning classes
    that derive from a deprecation warning, whatever they are called.
    """
    name = dotted(call.func) or ""
    last = name.rsplit(".", 1)[-1]
    if not (
        last in {"warn", "warn_explicit"}
        or last.startswith("warn_deprecat")
        or "deprecat" in last.lower()
        or name.startswith("deprecated.")
    ):
        return None
    parts = [_category(a) for a in call.args] + [_category(k.value) for k in call.keywords]
    deprecating = "deprecat" in name.lower() or any("eprecat" in part for part in parts)
    if not deprecating and not any(
        any(c in part for c in _CATEGORIES) or part.rsplit(".", 1)[-1] in categories for part in parts
    ):
        return None
    found = _from_call(with_text(call, body or []), name)
    if not deprecating and found.message is not None and _BEHAVIOUR.search(found.message):
        return None
    return found


def _category(node: ast.expr) -> str:
    """The dotted name of a warning class, also where an instance is given."""
    return dotted(node.func if isinstance(node, ast.Call) else node) or ""


def with_text(call: ast.Call, body: list[ast.stmt]) -> ast.Call:
    """The same call with the constant parts of its texts as literals, so that versions are seen."""
    named = {
        target.id: statement.value
        for statement in body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }

    def text(node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name) and node.id in named:
            node = named[node.id]
        if isinstance(node, ast.Call):
            callee = node.func
            if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Constant):
                node = callee.value  # `"{} is old".format(name)`
            elif any(c in _category(node) for c in _CATEGORIES) and node.args:
                node = node.args[0]  # `warnings.warn(DeprecationWarning("old"))`
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            parts = (p.value for p in descendants(node) if isinstance(p, ast.Constant) and isinstance(p.value, str))
            return ast.Constant("".join(parts))
        return node

    keywords = [ast.keyword(k.arg, text(k.value)) for k in call.keywords]
    return ast.Call(func=call.func, args=[text(a) for a in call.args], keywords=keywords)


def replacement_in(message: str | None) -> str | None:
    """The name that a message says to use instead, as written; `None` where it names none for certain."""
    for match in _REPLACEMENT.finditer(message or ""):
        # “Use the new form” names nothing: a name is dotted, quoted, or called.
        if "." in match["name"] or match["end"]:
            return match["name"]
    return None


def _find(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match.group(1) if match else None


def shorten(text: str | None) -> str | None:
    """A message on one line, at most 200 characters of it."""
    return None if text is None else " ".join(text.split())[:200]
