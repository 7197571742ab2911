"""Finds names in the arguments of a call: `import_module`, `mock.patch`, `partial`."""

from __future__ import annotations

import ast
from itertools import pairwise

from msgspec.structs import replace

from tailrace.python.text import dotted, imported_module, is_own_function, literal_string
from tailrace.python.usages.chains import Chain, Locals, Owner, call_shape, chains_of
from tailrace.python.usages.values import HowUsed, Root, Step

_PATCHERS = ("mock.patch", "patch", "mocker.patch", "monkeypatch.setattr", "monkeypatch.delattr", "patch.object")

# The last words of the calls that are looked at closely.
_NAMING = frozenset(
    {"partial", "import_module", "__import__", "importorskip", "run_module", "patch", "setattr", "delattr", "object"}
)
# Functions that make an instance anew with some fields changed, by keyword.
_REPLACING = frozenset({"replace", "evolve"})
_REPLACERS = frozenset(f"{module}.{name}" for module in ("dataclasses", "copy", "attr", "attrs") for name in _REPLACING)

# The expressions that a literal text is written as.
_TEXTS = frozenset((ast.Constant, ast.BinOp))


def references(name: str, node: ast.Call, variables: Locals, owner: Owner | None) -> list[tuple[Chain, HowUsed]]:
    """References by name: `import_module("a.b")`, `mock.patch("a.b.c")`, `patch.object(x, "name")`; and the function
    that `partial` is given, called with what is given. `name`: the last word of what is called, where it has one."""
    if node.keywords and (name in _REPLACING or name == "_replace"):
        return _made_anew(name, node, variables, owner)
    if name not in _NAMING and not name.endswith("patch"):
        return _in_two_parts(node)
    callee = dotted(node.func) or ""
    found: list[tuple[Chain, HowUsed]] = []
    last = callee.rsplit(".", 1)[-1]
    text = literal_string(node.args[0]) if node.args else None
    line, column = node.lineno, node.col_offset + 1
    if callee in {"partial", "functools.partial"} and node.args:
        # Some of the arguments of a later call: what is given must fit, what is missing may follow.
        given = call_shape(ast.Call(node.args[0], node.args[1:], node.keywords))
        step = Step(call=replace(given, star=True, double_star=True), line=line, column=column)
        for chain in chains_of(node.args[0], variables, owner):
            found.append((chain.then(step), "attribute"))
    if is_own_function(node):
        return [*found, *_in_two_parts(node)]
    if last in {"import_module", "__import__", "importorskip", "run_module"} and text:
        text = text if not text.startswith(".") else imported_module(node)
        if text is None:
            return found
        found.append((Chain(Root("import", text, text)), "string"))
    elif (
        callee.endswith(_PATCHERS)
        and text is not None
        and "." in text
        and all(p.isidentifier() for p in text.split("."))
    ):
        module, *rest = text.split(".")
        steps = tuple(Step(name, line=line, column=column) for name in rest)
        found.append((Chain(Root("import", module, module), steps), "string"))
    elif callee.endswith(("patch.object", "monkeypatch.setattr")) and len(node.args) >= 2:
        attribute = literal_string(node.args[1])
        raising = any(k.arg in {"create", "raising"} for k in node.keywords)
        if attribute is not None and not raising:
            for chain in chains_of(node.args[0], variables, owner):
                found.append((chain.then(Step(attribute, line=line, column=column)), "string"))
    else:
        found += _in_two_parts(node)
    return found


def _made_anew(name: str, node: ast.Call, variables: Locals, owner: Owner | None) -> list[tuple[Chain, HowUsed]]:
    """`replace(x, field=…)`, `x._replace(field=…)`: a call of the class of `x` that gives the fields."""
    callee = dotted(node.func) or ""
    if name == "_replace" and isinstance(node.func, ast.Attribute):
        made = node.func.value
    elif (callee in _REPLACERS or callee in _REPLACING) and len(node.args) == 1:
        made = node.args[0]
    else:
        return []
    line, column = node.lineno, node.col_offset + 1
    given = replace(call_shape(ast.Call(made, [], node.keywords)), double_star=True)
    steps = Step("__class__", implicit=True, line=line, column=column), Step(call=given, line=line, column=column)
    return [(chain.then(*steps), "attribute") for chain in chains_of(made, variables, owner)]


def _in_two_parts(node: ast.Call) -> list[tuple[Chain, HowUsed]]:
    """`wrap("module.path", "Class.method", …)`: a module and a path in it, as two texts side by side."""
    if len(node.args) < 2 and len(node.keywords) < 2:
        return []
    if not any(argument.__class__ in _TEXTS for argument in node.args[:3]) and not node.keywords:
        return []
    texts = [literal_string(argument) for argument in node.args[:3]]
    texts += [literal_string(keyword.value) for keyword in node.keywords[:3]] if not any(texts) else []
    line, column = node.lineno, node.col_offset + 1
    for module, path in pairwise(texts):
        if module is None or path is None or not all(p.isidentifier() for p in (*module.split("."), *path.split("."))):
            continue
        steps = tuple(Step(name, line=line, column=column) for name in (*module.split(".")[1:], *path.split(".")))
        return [(Chain(Root("import", module.split(".")[0], module.split(".")[0]), steps), "string")]
    return []
