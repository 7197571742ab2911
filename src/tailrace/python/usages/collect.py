"""Collects the uses in the syntax tree of one file, each with scope, place and the tests around it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from tailrace.python.bodies import exception_name
from tailrace.python.dialects import TypeAlias
from tailrace.python.parsing import Parsed
from tailrace.python.text import (
    absolute_module,
    children,
    descendants,
    dotted,
    literal_string,
    type_checking_polarity,
)
from tailrace.python.usages.chains import Chain, Locals, Owner, chains_of
from tailrace.python.usages.conventions import Conventions
from tailrace.python.usages.ends import (
    asked_by_pattern,
    attempt_of,
    captured,
    leaves,
    matched_classes,
    skips,
    suppresses,
    suppressing_handler,
)
from tailrace.python.usages.executed import executed_statements, has_own_names
from tailrace.python.usages.expressions import Expressions, Function, Place
from tailrace.python.usages.implicit import STATEMENTS_THAT_ASK, asked, asked_by_statement
from tailrace.python.usages.literal_names import words_of_loop
from tailrace.python.usages.type_variables import Bounds, type_parameters, type_variables
from tailrace.python.usages.values import (
    AfterTry,
    Condition,
    FileUsage,
    ImportSite,
    InHandler,
    InTry,
    Kept,
    OwnClass,
    Refusal,
    Root,
    Step,
    Surrounding,
    lines_of,
)
from tailrace.python.usages.variables import merge, narrowed


def collect_usage(
    parsed: Parsed,
    module: str,
    file: str,
    *,
    is_package: bool,
    conventions: Conventions | None = None,
    sought: frozenset[str] | None = None,
    called: frozenset[str] = frozenset(),
) -> FileUsage:
    """Everything that the file uses. `conventions`: what untyped parameters of agreed functions are. `sought`: only
    what starts with an import inside a function, with `super()`, or with one of these names of the module; of the rest,
    and of what only a check needs, nothing is kept, which takes half the time. `called`: what calls of functions of
    these names give is kept, besides those of what is named like a class."""
    reader = FunctionReader(module, is_package, parsed, conventions, sought)
    reader.called = called
    reader.block(parsed.tree.body, {}, ())
    while reader.pending:
        reader.function_body(*reader.pending.pop())
    reader.listed_names()
    return FileUsage(
        module=module,
        file=file,
        uses=tuple(sorted(reader.uses, key=lambda u: (u.line, u.column))),
        classes=tuple(reader.classes),
        sites=tuple(reader.sites),
        text=parsed.text,
        indirections=tuple(reader.indirections),
        stores=tuple(reader.stores),
        kept=tuple(reader.kept),
        constructions=tuple(reader.constructions),
        refusals=tuple(reader.refusals),
        computed=tuple(reader.computed),
        tests=tuple(reader.tests),
    )


# What surrounds the next statement, and whether there is a next one.
After = tuple[tuple[Surrounding, ...], bool]
_PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "property"})


def _applied(decorator: ast.expr) -> ast.expr:
    """What a decorator does: it is called with the function or class below it."""
    if not isinstance(decorator, ast.Name | ast.Attribute) or dotted(decorator) in _PLAIN_DECORATORS:
        return decorator
    decorated = ast.copy_location(ast.Constant(...), decorator)
    return ast.copy_location(ast.Call(decorator, [decorated], []), decorator)


class FunctionReader(Expressions):
    """The walk over the statements of a file, or of one function."""

    def __init__(
        self,
        module: str,
        is_package: bool,
        parsed: Parsed,
        conventions: Conventions | None,
        sought: frozenset[str] | None = None,
    ) -> None:
        super().__init__(module, parsed, sought)
        self.conventions = conventions
        self.handled = conventions.handled(parsed.tree) if conventions is not None else {}
        self.is_package = is_package
        self.classes: list[OwnClass] = []
        self.derived: set[str] = set()
        self.kept: list[Kept] = []
        self.refusals: list[Refusal] = []
        self.text_lines = lines_of(parsed.text)
        self.bounds = type_variables(parsed.tree)
        self.class_bounds: dict[str, Bounds] = {}

    def listed_names(self) -> None:
        """Keep the names in `__all__` that nothing but an `import *` can give."""
        if self.sought is not None:
            return
        body = self._tree.body
        if not any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in body):
            return
        bound = {site.name for site in self.sites} | {own.name for own in self.classes}
        for node in body:
            match node:
                case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items) | ast.Tuple(elts=items)):
                    for item in items:
                        name = literal_string(item)
                        if name is not None and name not in bound:
                            self.emit(Chain(Root("name", name)), "string", item.lineno, item.col_offset + 1, ())
                case _:
                    continue

    def block(self, body: Iterable[ast.stmt], variables: Locals, around: tuple[Surrounding, ...]) -> bool:
        """Read statements in order; whether the end of the block can be reached."""
        for node in body:
            around, goes_on = self.statement(node, variables, around)
            if not goes_on:
                return False
        return True

    def statement(self, node: ast.stmt, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        """Read one statement; what surrounds the next one, and whether there is a next one."""
        if isinstance(node, ast.Expr):  # calls and documentation: half of all statements
            self.discarded = node.value
            self.expression(node.value, variables, around)
            return around, not leaves(node.value)
        if node.__class__ in STATEMENTS_THAT_ASK:
            for receiver, step in asked_by_statement(node):
                self.ask(receiver, step, variables, around)
        return _STATEMENTS.get(node.__class__, FunctionReader._other)(self, node, variables, around)

    def _import(self, node: ast.Import | ast.ImportFrom, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.import_statement(node, variables, around)
        return around, True

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, variables: Locals, around: tuple[Surrounding, ...]
    ) -> After:
        self.function(node, variables, around)
        return around, True

    def _class(self, node: ast.ClassDef, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.class_statement(node, variables, around)
        return around, True

    def _for(self, node: ast.For | ast.AsyncFor, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.expression(node.iter, variables, around)
        each = self.elements(node.iter, variables)
        self.forget(node.target, variables, around)
        self.unpack(node.target, each, node.iter, around)
        self.take_apart(node.target, each, variables, around)
        words, self.words = self.words, {**self.words, **words_of_loop(node.target, node.iter)}
        self.block(node.body, variables, around)
        self.words = words
        self.block(node.orelse, variables, around)
        return around, True

    def _while(self, node: ast.While, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.expression(node.test, variables, around)
        self.test(node.test, variables, around)
        self.block(node.body, variables, (*around, Condition(node.test, True, self.lines)))
        self.block(node.orelse, variables, around)
        return around, True

    def _with(self, node: ast.With | ast.AsyncWith, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        entering = "__aenter__" if isinstance(node, ast.AsyncWith) else "__enter__"
        for item in node.items:
            self.expression(item.context_expr, variables, around)
            if isinstance(item.optional_vars, ast.Name):
                entered = tuple(
                    c.then(Step(entering, default=True), Step(call=None, instance=True))
                    for c in self.chains(item.context_expr, variables)
                )
                self.bind(item.optional_vars.id, entered, variables, around)
            elif item.optional_vars is not None:
                self.forget(item.optional_vars, variables, around)
        if suppresses(node):
            guard = InTry(attempt_of(node, node.body, [suppressing_handler(node)]))
            return around, self.block(node.body, variables, (*around, guard)) or True
        return around, self.block(node.body, variables, around)

    def _assign(self, node: ast.Assign, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.expression(node.value, variables, around)
        chains = self.chains_again(node.value, variables)
        for target in node.targets:
            self.assign(target, node.value, chains, variables, around)
        return around, True

    def _annotated(self, node: ast.AnnAssign, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.annotation(node.annotation, variables, around, evaluated=self.scope == "import")
        if node.value is not None:
            self.expression(node.value, variables, around)
        if isinstance(node.target, ast.Name):
            typed = self.typed(node.annotation, variables) if self.scope == "function" else ()
            value = self.chains_again(node.value, variables) if node.value is not None else ()
            self.bind(node.target.id, typed or value, variables, around)
        return around, True

    def _type_alias(self, node: TypeAlias, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        # Evaluated when the value is asked for, not when the statement runs.
        scope, self.scope = self.scope, "function"
        self.expression(node.value, dict(variables), around)
        self.scope = scope
        self.bind(node.name.id, self.chains(node.value, variables), variables, around)
        return around, True

    def _augmented(self, node: ast.AugAssign, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.expression(node.value, variables, around)
        self.forget(node.target, variables, around)
        return around, True

    def _leaving(
        self,
        node: ast.Return | ast.Raise | ast.Continue | ast.Break,
        variables: Locals,
        around: tuple[Surrounding, ...],
    ) -> After:
        for child in children(node):
            if isinstance(child, ast.expr):
                self.expression(child, variables, around)
        if isinstance(node, ast.Raise):
            self.refuse(node, exception_name(node), around)
        return around, False

    def _assert(self, node: ast.Assert, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.expression(node.test, variables, around)
        self.test(node.test, variables, around)
        self.refuse(node, "AssertionError", (*around, Condition(node.test, False, self.lines)))
        return (*around, Condition(node.test, True, self.lines)), True

    def _match(self, node: ast.Match, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.expression(node.subject, variables, around)
        ends: list[Locals] = []
        for case in node.cases:
            branch = {**variables, **dict.fromkeys(captured(case.pattern), ())}
            for _, cls in matched_classes(case.pattern):
                self.expression(cls, variables, around)
            for cls, steps in asked_by_pattern(case.pattern):
                for chain in self.chains(cls, variables):
                    self.emit(chain.then(*steps), "attribute", cls.lineno, cls.col_offset + 1, around)
            for name, cls in matched_classes(case.pattern):
                if name is not None and self.scope == "function":
                    branch[name] = self.typed(cls, variables)
            if case.guard is not None:
                self.expression(case.guard, branch, around)
            if self.block(case.body, branch, around):
                ends.append(branch)
        last = node.cases[-1]
        if last.guard is not None or not isinstance(last.pattern, ast.MatchAs) or last.pattern.pattern is not None:
            ends.append(dict(variables))  # none of the cases may match
        merge(variables, ends)
        return around, bool(ends)

    def _global(self, node: ast.Global, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        for name in node.names:
            variables.pop(name, None)
        return around, True

    def _other(self, node: ast.stmt, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        self.discarded = None
        for child in children(node):
            if isinstance(child, ast.expr):
                self.expression(child, variables, around)
        return around, True

    def execute(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Read the code in the text that `exec` is given. What it binds is known in the text alone."""
        statements = [] if self.in_text else executed_statements(node)
        if not statements:
            return
        uses, sites, classes, refusals = len(self.uses), len(self.sites), len(self.classes), len(self.refusals)
        self.in_text = True
        self.block(statements, dict(variables), around)
        self.in_text = False
        del self.sites[sites:], self.classes[classes:], self.refusals[refusals:]
        if has_own_names(node):
            self.uses[uses:] = [use for use in self.uses[uses:] if use.root.kind in {"import", "from"}]

    def refuse(self, node: ast.stmt, error: str, around: tuple[Surrounding, ...]) -> None:
        """Keep where the module gives up under a test: at its top level, or in a function of it."""
        if len(self.within) > 1 or self.owner is not None or not any(isinstance(a, Condition) for a in around):
            return
        place = node.lineno, node.col_offset + 1
        self.refusals.append(Refusal(error, *place, self.inside, self.scope, around))

    def if_statement(self, node: ast.If, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        """Read both branches; what surrounds the next statement, and whether there is one."""
        polarity = type_checking_polarity(node.test)
        if polarity is not None:
            chosen = node.orelse if polarity else node.body
            return around, self.block(chosen, variables, around)
        self.expression(node.test, variables, around)
        self.test(node.test, variables, around)
        yes, no = dict(variables), dict(variables)
        if self.scope == "function":
            yes.update(narrowed(node.test, variables))
        after_yes = self.block(node.body, yes, (*around, Condition(node.test, True, self.lines)))
        after_no = self.block(node.orelse, no, (*around, Condition(node.test, False, self.lines)))
        ends = [v for v, reached in ((yes, after_yes), (no, after_no)) if reached]
        merge(variables, ends)
        if not after_yes and after_no:
            around = (*around, Condition(node.test, False, self.lines))
        elif after_yes and not after_no:
            around = (*around, Condition(node.test, True, self.lines))
        return around, after_yes or after_no

    def try_statement(self, node: ast.Try | ast.TryStar, variables: Locals, around: tuple[Surrounding, ...]) -> After:
        """Read the body and its handlers; what surrounds the next statement, and whether there is one."""
        statement = attempt_of(node, node.body, node.handlers)
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
                    branch[handler.name] = self.typed(handler.type, branch) if self.scope == "function" else ()
            if self.block(handler.body, branch, (*around, InHandler(statement, handler))):
                ends.append(branch)
            else:
                leaving.append(handler)
        merge(variables, ends or [before])
        goes_on = self.block(node.finalbody, variables, around) and bool(ends)
        return (*around, AfterTry(statement, tuple(leaving))) if leaving else around, goes_on

    def import_statement(
        self, node: ast.Import | ast.ImportFrom, variables: Locals, around: tuple[Surrounding, ...]
    ) -> None:
        """Keep what an import asks for, and bind its names."""
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
        """Read a class; its methods are left for later."""
        for part in (*map(_applied, node.decorator_list), *node.bases, *(k.value for k in node.keywords)):
            self.expression(part, variables, around)
        outer = self.class_path, self.inside, self.owner
        self.class_path = f"{self.class_path}.{node.name}" if self.class_path else node.name
        self.inside = f"{self.inside}.{node.name}"
        if parameters := type_parameters(node, self.text_lines):
            self.class_bounds[self.class_path] = parameters
        if self.scope == "import":
            if node.bases:
                self.derived.add(self.class_path)
            methods = tuple(
                (s.name, s.lineno) for s in node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)
            )
            given = [k.arg for k in node.keywords if k.arg != "metaclass"]
            keywords = tuple(k for k in given if k is not None) if None not in given else None
            self.classes.append(OwnClass(self.class_path, node.lineno, methods, around, keywords))
        body_variables = dict(variables)
        saved_sites = len(self.sites)
        self.block(node.body, body_variables, (*around, *skips(node, self.lines)))
        del self.sites[saved_sites:]
        self.class_path, self.inside, self.owner = outer
        if self.scope == "function":
            variables[node.name] = ()

    def function(self, node: Function, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Read what runs where a function is defined; its body is left for later."""
        arguments = node.args
        defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        for part in (*map(_applied, node.decorator_list), *defaults):
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
        kept = (*kept, *skips(node, self.lines))
        self.pending.append((node, enclosing, kept, Place(f"{self.inside}.{node.name}", owner, (*self.within, node))))
        if self.scope == "function":
            variables[node.name] = ()
        elif not self.class_path:
            self.sites.append(ImportSite(node.name, None, around))

    def function_body(
        self,
        node: Function | ast.Lambda,
        variables: Locals,
        around: tuple[Surrounding, ...],
        place: Place,
    ) -> None:
        """Read the body of a function or lambda. `variables`: those of the functions around it."""
        owner = place.owner
        outer = self.scope, self.inside, self.owner, self.class_path, self.within, self.lines
        self.scope, self.inside, self.owner, self.class_path = "function", place.inside, owner, ""
        self.within = place.within
        self.lines = tuple(function.lineno for function in place.within)
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
            if argument.annotation is not None:
                variables[argument.arg] = self.typed(self.type_of(argument.annotation, place), variables)
            else:
                variables[argument.arg] = self.conventional_type(node, argument.arg) or self.inherited_type(
                    node, argument.arg, place
                )
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                variables[extra.arg] = ()
        if isinstance(node, ast.Lambda) and id(node) in self.handed and plain:
            variables[plain[0]] = self.handed[id(node)]
        if isinstance(node, ast.Lambda):
            self.expression(node.body, variables, around)
        else:
            self.block(node.body, variables, around)
        self.scope, self.inside, self.owner, self.class_path, self.within, self.lines = outer

    def type_of(self, annotation: ast.expr | None, place: Place) -> ast.expr | None:
        """An annotation; that of a type variable is its bound."""
        if not isinstance(annotation, ast.Name):
            return annotation
        around = [type_parameters(function, self.text_lines) for function in reversed(place.within)]
        around.append(self.class_bounds.get(place.owner.name, {}) if place.owner is not None else {})
        for bounds in (*around, self.bounds):
            if annotation.id in bounds:
                return bounds[annotation.id]
        return annotation

    def inherited_type(self, node: Function | ast.Lambda, argument: str, place: Place) -> tuple[Chain, ...]:
        """What the method that this one overrides says of a parameter; nothing where it can override none."""
        owner = place.owner
        if isinstance(node, ast.Lambda) or owner is None or owner.self_name is None or owner.name not in self.derived:
            return ()
        if place.inside != f"{self.module}.{owner.name}.{node.name}" or node.name.startswith("__"):
            return ()
        return (Chain(Root("parameter", owner.name, method=node.name, parameter=argument)),)

    def conventional_type(self, node: Function | ast.Lambda, argument: str) -> tuple[Chain, ...]:
        """What a parameter is by convention."""
        index = self.parameters.get(argument, -1)
        if self.conventions is None or isinstance(node, ast.Lambda):
            return ()
        return self.handled.get(node.name, {}).get(index, ()) or self.conventions.of(node, index, argument)

    def assign(
        self,
        target: ast.expr,
        value: ast.expr,
        chains: tuple[Chain, ...],
        variables: Locals,
        around: tuple[Surrounding, ...],
    ) -> None:
        """Bind one target of an assignment."""
        if isinstance(target, ast.Name):
            keep = variables.get(target.id, ()) if isinstance(value, ast.Constant) and value.value is None else chains
            self.bind(target.id, keep, variables, around)
        else:
            self.keep(target, value, chains)
            self.forget(target, variables, around)
            if not isinstance(value, ast.Tuple | ast.List):
                self.take_apart(target, chains, variables, around)

    def keep(self, target: ast.expr, value: ast.expr, chains: tuple[Chain, ...]) -> None:
        """Note `self.attribute = parameter` in a constructor, where nothing says what the parameter is."""
        method = self.within[-1] if self.within else None
        if chains or method is None or method.name != "__init__" or self.owner is None:
            return
        if not isinstance(value, ast.Name) or not isinstance(target, ast.Attribute):
            return
        position = self.parameters.get(value.id)
        if position is not None and dotted(target.value) == self.owner.self_name:
            self.kept.append(Kept(self.owner.name, target.attr, value.id, position))

    def take_apart(
        self, target: ast.expr, chains: tuple[Chain, ...], variables: Locals, around: tuple[Surrounding, ...]
    ) -> None:
        """Bind the names of a target inside a function; those at the top of the module are forgotten."""
        if self.scope == "function" or self.class_path:
            variables.update(self.taken_apart(target, chains))

    def forget(self, target: ast.expr, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """The names of a target stand for something that is not known."""
        if isinstance(target, ast.Name):
            self.bind(target.id, (), variables, around)
            return
        for node in descendants(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.bind(node.id, (), variables, around)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self.expression(node.value, variables, around)
                if not self._goes_elsewhere(node, variables):
                    self.store(chains_of(node, variables, self.owner), node, around)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                for receiver, step in asked(node):
                    self.ask(receiver, step, variables, around)
                self.expression(node.value, variables, around)
                self.expression(node.slice, variables, around)


# Most of the time of reading a file is spent on finding out what a statement is.
_STATEMENTS: dict[type[ast.AST], Callable[..., After]] = {
    ast.Import: FunctionReader._import,
    ast.ImportFrom: FunctionReader._import,
    ast.FunctionDef: FunctionReader._function,
    ast.AsyncFunctionDef: FunctionReader._function,
    ast.ClassDef: FunctionReader._class,
    ast.For: FunctionReader._for,
    ast.AsyncFor: FunctionReader._for,
    ast.While: FunctionReader._while,
    ast.With: FunctionReader._with,
    ast.AsyncWith: FunctionReader._with,
    ast.Assign: FunctionReader._assign,
    ast.AnnAssign: FunctionReader._annotated,
    TypeAlias: FunctionReader._type_alias,
    ast.AugAssign: FunctionReader._augmented,
    ast.Return: FunctionReader._leaving,
    ast.Raise: FunctionReader._leaving,
    ast.Continue: FunctionReader._leaving,
    ast.Break: FunctionReader._leaving,
    ast.Assert: FunctionReader._assert,
    ast.Match: FunctionReader._match,
    ast.Global: FunctionReader._global,
    ast.If: FunctionReader.if_statement,
    ast.Try: FunctionReader.try_statement,
    ast.TryStar: FunctionReader.try_statement,
}
