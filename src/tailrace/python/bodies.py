"""Extracts what callers can see of a function body: what it returns, yields, raises and sets on `self`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tailrace.python.text import (
    children,
    descendants,
    dotted,
    imported_module,
    last_word,
    literal_string,
    source_of,
    statements,
    text_result,
)


def body_facts(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[bool, tuple[str, ...]]:
    """Whether the function yields, and the short texts of what it returns (of a local variable: what it is set to)."""
    is_generator = False
    returned: list[str] = []
    assigned: dict[str, set[str]] = {}
    for current in statements(node.body, inner=False):
        value = current.__dict__.get("value")
        if isinstance(value, ast.Yield | ast.YieldFrom) or _yields_inside(current, value):
            is_generator = True
        if isinstance(current, ast.Return):
            returned.append("None" if current.value is None else _assigned_text(current.value))
        elif isinstance(current, ast.Assign) and len(current.targets) == 1 and isinstance(current.targets[0], ast.Name):
            assigned.setdefault(current.targets[0].id, set()).add(_assigned_text(current.value))
        elif isinstance(current, ast.Import):
            for alias in current.names:
                bound = alias.asname or alias.name.split(".")[0]
                assigned.setdefault(bound, set()).add(f"import {alias.name if alias.asname else bound}")
        else:
            for name in _stored_names(current):
                assigned.setdefault(name, set())
    texts = {text for one in returned for text in (assigned.get(one) or {one})}
    return is_generator, tuple(sorted(texts))


def _assigned_text(value: ast.expr) -> str:
    module = imported_module(value)
    return value_text(value) if module is None else f"import {module}"


def value_text(value: ast.expr) -> str:
    """`Name(…)` as `Name()`, a dotted name as itself, a literal as its type in angle brackets, anything else `?`."""
    if isinstance(value, ast.Await):
        value = value.value
    literal = _literal_text(value)
    if literal is not None:
        return literal
    if isinstance(value, ast.Call):
        callee = dotted(value.func)
        return f"{callee}()" if callee else "?"
    return dotted(value) or "?"


def _literal_text(value: ast.expr) -> str | None:
    """The text for a literal that is returned; `None` for anything else."""
    match value:
        case ast.Tuple(elts=elts):
            starred = any(isinstance(item, ast.Starred) for item in elts)
            return "<tuple>" if starred else f"<tuple {len(elts)}>"
        case ast.List() | ast.ListComp():
            return "<list>"
        case ast.Dict() | ast.DictComp():
            return "<dict>"
        case ast.Set() | ast.SetComp():
            return "<set>"
        case ast.JoinedStr():
            return "<str>"
        case ast.Constant(value=str() | bytes() | float() as found):
            return f"<{type(found).__name__}>"
        case ast.Call():
            text = text_result(value)
            return f"<{text}>" if text is not None else None
        case _:
            return None


def _yields_inside(statement: ast.stmt, value: object) -> bool:
    """`f((yield x))`, `if (yield x):`, `for y in (yield x):`: rare, so only looked for where it can stand."""
    heads = (value, statement.__dict__.get("test"), statement.__dict__.get("iter"))
    for head in heads:
        if isinstance(head, ast.Call | ast.Tuple | ast.BinOp | ast.Compare | ast.Await | ast.Subscript | ast.NamedExpr):
            if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in children(head)):
                return True
        elif isinstance(head, ast.Yield | ast.YieldFrom):
            return True
    return False


def _stored_names(statement: ast.stmt) -> Iterator[str]:
    parts = statement.__dict__
    targets = [*parts.get("targets", ()), *(i.optional_vars for i in parts.get("items", ()) if i.optional_vars)]
    if "target" in parts:
        targets.append(parts["target"])
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, ast.Tuple | ast.List | ast.Starred):
            yield from (n.id for n in descendants(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


_FIRST = 6


def raises_always(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The exception that a function raises before anything is decided; `None` where it raises none."""
    last = next((s for s in node.body if not _goes_on(s)), None)
    return exception_name(last) if isinstance(last, ast.Raise) else None


def refused_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[tuple[str, str], ...]:
    """The parameters that may not be given, and what giving them raises: `if old is not None: raise TypeError`.

    A keyword that the function takes out of its `**kwargs` is one too: `if kwargs.pop("old", None) is not None: raise`.
    """
    found: list[tuple[str, str]] = []
    defaults = _defaults(node.args)
    more = node.args.kwarg.arg if node.args.kwarg is not None else None
    taken: dict[str, str] = {}  # variable → the keyword that it holds
    for statement in node.body:
        if isinstance(statement, ast.If) and not statement.orelse and statement.body:
            last = statement.body[-1]
            name = _given(statement.test, defaults) or (_given_more(statement.test, more) if more is not None else None)
            if name is not None and isinstance(last, ast.Raise) and all(map(_goes_on, statement.body[:-1])):
                found.append((taken.get(name, name), exception_name(last)))
        elif not _goes_on(statement):
            break
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            if isinstance(target, ast.Name):
                defaults.pop(target.id, None)
                keyword = _taken_out(statement.value, more) if isinstance(statement, ast.Assign) else None
                if keyword is not None:
                    taken[target.id], defaults[target.id] = keyword
    return tuple(found)


def _given_more(test: ast.expr, more: str) -> str | None:
    """The keyword in `"old" in kwargs` and `kwargs.pop("old", None) is not None`."""
    match test:
        case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Name(id=name)]) if name == more:
            return literal_string(left)
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[other]):
            keyword = _taken_out(left, more)
            return keyword[0] if keyword is not None and keyword[1] == source_of(other) else None
        case _:
            return None


def _taken_out(node: ast.expr, more: str | None) -> tuple[str, str] | None:
    """The keyword in `kwargs.pop("old", default)`, `kwargs.get("old")`, and the text of what it is where it was not
    given."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop" | "get" as method), args=[key, *rest]):
            keyword = literal_string(key)
            if name != more or keyword is None or (method == "pop" and not rest):
                return None
            return keyword, source_of(rest[0]) if rest else "None"
        case _:
            return None


def _defaults(arguments: ast.arguments) -> dict[str, str]:
    """The texts of the defaults that stand for nothing given: `None`, or the name of a sentinel."""
    plain = [*arguments.posonlyargs, *arguments.args]
    every = [*zip(reversed(plain), reversed(arguments.defaults), strict=False)]
    every += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return {a.arg: source_of(d) for a, d in every if isinstance(d, ast.Name) or dotted(d) or source_of(d) == "None"}


def _given(test: ast.expr, defaults: dict[str, str]) -> str | None:
    """The parameter in `old is not None`, `old is not _UNSET`, `old != _UNSET`, where that is its default."""
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot() | ast.NotEq()], comparators=[other]):
            return name if defaults.get(name) == source_of(other) else None
        case _:
            return None


def first_calls(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """What a function calls as statements before anything is decided or returned."""
    found: list[str] = []
    for statement in node.body[:_FIRST]:
        if not _goes_on(statement):
            break
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            found.append(dotted(statement.value.func) or "?")
    return tuple(found)


def _goes_on(statement: ast.stmt) -> bool:
    """Documentation, an import, a call, a simple assignment: the next statement is reached."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign):
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant | ast.Call)


def exception_name(node: ast.Raise) -> str:
    """The exception of a `raise`, as it is written."""
    exc = node.exc
    if isinstance(exc, ast.Call):
        exc = exc.func
    return dotted(exc) or "Exception"


def read_self_attributes(
    method: ast.FunctionDef | ast.AsyncFunctionDef,
    instance: dict[str, int],
    values: dict[str, list[str]],
    flags: dict[str, bool],
) -> None:
    """Add the attributes that a method sets on its first argument: lines, texts of values, and what stays open.

    `values[""]` takes the functions that are given the argument, each with the place where: `populate 0`, `bind owner`.
    """
    if method.name == "__getattribute__" or (method.name == "__getattr__" and raises_always(method) is None):
        # One that only serves dunder or private names is still open: we cannot tell which.
        flags["instance"] = True
    arguments = [*method.args.posonlyargs, *method.args.args]
    if not arguments or any(last_word(source_of(d)) == "staticmethod" for d in method.decorator_list):
        return
    for own in (arguments[0].arg, *_made_by_new(method)):
        _read_attributes_of(own, method, instance, values, flags)


def _made_by_new(method: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Names of instances that a method makes itself: `self = object.__new__(cls)`, `super().__new__(cls)`."""
    return list(
        dict.fromkeys(
            target.id
            for statement in statements(method.body, inner=False)
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
            if isinstance(statement.value.func, ast.Attribute) and statement.value.func.attr == "__new__"
            for target in statement.targets
            if isinstance(target, ast.Name)
        )
    )


def _read_attributes_of(
    own: str,
    method: ast.FunctionDef | ast.AsyncFunctionDef,
    instance: dict[str, int],
    values: dict[str, list[str]],
    flags: dict[str, bool],
) -> None:
    for node in _telling_parts(method.body):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == own:
                instance.setdefault(node.attr, node.lineno)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and dotted(target.value) == own:
                    values.setdefault(target.attr, []).append(_assigned_text(node.value))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
            if dotted(node.target.value) == own:
                values.setdefault(node.target.attr, []).append(":" + source_of(node.annotation))
        elif isinstance(node, ast.Call):
            name = dotted(node.func) or ""
            first = dotted(node.args[0]) if node.args else None
            if name in {"setattr", "object.__setattr__"} and first == own:
                key = literal_string(node.args[1]) if len(node.args) > 1 else None
                if key is None:
                    flags["instance"] = True
                else:
                    instance.setdefault(key, node.lineno)
            elif name in {f"{own}.__dict__.update", f"{own}.__setattr__", f"{own}.__setstate__"} or (
                name == f"vars({own}).update"
            ):
                flags["instance"] = True
            elif name:
                for place, argument in _arguments_of(node):
                    if is_object(argument, own):
                        values.setdefault("", []).append(f"{name} {place}")
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if dotted(node.value) == f"{own}.__dict__":
                flags["instance"] = True


def _arguments_of(call: ast.Call) -> Iterator[tuple[int | str, ast.expr]]:
    yield from enumerate(call.args)
    yield from ((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None)


def is_object(node: ast.expr, name: str) -> bool:
    """Whether an expression is the object of this name: the name itself, or `cast(T, name)`."""
    if isinstance(node, ast.Call) and len(node.args) == 2 and last_word(dotted(node.func) or "") == "cast":
        node = node.args[1]
    return isinstance(node, ast.Name) and node.id == name


def _telling_parts(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Where a method may set attributes: targets, and calls that stand as statements or are returned."""
    for statement in statements(body, inner=True):
        parts = statement.__dict__
        if isinstance(statement, ast.Expr | ast.Return):
            if statement.value is not None and not isinstance(statement.value, ast.Constant | ast.Name):
                yield from descendants(statement.value)
            continue
        yield statement
        if isinstance(parts.get("value"), ast.Call):
            yield parts["value"]
        for target in parts.get("targets", ()):
            yield from descendants(target)
        if "target" in parts:
            yield from descendants(parts["target"])
        for item in parts.get("items", ()):
            if item.optional_vars is not None:
                yield from descendants(item.optional_vars)
