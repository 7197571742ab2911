"""What the interpreter of version guards knows about a test, an expression or an import of the run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from tailrace.python.interpreter.calls import MUTATORS
from tailrace.python.interpreter.frames import Frame, OutOfBudget
from tailrace.python.interpreter.interpreter import Interpreter
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Function,
    Lazy,
    ModuleValue,
    Raised,
    Symbol,
    Value,
    VersionInfo,
    is_constant,
    is_open,
)
from tailrace.python.text import descendants

if TYPE_CHECKING:
    from tailrace.python.semantics.resolver import Resolver

# Work limits in evaluated nodes: of one question, and of all questions of one run.
_MAX_STEPS = 5_000
_MAX_ALL_STEPS = 500_000
_WORTH_ASKING = (ast.Call, ast.Attribute, ast.Subscript, ast.Compare, ast.BinOp, ast.Name)


class Installed:
    """Answers for one set of installed releases: versions, constants of modules, `hasattr`, failing imports."""

    def __init__(self, resolver: Resolver) -> None:
        self._interpreter = Interpreter(resolver)
        self._left = _MAX_ALL_STEPS

    def value(self, node: ast.expr, frame: Frame, rebound: frozenset[str]) -> Value:
        """The value of an expression that the machine could not work out; `UNKNOWN` when it is not known here either.

        Nothing that changes a container is evaluated. `rebound`: names of the module that some function rebinds.
        """
        if not isinstance(node, _WORTH_ASKING):
            return UNKNOWN
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            return UNKNOWN
        inner = Frame(frame.module, self._variables(node, frame, rebound))
        return as_value(self._spending(lambda: self._interpreter.value(node, inner)))

    def compare(self, left: Value, op: ast.cmpop, right: Value) -> bool | None:
        """A comparison of two values, one of which the interpreter made."""
        return self._interpreter.compare(self._plain(left), op, self._plain(right))

    def import_error(self, node: ast.Import | ast.ImportFrom, module: str) -> Raised | None:
        """The exception that an import statement surely raises."""
        try:
            self._interpreter.budget = _MAX_STEPS
            self._interpreter.statement(node, Frame(module, {}))
        except Raised as error:
            return error.kept() if error.certain else None
        except (OutOfBudget, RecursionError):
            pass
        return None

    def may_fail(self, node: ast.Import | ast.ImportFrom, module: str) -> bool:
        """Whether an import statement may raise, for all that is known."""
        frame = Frame(module, {})
        try:
            self._interpreter.budget = _MAX_STEPS
            self._interpreter.statement(node, frame)
        except (Raised, OutOfBudget, RecursionError):
            return True
        return bool(frame.outcomes.raised)

    def _spending(self, work: Any) -> Any:
        given = self._interpreter.budget = min(_MAX_STEPS, self._left)
        try:
            return work()
        except (Raised, OutOfBudget, RecursionError):
            return UNKNOWN
        finally:
            self._left -= given - max(self._interpreter.budget, 0)

    def _variables(self, node: ast.expr, frame: Frame, rebound: frozenset[str]) -> dict[str, Any]:
        """What the names in an expression hold; a global that the machine does not know is left to the interpreter."""
        found: dict[str, Any] = {}
        for name in {n.id for n in descendants(node) if isinstance(n, ast.Name)}:
            if name in rebound:
                found[name] = UNKNOWN
                continue
            holder = frame.holder(name)
            if holder is None:
                continue
            value = self._plain(holder.variables[name])
            if value is not UNKNOWN or holder.parent is not None:
                found[name] = value
        return found

    def _plain(self, value: Value) -> Any:
        """A value of the machine as the interpreter knows it."""
        match value:
            case None | str() | bytes() | int() | float() | VersionInfo() | ModuleValue():
                return value
            case tuple():
                return tuple(self._plain(item) for item in value)
            case list() if not is_open(value):
                return [self._plain(item) for item in value]
            case dict() if not is_open(value):
                return {key: self._plain(item) for key, item in value.items()}
            case Lazy():
                return self._spending(lambda: self._interpreter.runner.force(value))
            case Symbol() if "()" not in value.path:
                return self._external(value.path)
            case Function(bound=None) if value.frame.is_module:
                return value
            case _:
                return UNKNOWN

    def _external(self, path: str) -> Any:
        world = self._interpreter.world
        if world.knows(path) or path in world.versions:
            return ModuleValue(path)
        parent, _, name = path.rpartition(".")
        if parent and (world.knows(parent) or parent in world.versions):
            return self._spending(lambda: self._interpreter.runner.module_attribute(parent, name, UNKNOWN))
        return Symbol(path)


def as_value(found: Any) -> Value:
    """What the interpreter found, as a value of the machine."""
    if is_constant(found) or isinstance(found, VersionInfo):
        return found
    return found if isinstance(found, tuple) and all(map(is_constant, found)) else UNKNOWN
