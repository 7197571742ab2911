"""Finds what dictionaries and sequences hold, so that `f(*places, **options)` is a call with places and names."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tailrace.python.memo import remembered
from tailrace.python.text import children, descendants, dotted, literal_string
from tailrace.python.usages.chains import Chain, Owner
from tailrace.python.usages.values import CallShape

# What takes items out of a container, and what makes a sequence longer or shorter.
_TAKING = frozenset({"pop", "popitem", "clear"})
_RESIZING = _TAKING | {"append", "extend", "insert", "remove"}
# The function or class around a variable, and its dotted name; no function for what stands at the top of the module.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tables:
    """Containers that are made once. `keys`: of dictionaries with literal keys. `counts`: the items of sequences."""

    keys: Mapping[_Key, tuple[str, ...]]
    counts: Mapping[_Key, int]
    tree: ast.Module


def keyword_tables(tree: ast.Module) -> Tables:
    """Dictionaries and sequences that are written down: of a local variable by function name, of `self.x` by class
    name. Set twice counts as unknown."""
    return Tables(*_written(tree), tree)


@remembered  # for each function of a file
def _written(tree: ast.Module) -> tuple[Mapping[_Key, tuple[str, ...]], Mapping[_Key, int]]:
    found: dict[_Key, tuple[str, ...] | int] = {}
    added: dict[_Key, list[str]] = {}
    twice: set[_Key] = set()
    stack: list[tuple[ast.AST, str, str]] = [(tree, "", "")]
    while stack:
        node, function, cls = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        elif isinstance(node, ast.ClassDef):
            cls = node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = dotted(target)
            if name is not None:
                key = (cls if name.startswith("self.") else function, name)
                held = _keys(node.value)
                value = held if held is not None else _count(node.value)
                if key in found or value is None:
                    twice.add(key)
                else:
                    found[key] = value
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            for name, text in _set_at_once(node.body):
                added.setdefault((cls if name.startswith("self.") else function, name), []).append(text)
        stack.extend((child, function, cls) for child in children(node) if not isinstance(child, ast.expr))
    known = {key: value for key, value in found.items() if key not in twice}
    keys = {k: tuple(dict.fromkeys((*v, *added.get(k, ())))) for k, v in known.items() if isinstance(v, tuple)}
    return keys, {key: value for key, value in known.items() if isinstance(value, int)}


def _keys(value: ast.expr) -> tuple[str, ...] | None:
    if isinstance(value, ast.Dict):
        keys = [literal_string(k) for k in value.keys]
        return None if any(k is None for k in keys) else tuple(k for k in keys if k is not None)
    if isinstance(value, ast.Call) and dotted(value.func) == "dict" and not value.args:
        return tuple(k.arg for k in value.keywords if k.arg is not None)
    return None


def _count(value: ast.expr) -> int | None:
    """How many items a written list or tuple holds."""
    if not isinstance(value, ast.List | ast.Tuple) or any(isinstance(item, ast.Starred) for item in value.elts):
        return None
    return len(value.elts)


def _set_at_once(body: Sequence[ast.stmt]) -> list[tuple[str, str]]:
    """The literal keys that statements of a block set in every case: `options["key"] = value`."""
    found: list[tuple[str, str]] = []
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                key = literal_string(target.slice) if isinstance(target, ast.Subscript) else None
                name = dotted(target.value) if isinstance(target, ast.Subscript) else None
                if key is not None and name is not None:
                    found.append((name, key))
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="setdefault"), args=[first, *_])):
                name, key = dotted(value), literal_string(first)
                if key is not None and name is not None:
                    found.append((name, key))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="update"), args=args, keywords=keywords)):
                name = dotted(value)
                keys = [k.arg for k in keywords if k.arg is not None]
                keys += [key for argument in args for key in _keys(argument) or ()]
                found += [(name, key) for key in keys] if name is not None else []
            case _:
                continue
    return found


def added_to_own(function: ast.AST | None, name: str) -> tuple[str, ...]:
    """The keys that a function adds to its `**name` in every case, before it may pass it on."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.args.kwarg is None:
        return ()
    if function.args.kwarg.arg != name or _loses(function, name, _TAKING):
        return ()
    passed_on = next((i for i, statement in enumerate(function.body) if _passes_on(statement, name)), 0)
    return tuple(key for held, key in _set_at_once(function.body[:passed_on]) if held == name)


def _passes_on(statement: ast.stmt, name: str) -> bool:
    return any(isinstance(n, ast.keyword) and n.arg is None and dotted(n.value) == name for n in descendants(statement))


def with_tables(chain: Chain, tables: Tables, inside: str, owner: Owner | None, body: ast.AST | None = None) -> Chain:
    """The chain with what its `*x` and `**x` arguments hold put in, as far as that is known.

    `body`: the function, or the module, whose own variables belong to no function.
    """
    function = "" if isinstance(body, ast.Module) else inside.rsplit(".", 1)[-1]
    cls = owner.name.rsplit(".", 1)[-1] if owner is not None else ""
    steps = []
    for step in chain.steps:
        if step.call is not None and (step.call.spread or step.call.stars):
            step = replace(step, call=_filled(step.call, tables, function, cls, body))
        steps.append(step)
    return Chain(chain.root, tuple(steps))


def _filled(call: CallShape, tables: Tables, function: str, cls: str, body: ast.AST | None) -> CallShape:
    more: list[str] = []
    for text in call.spread:
        if own := added_to_own(body, text):
            more += own
            continue
        key, scope = _place(text, tables, function, cls, body)
        keys = tables.keys.get(key, ())
        if keys and scope is not None and _loses(scope, text, _TAKING):
            continue
        more += keys
    fresh = tuple(k for k in dict.fromkeys(more) if k not in call.keywords)
    positional, unknown = call.positional, not call.stars
    for text in call.stars:
        key, scope = _place(text, tables, function, cls, body)
        if key not in tables.counts or scope is None or _loses(scope, text, _RESIZING):
            unknown = True
        else:
            positional += tables.counts[key]
    return replace(
        call,
        keywords=(*call.keywords, *fresh),
        positional=call.positional if unknown else positional,
        star=call.star and unknown,
    )


def _place(text: str, tables: Tables, function: str, cls: str, body: ast.AST | None) -> tuple[_Key, ast.AST | None]:
    """Where a variable is made, and the code that may change it: a name that a function does not bind is the
    module's."""
    if text.startswith("self."):
        return (cls, text), body
    if isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef) and not _binds(body, text.split(".", 1)[0]):
        return ("", text), tables.tree
    return (function, text), body


def _binds(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """Whether a function has the name for itself."""
    for node in descendants(function):
        if isinstance(node, ast.arg) and node.arg == name:
            return True
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
    return False


def _loses(body: ast.AST, text: str, methods: frozenset[str]) -> bool:
    """Whether items are taken out of the container again, or it may be another one by then."""
    for node in descendants(body):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in methods and dotted(value) == text:
                return True
            case ast.Subscript(value=value, ctx=ast.Del()) if dotted(value) == text:
                return True
            case ast.AugAssign(target=target) | ast.For(target=target) if dotted(target) == text:
                return True
            case ast.Global(names=names) if text in names:
                return True
            case _:
                continue
    return False
