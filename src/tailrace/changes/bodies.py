"""Extracts from function bodies what matters to users: hooks called on `self`, keywords that are passed on."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from tailrace.changes.files import WORD
from tailrace.python.parsing import Parsed
from tailrace.python.text import dotted

Call = tuple[int, tuple[str, ...], bool, bool]


@dataclass(slots=True)
class Bodies:
    """`hooks`: dotted class → name → the shapes in which its methods call `self.NAME` (`None`: mentioned without a
    call).

    `forwards`: line of a `def` with `**kwargs` → the words of everything that it passes them on to. `done`: the same
    line → a
    digest of what the function does. `calls`: the shapes in which `anything.NAME(…)` is called, `super()` left out.
    """

    hooks: dict[str, dict[str, set[Call | None]]] = field(default_factory=dict)
    forwards: dict[int, set[str]] = field(default_factory=dict)
    done: dict[int, int] = field(default_factory=dict)
    calls: dict[str, set[Call]] = field(default_factory=dict)


def read_bodies(parsed: Parsed | None) -> Bodies:
    """Everything at once, in one pass over the tree."""
    found = Bodies()
    stack: list[tuple[ast.AST, str, int]] = [(parsed.tree, "", 0)] if parsed is not None else []
    while stack:
        node, owner, forwarder = stack.pop()
        if isinstance(node, ast.ClassDef):
            owner, forwarder = f"{owner}.{node.name}" if owner else node.name, 0
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.args.kwarg is not None:
                forwarder = node.lineno
                found.forwards[forwarder] = set()
                found.done[forwarder] = _digest(node)
        elif isinstance(node, ast.Attribute):
            if owner and isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
                found.hooks.setdefault(owner, {}).setdefault(node.attr, set()).add(None)
        elif isinstance(node, ast.Call):
            _call(node, owner, forwarder, found)
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, ast.AST):
                if value._fields:
                    stack.append((value, owner, forwarder))
            elif isinstance(value, list):
                stack.extend((item, owner, forwarder) for item in value if isinstance(item, ast.AST))
    return found


def _call(node: ast.Call, owner: str, forwarder: int, found: Bodies) -> None:
    func = node.func
    double_star = any(k.arg is None for k in node.keywords)
    if double_star and forwarder:
        found.forwards[forwarder].update(WORD.findall(dotted(func) or "") or _last_name(func))
    positional = sum(not isinstance(a, ast.Starred) for a in node.args)
    keywords = tuple(k.arg for k in node.keywords if k.arg is not None)
    shape = (positional, keywords, positional != len(node.args), double_star)
    if owner and _is_own_class(func):
        found.hooks.setdefault(owner, {}).setdefault("__init__", set()).add(shape)
    elif isinstance(func, ast.Attribute) and not _is_super(func.value):
        found.calls.setdefault(func.attr, set()).add(shape)
        if owner and isinstance(func.value, ast.Name) and func.value.id in {"self", "cls"}:
            found.hooks.setdefault(owner, {}).setdefault(func.attr, set()).add(shape)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_own_class(func: ast.expr) -> bool:
    """Whether a call of this makes an instance of the class at hand: `cls`, `self.__class__` or `type(self)`."""
    match func:
        case ast.Name(id="cls") | ast.Attribute(value=ast.Name(id="self"), attr="__class__"):
            return True
        case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id="self")]):
            return True
        case _:
            return False


def _last_name(func: ast.expr) -> list[str]:
    return [func.attr] if isinstance(func, ast.Attribute) else []


def _digest(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Equal for bodies that do the same, as far as their text says; docstrings do nothing."""
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    try:
        return hash(tuple(ast.dump(s) for s in body))
    except RecursionError:
        return id(node)
