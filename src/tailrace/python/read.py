"""Extracts the facts of one module from its syntax tree: what it binds, when, and how."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tailrace.python.bindings import is_namespace_call, value_binding
from tailrace.python.bodies import exception_name
from tailrace.python.definitions import named_tuple_class, read_class, read_function
from tailrace.python.dialects import TypeAlias
from tailrace.python.facts import Binding, ModuleFacts
from tailrace.python.namespace import Namespace
from tailrace.python.parsing import Parsed, without_collecting
from tailrace.python.text import (
    absolute_module,
    descendants,
    dotted,
    literal_string,
    source_of,
    type_checking_polarity,
)


def read_module(parsed: Parsed, name: str, file: str, *, is_package: bool) -> ModuleFacts:
    """The facts of one parsed file that is importable as `name`."""
    text = parsed.text
    names = Namespace(name, file, is_package)
    functions_bind = "global " in text or "globals()." in text or "modules[" in text or text.count("__all__") > 1
    reader = _ModuleReader(names, functions_bind=functions_bind)
    with without_collecting():
        reader.block(parsed.tree.body, conditional=False, runtime=True)
        return names.facts(parsed)


class _ModuleReader:
    """The walk over the statements of one module."""

    def __init__(self, names: Namespace, *, functions_bind: bool) -> None:
        self.names, self.functions_bind = names, functions_bind

    def block(self, body: Iterable[ast.stmt], *, conditional: bool, runtime: bool) -> None:
        for statement in body:
            self.statement(statement, conditional, runtime)

    def statement(self, node: ast.stmt, conditional: bool, runtime: bool) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    if runtime:
                        self.names.imports.append(alias.name)
                    target = alias.name if alias.asname else alias.name.split(".")[0]
                    self.names.bind(
                        alias.asname or target,
                        Binding("import", node.lineno, target=target, runtime=runtime, conditional=conditional),
                    )
            case ast.ImportFrom():
                self.import_from(node, conditional, runtime)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                function = read_function(node)
                self.names.bind(
                    node.name,
                    Binding("function", node.lineno, function=function, runtime=runtime, conditional=conditional),
                )
                self.globals_in(node)
            case ast.ClassDef():
                self.names.bind(
                    node.name,
                    Binding("class", node.lineno, cls=read_class(node), runtime=runtime, conditional=conditional),
                )
                for method in node.body:
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                        self.globals_in(method)
            case ast.If():
                polarity = type_checking_polarity(node.test)
                self.block(
                    node.body, conditional=polarity is None or conditional, runtime=runtime and polarity is not True
                )
                self.block(
                    node.orelse, conditional=polarity is None or conditional, runtime=runtime and polarity is not False
                )
            case ast.Try() | ast.TryStar():
                if not conditional and runtime:
                    self.names.needs.extend(_needed(node, self.names.name))
                # A name bound in the body is there unless an import failed, and then a handler usually binds it too.
                self.block(node.body, conditional=True, runtime=runtime)
                for handler in node.handlers:
                    self.block(handler.body, conditional=True, runtime=runtime)
                self.block(node.orelse, conditional=True, runtime=runtime)
                self.block(node.finalbody, conditional=conditional, runtime=runtime)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self.targets(item.optional_vars, None, node.lineno, conditional, runtime)
                self.block(node.body, conditional=conditional, runtime=runtime)
            case ast.For() | ast.AsyncFor():
                self.targets(node.target, None, node.lineno, True, runtime)
                self.names.loop(node)
                self.block(node.body, conditional=True, runtime=runtime)
                self.block(node.orelse, conditional=True, runtime=runtime)
            case ast.While():
                self.block(node.body, conditional=True, runtime=runtime)
            case ast.Match():
                for case in node.cases:
                    self.block(case.body, conditional=True, runtime=runtime)
            case ast.Assign():
                for assigned in node.targets:
                    self.targets(assigned, node.value, node.lineno, conditional, runtime)
                self.names.keep_table(node)
                self.named_expressions(node.value, conditional, runtime)
            case ast.AnnAssign():
                # In a stub `NAN: float` declares the name; in a module it binds nothing.
                if node.value is not None or self.names.file.endswith(".pyi"):
                    self.targets(node.target, node.value, node.lineno, conditional, runtime, source_of(node.annotation))
            case TypeAlias():
                self.targets(node.name, node.value, node.lineno, conditional, runtime)
            case ast.AugAssign():
                if dotted(node.target) == "__all__":
                    self.names.extend_all(node.value)
            case ast.Delete():
                for deleted in node.targets:
                    if isinstance(deleted, ast.Name) and not conditional:
                        self.names.delete(deleted.id)
            case ast.Raise():
                if not conditional and runtime and self.names.raises is None:
                    self.names.raises = exception_name(node)
            case ast.Expr():
                self.names.expression(node.value, conditional, runtime)
            case _:
                pass

    def import_from(self, node: ast.ImportFrom, conditional: bool, runtime: bool) -> None:
        module = absolute_module(self.names.name, self.names.is_package, node.level, node.module)
        if module is None:
            return
        if runtime:
            self.names.imports.append(module)
        for alias in node.names:
            if alias.name == "*":
                if runtime:
                    # What is sure to run binds over what was bound before; of branches the first counts.
                    self.names.stars.insert(len(self.names.stars) if conditional else 0, module)
                continue
            self.names.bind(
                alias.asname or alias.name,
                Binding("from", node.lineno, target=module, attr=alias.name, runtime=runtime, conditional=conditional),
            )

    def targets(
        self,
        target: ast.expr,
        value: ast.expr | None,
        line: int,
        conditional: bool,
        runtime: bool,
        annotation: str | None = None,
    ) -> None:
        match target:
            case ast.Name(id="__all__"):
                self.names.all_names = []
                self.names.extend_all(value)
                self.names.bind("__all__", Binding("value", line, runtime=runtime, conditional=conditional))
            case ast.Name(id=name):
                made = named_tuple_class(name, value, line)
                if made is not None:
                    self.names.bind(name, Binding("class", line, cls=made, runtime=runtime, conditional=conditional))
                    return
                self.names.bind(name, value_binding(value, line, conditional, runtime, annotation))
                if self.names.is_itself(value):
                    self.names.itself.add(name)
                elif isinstance(value, ast.Call) and runtime:
                    self.names.hand(value, name)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                values = (
                    value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(items) else None
                )
                for index, item in enumerate(items):
                    # `__getattr__, __dir__, __all__ = lazy.attach(…)`: the call is the value of each of them.
                    part = values[index] if values is not None else value if isinstance(value, ast.Call) else None
                    self.targets(item, part, line, conditional, runtime)
            case ast.Starred(value=inner):
                self.targets(inner, None, line, conditional, runtime)
            case ast.Subscript():
                self.names.subscript_target(target, value, line, runtime)
            case ast.Attribute():
                self.names.attribute_target(target, value, line, runtime)
            case _:
                pass

    def named_expressions(self, value: ast.expr, conditional: bool, runtime: bool) -> None:
        if isinstance(value, ast.NamedExpr):
            self.targets(value.target, value.value, value.lineno, conditional, runtime)

    def globals_in(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Names that a function makes global when it is called count as conditional."""
        if not self.functions_bind:
            return
        declared: set[str] = set()
        for node in descendants(function):
            if isinstance(node, ast.Global):
                declared.update(node.names)
            elif isinstance(node, ast.Name) and node.id == "__all__":
                self.names.all_open = True  # a helper extends the list
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                # `sys.modules[name] = self` in a method: the module may be replaced by an object of its own making.
                if dotted(node.value) in {"sys.modules", "modules"} and literal_string(node.slice) is None:
                    self.names.open_names = True
            elif isinstance(node, ast.Call) and (given := _globals_updated(node)) is not None:
                if is_namespace_call(given) and dotted(given.func) != "globals":  # type: ignore[attr-defined]
                    declared.update(_stored(function))  # `globals().update(locals())`
                else:
                    self.names.open_names = True
        if not declared:
            return
        for node in descendants(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
                self.names.bind(node.id, Binding("value", node.lineno, conditional=True))
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    bound = alias.asname or alias.name.split(".")[0]
                    if bound in declared:
                        self.statement(node, True, True)


def _globals_updated(call: ast.Call) -> ast.expr | None:
    """What `globals().update(…)` is given; `None` for any other call."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="globals")), attr="update"), args=[given]):
            return given
    return None


def _stored(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names that a function binds."""
    return {node.id for node in descendants(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _needed(node: ast.Try | ast.TryStar, module: str) -> list[tuple[str, str]]:
    """`try: import x` with a branch that only raises or exits: the module cannot be imported without `x`."""
    raising = [h for h in node.handlers if h.body and (isinstance(h.body[0], ast.Raise) or _exits(h.body[0]))]
    first = node.body[0] if node.body else None
    if not raising or len(node.handlers) != 1 or not isinstance(first, ast.Import | ast.ImportFrom):
        return []
    failing = raising[0].body[0]
    error = "SystemExit"
    if isinstance(failing, ast.Raise):
        error = exception_name(failing) if failing.exc is not None else "ImportError"
    names = (
        [a.name for a in first.names]
        if isinstance(first, ast.Import)
        else [first.module or ""]
        if first.level == 0
        else []
    )
    own = module.split(".", 1)[0]
    return [(name, error.rsplit(".", 1)[-1]) for name in names if name and name.split(".", 1)[0] != own]


def _exits(statement: ast.stmt) -> bool:
    """`sys.exit(…)`, `exit(…)`."""
    called = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(called, ast.Call) and dotted(called.func) in {"sys.exit", "exit", "quit", "os._exit"}
