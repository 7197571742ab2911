"""Statements of the evaluated code in, outcomes out: what a function may return or raise, what a module's names
hold."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from tailrace.python.interpreter.calls import call_method, call_symbol
from tailrace.python.interpreter.environment import Environment
from tailrace.python.interpreter.frames import Frame, Moment, OutOfBudget, join
from tailrace.python.interpreter.modules import ModuleRunner
from tailrace.python.interpreter.raising import catches, lineage
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
    is_hashable,
    items_of,
    truth,
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

    def missing_item(self, node: ast.Subscript, owner: Any, key: Any, frame: Frame) -> Any:
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

    def call_node(self, node: ast.Call, frame: Frame) -> Any:
        """A call as written."""
        arguments = self.arguments(node, frame)
        callee = self.value(node.func, frame)
        if isinstance(callee, Method) and callee.name in {"update", "extend"} and isinstance(node.func, ast.Attribute):
            if not arguments.closed or any(isinstance(value, Unknown) for value in arguments.positional):
                self.forget(node.func.value, frame)
                return None
        return self.call(callee, arguments, frame)

    def call(self, callee: Any, arguments: Arguments, frame: Frame) -> Any:
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
                return self.run(callee, list(arguments.positional), arguments.keywords, frame)
            case Symbol(path="platform.system") if not arguments.positional:
                return _SYSTEMS.get(self.moment.platform or "", UNKNOWN)
            case Symbol():
                found = call_symbol(self, callee.path, arguments, frame)
                if found is UNKNOWN and callee.path == "builtins.getattr" and len(arguments.positional) == 2:
                    frame.doubt("AttributeError")
                return found
            case _:
                return UNKNOWN

    # -- functions -------------------------------------------------------------------------------------------------

    def outcomes(self, function: Function, args: list[Any], keywords: dict[str, Any] | None = None) -> Outcomes:
        """Everything a call can do."""
        frame = Frame(function.frame.module, self._bind(function, args, keywords or {}), function.frame)
        if isinstance(function.node, ast.Lambda):
            frame.outcomes.returned.append(self.value(function.node.body, frame))
            return frame.outcomes
        try:
            if self.block(function.node.body, frame):
                frame.outcomes.returned.append(None)
        except Raised as error:
            frame.outcomes.raised.append(error.kept())
        return frame.outcomes

    def run(self, function: Function, args: list[Any], keywords: dict[str, Any], caller: Frame | None = None) -> Any:
        """The value of a call; raises when it surely raises, `UNKNOWN` when it may do several things.

        What it may raise besides returning is noted in the frame of the caller.
        """
        if self.depth >= _MAX_CALLS:
            return UNKNOWN
        self.depth += 1
        try:
            found = self.outcomes(function, args, keywords)
        finally:
            self.depth -= 1
        if found.raised and not found.returned:
            raise found.raised[0]
        if found.raised or not found.returned:
            if caller is not None:
                caller.outcomes.raised.extend(Raised(r.lineage, r.name, certain=False) for r in found.raised)
            return UNKNOWN
        first = found.returned[0]
        return first if len(found.returned) == 1 or all(v is first for v in found.returned) else UNKNOWN

    def _bind(self, function: Function, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
        arguments = function.node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        variables: dict[str, Any] = dict.fromkeys([*names, *(a.arg for a in arguments.kwonlyargs)], UNKNOWN)
        for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
            variables[name] = self.value(default, function.frame)
        for argument, default_or_none in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default_or_none is not None:
                variables[argument.arg] = self.value(default_or_none, function.frame)
        variables.update(zip(names, args, strict=False))
        variables.update({k: v for k, v in keywords.items() if k in variables})
        if arguments.vararg is not None:
            variables[arguments.vararg.arg] = tuple(args[len(names) :])
        if arguments.kwarg is not None:
            variables[arguments.kwarg.arg] = {k: v for k, v in keywords.items() if k not in variables}
        return variables

    # -- statements ------------------------------------------------------------------------------------------------

    def block(self, body: list[ast.stmt], frame: Frame) -> bool:
        """Run statements; whether the end of the block can be reached."""
        for node in body:
            try:
                if not self.statement(node, frame):
                    return False
            except Raised:
                # A module is imported in practice: a top-level statement that seems to fail is one not understood here.
                if not frame.is_module or frame.tries:
                    raise
        return True

    def statement(self, node: ast.stmt, frame: Frame) -> bool:
        """Run one statement; whether what follows can be reached."""
        self.spend()
        match node:
            case ast.Return():
                frame.outcomes.returned.append(self.value(node.value, frame) if node.value is not None else None)
                return False
            case ast.Raise():
                raise self.exception(node, frame)
            case ast.If():
                return self._if(node, frame)
            case ast.Assign():
                value = self.value(node.value, frame)
                for target in node.targets:
                    self.assign(target, value, frame)
            case ast.AnnAssign():
                if node.value is not None:
                    self.assign(node.target, self.value(node.value, frame), frame)
            case ast.AugAssign():
                self.assign(node.target, self.value(ast.BinOp(_load(node.target), node.op, node.value), frame), frame)
            case ast.Expr(value=ast.Name(id=name)) if frame.is_module and frame.tries and name not in frame.variables:
                # `try: __SETUP__ / except NameError: __SETUP__ = False` asks whether somebody has set it; nobody has.
                if not hasattr(builtins, name):
                    raise Raised(frozenset({"NameError", "Exception", "BaseException"}), "NameError")
            case ast.Expr():
                self.value(node.value, frame)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                frame.variables[node.name] = Function(node, frame)
            case ast.ClassDef():
                frame.variables[node.name] = Symbol(f"{frame.module}.{node.name}")
            case ast.Import() | ast.ImportFrom():
                self.runner.import_statement(node, frame)
            case ast.For():
                return self._for(node, frame)
            case ast.While():
                self.forget_all(node, frame)
            case ast.With():
                return self.block(node.body, frame)
            case ast.Try():
                return self._try(node, frame)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        frame.variables.pop(target.id, None)
            case _:
                pass
        return True

    def _if(self, node: ast.If, frame: Frame) -> bool:
        known = truth(self.value(node.test, frame))
        if known is not None:
            return self.block(node.body if known else node.orelse, frame)
        before = dict(frame.variables)
        ends: list[dict[str, Any]] = []
        for body in (node.body, node.orelse):
            frame.variables.clear()
            frame.variables.update(before)
            try:
                if self.block(body, frame):
                    ends.append(dict(frame.variables))
            except Raised as error:
                frame.outcomes.raised.append(Raised(error.lineage, error.name, certain=False))
        frame.variables.clear()
        frame.variables.update(join(ends, keep_single=frame.is_module) if ends else before)
        return bool(ends)

    def _for(self, node: ast.For, frame: Frame) -> bool:
        items = items_of(self.value(node.iter, frame))
        stops = any(isinstance(n, ast.Break | ast.Continue) for n in descendants(node))
        if items is None or (stops and not frame.is_module):
            self.forget_all(node, frame)
            if any(isinstance(n, ast.Return) for n in descendants(node)):
                frame.outcomes.returned.append(UNKNOWN)
            return True
        for item in items:
            self.assign(node.target, item, frame)
            if not self.block([s for s in node.body if not isinstance(s, ast.Break | ast.Continue)], frame):
                return False
        return self.block(node.orelse, frame)

    def _try(self, node: ast.Try, frame: Frame) -> bool:
        before = len(frame.outcomes.raised)
        caught: list[Raised] = []
        reached = True
        frame.tries += 1
        try:
            reached = self.block(node.body, frame) and self.block(node.orelse, frame)
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
                if self.block(handler.body, frame):
                    ends.append(dict(frame.variables))
            except Raised as again:
                if not ends and not doubtful:
                    raise
                frame.outcomes.raised.append(again.kept())
        frame.variables.clear()
        frame.variables.update(join(ends, keep_single=frame.is_module) if ends else start)
        return self.block(node.finalbody, frame) and bool(ends)

    def exception(self, node: ast.Raise, frame: Frame) -> Raised:
        """The exception a `raise` statement raises."""
        expression = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        text = dotted(expression)
        if text is None:
            return Raised(frozenset({"Exception", "BaseException"}), "Exception")
        return Raised(lineage(self.world, text, frame.module), text.rsplit(".", 1)[-1])

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """`target = value`."""
        match target:
            case ast.Name(id=name):
                frame.variables[name] = value
            case ast.Tuple(elts=items) | ast.List(elts=items):
                parts = (
                    list(value)
                    if isinstance(value, list | tuple) and len(value) == len(items)
                    else [UNKNOWN] * len(items)
                )
                for item, part in zip(items, parts, strict=True):
                    self.assign(item, part, frame)
            case ast.Subscript():
                receiver, key = self.value(target.value, frame), self.value(target.slice, frame)
                if isinstance(receiver, dict) and isinstance(key, str | int | tuple):
                    receiver[key] = value
                elif isinstance(receiver, dict | list):
                    self.forget(target.value, frame)
                elif isinstance(receiver, Namespace) and isinstance(key, str) and receiver.module == frame.module:
                    self.runner.variables_of(frame.module)[key] = value
                elif dotted(target.value) == "sys.modules" and frame.is_module:
                    self.runner.replaced(frame.module, target, value)
            case _:
                pass

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


def _load(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target
