"""The evaluator of statements. What a test that cannot be decided, a loop over what is not known and a `try` that may
fail mean is left to the subclasses of `Runner`."""

from __future__ import annotations

import ast
from abc import abstractmethod
from enum import Enum, auto

from tailrace.python.interpreter.expressions import Evaluator
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Function,
    Items,
    Raised,
    Table,
    Value,
    is_hashable,
    items_of,
    truth,
)

# The exception of a failing `assert`.
_ASSERTION = frozenset({"AssertionError", "Exception", "BaseException"})


class Flow(Enum):
    """How a block ends that does not fall through. What surely raises ends in `Raised`."""

    RETURN = auto()
    BREAK = auto()
    CONTINUE = auto()
    RAISE = auto()


class Runner(Evaluator):
    """Runs statements."""

    @abstractmethod
    def undecided_branch(self, node: ast.If, frame: Frame) -> Flow | None:
        """An `if` whose test is not known."""

    @abstractmethod
    def undecided_loop(self, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
        """A loop over what is not known."""

    @abstractmethod
    def undecided_case(self, body: list[ast.stmt], frame: Frame) -> None:
        """A `case` that may fit."""

    @abstractmethod
    def repeat(self, node: ast.While, frame: Frame) -> Flow | None:
        """A `while` loop."""

    @abstractmethod
    def attempt(self, node: ast.Try | ast.TryStar, frame: Frame) -> Flow | None:
        """A `try` statement."""

    @abstractmethod
    def import_statement(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        """Bind the names of an import; raises what it raises."""

    @abstractmethod
    def exception(self, node: ast.Raise, frame: Frame) -> Raised:
        """What a `raise` statement raises."""

    @abstractmethod
    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Value:
        """The value of a `def` after its decorators."""

    @abstractmethod
    def define_class(self, node: ast.ClassDef, frame: Frame) -> Value:
        """The value of a `class` statement."""

    @abstractmethod
    def assign_attribute(self, target: ast.Attribute, value: Value, frame: Frame) -> None:
        """`owner.name = value`."""

    @abstractmethod
    def assign_item(self, target: ast.Subscript, owner: Value, key: Value, value: Value, frame: Frame) -> None:
        """`owner[key] = value` where it is more than an item of a dictionary."""

    def survives(self, frame: Frame) -> bool:
        """Whether what follows a statement that seems to raise is run all the same."""
        return False

    def follows(self, node: ast.For | ast.AsyncFor, frame: Frame) -> bool:
        """Whether a loop over known items is followed item by item."""
        return True

    def bind_name(self, name: str, value: Value, frame: Frame) -> None:
        """`name = value`."""
        frame.variables[name] = value

    def block(self, body: list[ast.stmt], frame: Frame) -> Flow | None:
        """Run statements in order; how they ended, `None` for falling through."""
        for node in body:
            try:
                flow = self.statement(node, frame)
            except Raised:
                if not self.survives(frame):
                    raise
                continue
            if flow is not None:
                return flow
        return None

    def settle(self, body: list[ast.stmt], frame: Frame) -> Flow | None:
        """Run statements that may not run at all: what they raise ends them, and nothing else."""
        try:
            return self.block(body, frame)
        except Raised:
            return Flow.RAISE

    def statement(self, node: ast.stmt, frame: Frame) -> Flow | None:
        """Run one statement."""
        self.spend()
        match node:
            case ast.Expr():
                self.value(node.value, frame)
            case ast.Assign():
                value = self.value(node.value, frame)
                for target in node.targets:
                    self.assign(target, value, frame)
            case ast.If():
                known = truth(self.value(node.test, frame))
                if known is None:
                    return self.undecided_branch(node, frame)
                return self.block(node.body if known else node.orelse, frame)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                frame.variables[node.name] = self.define(node, frame)
            case ast.ClassDef():
                frame.variables[node.name] = self.define_class(node, frame)
            case ast.Return():
                frame.outcomes.returned.append(self.value(node.value, frame) if node.value is not None else None)
                return Flow.RETURN
            case ast.AnnAssign(value=ast.expr() as given):
                self.assign(node.target, self.value(given, frame), frame)
            case ast.AugAssign():
                self._augment(node, frame)
            case ast.Import() | ast.ImportFrom():
                self.import_statement(node, frame)
            case ast.For() | ast.AsyncFor():
                return self._loop(node, frame)
            case ast.While():
                return self.repeat(node, frame)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    entered = self.value(item.context_expr, frame)
                    if item.optional_vars is not None:
                        self.assign(item.optional_vars, entered if self.is_telling(entered) else UNKNOWN, frame)
                return self.block(node.body, frame)
            case ast.Try() | ast.TryStar():
                return self.attempt(node, frame)
            case ast.Raise():
                raise self.exception(node, frame)
            case ast.Assert():
                if truth(self.value(node.test, frame)) is False:
                    raise Raised(_ASSERTION, "AssertionError")
            case ast.Break():
                return Flow.BREAK
            case ast.Continue():
                return Flow.CONTINUE
            case ast.Match():
                return self._match(node, frame)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        frame.variables.pop(target.id, None)
            case _:
                pass
        return None

    def _loop(self, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
        items = items_of(self.value(node.iter, frame))
        if items is None or not self.follows(node, frame):
            return self.undecided_loop(node, frame)
        for item in items[: self.rounds]:
            self.assign(node.target, item, frame)
            flow = self.block(node.body, frame)
            if flow is Flow.BREAK:
                return None
            if flow is not None and flow is not Flow.CONTINUE:
                return flow
        return self.block(node.orelse, frame)

    def _match(self, node: ast.Match, frame: Frame) -> Flow | None:
        """Take the case that is known to fit, or all that may."""
        subject = self.value(node.subject, frame)
        sure = True
        for case in node.cases:
            fits: bool | None = None
            if isinstance(case.pattern, ast.MatchValue) and case.guard is None:
                fits = self.compare(subject, ast.Eq(), self.value(case.pattern.value, frame))
            if fits and sure:
                return self.block(case.body, frame)
            if fits is not False:
                sure = False
                self.undecided_case(case.body, frame)
        return None

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """`target = value`."""
        match target:
            case ast.Name():
                self.bind_name(target.id, value, frame)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                items = None if isinstance(value, str) else items_of(value)
                if items is None or len(items) != len(targets):
                    items = [UNKNOWN] * len(targets)
                for element, item in zip(targets, items, strict=True):
                    self.assign(element, item, frame)
            case ast.Starred():
                self.assign(target.value, UNKNOWN, frame)
            case ast.Attribute():
                self.assign_attribute(target, value, frame)
            case ast.Subscript():
                owner, key = self.value(target.value, frame), self.value(target.slice, frame)
                if isinstance(owner, dict) and is_hashable(key):
                    owner[key] = value
                else:
                    self.assign_item(target, owner, key, value, frame)
            case _:
                pass

    def _augment(self, node: ast.AugAssign, frame: Frame) -> None:
        added = self.value(node.value, frame)
        current = self.value(node.target, frame)
        items = items_of(added)
        if self.explores and isinstance(current, Items) and isinstance(node.op, ast.Add):
            current.extend(items or ())
            current.closed = current.closed and items is not None
        else:
            self.assign(node.target, self.binary(node.op, current, added), frame)

    def bind(self, function: Function, arguments: Arguments, frame: Frame, *, root: bool = False) -> None:
        """Bind the parameters of a function in the frame of a call. `root`: more may be passed than is given."""
        spec = function.node.args
        names = [a.arg for a in (*spec.posonlyargs, *spec.args)]
        given = list(arguments.positional)
        if function.bound is not None:
            given.insert(0, function.bound)
        rest = dict(arguments.keywords)
        variables = frame.variables
        defaults: list[ast.expr | None] = [*[None] * (len(names) - len(spec.defaults)), *spec.defaults]
        for index, (name, default) in enumerate(zip(names, defaults, strict=True)):
            variables[name] = (
                given[index] if index < len(given) else self._given(name, default, rest, arguments, function)
            )
        for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            variables[arg.arg] = self._given(arg.arg, default, rest, arguments, function)
        closed = arguments.closed and not root
        if spec.vararg:
            more = given[len(names) :]
            variables[spec.vararg.arg] = tuple(more) if closed else Items(more, closed=False)
        if spec.kwarg:
            variables[spec.kwarg.arg] = Table(rest, closed)

    def _given(
        self, name: str, default: ast.expr | None, rest: dict[str, Value], arguments: Arguments, function: Function
    ) -> Value:
        if name in rest:
            return rest.pop(name)
        if default is None or not arguments.closed:
            return UNKNOWN
        try:
            return self.value(default, function.frame)
        except Raised:  # where the function is defined, which is not the question here
            return UNKNOWN
