"""Makes the smallest programs that evaluate what fails on a line of a downstream, without the downstream itself.

A name is replaced by what it was assigned, up to an import. Where a call needs values that only the downstream has,
what is called stands for its result: a method that a class does not have, its instances do not have either.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

_DEEPEST = 12
_MOST_USES = 3
# What stands for a value that only the downstream has, such as an argument: one after the other is tried.
_STAND_INS = ("'.'", "['.']", "1", "{}")
Body = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def slice_programs(
    source: str | bytes, module: str | None, line: int, symbol: str, *, call: bool = False
) -> tuple[str, ...]:
    """The programs for the use of `symbol` on a line (1-based), the most faithful first; empty where none is found.

    `call`: it is the call of the symbol that fails, as where the symbol names a parameter.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    path, _, parameter = symbol.partition("(")
    last = path.rpartition(".")[2]
    programs: list[str] = []
    for target in _targets(tree, line, last, call=call or bool(parameter)):
        for strip in (False, True):
            slicer = Slicer(tree, module, line, strip=strip)
            try:
                if isinstance(target, ast.Call):
                    shown = _bind(slicer.inline(target.func), target)
                else:
                    shown = ast.unparse(slicer.inline(target))
            except (LookupError, RecursionError):
                continue
            imports = [*slicer.imports, *(["import inspect"] if isinstance(target, ast.Call) else [])]
            if slicer.imports:
                programs.append("\n".join([*dict.fromkeys(imports), shown]))
    return tuple(dict.fromkeys(programs))


def result_programs(source: str | bytes, module: str | None, line: int) -> tuple[str, ...]:
    """The programs that do with a result what a line (1-based) does: operators, subscripts, loops, unpacking, `with`.

    A value that only the downstream has is replaced by a plain one, which may not fit: a program
    that fails with the baseline too decides nothing.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    programs: list[str] = []
    for form, used in list(_uses_of_results(tree, line))[:_MOST_USES]:
        for stand_in in _STAND_INS:
            slicer = Slicer(tree, module, line, strip=False, stand_in=stand_in)
            try:
                shown = form.format(ast.unparse(slicer.inline(used)))
            except (LookupError, RecursionError):
                continue
            if slicer.imports:
                programs.append("\n".join([*dict.fromkeys(slicer.imports), shown]))
    return tuple(dict.fromkeys(programs))


def _uses_of_results(tree: ast.Module, line: int) -> Iterator[tuple[str, ast.expr]]:
    """(program around it, expression) for what a line does with a value."""
    for node in ast.walk(tree):
        placed = node.iter if isinstance(node, ast.comprehension) else node
        if not getattr(placed, "lineno", 0) <= line <= (getattr(placed, "end_lineno", 0) or 0):
            continue
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names) | ast.List(elts=names)], value=value):
                if not any(isinstance(name, ast.Starred) for name in names):
                    yield f"[{', '.join('_' for _ in names)}] = {{}}", value
            case ast.For(iter=value) | ast.comprehension(iter=value):
                yield "iter({})", value
            case ast.With(items=items) if items:
                yield "with {}:\n    pass", items[0].context_expr
            case ast.BinOp() | ast.Compare() | ast.Subscript(ctx=ast.Load()):
                yield "{}", node
            case ast.Call(func=ast.Name(id="len" | "iter" | "next" | "sorted" | "dict" | "int" | "float")):
                yield "{}", node
            case _:
                pass


def _targets(tree: ast.Module, line: int, last: str, *, call: bool) -> Iterator[ast.Attribute | ast.Call]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        if call and isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == last or last == "__init__":
                yield node
        elif not call and isinstance(node, ast.Attribute) and node.attr == last and isinstance(node.ctx, ast.Load):
            yield node


def call_targets(tree: ast.Module, line: int) -> Iterator[ast.Call]:
    """The calls that stand on a line (1-based), the outer ones first."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or node.lineno):
            yield node


def _bind(function: ast.expr, call: ast.Call) -> str:
    """The call's shape bound to the signature: nothing is called."""
    positional = ["None" for argument in call.args if not isinstance(argument, ast.Starred)]
    named = [f"{keyword.arg}=None" for keyword in call.keywords if keyword.arg is not None]
    open_ended = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
    method = "bind_partial" if open_ended else "bind"
    return f"inspect.signature({ast.unparse(function)}).{method}({', '.join([*positional, *named])})"


class Slicer:
    """Replaces the names of an expression by what they were assigned. `imports`: the statements that it needs.

    `stand_in`: the expression that stands for a parameter of a function around the line.
    """

    def __init__(self, tree: ast.Module, module: str | None, line: int, *, strip: bool, stand_in: str = "") -> None:
        self.module = module
        self.stand_in = stand_in
        self.line = line
        self.strip = strip
        self.imports: list[str] = []
        self.scopes = list(_around(tree, line))
        self.depth = 0

    def inline(self, node: ast.expr) -> ast.expr:
        """The expression with every name that is no import replaced by its value. Raises `LookupError`."""
        self.depth += 1
        if self.depth > 40 * _DEEPEST:
            raise LookupError("too deep")
        match node:
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute):
                return self.inline(self.own(attribute))
            case ast.Attribute(value=value, attr=attribute):
                return ast.Attribute(self.inline(value), attribute, ast.Load())
            case ast.Call(func=function, args=arguments, keywords=keywords):
                called = self.inline(function)
                if self.strip:
                    return called
                return ast.Call(
                    called,
                    [self.inline(argument) for argument in arguments],
                    [ast.keyword(keyword.arg, self.inline(keyword.value)) for keyword in keywords],
                )
            case ast.Await(value=value) | ast.Starred(value=value):
                return self.inline(value)
            case ast.Constant():
                return node
            case ast.BinOp(left=left, op=operator, right=right):
                return ast.BinOp(self.inline(left), operator, self.inline(right))
            case ast.Compare(left=left, ops=operators, comparators=others):
                return ast.Compare(self.inline(left), operators, [self.inline(other) for other in others])
            case ast.Subscript(value=value, slice=index):
                return ast.Subscript(self.inline(value), self.inline(index), ast.Load())
            case ast.List(elts=elements):
                return ast.List([self.inline(element) for element in elements], ast.Load())
            case ast.Tuple(elts=elements):
                return ast.Tuple([self.inline(element) for element in elements], ast.Load())
            case ast.Dict(keys=keys, values=values) if all(keys):
                return ast.Dict([self.inline(k) for k in keys if k is not None], [self.inline(v) for v in values])
        raise LookupError(type(node).__name__)

    def name(self, name: str) -> ast.expr:
        """What a name stands for on the line. Raises `LookupError`."""
        for scope in reversed(self.scopes):
            found = _binding(scope, name, self.line if not isinstance(scope, ast.Module) else None)
            if isinstance(found, ast.expr):
                return self.inline(found)
            if found is not None:
                self.imports.append(self.statement(found, name))
                return ast.Name(name, ast.Load())
            if found is None and self.stand_in and _is_parameter(scope, name):
                return ast.parse(self.stand_in, mode="eval").body
        if hasattr(builtins, name):
            return ast.Name(name, ast.Load())
        raise LookupError(name)

    def own(self, attribute: str) -> ast.expr:
        """What `self.attribute` was assigned anywhere in the class."""
        for scope in reversed(self.scopes):
            if not isinstance(scope, ast.ClassDef):
                continue
            for function in scope.body:
                for node in ast.walk(function):
                    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                        if any(ast.unparse(target) == f"self.{attribute}" for target in targets):
                            if isinstance(function, ast.FunctionDef) and function not in self.scopes:
                                self.scopes.append(function)
                                self.line = 1 << 30
                            return node.value
        raise LookupError(attribute)

    def statement(self, node: ast.Import | ast.ImportFrom, name: str) -> str:
        """The import that binds a name, alone."""
        alias = next(alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) == name)
        renamed = f" as {alias.asname}" if alias.asname else ""
        if isinstance(node, ast.Import):
            return f"import {alias.name}{renamed}"
        if not node.level:
            return f"from {node.module} import {alias.name}{renamed}"
        raise LookupError("the downstream's own module")


def _around(tree: ast.Module, line: int) -> Iterator[Body]:
    """The module, and the classes and functions around a line, outermost first."""
    yield tree
    body: Sequence[ast.stmt] = tree.body
    while True:
        inner = next(
            (
                node
                for statement in body
                for node in ast.walk(statement)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and node.lineno <= line <= (node.end_lineno or node.lineno)
            ),
            None,
        )
        if inner is None:
            return
        yield inner
        body = inner.body


def _binding(scope: Body, name: str, before: int | None) -> ast.expr | ast.Import | ast.ImportFrom | None:
    """What binds a name in a scope last: a value, or an import."""
    found: ast.expr | ast.Import | ast.ImportFrom | None = None
    for node in _own_statements(scope):
        if before is not None and getattr(node, "lineno", 0) > before:
            continue
        match node:
            case ast.Import() | ast.ImportFrom():
                if any((alias.asname or alias.name.partition(".")[0]) == name for alias in node.names):
                    found = node
            case ast.Assign(targets=targets, value=value):
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    found = value if not (isinstance(value, ast.Constant) and value.value is None) else found
            case ast.AnnAssign(target=ast.Name(id=target), value=value) if target == name and value is not None:
                found = value
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name:
                        entered = ast.Attribute(item.context_expr, "__enter__", ast.Load())
                        found = ast.Call(entered, [], [])
            case ast.For(target=ast.Name(id=target), iter=iterable) if target == name:
                first = ast.Call(ast.Name("iter", ast.Load()), [iterable], [])
                found = ast.Call(ast.Name("next", ast.Load()), [first], [])
    return found


def _is_parameter(scope: Body, name: str) -> bool:
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return any(one.arg == name for one in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs))


def _own_statements(scope: Body) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(reversed(scope.body))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending += reversed([child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)])
