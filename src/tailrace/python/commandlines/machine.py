"""Follows statements to the parsers and commands that they would build. Computes with stand-ins; executes nothing."""

from __future__ import annotations

import ast

from tailrace.python.commandlines import hosts, toolkits
from tailrace.python.commandlines.calls import KNOWN_BUILTINS, Calls
from tailrace.python.commandlines.program import SourceModule
from tailrace.python.commandlines.values import Command, Group, Live, Option, Parser, SubParsers, is_live, parsers_in
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.calls import method_of
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.raising import catches
from tailrace.python.interpreter.statements import Flow
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Class,
    Function,
    Instance,
    Items,
    Lazy,
    ModuleValue,
    Partial,
    Raised,
    Super,
    Symbol,
    Table,
    Value,
)
from tailrace.python.text import descendants

# Limits: nested calls, calls of one function, rounds of one loop.
MAX_DEPTH = 24
MAX_CALLS = 400
_MISSING = object()


class Machine(Calls):
    """An abstract run of a program's command line construction. One heap, one run."""

    # names

    @staticmethod
    def is_toolkit(module: str) -> bool:
        """Whether a module is argparse, click or typer: these are known by meaning, never read as sources."""
        return toolkits.canonical_root(module) is not None

    def lookup(self, name: str, frame: Frame) -> Value:
        """The value of a name: local, module, builtin."""
        holder = frame.holder(name)
        if holder is None:
            return Symbol(f"builtins.{name}") if name in KNOWN_BUILTINS else UNKNOWN
        found = holder.variables[name]
        if isinstance(found, Lazy):
            found = self.resolve(holder, name, found)
        is_flag = found is None or isinstance(found, bool)
        return UNKNOWN if is_flag and name in self.program.modules[frame.module].rebound else found

    def resolve(self, holder: Frame, name: str, lazy: Lazy) -> Value:
        """The value behind an imported name; its module runs now. A name that leads back to itself is unknown."""
        holder.variables[name] = UNKNOWN
        holder.variables[name] = self.member(lazy.module, lazy.name or "")
        return holder.variables[name]

    def attribute(self, owner: Value, name: str) -> Value:
        """`owner.name`."""
        match owner:
            case ModuleValue():
                return self.member(owner.name, name)
            case Symbol():
                return _elsewhere(f"{owner.path}.{name}")
            case Instance():
                if name in owner.attributes:
                    return owner.attributes[name]
                member = classes.bound_member(self, owner.cls, owner, name)
                if isinstance(member, Function) and classes.is_property(member):
                    return self.call_function(member, Arguments(), name)
                return member
            case Class():
                found = classes.lookup(self, owner, name)
                if found is None and name == "__init__" and (base := toolkits.external_base(self, owner)):
                    return Symbol(f"{base}.__init__")
                return UNKNOWN if found is None else classes.of_class(found, owner)
            case Super():
                return classes.super_member(self, owner, name)
            case Parser() | Group() | SubParsers() | Command() | Option():
                return toolkits.attribute(self, owner, name)
            case Function():
                return Items(owner.hung) if name == "__click_params__" else UNKNOWN
            case Partial(kind="choice") if name == "choices":
                return owner.target
            case _:
                return method_of(owner, name)

    def missing_item(self, node: ast.Subscript, owner: Value, key: Value, frame: Frame) -> Value:
        """What an item may be that is not known to be there."""
        if hosts.is_foreign_parser(owner):
            return owner
        if isinstance(owner, dict):
            # A title that is computed or translated: any group of the parser takes options for it.
            groups = [item for item in owner.values() if isinstance(item, Group)]
            return groups[0] if groups and len(groups) == len(owner) else UNKNOWN
        return UNKNOWN

    # modules

    def module_frame(self, module: object) -> Frame:
        """The names of a module after its top level ran; runs it the first time."""
        assert isinstance(module, SourceModule)
        found = self.modules.get(module.name)
        if found is None:
            found = self.modules[module.name] = Frame(module.name, is_module=True)
            found.variables["__name__"] = UNKNOWN
            if module.tree is not None:
                with self.apart():
                    self.frames.append(found)
                    try:
                        self.settle(module.tree.body, found)
                    finally:
                        self.frames.pop()
        return found

    def member(self, module_name: str, name: str) -> Value:
        """`from module_name import name`."""
        module = self.program.find(module_name)
        if module is not None and not self.is_toolkit(module_name):
            frame = self.module_frame(module)
            if name in frame.variables:
                value = self.lookup(name, frame)
                return UNKNOWN if name in module.rebound and value is None else value
        dotted = f"{module_name}.{name}" if module_name else name
        if self.program.knows_package(dotted) and not self.is_toolkit(dotted):
            return ModuleValue(dotted)
        if self.program.knows_package(module_name.partition(".")[0]) and not self.is_toolkit(module_name):
            return UNKNOWN
        return _elsewhere(dotted)

    # statements

    def module_value(self, name: str) -> Value:
        """`import name`."""
        return ModuleValue(name) if self.program.knows_package(name) and not self.is_toolkit(name) else Symbol(name)

    def import_statement(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        """Bind the names of an import; in a `try`, raise what it surely raises."""
        if self.installed is not None and any(depth == len(self.frames) for depth, _ in self.handlers):
            raised = self.installed.import_error(node, frame.module)
            if raised is not None:
                raise raised
        if isinstance(node, ast.ImportFrom):
            self.import_from(node, frame)
            return
        for alias in node.names:
            shown = alias.name if alias.asname else alias.name.partition(".")[0]
            frame.variables[alias.asname or shown] = self.module_value(shown)

    def exception(self, node: ast.Raise, frame: Frame) -> Raised:
        """An exception that any handler may catch."""
        return _anything()

    def may_fail_to_import(self, body: list[ast.stmt], frame: Frame) -> bool:
        """Whether a block imports something that may or may not be installed."""
        installed = self.installed
        return installed is not None and any(
            installed.may_fail(statement, frame.module)
            for statement in body
            if isinstance(statement, ast.Import | ast.ImportFrom)
        )

    def import_from(self, node: ast.ImportFrom, frame: Frame) -> None:
        """Bind the names of a `from` import."""
        origin = self.program.modules[frame.module].absolute(node.level, node.module)
        for alias in node.names:
            if alias.name != "*":
                frame.variables[alias.asname or alias.name] = Lazy(origin, alias.name)
            elif (module := self.program.find(origin)) is not None:
                public = {k: v for k, v in self.module_frame(module).variables.items() if not k.startswith("_")}
                frame.variables.update(public)

    def undecided_branch(self, node: ast.If, frame: Frame) -> Flow | None:
        """Run both branches, the second after the first."""
        if _is_main_guard(node.test):
            with self.apart(script=f"python -m {frame.module.removesuffix('.__main__')}"):
                self.settle(node.body, frame)
            return None
        flags = _Flags(frame.variables)
        with self.unsure():
            first = self.settle(node.body, frame)
            flags.between()
            second = self.settle(node.orelse, frame)
        flags.join(body=first is None, orelse=second is None)
        if first is None or second is None:
            return None
        return second if first is Flow.RAISE else first

    def undecided_case(self, body: list[ast.stmt], frame: Frame) -> None:
        """Run it as one that may not be taken."""
        with self.unsure():
            self.settle(body, frame)

    def undecided_loop(self, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
        """Run the body once."""
        self.assign(node.target, UNKNOWN, frame)
        self.undecided_case(node.body, frame)
        return self.block(node.orelse, frame)

    def repeat(self, node: ast.While, frame: Frame) -> Flow | None:
        """Run the body once, unless the test is false from the start."""
        if self.decide(node.test, frame) is False:
            return self.block(node.orelse, frame)
        with self.unsure():
            flow = self.settle(node.body, frame)
        return flow if flow is Flow.RETURN and _always(node.test) else None

    def attempt(self, node: ast.Try | ast.TryStar, frame: Frame) -> Flow | None:
        """Run the body; a handler runs too, unless it only catches conflicts and there was none."""
        recovering = [_caught(handler) for handler in node.handlers if not _gives_up(handler)]
        caught: frozenset[str] = frozenset().union(*recovering)
        before = len(self.conflicts)
        raised: Raised | None = None
        self.handlers.append((len(self.frames), caught))
        try:
            flow = self.block(node.body, frame)
        except Raised as error:
            flow = Flow.RAISE
            raised = error
        finally:
            self.handlers.pop()
        if raised is not None and raised.lineage:
            handler = next((h for h in node.handlers if catches(h, raised.lineage)), None)
            flow = self.settle(handler.body, frame) if handler is not None else Flow.RAISE
            last = self.block(node.finalbody, frame)
            if flow is Flow.RAISE and last is None:
                raise raised.kept() if handler is None else _anything()
            return last or flow
        clashed = len(self.conflicts) > before
        for handler in node.handlers:
            if clashed or "ArgumentError" not in _caught(handler):
                kept = {} if clashed else {k: v for k, v in frame.variables.items() if v is not UNKNOWN}
                with self.unsure():
                    left = self.settle(handler.body, frame)
                if left is None and self.may_fail_to_import(node.body, frame):
                    kept = {k: UNKNOWN if _differ(v, frame.variables.get(k, v)) else v for k, v in kept.items()}
                frame.variables.update(kept)
        if flow is Flow.RAISE and node.handlers:
            flow = None
        if flow is None:
            flow = self.settle(node.orelse, frame)
        last = self.block(node.finalbody, frame)
        if flow is Flow.RAISE and last is None:
            raise raised or _anything()
        return last or flow

    # functions

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Value:
        """The value of a `def` after its decorators."""
        function: Value = Function(node, frame)
        for decorator in reversed(node.decorator_list):
            applied = self.value(decorator, frame)
            function = self.decorate(applied, function, decorator, frame)
        return function

    def define_class(self, node: ast.ClassDef, frame: Frame) -> Value:
        """A class, whose members are looked at when they are asked for."""
        return Class(node, frame)

    def run(self, function: Function, arguments: Arguments, *, root: bool = False) -> Value:
        """Run a function of the sources at hand; what it may return."""
        self.calls[function.node] = count = self.calls.get(function.node, 0) + 1
        nested = sum(1 for frame in self.frames if frame.function and frame.function.node is function.node)
        if nested > 1 or len(self.frames) > MAX_DEPTH or count > MAX_CALLS:
            if nested <= 1:
                self.too_deep(arguments)
            return UNKNOWN
        frame = Frame(function.frame.module, parent=function.frame, function=function)
        self.bind(function, arguments, frame, root=root)
        self.frames.append(frame)
        ends = False
        try:
            if isinstance(function.node, ast.Lambda):
                frame.outcomes.returned.append(self.value(function.node.body, frame))
            else:
                ends = self.settle(function.node.body, frame) is None
        except RecursionError:
            self.too_deep(arguments)
        finally:
            self.frames.pop()
        return _returned(frame.outcomes.returned, ends=ends)

    def too_deep(self, arguments: Arguments) -> None:
        """A call could not be followed to its end: what it got may have got more."""
        for value in arguments.values():
            for holder in parsers_in(value):
                holder.open_ends.add("depth")

    # assignment

    def bind_name(self, name: str, value: Value, frame: Frame) -> None:
        """`name = value`. In a branch that may not be taken, nothing useful is overwritten by nothing."""
        worthless = value is UNKNOWN or value is None
        if not (self.conditions and worthless and isinstance(frame.variables.get(name), Live)):
            frame.variables[name] = value

    def assign_item(self, target: ast.Subscript, owner: Value, key: Value, value: Value, frame: Frame) -> None:
        """A dictionary that gets an item under a key that is not known may hold any."""
        if isinstance(owner, Table):
            owner.closed = False

    def assign_attribute(self, target: ast.Attribute, value: Value, frame: Frame) -> None:
        """`owner.name = value`."""
        self.set_attribute(self.value(target.value, frame), target.attr, value)

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """`owner.name = value`."""
        match owner:
            case Instance():
                if not (value is UNKNOWN and isinstance(owner.attributes.get(name), Live)):
                    owner.attributes[name] = value
            case Parser():
                if name == "conflict_handler":
                    owner.resolves_conflicts = value == "resolve"
                elif name == "prog" and isinstance(value, str):
                    owner.prog = value
                else:
                    owner.attributes[name] = value
            case Command():
                if name == "params" and isinstance(value, Items):
                    owner.params = value
            case Option():
                pass
            case _:
                pass


def _returned(values: list[Value], *, ends: bool) -> Value:
    """What a call gives: a piece of a command line when some path returns one; `ends`: it may also return nothing.

    Flags that differ from path to path are unknown.
    """
    live = next((value for value in values if is_live(value)), None)
    if live is not None:
        return live
    if any(map(_is_flag, values)) and (ends or any(value != values[0] for value in values)):
        known = [value for value in values if value is not UNKNOWN and not _is_flag(value)]
        return known[-1] if known else UNKNOWN
    return next((value for value in reversed(values) if value is not UNKNOWN), UNKNOWN)


def _is_flag(value: Value) -> bool:
    return value is None or isinstance(value, bool)


def _differ(one: Value, other: Value) -> bool:
    return isinstance(one, bool) and one != other


class _Flags:
    """The flags that two branches of an undecided test set: the second does not see those of the first."""

    def __init__(self, names: dict[str, Value]) -> None:
        self.names, self.before = names, dict(names)
        self.of_body: dict[str, Value] = {}

    def between(self) -> None:
        """Take back what the first branch set."""
        self.of_body = {name: self.names[name] for name in self._changed()}
        for name in self.of_body:
            if name in self.before:
                self.names[name] = self.before[name]
            else:
                del self.names[name]

    def join(self, *, body: bool, orelse: bool) -> None:
        """Set the flags to unknown that hold one thing or another. `body`, `orelse`: whether its end can be reached."""
        changed = {*self.of_body, *self._changed()}
        for name in sorted(changed):
            held = self.names.get(name, _MISSING)
            if not isinstance(held, bool) and held is not self.before.get(name, _MISSING):
                continue
            of_body = self.of_body.get(name, self.before.get(name, _MISSING))
            ends = [end for end, reached in ((of_body, body), (held, orelse)) if reached and end is not _MISSING]
            if ends:
                self.names[name] = ends[0] if all(end == ends[0] for end in ends) else UNKNOWN
            elif held is _MISSING:
                self.names[name] = of_body

    def _changed(self) -> list[str]:
        before = self.before
        return [k for k, v in self.names.items() if isinstance(v, bool) and v is not before.get(k, _MISSING)]


def _caught(handler: ast.ExceptHandler) -> frozenset[str]:
    if handler.type is None:
        return frozenset({"*"})
    nodes = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return frozenset(
        n.attr if isinstance(n, ast.Attribute) else n.id for n in nodes if isinstance(n, ast.Attribute | ast.Name)
    )


def _gives_up(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends by raising or leaving the program, with no way around."""
    *before, last = handler.body
    if any(
        isinstance(n, ast.Return | ast.Continue | ast.Break) for statement in before for n in descendants(statement)
    ):
        return False
    if isinstance(last, ast.Raise):
        return True
    call = last.value if isinstance(last, ast.Expr | ast.Return) else None
    name = call.func if isinstance(call, ast.Call) else None
    return getattr(name, "attr", None) in {"exit", "_exit", "abort"} or getattr(name, "id", None) in {"exit", "quit"}


def _elsewhere(path: str) -> Value:
    """What a name of no source at hand holds. What only type checkers see builds no command line."""
    return False if path == "typing.TYPE_CHECKING" else Symbol(path)


def _anything() -> Raised:
    """An exception that is not worked out: any handler may catch it."""
    return Raised(frozenset(), "", certain=False)


def _always(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _is_main_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"
