"""Makes programs that bind keywords which travel through `**kwargs`, at the functions where they arrive.

`inspect.signature` of a function with `**kwargs` takes anything. These programs read where it passes them on, and bind
them there, until a function names its parameters. Nothing of the downstream or the upstream is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tailrace.verify.slicing import Slicer, call_targets

# Runs in the environments, so its syntax is that of Python 3.6.
_FOLLOW = """\
import ast, inspect, textwrap
def follow(function, count, names, owner=None, depth=0):
    prefix = 0
    if inspect.isclass(function):
        owner, function, prefix = function, function.__init__, 1
    elif owner is not None:
        prefix = 1
    function = inspect.unwrap(function)
    signature = inspect.signature(function)
    bound = signature.bind_partial(*[None] * (prefix + count), **dict.fromkeys(names))
    rest = [p.name for p in signature.parameters.values() if p.kind == p.VAR_KEYWORD]
    taken = dict(bound.arguments.get(rest[0]) or {}) if rest else {}
    if not taken or depth > 8:
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == rest[0] and not isinstance(node.ctx, ast.Load):
            return
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == rest[0]:
            if called.attr == "pop" and node.args:
                taken.pop(ast.literal_eval(node.args[0]), None)
            elif called.attr not in ("get", "setdefault", "items", "keys"):
                return
        if any(k.arg is None and isinstance(k.value, ast.Name) and k.value.id == rest[0] for k in node.keywords):
            calls.append(node)
    if len(calls) != 1:
        return
    call, called = calls[0], calls[0].func
    given = sum(not isinstance(a, ast.Starred) for a in call.args)
    passed = [k.arg for k in call.keywords if k.arg] + sorted(taken)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Call):
        if getattr(called.value.func, "id", "") != "super" or owner is None:
            return
        for definer in owner.__mro__:
            if inspect.unwrap(definer.__dict__.get(function.__name__, follow)) is function:
                return follow(getattr(super(definer, owner), called.attr), given, passed, owner, depth + 1)
        return
    if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in ("self", "cls") and owner is not None:
        return follow(getattr(owner, called.attr), given, passed, owner, depth + 1)
    path, value = [], called
    while isinstance(value, ast.Attribute):
        path.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name) or value.id not in function.__globals__:
        return
    found = function.__globals__[value.id]
    for name in reversed(path):
        found = getattr(found, name)
    follow(found, given, passed, None, depth + 1)
"""


def forwarded_programs(source: str | bytes, module: str | None, line: int, symbol: str) -> Iterator[tuple[str, str]]:
    """(how it is shown, program) for the calls on a line (1-based) that pass the parameter of `symbol`."""
    parameter = symbol.partition("(")[2].strip("=)*")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    if not parameter.isidentifier():
        return
    for call in call_targets(tree, line):
        names = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
        count = sum(not isinstance(argument, ast.Starred) for argument in call.args)
        if parameter not in names:
            continue
        for reached in _ways_to(tree, module, line, call.func):
            shown = f"{reached[1]}({', '.join([*['None'] * count, *(f'{name}=None' for name in names)])})"
            text = f"{reached[0]}\n{_FOLLOW}follow({reached[1]}, {count}, {names!r})"
            yield f"{reached[0]}\n{shown}  # bound, not called", text


def _ways_to(tree: ast.Module, module: str | None, line: int, function: ast.expr) -> Iterator[tuple[str, str]]:
    """(imports, expression) that give what is called: through the upstream alone, then through the downstream."""
    slicer = Slicer(tree, module, line, strip=True)
    try:
        shown = ast.unparse(slicer.inline(function))
        if slicer.imports:
            yield "\n".join(dict.fromkeys(slicer.imports)), shown
            return
    except (LookupError, RecursionError):
        pass
    first = function
    while isinstance(first, ast.Attribute):
        first = first.value
    if module is not None and isinstance(first, ast.Name) and first.id in _top_names(tree):
        yield f"from {module} import {first.id}", ast.unparse(function)


def _top_names(tree: ast.Module) -> frozenset[str]:
    found: set[str] = set()
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        match pending.pop():
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.If(body=body, orelse=orelse) | ast.Try(body=body, orelse=orelse):
                pending += [*body, *orelse]
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in names}
    return frozenset(found)
