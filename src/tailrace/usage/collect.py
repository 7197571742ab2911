"""The syntax tree of one file in, its uses out, each with scope, place and the tests around it. Resolves nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tailrace.surface.parsing import Parsed
from tailrace.surface.text import absolute_module, dotted, literal_string, type_checking_polarity
from tailrace.usage.chains import Chain, Locals, Owner, annotation_chains, call_shape, chains_of
from tailrace.usage.ends import captured, leaves, skips, suppresses, suppressing_handler
from tailrace.usage.spreads import keyword_tables, with_tables
from tailrace.usage.values import (
    AfterTry,
    Condition,
    FileUsage,
    HowUsed,
    ImportSite,
    Indirection,
    InHandler,
    InTry,
    OwnClass,
    Root,
    Scope,
    Step,
    Surrounding,
    Use,
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_PATCHERS = ("mock.patch", "patch", "mocker.patch", "monkeypatch.setattr", "monkeypatch.delattr", "patch.object")


def collect_usage(parsed: Parsed, module: str, file: str, *, is_package: bool) -> FileUsage:
    """Everything that the file uses."""
    reader = _Reader(module, is_package, parsed)
    reader.block(parsed.tree.body, {}, ())
    while reader.pending:
        reader.function_body(*reader.pending.pop())
    return FileUsage(
        module=module,
        file=file,
        uses=tuple(sorted(reader.uses, key=lambda u: (u.line, u.column))),
        classes=tuple(reader.classes),
        sites=tuple(reader.sites),
        lines=tuple(parsed.text.split("\n")),
        indirections=tuple(reader.indirections),
        stores=tuple(reader.stores),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a function stands: its dotted name, the class it is a method of, itself with the functions around it."""

    inside: str
    owner: Owner | None
    within: tuple[_Function, ...]


class _Reader:
    def __init__(self, module: str, is_package: bool, parsed: Parsed) -> None:
        self.module, self.is_package = module, is_package
        self.uses: list[Use] = []
        self.classes: list[OwnClass] = []
        self.derived: set[str] = set()
        self.sites: list[ImportSite] = []
        self.pending: list[tuple[_Function | ast.Lambda, Locals, tuple[Surrounding, ...], _Place]] = []
        self.inside = module
        self.scope: Scope = "import"
        self.owner: Owner | None = None
        self.within: tuple[_Function, ...] = ()
        self.class_path = ""
        self.parameters: dict[str, int] = {}
        self.has_stars = " import *" in parsed.text
        self.indirections: list[Indirection] = []
        self.stores: list[Use] = []
        self.tables = keyword_tables(parsed.tree)
        self.discarded: ast.expr | None = None
        self.lazy_annotations = any(
            isinstance(s, ast.ImportFrom) and s.module == "__future__" and any(a.name == "annotations" for a in s.names)
            for s in parsed.tree.body[:20]
        )

    # -- statements ------------------------------------------------------------------------------------------------

    def block(self, body: Iterable[ast.stmt], variables: Locals, around: tuple[Surrounding, ...]) -> bool:
        """Read statements in order; whether the end of the block can be reached."""
        for node in body:
            around, goes_on = self.statement(node, variables, around)
            if not goes_on:
                return False
        return True

    def statement(
        self, node: ast.stmt, variables: Locals, around: tuple[Surrounding, ...]
    ) -> tuple[tuple[Surrounding, ...], bool]:
        """Read one statement; what surrounds the next one, and whether there is a next one."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self.import_statement(node, variables, around)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node, variables, around)
            case ast.ClassDef():
                self.class_statement(node, variables, around)
            case ast.If():
                return self.if_statement(node, variables, around)
            case ast.Try() | ast.TryStar():
                return self.try_statement(node, variables, around)
            case ast.For() | ast.AsyncFor():
                self.expression(node.iter, variables, around)
                self.forget(node.target, variables, around)
                self.block(node.body, variables, around)
                self.block(node.orelse, variables, around)
            case ast.While():
                self.expression(node.test, variables, around)
                self.block(node.body, variables, (*around, Condition(node.test, True, self.within)))
                self.block(node.orelse, variables, around)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.expression(item.context_expr, variables, around)
                    if isinstance(item.optional_vars, ast.Name):
                        entered = tuple(
                            c.then(Step("__enter__", default=True), Step(call=None, instance=True))
                            for c in self.chains(item.context_expr, variables)
                        )
                        self.bind(item.optional_vars.id, entered, variables, around)
                    elif item.optional_vars is not None:
                        self.forget(item.optional_vars, variables, around)
                if suppresses(node):
                    guard = ast.Try(body=node.body, handlers=[suppressing_handler(node)], orelse=[], finalbody=[])
                    return around, self.block(node.body, variables, (*around, InTry(guard))) or True
                return around, self.block(node.body, variables, around)
            case ast.Assign():
                self.expression(node.value, variables, around)
                chains = self.chains(node.value, variables)
                for target in node.targets:
                    self.assign(target, node.value, chains, variables, around)
            case ast.AnnAssign():
                self.annotation(node.annotation, variables, around, evaluated=self.scope == "import")
                if node.value is not None:
                    self.expression(node.value, variables, around)
                if isinstance(node.target, ast.Name):
                    typed = annotation_chains(node.annotation, variables) if self.scope == "function" else ()
                    value = self.chains(node.value, variables) if node.value is not None else ()
                    self.bind(node.target.id, typed or value, variables, around)
            case ast.AugAssign():
                self.expression(node.value, variables, around)
                self.forget(node.target, variables, around)
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child, variables, around)
                return around, False
            case ast.Assert():
                self.expression(node.test, variables, around)
                return (*around, Condition(node.test, True, self.within)), True
            case ast.Match():
                self.expression(node.subject, variables, around)
                for case in node.cases:
                    branch = {**variables, **dict.fromkeys(captured(case.pattern), ())}
                    self.block(case.body, branch, around)
            case ast.Global(names=names):
                for name in names:
                    variables.pop(name, None)
            case _:
                self.discarded = node.value if isinstance(node, ast.Expr) else None
                ends_here = isinstance(node, ast.Expr) and leaves(node.value)
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child, variables, around)
                return around, not ends_here
        return around, True

    def if_statement(
        self, node: ast.If, variables: Locals, around: tuple[Surrounding, ...]
    ) -> tuple[tuple[Surrounding, ...], bool]:
        polarity = type_checking_polarity(node.test)
        if polarity is not None:
            chosen = node.orelse if polarity else node.body
            return around, self.block(chosen, variables, around)
        self.expression(node.test, variables, around)
        yes, no = dict(variables), dict(variables)
        if self.scope == "function":
            yes.update(_narrowed(node.test, variables))
        after_yes = self.block(node.body, yes, (*around, Condition(node.test, True, self.within)))
        after_no = self.block(node.orelse, no, (*around, Condition(node.test, False, self.within)))
        ends = [v for v, reached in ((yes, after_yes), (no, after_no)) if reached]
        _merge(variables, ends)
        if not after_yes and after_no:
            around = (*around, Condition(node.test, False, self.within))
        elif after_yes and not after_no:
            around = (*around, Condition(node.test, True, self.within))
        return around, after_yes or after_no

    def try_statement(
        self, node: ast.Try | ast.TryStar, variables: Locals, around: tuple[Surrounding, ...]
    ) -> tuple[tuple[Surrounding, ...], bool]:
        statement = (
            node if isinstance(node, ast.Try) else ast.Try(node.body, node.handlers, node.orelse, node.finalbody)
        )
        before = dict(variables)
        reached = self.block(node.body, variables, (*around, InTry(statement)) if node.handlers else around)
        if reached:
            reached = self.block(node.orelse, variables, (*around, AfterTry(statement, tuple(node.handlers))))
        ends = [dict(variables)] if reached else []
        leaving: list[ast.ExceptHandler] = []
        for handler in node.handlers:
            branch = dict(before)
            if handler.type is not None:
                self.expression(handler.type, branch, around)
                if handler.name is not None:
                    branch[handler.name] = annotation_chains(handler.type, branch) if self.scope == "function" else ()
            if self.block(handler.body, branch, (*around, InHandler(statement, handler))):
                ends.append(branch)
            else:
                leaving.append(handler)
        _merge(variables, ends or [before])
        goes_on = self.block(node.finalbody, variables, around) and bool(ends)
        return (*around, AfterTry(statement, tuple(leaving))) if leaving else around, goes_on

    def import_statement(
        self, node: ast.Import | ast.ImportFrom, variables: Locals, around: tuple[Surrounding, ...]
    ) -> None:
        for alias in node.names:
            line, column = getattr(alias, "lineno", node.lineno), getattr(alias, "col_offset", node.col_offset) + 1
            if isinstance(node, ast.Import):
                root = Root("import", alias.name, alias.name)
                self.emit(Chain(root), "import", line, column, around)
                bound = alias.asname or alias.name.split(".")[0]
                self.bind(
                    bound,
                    (Chain(Root("import", alias.name if alias.asname else bound)),),
                    variables,
                    around,
                    alias.name,
                )
                continue
            module = absolute_module(self.module, self.is_package, node.level, node.module)
            if module is None:
                continue
            self.emit(Chain(Root("from", alias.name, module)), "from-import", line, column, around)
            if alias.name != "*":
                target = f"{module}:{alias.name}"
                self.bind(
                    alias.asname or alias.name, (Chain(Root("from", alias.name, module)),), variables, around, target
                )

    def class_statement(self, node: ast.ClassDef, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        for part in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.expression(part, variables, around)
        outer = self.class_path, self.inside, self.owner
        self.class_path = f"{self.class_path}.{node.name}" if self.class_path else node.name
        self.inside = f"{self.inside}.{node.name}"
        if self.scope == "import":
            if node.bases:
                self.derived.add(self.class_path)
            methods = tuple(
                (s.name, s.lineno) for s in node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)
            )
            self.classes.append(OwnClass(self.class_path, node.lineno, methods, around))
        body_variables = dict(variables)
        saved_sites = len(self.sites)
        self.block(node.body, body_variables, (*around, *skips(node, self.within)))
        del self.sites[saved_sites:]
        self.class_path, self.inside, self.owner = outer
        if self.scope == "function":
            variables[node.name] = ()

    def function(self, node: _Function, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        arguments = node.args
        defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        for part in (*node.decorator_list, *defaults):
            self.expression(part, variables, around)
        if not self.lazy_annotations:
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            for annotation in (*(a.annotation for a in every if a is not None), node.returns):
                self.annotation(annotation, variables, around, evaluated=True)
        owner = None
        if self.class_path:
            words = {(dotted(d) or "").rsplit(".", 1)[-1] for d in node.decorator_list}
            first = [*arguments.posonlyargs, *arguments.args][:1]
            is_class = "classmethod" in words or node.name in {"__new__", "__init_subclass__", "__class_getitem__"}
            owner = Owner(self.class_path, first[0].arg if first and "staticmethod" not in words else None, is_class)
        elif self.scope == "function":
            owner = self.owner
        enclosing = dict(variables) if self.scope == "function" else {}
        # A function runs after what stands around it was decided, so tests stay; a `try` around a def catches
        # nothing later.
        kept = tuple(a for a in around if not isinstance(a, InTry))
        kept = (*kept, *skips(node, self.within))
        self.pending.append((node, enclosing, kept, _Place(f"{self.inside}.{node.name}", owner, (*self.within, node))))
        if self.scope == "function":
            variables[node.name] = ()
        elif not self.class_path:
            self.sites.append(ImportSite(node.name, None, around))

    def function_body(
        self,
        node: _Function | ast.Lambda,
        variables: Locals,
        around: tuple[Surrounding, ...],
        place: _Place,
    ) -> None:
        owner = place.owner
        outer = self.scope, self.inside, self.owner, self.class_path, self.within
        self.scope, self.inside, self.owner, self.class_path = "function", place.inside, owner, ""
        self.within = place.within
        arguments = node.args
        plain = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        if owner is not None and plain[:1] == [owner.self_name]:
            plain = plain[1:]
        self.parameters = {name: index for index, name in enumerate(plain)}
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if (
                owner is not None
                and argument.arg == owner.self_name
                and argument is [*arguments.posonlyargs, *arguments.args][0]
            ):
                variables.pop(argument.arg, None)
                continue
            variables[argument.arg] = annotation_chains(argument.annotation, variables)
            if argument.annotation is None:
                variables[argument.arg] = self.inherited_type(node, argument.arg, place)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                variables[extra.arg] = ()
        if isinstance(node, ast.Lambda):
            self.expression(node.body, variables, around)
        else:
            self.block(node.body, variables, around)
        self.scope, self.inside, self.owner, self.class_path, self.within = outer

    def inherited_type(self, node: _Function | ast.Lambda, argument: str, place: _Place) -> tuple[Chain, ...]:
        """What the method that this one overrides says of a parameter; nothing where it can override none."""
        owner = place.owner
        if isinstance(node, ast.Lambda) or owner is None or owner.self_name is None or owner.name not in self.derived:
            return ()
        if place.inside != f"{self.module}.{owner.name}.{node.name}" or node.name.startswith("__"):
            return ()
        return (Chain(Root("parameter", owner.name, method=node.name, parameter=argument)),)

    # -- names -----------------------------------------------------------------------------------------------------

    def bind(
        self,
        name: str,
        chains: tuple[Chain, ...],
        variables: Locals,
        around: tuple[Surrounding, ...],
        target: str | None = None,
    ) -> None:
        if self.scope == "import" and not self.class_path:
            # Module-level names are resolved by the world, from the facts; only where they are bound is kept here.
            self.sites.append(ImportSite(name, target, around))
            return
        variables[name] = chains

    def assign(
        self,
        target: ast.expr,
        value: ast.expr,
        chains: tuple[Chain, ...],
        variables: Locals,
        around: tuple[Surrounding, ...],
    ) -> None:
        if isinstance(target, ast.Name):
            keep = variables.get(target.id, ()) if isinstance(value, ast.Constant) and value.value is None else chains
            self.bind(target.id, keep, variables, around)
        else:
            self.forget(target, variables, around)

    def forget(self, target: ast.expr, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.bind(node.id, (), variables, around)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self.expression(node.value, variables, around)
                self.store(chains_of(node, variables, self.owner), node, around)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                self.expression(node.value, variables, around)
                self.expression(node.slice, variables, around)

    def store(self, chains: tuple[Chain, ...], node: ast.expr, around: tuple[Surrounding, ...]) -> None:
        """Keep the attribute of another that is set here; an own class tells of its own attributes elsewhere."""
        for chain in chains:
            if len(chain.steps) > (chain.root.kind in {"self", "class", "super"}):
                place = node.lineno, node.col_offset + 1
                self.stores.append(Use(chain.root, chain.steps, "attribute", *place, self.inside, self.scope, around))

    def chains(self, node: ast.expr, variables: Locals) -> tuple[Chain, ...]:
        if isinstance(node, ast.IfExp):
            return (*self.chains(node.body, variables), *self.chains(node.orelse, variables))
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return tuple(c for value in node.values for c in self.chains(value, variables))
        return chains_of(node, variables, self.owner)

    # -- expressions -----------------------------------------------------------------------------------------------

    def annotation(
        self, node: ast.expr | None, variables: Locals, around: tuple[Surrounding, ...], *, evaluated: bool
    ) -> None:
        if node is not None and evaluated and not self.lazy_annotations:
            self.expression(node, variables, around)

    def expression(self, node: ast.expr, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Emit the chains of an expression, then those of the expressions inside it."""
        match node:
            case ast.Attribute() | ast.Call() | ast.Name() | ast.Await():
                for chain in chains_of(node, variables, self.owner):
                    if chain.steps or chain.root.kind not in {"name", "self", "class", "super", "parameter"}:
                        first = _first_place(node)
                        if chain.steps:
                            self.emit(chain, "attribute", first[0], first[1], around, discarded=node is self.discarded)
                self.inner(node, variables, around)
            case ast.BoolOp():
                inner = around
                for value in node.values:
                    self.expression(value, variables, inner)
                    inner = (*inner, Condition(value, isinstance(node.op, ast.And), self.within))
            case ast.IfExp():
                self.expression(node.test, variables, around)
                self.expression(node.body, variables, (*around, Condition(node.test, True, self.within)))
                self.expression(node.orelse, variables, (*around, Condition(node.test, False, self.within)))
            case ast.Lambda():
                for default in (*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)):
                    self.expression(default, variables, around)
                enclosing = dict(variables) if self.scope == "function" else {}
                kept = tuple(a for a in around if not isinstance(a, InTry))
                self.pending.append((node, enclosing, kept, _Place(f"{self.inside}.<lambda>", self.owner, self.within)))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                inner_variables = dict(variables)
                for generator in node.generators:
                    self.expression(generator.iter, inner_variables, around)
                    for name in ast.walk(generator.target):
                        if isinstance(name, ast.Name):
                            inner_variables[name.id] = ()
                    for test in generator.ifs:
                        self.expression(test, inner_variables, around)
                parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                for part in parts:
                    self.expression(part, inner_variables, around)
            case ast.NamedExpr(target=target, value=value):
                self.expression(value, variables, around)
                self.bind(target.id, self.chains(value, variables), variables, around)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expression(child, variables, around)
                    elif isinstance(child, ast.keyword):
                        self.expression(child.value, variables, around)

    def inner(self, node: ast.expr, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """The arguments of every call on the way down a chain, and what the chain starts from."""
        current: ast.expr = node
        while True:
            if isinstance(current, ast.Attribute):
                current = current.value
            elif isinstance(current, ast.Call):
                self.call_arguments(current, variables, around)
                self.strings(current, variables, around)
                current = current.func
            elif isinstance(current, ast.Await):
                current = current.value
            else:
                break
        if not isinstance(current, ast.Name):
            self.expression(current, variables, around)

    def call_arguments(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        for argument in node.args:
            self.expression(argument.value if isinstance(argument, ast.Starred) else argument, variables, around)
        for keyword in node.keywords:
            self.expression(keyword.value, variables, around)

    def strings(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """References by name: `import_module("a.b")`, `mock.patch("a.b.c")`, `patch.object(x, "name")`."""
        callee = dotted(node.func) or ""
        last = callee.rsplit(".", 1)[-1]
        if callee == "getattr" and len(node.args) == 2 and isinstance(node.args[1], ast.Name):
            self.indirect(node.args[0], node.args[1].id, variables)
        if callee == "setattr" and len(node.args) == 3 and literal_string(node.args[1]) is not None:
            read = ast.Call(ast.Name("getattr", ast.Load()), node.args[:2], [])
            self.store(chains_of(ast.copy_location(read, node), variables, self.owner), node, around)
        text = literal_string(node.args[0]) if node.args else None
        line, column = node.lineno, node.col_offset + 1
        if callee in {"partial", "functools.partial"} and node.args:
            # Some of the arguments of a later call: what is given must fit, what is missing may follow.
            given = call_shape(ast.Call(node.args[0], node.args[1:], node.keywords))
            step = Step(call=replace(given, star=True, double_star=True), line=line, column=column)
            for chain in chains_of(node.args[0], variables, self.owner):
                self.emit(chain.then(step), "attribute", line, column, around)
        if last in {"import_module", "__import__", "importorskip"} and text and not text.startswith("."):
            self.emit(Chain(Root("import", text, text)), "string", line, column, around)
        elif (
            callee.endswith(_PATCHERS)
            and text is not None
            and "." in text
            and all(p.isidentifier() for p in text.split("."))
        ):
            module, *rest = text.split(".")
            steps = tuple(Step(name, line=line, column=column) for name in rest)
            self.emit(Chain(Root("import", module, module), steps), "string", line, column, around)
        elif callee.endswith(("patch.object", "monkeypatch.setattr")) and len(node.args) >= 2:
            name = literal_string(node.args[1])
            raising = any(k.arg in {"create", "raising"} for k in node.keywords)
            if name is not None and not raising:
                for chain in chains_of(node.args[0], variables, self.owner):
                    self.emit(chain.then(Step(name, line=line, column=column)), "string", line, column, around)

    def indirect(self, receiver: ast.expr, parameter: str, variables: Locals) -> None:
        if self.scope != "function" or parameter not in self.parameters or _known(variables.get(parameter)):
            return
        for chain in chains_of(receiver, variables, self.owner):
            if chain.root.kind in {"name", "import", "from"}:
                position = self.parameters[parameter]
                self.indirections.append(
                    Indirection(self.inside, parameter, position, self.module, chain.root, chain.steps)
                )

    def emit(
        self,
        chain: Chain,
        how: HowUsed,
        line: int,
        column: int,
        around: tuple[Surrounding, ...],
        *,
        discarded: bool = False,
    ) -> None:
        if any(s.call is not None and s.call.spread for s in chain.steps):
            body = self.within[-1] if self.within else None
            chain = with_tables(chain, self.tables, self.inside, self.owner, body)
        self.uses.append(Use(chain.root, chain.steps, how, line, column, self.inside, self.scope, around, discarded))


def _merge(variables: Locals, ends: list[Locals]) -> None:
    if not ends:
        return
    merged: Locals = {}
    for name in set().union(*ends):
        found: dict[Chain, None] = {}
        for end in ends:
            found.update(dict.fromkeys(end.get(name, ())))
        merged[name] = tuple(found)[:4]
    variables.clear()
    variables.update(merged)


def _narrowed(test: ast.expr, variables: Locals) -> Locals:
    """`if isinstance(x, C)`: what `x` is below it, where nothing was known of it before."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), cls]) if (
            name in variables and not _known(variables[name])
        ):
            return {name: annotation_chains(cls, variables)}
        case _:
            return {}


def _known(chains: tuple[Chain, ...] | None) -> bool:
    """Whether the code itself says what a variable is."""
    return any(chain.root.kind != "parameter" for chain in chains or ())


def _first_place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset + 1
