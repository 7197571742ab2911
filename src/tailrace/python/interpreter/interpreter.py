"""What a function may return or raise, and what the names of a module hold, where each value is known or unknown."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from tailrace.python.builtin_names import is_standard_module, standard_module_names
from tailrace.python.interpreter.calls import call_method, call_symbol
from tailrace.python.interpreter.environment import Environment
from tailrace.python.interpreter.frames import Frame, Moment, OutOfBudget, join
from tailrace.python.interpreter.modules import ModuleRunner
from tailrace.python.interpreter.raising import catches, lineage
from tailrace.python.interpreter.statements import Flow
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Function,
    Method,
    ModuleValue,
    Namespace,
    Outcomes,
    Raised,
    Symbol,
    Unknown,
    Value,
    is_hashable,
)
from tailrace.python.text import descendants, dotted

if TYPE_CHECKING:
    from tailrace.python.semantics.resolver import Resolver

_BUDGET = 200_000
_MAX_CALLS = 25
_ANY_MOMENT = Moment()
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


class Interpreter(Environment):
    """Evaluates code of the surfaces of one `Resolver`. Module variables are computed once and kept."""

    def __init__(self, world: Resolver, moment: Moment = _ANY_MOMENT) -> None:
        self.world, self.moment = world, moment
        self.budget = _BUDGET
        self.depth = 0
        self.runner = ModuleRunner(self)

    def spend(self) -> None:
        """Count one step."""
        self.budget -= 1
        if self.budget < 0:
            raise OutOfBudget

    # -- expressions ----------------------------------------------------------------------------------------------

    def missing_item(self, node: ast.Subscript, owner: Value, key: Value, frame: Frame) -> Value:
        """`sys.modules[name]`, `globals()[name]`, and what is surely not there."""
        if dotted(node.value) == "sys.modules" and isinstance(key, str):
            return ModuleValue(key)
        if isinstance(owner, Namespace) and isinstance(key, str):
            return self.namespace_get(owner.module, key)
        if isinstance(owner, dict) and is_hashable(key):
            raise Raised(frozenset({"KeyError", "LookupError", "Exception", "BaseException"}), "KeyError")
        if isinstance(owner, list | tuple | str) and isinstance(key, int):
            raise Raised(frozenset({"IndexError", "LookupError", "Exception", "BaseException"}), "IndexError")
        frame.doubt("KeyError", "LookupError")  # a table that is not known may lack the key
        return UNKNOWN

    def call_node(self, node: ast.Call, frame: Frame) -> Value:
        """A call as written."""
        arguments = self.arguments(node, frame)
        callee = self.value(node.func, frame)
        if isinstance(callee, Method) and callee.name in {"update", "extend"} and isinstance(node.func, ast.Attribute):
            if not arguments.closed or any(isinstance(value, Unknown) for value in arguments.positional):
                self.forget(node.func.value, frame)
                return None
        return self.call(callee, arguments, frame)

    def call(self, callee: Value, arguments: Arguments, frame: Frame) -> Value:
        """A call of a value."""
        if not arguments.closed:
            return UNKNOWN
        match callee:
            case Method(owner=Namespace() as space, name=name):
                key = arguments.get(0, "")
                if name != "get" or not isinstance(key, str):
                    return UNKNOWN
                found = self.namespace_has(space.module, key)
                if found is False:
                    return arguments.get(1, "")
                return UNKNOWN if found is None else self.namespace_get(space.module, key)
            case Method():
                return call_method(callee.owner, callee.name, arguments)
            case Function():
                return self.run(callee, arguments, frame)
            case Symbol(path="platform.system") if not arguments.positional:
                return _SYSTEMS.get(self.moment.platform or "", UNKNOWN)
            case Symbol():
                found = call_symbol(self, callee.path, arguments, frame)
                if callee.path == "builtins.getattr" and len(arguments.positional) == 2:
                    if found is UNKNOWN or _is_guessed(found):
                        frame.doubt("AttributeError")
                return found
            case _:
                return UNKNOWN

    # -- functions -------------------------------------------------------------------------------------------------

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Value:
        """The function as written; what its decorators do is not followed."""
        return Function(node, frame)

    def define_class(self, node: ast.ClassDef, frame: Frame) -> Value:
        """A class is known by its path only."""
        return Symbol(f"{frame.module}.{node.name}")

    def outcomes(self, function: Function, arguments: Arguments) -> Outcomes:
        """Everything a call can do."""
        frame = Frame(function.frame.module, parent=function.frame, function=function)
        self.bind(function, arguments, frame)
        if isinstance(function.node, ast.Lambda):
            frame.outcomes.returned.append(self.value(function.node.body, frame))
            return frame.outcomes
        try:
            if self.block(function.node.body, frame) is None:
                frame.outcomes.returned.append(None)
        except Raised as error:
            frame.outcomes.raised.append(error.kept())
        return frame.outcomes

    def run(self, function: Function, arguments: Arguments, caller: Frame) -> Value:
        """The value of a call; raises when it surely raises, `UNKNOWN` when it may do several things.

        What it may raise besides returning is noted in the frame of the caller.
        """
        if self.depth >= _MAX_CALLS:
            return UNKNOWN
        self.depth += 1
        try:
            found = self.outcomes(function, arguments)
        finally:
            self.depth -= 1
        if found.raised and not found.returned:
            raise found.raised[0]
        if found.raised or not found.returned:
            caller.outcomes.raised.extend(Raised(r.lineage, r.name, certain=False) for r in found.raised)
            return UNKNOWN
        first = found.returned[0]
        return first if len(found.returned) == 1 or all(v is first for v in found.returned) else UNKNOWN

    # -- statements ------------------------------------------------------------------------------------------------

    def statement(self, node: ast.stmt, frame: Frame) -> Flow | None:
        """Run one statement."""
        match node:
            case ast.Expr(value=ast.Name(id=name)) if frame.is_module and frame.tries and name not in frame.variables:
                # `try: __SETUP__ / except NameError: __SETUP__ = False` asks whether somebody has set it; nobody has.
                if not hasattr(builtins, name):
                    raise Raised(frozenset({"NameError", "Exception", "BaseException"}), "NameError")
            case _:
                pass
        return super().statement(node, frame)

    def survives(self, frame: Frame) -> bool:
        """A module is imported in practice: a top-level statement that seems to fail is one not understood here."""
        return frame.is_module and not frame.tries

    def import_statement(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        """Bind the names of an import; raises what it raises."""
        self.runner.import_statement(node, frame)

    def undecided_branch(self, node: ast.If, frame: Frame) -> Flow | None:
        """Run both branches, each on variables of its own, and join them."""
        before = dict(frame.variables)
        ends: list[dict[str, Value]] = []
        for body in (node.body, node.orelse):
            frame.variables.clear()
            frame.variables.update(before)
            try:
                if self.block(body, frame) is not Flow.RETURN:
                    ends.append(dict(frame.variables))
            except Raised as error:
                frame.outcomes.raised.append(Raised(error.lineage, error.name, certain=False))
        frame.variables.clear()
        frame.variables.update(join(ends, keep_single=frame.is_module) if ends else before)
        return None if ends else Flow.RETURN

    def follows(self, node: ast.For | ast.AsyncFor, frame: Frame) -> bool:
        """A loop that may end early is followed in a module only, where what it binds is there in practice."""
        return frame.is_module or not any(isinstance(n, ast.Break | ast.Continue) for n in descendants(node))

    def undecided_loop(self, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
        """Whatever the loop may set is unknown, and so is what it may return."""
        self._leave_open(node, frame)
        return None

    def undecided_case(self, body: list[ast.stmt], frame: Frame) -> None:
        """The same for a `case`."""
        for node in body:
            self._leave_open(node, frame)

    def repeat(self, node: ast.While, frame: Frame) -> Flow | None:
        """The same for a `while` loop."""
        self.forget_all(node, frame)
        return None

    def _leave_open(self, node: ast.stmt, frame: Frame) -> None:
        self.forget_all(node, frame)
        if any(isinstance(inner, ast.Return) for inner in descendants(node)):
            frame.outcomes.returned.append(UNKNOWN)

    def attempt(self, node: ast.Try | ast.TryStar, frame: Frame) -> Flow | None:
        """Run the body, and each handler that catches what it raises or may raise."""
        before = len(frame.outcomes.raised)
        caught: list[Raised] = []
        reached = True
        frame.tries += 1
        try:
            flow = self.block(node.body, frame) or self.block(node.orelse, frame)
            reached = flow is not Flow.RETURN
        except Raised as error:
            reached = False
            caught.append(error.kept())
        finally:
            frame.tries -= 1
        doubtful = frame.outcomes.raised[before:]
        del frame.outcomes.raised[before:]
        ends = [dict(frame.variables)] if reached else []
        start = dict(frame.variables)
        for raised in [*caught, *doubtful]:
            handler = next((h for h in node.handlers if catches(h, raised.lineage)), None)
            if handler is None:
                if raised in caught and not ends and not doubtful:
                    self.block(node.finalbody, frame)
                    raise raised
                frame.outcomes.raised.append(raised)
                continue
            frame.variables.clear()
            frame.variables.update(start)
            if handler.name:
                frame.variables[handler.name] = UNKNOWN
            try:
                if self.block(handler.body, frame) is not Flow.RETURN:
                    ends.append(dict(frame.variables))
            except Raised as again:
                if not ends and not doubtful:
                    raise
                frame.outcomes.raised.append(again.kept())
        frame.variables.clear()
        frame.variables.update(join(ends, keep_single=frame.is_module) if ends else start)
        return self.block(node.finalbody, frame) or (None if ends else Flow.RETURN)

    def exception(self, node: ast.Raise, frame: Frame) -> Raised:
        """The exception a `raise` statement raises."""
        expression = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        text = dotted(expression)
        if text is None:
            return Raised(frozenset({"Exception", "BaseException"}), "Exception")
        return Raised(lineage(self.world, text, frame.module), text.rsplit(".", 1)[-1])

    def assign_attribute(self, target: ast.Attribute, value: Value, frame: Frame) -> None:
        """Attributes of objects are not kept."""

    def assign_item(self, target: ast.Subscript, owner: Value, key: Value, value: Value, frame: Frame) -> None:
        """A container that is changed at a place which is not known is not known any more."""
        if isinstance(owner, dict | list):
            self.forget(target.value, frame)
        elif isinstance(owner, Namespace) and isinstance(key, str) and owner.module == frame.module:
            self.runner.variables_of(frame.module)[key] = value

    def forget(self, node: ast.expr, frame: Frame) -> None:
        """A container was changed in a way that cannot be followed: the variable holding it becomes unknown."""
        if isinstance(node, ast.Name):
            frame.variables[node.id] = UNKNOWN
        elif isinstance(node, ast.Subscript):
            self.forget(node.value, frame)

    def forget_all(self, loop: ast.stmt, frame: Frame) -> None:
        """Everything a statement may set or change becomes unknown."""
        for node in descendants(loop):
            if isinstance(node, ast.Name) and (isinstance(node.ctx, ast.Store) or node.id in frame.variables):
                mutable = isinstance(frame.variables.get(node.id), list | dict | set)
                if isinstance(node.ctx, ast.Store) or mutable:
                    frame.variables[node.id] = UNKNOWN


def _is_guessed(value: Value) -> bool:
    """Whether a name of something outside is only known by its path: it may not be there."""
    if not isinstance(value, Symbol):
        return False
    module, _, name = value.path.rpartition(".")
    if not is_standard_module(module.partition(".")[0]):
        return bool(module)
    names = standard_module_names(module)
    return names is not None and name not in names
