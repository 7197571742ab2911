"""Finds the keywords of dictionaries, so that `f(**options)` is a call with names."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from msgspec.structs import replace

from tailrace.python.text import children, descendants, dotted, literal_string
from tailrace.python.usages.chains import Chain, Owner

# Dotted name of the function or class around it and of the variable → the keys it is made with.
Tables = Mapping[tuple[str, str], tuple[str, ...]]


def keyword_tables(tree: ast.Module) -> Tables:
    """Dictionaries with literal keys: of a local variable by function name, of `self.x` by class name. Set twice
    counts as unknown."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    twice: set[tuple[str, str]] = set()
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
                keys = _keys(node.value)
                if key in found or keys is None:
                    twice.add(key)
                else:
                    found[key] = keys
        stack.extend((child, function, cls) for child in children(node) if not isinstance(child, ast.expr))
    return {key: keys for key, keys in found.items() if key not in twice}


def _keys(value: ast.expr) -> tuple[str, ...] | None:
    if isinstance(value, ast.Dict):
        keys = [literal_string(k) for k in value.keys]
        return None if any(k is None for k in keys) else tuple(k for k in keys if k is not None)
    if isinstance(value, ast.Call) and dotted(value.func) == "dict" and not value.args:
        return tuple(k.arg for k in value.keywords if k.arg is not None)
    return None


def with_tables(chain: Chain, tables: Tables, inside: str, owner: Owner | None, body: ast.AST | None = None) -> Chain:
    """The chain with the keywords of its `**x` arguments put in, as far as they are known. `body`: the function, or the
    module, whose own variables belong to no function.
    """
    function = "" if isinstance(body, ast.Module) else inside.rsplit(".", 1)[-1]
    cls = owner.name.rsplit(".", 1)[-1] if owner is not None else ""
    steps = []
    for step in chain.steps:
        if step.call is not None and step.call.spread:
            more: list[str] = []
            for text in step.call.spread:
                keys = tables.get((cls if text.startswith("self.") else function, text), ())
                if keys and body is not None and _loses(body, text):
                    continue
                more += keys
            fresh = tuple(k for k in dict.fromkeys(more) if k not in step.call.keywords)
            step = replace(step, call=replace(step.call, keywords=(*step.call.keywords, *fresh)))
        steps.append(step)
    return Chain(chain.root, tuple(steps))


def _loses(body: ast.AST, text: str) -> bool:
    """Whether keys are taken out of the dictionary again, or it may be another one by then."""
    for node in descendants(body):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr="pop" | "popitem" | "clear")) if dotted(value) == text:
                return True
            case ast.Subscript(value=value, ctx=ast.Del()) if dotted(value) == text:
                return True
            case ast.AugAssign(target=target) | ast.For(target=target) if dotted(target) == text:
                return True
            case _:
                continue
    return False
