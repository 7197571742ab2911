"""A syntax tree in, the facts of one module out: what it binds, when, and how. Resolves nothing, executes nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import msgspec

from tailrace.surface.deprecations import call_deprecation, class_deprecation, function_deprecation, module_deprecation
from tailrace.surface.facts import Binding, ClassFacts, FunctionFacts, ModuleFacts, Param, ParamKind
from tailrace.surface.parsing import Parsed, without_collecting
from tailrace.surface.text import (
    absolute_module,
    children,
    descendants,
    dotted,
    literal_string,
    source_of,
    statements,
    string_items,
    type_checking_polarity,
)

# Class decorators of the standard library and of common libraries that neither add nor remove public names by
# computation.
_PLAIN_CLASS_DECORATORS = frozenset(
    [
        "dataclass",
        "total_ordering",
        "final",
        "runtime_checkable",
        "unique",
        "deprecated",
        "define",
        "frozen",
        "attrs",
        "s",
        "attributes",
        "mutable",
        "dataclass_transform",
        "set_module",
        "export",
        "public",
        "torch_required",
    ]
)


def read_module(parsed: Parsed, name: str, file: str, *, is_package: bool) -> ModuleFacts:
    """The facts of one parsed file that is importable as `name`."""
    reader = _ModuleReader(name, file, is_package)
    text = parsed.text
    reader.functions_bind = "global " in text or "modules[" in text or text.count("__all__") > 1
    with without_collecting():
        reader.block(parsed.tree.body, conditional=False, runtime=True)
        return reader.facts(parsed)


class _ModuleReader:
    def __init__(self, name: str, file: str, is_package: bool) -> None:
        self.name, self.file, self.is_package = name, file, is_package
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[str] = []
        self.all_names: list[str] | None = None
        self.all_open = False
        self.getattr_hook = self.open_names = self.replaced = False
        self.raises: str | None = None
        self.aliases: list[tuple[str, str]] = []
        self.imports: list[str] = []
        self.calls: list[str] = []
        self.needs: list[tuple[str, str]] = []
        self.functions_bind = True
        self.module_class: str | None = None
        self.class_updates: dict[str, dict[str, Binding]] = {}

    def facts(self, parsed: Parsed) -> ModuleFacts:
        bindings = {name: tuple(found) for name, found in self.bindings.items() if found}
        for owner, extra in self.class_updates.items():
            bindings[owner] = tuple(_with_members(b, extra) for b in bindings.get(owner, ()))
        return ModuleFacts(
            name=self.name,
            file=self.file,
            is_package=self.is_package,
            bindings=bindings,
            stars=tuple(dict.fromkeys(self.stars)),
            all_names=None if self.all_names is None else tuple(self.all_names),
            all_open=self.all_open,
            getattr_hook=self.getattr_hook,
            open_names=self.open_names,
            raises=self.raises,
            replaced=self.replaced,
            aliases=tuple(self.aliases),
            imports=tuple(dict.fromkeys(self.imports)),
            calls=tuple(self.calls),
            needs=tuple(self.needs),
            module_class=self.module_class,
            python2=parsed.python2,
            deprecation=module_deprecation(parsed.tree),
            lines=parsed.text.count("\n") + 1,
        )

    def bind(self, name: str, binding: Binding) -> None:
        if name == "__getattr__":
            self.getattr_hook = self.getattr_hook or binding.runtime
        known = self.bindings.setdefault(name, [])
        if not binding.conditional and binding.runtime:
            # An unconditional binding replaces the earlier ones; type-checking ones stay out of the way.
            # Of `@overload`s without an implementation, as in a stub, the last one stands for all.
            overloads = [b for b in known if b.runtime and _is_overload(b)] if _is_overload(binding) else []
            known[:] = [b for b in known if not b.runtime]
            known += [msgspec.structs.replace(b, runtime=False) for b in overloads]
        known.append(binding)

    def block(self, body: Iterable[ast.stmt], *, conditional: bool, runtime: bool) -> None:
        for statement in body:
            self.statement(statement, conditional, runtime)

    def statement(self, node: ast.stmt, conditional: bool, runtime: bool) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    if runtime:
                        self.imports.append(alias.name)
                    target = alias.name if alias.asname else alias.name.split(".")[0]
                    self.bind(
                        alias.asname or target,
                        Binding("import", node.lineno, target=target, runtime=runtime, conditional=conditional),
                    )
            case ast.ImportFrom():
                self.import_from(node, conditional, runtime)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                function = read_function(node)
                self.bind(
                    node.name,
                    Binding("function", node.lineno, function=function, runtime=runtime, conditional=conditional),
                )
                self.globals_in(node)
            case ast.ClassDef():
                self.bind(
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
                    self.needs.extend(_needed(node, self.name))
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
                self.named_expressions(node.value, conditional, runtime)
            case ast.AnnAssign():
                # In a stub `NAN: float` declares the name; in a module it binds nothing.
                if node.value is not None or self.file.endswith(".pyi"):
                    self.targets(node.target, node.value, node.lineno, conditional, runtime, source_of(node.annotation))
            case ast.AugAssign():
                if dotted(node.target) == "__all__":
                    self.extend_all(node.value)
            case ast.Delete():
                for deleted in node.targets:
                    if isinstance(deleted, ast.Name) and not conditional:
                        self.bindings.pop(deleted.id, None)
            case ast.Raise():
                if not conditional and runtime and self.raises is None:
                    self.raises = _exception_name(node)
            case ast.Expr():
                self.expression(node.value, conditional, runtime)
            case _:
                pass

    def import_from(self, node: ast.ImportFrom, conditional: bool, runtime: bool) -> None:
        module = absolute_module(self.name, self.is_package, node.level, node.module)
        if module is None:
            return
        if runtime:
            self.imports.append(module)
        for alias in node.names:
            if alias.name == "*":
                if runtime:
                    self.stars.append(module)
                continue
            self.bind(
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
                self.all_names = []
                self.extend_all(value)
                self.bind("__all__", Binding("value", line, runtime=runtime, conditional=conditional))
            case ast.Name(id=name):
                self.bind(name, value_binding(value, line, conditional, runtime, annotation))
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
                self.subscript_target(target, value, line, runtime)
            case ast.Attribute():
                self.attribute_target(target, value, line, runtime)
            case _:
                pass

    def subscript_target(self, target: ast.Subscript, value: ast.expr | None, line: int, runtime: bool) -> None:
        key = literal_string(target.slice)
        if dotted(target.value) == "sys.modules":
            if _is_own_name(target.slice):
                self.replaced = True
            elif key is not None:
                self.aliases.append((key, dotted(value) or "?"))
        elif _is_namespace_call(target.value):
            if key is None:
                self.open_names = True
            else:
                self.bind(key, value_binding(value, line, True, runtime, None))

    def attribute_target(self, target: ast.Attribute, value: ast.expr | None, line: int, runtime: bool) -> None:
        if target.attr == "__class__" and "sys.modules" in source_of(target.value):
            self.module_class = dotted(value)
            self.open_names = self.open_names or self.module_class is None
            return
        owner = dotted(target.value)
        if owner is not None and "." not in owner and owner in self.bindings:
            binding = value_binding(value, line, True, runtime, None)
            self.class_updates.setdefault(owner, {})[target.attr] = binding

    def named_expressions(self, value: ast.expr, conditional: bool, runtime: bool) -> None:
        if isinstance(value, ast.NamedExpr):
            self.targets(value.target, value.value, value.lineno, conditional, runtime)

    def extend_all(self, value: ast.expr | None) -> None:
        items = string_items(value)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            self.extend_all(value.left)
            self.extend_all(value.right)
        elif items is None:
            self.all_open = True
        else:
            self.all_names = [*(self.all_names or []), *items]

    def expression(self, node: ast.expr, conditional: bool, runtime: bool) -> None:
        if not isinstance(node, ast.Call):
            return
        callee = node.func
        name = dotted(callee) or ""
        if name and runtime and not conditional:
            self.calls.append(name)
        if isinstance(callee, ast.Attribute) and _is_namespace_call(callee.value) and callee.attr == "update":
            self.open_names = True
        elif isinstance(callee, ast.Attribute) and dotted(callee.value) == "__all__" and node.args:
            if callee.attr == "extend":
                self.extend_all(node.args[0])
            elif callee.attr == "append":
                self.extend_all(ast.List(elts=[node.args[0]], ctx=ast.Load()))
        elif name == "setattr" and len(node.args) == 3:
            self.setattr_call(node, runtime)
        elif name == "exec":
            self.open_names = True
        elif name.endswith("deprecated.constant") and len(node.args) >= 3:
            constant = literal_string(node.args[2])
            if constant is not None:  # conda's helper sets the name on the calling module
                mark = call_deprecation(node)
                self.bind(constant, Binding("value", node.lineno, runtime=runtime, conditional=True, deprecation=mark))

    def setattr_call(self, node: ast.Call, runtime: bool) -> None:
        owner, key = node.args[0], literal_string(node.args[1])
        if "sys.modules" in source_of(owner):
            if key is None:
                self.open_names = True
            else:
                self.bind(key, value_binding(node.args[2], node.lineno, True, runtime, None))
        elif isinstance(owner, ast.Name) and owner.id in self.bindings:
            binding = value_binding(node.args[2], node.lineno, True, runtime, None)
            # A computed name on a class makes its surface open; `?` marks that.
            self.class_updates.setdefault(owner.id, {})[key or "?"] = binding

    def globals_in(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Names that a function makes global when it is called count as conditional."""
        if not self.functions_bind:
            return
        declared: set[str] = set()
        for node in descendants(function):
            if isinstance(node, ast.Global):
                declared.update(node.names)
            elif isinstance(node, ast.Name) and node.id == "__all__":
                self.all_open = True  # a helper extends the list
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                # `sys.modules[name] = self` in a method: the module may be replaced by an object of its own making.
                if dotted(node.value) in {"sys.modules", "modules"} and literal_string(node.slice) is None:
                    self.open_names = True
        if not declared:
            return
        for node in descendants(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
                self.bind(node.id, Binding("value", node.lineno, conditional=True))
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    bound = alias.asname or alias.name.split(".")[0]
                    if bound in declared:
                        self.statement(node, True, True)


def read_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionFacts:
    """The facts of one `def`; its body is read only for what callers can see."""
    is_generator, returned = _body_facts(node)
    return FunctionFacts(
        name=node.name,
        line=node.lineno,
        params=read_params(node.args),
        decorators=tuple(source_of(d) for d in node.decorator_list),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=is_generator,
        returns=source_of(node.returns) if node.returns is not None else None,
        deprecation=function_deprecation(node),
        raises_always=_raises_always(node),
        returned=returned,
    )


def read_params(args: ast.arguments) -> tuple[Param, ...]:
    """Parameters in order, with kinds and the texts of defaults and annotations."""
    found: list[Param] = []
    plain = [*args.posonlyargs, *args.args]
    first_default = len(plain) - len(args.defaults)
    for index, arg in enumerate(plain):
        kind: ParamKind = "positional" if index < len(args.posonlyargs) else "normal"
        default = source_of(args.defaults[index - first_default]) if index >= first_default else None
        found.append(_param(arg, kind, default))
    if args.vararg is not None:
        found.append(_param(args.vararg, "var-positional", None))
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        found.append(_param(arg, "keyword", None if value is None else source_of(value)))
    if args.kwarg is not None:
        found.append(_param(args.kwarg, "var-keyword", None))
    return tuple(found)


def _param(arg: ast.arg, kind: ParamKind, default: str | None) -> Param:
    return Param(arg.arg, kind, default, source_of(arg.annotation) if arg.annotation is not None else None)


def read_class(node: ast.ClassDef) -> ClassFacts:
    """The facts of one `class` statement."""
    members: dict[str, list[Binding]] = {}
    instance: dict[str, int] = {}
    values: dict[str, list[str]] = {}
    flags = {"instance": False, "class": False}
    _class_block(node.body, members, instance, values, flags, conditional=False, runtime=True)
    metaclass = next((source_of(k.value) for k in node.keywords if k.arg == "metaclass"), None)
    decorators = tuple(source_of(d) for d in node.decorator_list)
    if any(_last_word(d) not in _PLAIN_CLASS_DECORATORS for d in decorators):
        flags["class"] = True
    return ClassFacts(
        name=node.name,
        line=node.lineno,
        bases=tuple(_base_text(base) for base in node.bases),
        metaclass=metaclass,
        decorators=decorators,
        members={name: tuple(found) for name, found in members.items()},
        instance=instance,
        instance_values={name: tuple(dict.fromkeys(found)) for name, found in values.items()},
        open_instance=flags["instance"],
        open_class=flags["class"],
        deprecation=class_deprecation(node),
    )


def _base_text(base: ast.expr) -> str:
    if isinstance(base, ast.Subscript):  # Generic[T], Base[int]
        base = base.value
    text = dotted(base)
    if text is not None:
        return text
    if isinstance(base, ast.Call):
        callee = dotted(base.func) or ""
        if callee.endswith("namedtuple") and len(base.args) >= 2:
            fields = string_items(base.args[1])
            text_fields = literal_string(base.args[1])
            names = fields if fields is not None else tuple((text_fields or "").replace(",", " ").split())
            if names:
                return "namedtuple:" + ",".join(names)
        if callee.endswith("with_metaclass") and len(base.args) >= 2:  # six, future, jinja2._compat
            return _base_text(base.args[1])
        if callee.endswith("with_metaclass"):
            return "object"
    return "?"


def _class_block(
    body: Iterable[ast.stmt],
    members: dict[str, list[Binding]],
    instance: dict[str, int],
    values: dict[str, list[str]],
    flags: dict[str, bool],
    *,
    conditional: bool,
    runtime: bool,
) -> None:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                function = read_function(node)
                binding = Binding("function", node.lineno, function=function, runtime=runtime, conditional=conditional)
                _add_member(members, node.name, binding, function)
                _self_attributes(node, instance, values, flags)
            case ast.ClassDef():
                members.setdefault(node.name, []).append(
                    Binding("class", node.lineno, cls=read_class(node), runtime=runtime, conditional=conditional)
                )
            case ast.Assign():
                for target in node.targets:
                    names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                    for item in names:
                        if isinstance(item, ast.Name):
                            value = node.value if len(names) == 1 else None
                            members.setdefault(item.id, []).append(
                                value_binding(value, node.lineno, conditional, runtime, None)
                            )
                        elif isinstance(item, ast.Subscript) and _is_namespace_call(item.value):
                            flags["class"] = flags["instance"] = True
            case ast.AnnAssign(target=ast.Name(id=name)):
                binding = value_binding(node.value, node.lineno, conditional, runtime, source_of(node.annotation))
                members.setdefault(name, []).append(binding)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    members.setdefault(alias.asname or alias.name.split(".")[0], []).append(
                        Binding("value", node.lineno, runtime=runtime, conditional=conditional)
                    )
            case ast.If():
                polarity = type_checking_polarity(node.test)
                for part, hidden in ((node.body, polarity is True), (node.orelse, polarity is False)):
                    _class_block(
                        part, members, instance, values, flags, conditional=True, runtime=runtime and not hidden
                    )
            case ast.Try():
                parts = [node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)]
                for part in parts:
                    _class_block(part, members, instance, values, flags, conditional=True, runtime=runtime)
            case ast.With() | ast.For() | ast.While():
                if any(isinstance(n, ast.Call) and dotted(n.func) in {"locals", "vars"} for n in ast.walk(node)):
                    flags["class"] = flags["instance"] = True
                _class_block(node.body, members, instance, values, flags, conditional=True, runtime=runtime)
            case ast.Expr(value=ast.Call(func=func)):
                if isinstance(func, ast.Attribute) and _is_namespace_call(func.value):
                    flags["class"] = flags["instance"] = True
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name) and not conditional:
                        members.pop(target.id, None)
            case _:
                pass


def _is_overload(binding: Binding) -> bool:
    return binding.function is not None and any(_last_word(d) == "overload" for d in binding.function.decorators)


def _add_member(members: dict[str, list[Binding]], name: str, binding: Binding, function: FunctionFacts) -> None:
    if name in {"__getattr__", "__getattribute__"}:
        members.setdefault(name, []).append(binding)
        return
    known = members.setdefault(name, [])
    accessor = any(d.endswith((".setter", ".deleter", ".getter")) for d in function.decorators)
    if _is_overload(binding) and binding.runtime:
        binding = msgspec.structs.replace(binding, runtime=False)
    elif not binding.conditional and not accessor:
        known[:] = [b for b in known if not b.runtime]
    if accessor and any(b.runtime for b in known):
        return
    known.append(binding)


def _self_attributes(
    method: ast.FunctionDef | ast.AsyncFunctionDef,
    instance: dict[str, int],
    values: dict[str, list[str]],
    flags: dict[str, bool],
) -> None:
    if method.name in {"__getattr__", "__getattribute__"}:
        # One that only ever raises, or only serves dunder/private names, is still open: we cannot tell which.
        flags["instance"] = True
    arguments = [*method.args.posonlyargs, *method.args.args]
    if not arguments or any(_last_word(source_of(d)) == "staticmethod" for d in method.decorator_list):
        return
    own = arguments[0].arg
    for node in _telling_parts(method.body):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == own:
                instance.setdefault(node.attr, node.lineno)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and dotted(target.value) == own:
                    values.setdefault(target.attr, []).append(_value_text(node.value))
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
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if dotted(node.value) == f"{own}.__dict__":
                flags["instance"] = True


def _telling_parts(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Where a method may set attributes: targets, and calls that stand as statements or are returned."""
    for statement in statements(body, inner=True):
        parts = statement.__dict__
        if isinstance(statement, ast.Expr | ast.Return):
            if statement.value is not None and not isinstance(statement.value, ast.Constant | ast.Name):
                yield from descendants(statement.value)
            continue
        yield statement
        for target in parts.get("targets", ()):
            yield from descendants(target)
        if "target" in parts:
            yield from descendants(parts["target"])
        for item in parts.get("items", ()):
            if item.optional_vars is not None:
                yield from descendants(item.optional_vars)


def _value_text(value: ast.expr) -> str:
    """`Name(…)` as `Name()`, a dotted name as itself, anything else `?`."""
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Call):
        callee = dotted(value.func)
        return f"{callee}()" if callee else "?"
    return dotted(value) or "?"


def value_binding(
    value: ast.expr | None, line: int, conditional: bool, runtime: bool, annotation: str | None
) -> Binding:
    """The binding of `name = value`."""
    called = isinstance(value, ast.Call)
    target = dotted(value.func) if isinstance(value, ast.Call) else dotted(value)
    literal = source_of(value) if isinstance(value, ast.Constant) else None
    return Binding(
        "value",
        line,
        target=target,
        called=called,
        annotation=annotation,
        runtime=runtime,
        conditional=conditional,
        literal=literal,
    )


def _with_members(binding: Binding, extra: dict[str, Binding]) -> Binding:
    if binding.cls is None:
        if binding.function is not None:
            named = tuple(name for name in extra if name != "?")
            return msgspec.structs.replace(
                binding, function=msgspec.structs.replace(binding.function, attributes=named)
            )
        return binding
    members = dict(binding.cls.members)
    for name, member in extra.items():
        if name != "?":
            members[name] = (*members.get(name, ()), member)
    return msgspec.structs.replace(
        binding,
        cls=msgspec.structs.replace(binding.cls, members=members, open_class=binding.cls.open_class or "?" in extra),
    )


def _is_own_name(node: ast.expr) -> bool:
    return dotted(node) in {"__name__", "__package__"}


def _is_namespace_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in {"globals", "locals", "vars"} and not node.args


def _exception_name(node: ast.Raise) -> str:
    exc = node.exc
    if isinstance(exc, ast.Call):
        exc = exc.func
    return dotted(exc) or "Exception"


def _needed(node: ast.Try | ast.TryStar, module: str) -> list[tuple[str, str]]:
    """`try: import x` with a branch that only raises: the module cannot be imported without `x`."""
    raising = [h for h in node.handlers if h.body and isinstance(h.body[0], ast.Raise)]
    first = node.body[0] if node.body else None
    if not raising or len(node.handlers) != 1 or not isinstance(first, ast.Import | ast.ImportFrom):
        return []
    error = _exception_name(raising[0].body[0]) if isinstance(raising[0].body[0], ast.Raise) else "ImportError"
    error = error if raising[0].body[0].exc is not None else "ImportError"  # type: ignore[attr-defined]
    names = (
        [a.name for a in first.names]
        if isinstance(first, ast.Import)
        else [first.module or ""]
        if first.level == 0
        else []
    )
    own = module.split(".", 1)[0]
    return [(name, error.rsplit(".", 1)[-1]) for name in names if name and name.split(".", 1)[0] != own]


def _raises_always(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return _exception_name(body[0]) if body and isinstance(body[0], ast.Raise) else None


def _last_word(text: str) -> str:
    return text.split("(", 1)[0].rsplit(".", 1)[-1]


def _body_facts(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[bool, tuple[str, ...]]:
    """Whether the function yields, and the short texts of what it returns (of a local variable: what it is set to)."""
    is_generator = False
    returned: list[str] = []
    assigned: dict[str, set[str]] = {}
    for current in statements(node.body, inner=False):
        value = current.__dict__.get("value")
        if isinstance(value, ast.Yield | ast.YieldFrom) or _yields_inside(current, value):
            is_generator = True
        if isinstance(current, ast.Return):
            returned.append("None" if current.value is None else _value_text(current.value))
        elif isinstance(current, ast.Assign) and len(current.targets) == 1 and isinstance(current.targets[0], ast.Name):
            assigned.setdefault(current.targets[0].id, set()).add(_value_text(current.value))
        else:
            for name in _stored_names(current):
                assigned.setdefault(name, set())
    texts = {text for one in returned for text in (assigned.get(one) or {one})}
    return is_generator, tuple(sorted(texts))


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
