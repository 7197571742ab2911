"""The evaluator of expressions. What names, attributes and calls mean is left to its subclasses.

There are two of them. `Interpreter` knows a value or calls it unknown. The reader of command lines (`explores`) follows
what may happen as if it did, and takes the most telling of several values.
"""

from __future__ import annotations

import ast
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from tailrace.python.interpreter.calls import guarded, percent
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Function,
    Items,
    ModuleValue,
    Namespace,
    StandIn,
    Symbol,
    Table,
    Unknown,
    Value,
    VersionInfo,
    as_items,
    is_hashable,
    is_known,
    is_open,
    items_of,
    truth,
)

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.Mod: percent,
}  # fmt: skip
_MAX_TEXT = 1_000_000
# what may or may not be equal to a constant
_UNLIKE = (Unknown, StandIn)


class Evaluator(ABC):
    """Gives the values of expressions. Raises only `Raised`, and what ends an evaluation."""

    # Whether what may happen is followed as if it did; otherwise what may be one thing or another is unknown.
    explores: ClassVar[bool] = False
    # how many rounds of one loop are followed
    rounds: ClassVar[int] = 10_000

    @abstractmethod
    def spend(self) -> None:
        """Count one step of work."""

    @abstractmethod
    def lookup(self, name: str, frame: Frame) -> Value:
        """The value of a name: local, enclosing, module, builtin."""

    @abstractmethod
    def attribute(self, owner: Value, name: str) -> Value:
        """`owner.name`."""

    @abstractmethod
    def call_node(self, node: ast.Call, frame: Frame) -> Value:
        """A call as written."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """`target = value`."""

    @abstractmethod
    def namespace_has(self, module: str, name: str) -> bool | None:
        """`name in globals()` of a module."""

    @abstractmethod
    def missing_item(self, node: ast.Subscript, owner: Value, key: Value, frame: Frame) -> Value:
        """`owner[key]` where `owner` is not known to have it."""

    def compare(self, left: Value, op: ast.cmpop, right: Value) -> bool | None:
        """Whether `left op right` holds; `None` when it is not known."""
        return compare(left, op, right, self.namespace_has)

    def is_telling(self, value: Value) -> bool:
        """Whether a value is worth more than others that an expression may have as well."""
        return False

    def unsure(self) -> AbstractContextManager[None]:
        """What is evaluated inside may or may not be evaluated at run time."""
        return nullcontext()

    def value(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression."""
        self.spend()
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.lookup(name, frame)
            case ast.Attribute():
                return self.attribute(self.value(node.value, frame), node.attr)
            case ast.Call():
                return self.call_node(node, frame)
            case ast.List(elts=elements):
                found = self._sequence(elements, frame)
                return found if found.closed or self.explores else UNKNOWN
            case ast.Tuple(elts=elements):
                found = self._sequence(elements, frame)
                return tuple(found) if found.closed else found if self.explores else UNKNOWN
            case ast.Set(elts=elements):
                return self._set(self._sequence(elements, frame))
            case ast.Dict():
                return self._dictionary(node, frame)
            case ast.JoinedStr():
                return self._joined(node, frame)
            case ast.BoolOp():
                return self._boolean(node, frame)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                known = truth(self.value(operand, frame))
                return UNKNOWN if known is None else not known
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.value(operand, frame)
                return -number if isinstance(number, int | float) else UNKNOWN
            case ast.Compare():
                return self._compared(node, frame)
            case ast.BinOp():
                return self.binary(node.op, self.value(node.left, frame), self.value(node.right, frame))
            case ast.IfExp():
                return self._either(node, frame)
            case ast.Subscript():
                return self._subscript(node, frame)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, frame)
            case ast.NamedExpr():
                given = self.value(node.value, frame)
                self.assign(node.target, given, frame)
                return given
            case ast.Lambda():
                return Function(node, frame)
            case ast.Starred() | ast.Await():
                return self.value(node.value, frame)
            case ast.Yield(value=ast.expr() as given):
                self.value(given, frame)
                return UNKNOWN
            case _:
                return UNKNOWN

    def arguments(self, node: ast.Call, frame: Frame) -> Arguments:
        """The values of a call's arguments."""
        positional = self._sequence(node.args, frame)
        keywords: dict[str, Value] = {}
        closed = positional.closed
        for keyword in node.keywords:
            value = self.value(keyword.value, frame)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, dict):
                keywords.update({key: item for key, item in value.items() if isinstance(key, str)})
                closed = closed and not is_open(value)
            else:
                closed = False
        return Arguments(tuple(positional), keywords, closed)

    def _sequence(self, nodes: list[ast.expr], frame: Frame) -> Items:
        found = Items()
        for node in nodes:
            if isinstance(node, ast.Starred):
                items = items_of(self.value(node.value, frame))
                found.extend(items or ())
                found.closed = found.closed and items is not None
            else:
                found.append(self.value(node, frame))
        return found

    def _set(self, items: Items) -> Value:
        if self.explores:
            return items  # in the order written, and whatever it holds
        return guarded(lambda: set(items)) if items.closed else UNKNOWN

    def _dictionary(self, node: ast.Dict, frame: Frame) -> Value:
        found = Table()
        for key, value in zip(node.keys, node.values, strict=True):
            item = self.value(value, frame)
            if key is None:
                found.update(item if isinstance(item, dict) else {})
                found.closed = found.closed and isinstance(item, dict) and not is_open(item)
            else:
                found.set(self.value(key, frame), item)
        return found if found.closed or self.explores else UNKNOWN

    def _joined(self, node: ast.JoinedStr, frame: Frame) -> Value:
        parts: list[str] = []
        for part in node.values:
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part, frame)
            if not isinstance(value, str | int | float):
                return UNKNOWN
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion not in {-1, ord("r"), ord("s")}:
                    return UNKNOWN
                value = repr(value) if part.conversion == ord("r") else value
            parts.append(str(value))
        return _limited("".join(parts))

    def _boolean(self, node: ast.BoolOp, frame: Frame) -> Value:
        """The operand that is known to win, or the most telling one."""
        wins = isinstance(node.op, ast.Or)
        telling: Value = UNKNOWN
        value: Value = UNKNOWN
        doubtful = False
        for operand in node.values:
            with self.unsure() if doubtful else nullcontext():
                value = self.value(operand, frame)
            known = truth(value)
            if known is wins:
                if doubtful and not self.explores:
                    return wins  # `x or "a"` is true whatever x is, and `x and ""` is false
                return value if telling is UNKNOWN else telling
            if known is None and operand is not node.values[-1]:
                doubtful = True
                if wins and telling is UNKNOWN and self.is_telling(value):
                    telling = value
        return telling if doubtful else value

    def _either(self, node: ast.IfExp, frame: Frame) -> Value:
        known = truth(self.value(node.test, frame))
        if known is not None:
            return self.value(node.body if known else node.orelse, frame)
        if not self.explores:
            return UNKNOWN
        with self.unsure():
            first, second = self.value(node.body, frame), self.value(node.orelse, frame)
        return first if self.is_telling(first) or second is UNKNOWN or second is None else second

    def _compared(self, node: ast.Compare, frame: Frame) -> Value:
        left = self.value(node.left, frame)
        result: Value = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, frame)
            holds = self.compare(left, op, right)
            if holds is False:
                return False
            if holds is None:
                result = UNKNOWN
            left = right
        return result

    def binary(self, op: ast.operator, left: Value, right: Value) -> Value:
        """`left op right`."""
        if isinstance(op, ast.Add) and (isinstance(left, list) or isinstance(right, list)):
            return self._joined_lists(left, right)
        if self.explores and isinstance(op, ast.BitOr) and isinstance(left, list) and isinstance(right, list):
            more = (item for item in right if item not in left)
            return Items([*left, *more], not is_open(left) and not is_open(right))
        apply = _BINARY.get(type(op))
        if apply is None or any(isinstance(end, Unknown | StandIn) or is_open(end) for end in (left, right)):
            return UNKNOWN
        return _limited(guarded(lambda: apply(left, right)))

    def _joined_lists(self, left: Value, right: Value) -> Value:
        if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            if self.explores or isinstance(left, list) is isinstance(right, list):
                return Items([*left, *right], not is_open(left) and not is_open(right))
            return UNKNOWN
        return Items(left if isinstance(left, list) else right, closed=False) if self.explores else UNKNOWN

    def _subscript(self, node: ast.Subscript, frame: Frame) -> Value:
        owner = self.value(node.value, frame)
        if isinstance(node.slice, ast.Slice):
            ends = (node.slice.lower, node.slice.upper, node.slice.step)
            bounds = [None if end is None else self.value(end, frame) for end in ends]
            if not isinstance(owner, str | list | tuple) or is_open(owner):
                return UNKNOWN
            if not all(end is None or isinstance(end, int) for end in bounds):
                return UNKNOWN
            return guarded(lambda: as_items(owner[slice(*bounds)]))
        key = self.value(node.slice, frame)
        if isinstance(owner, list | tuple | str) and isinstance(key, int) and -len(owner) <= key < len(owner):
            return owner[key]
        if isinstance(owner, dict) and is_hashable(key) and key in owner:
            return owner[key]
        return self.missing_item(node, owner, key, frame)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, frame: Frame) -> Value:
        items, table = Items(), Table()

        def fill(index: int, around: Frame) -> None:
            if index == len(node.generators):
                if isinstance(node, ast.DictComp):
                    table.set(self.value(node.key, around), self.value(node.value, around))
                else:
                    items.append(self.value(node.elt, around))
                return
            generator = node.generators[index]
            members = items_of(self.value(generator.iter, around))
            if members is None or len(members) > self.rounds:
                items.closed = table.closed = False
            for member in (members or [])[: self.rounds]:
                inner = around.child()
                self.assign(generator.target, member, inner)
                tests = [truth(self.value(test, inner)) for test in generator.ifs]
                if None in tests and False not in tests and not self.explores:
                    items.closed = table.closed = False
                elif False not in tests:
                    fill(index + 1, inner)

        fill(0, frame.child())
        if isinstance(node, ast.SetComp):
            return self._set(items)
        found = table if isinstance(node, ast.DictComp) else items
        return found if found.closed or self.explores else UNKNOWN


def compare(left: Value, op: ast.cmpop, right: Value, namespace_has: Callable[[str, str], bool | None]) -> bool | None:
    """Whether `left op right` holds; `None` when it is not known. `namespace_has`: `name in globals()` of a module."""
    if isinstance(op, ast.In | ast.NotIn):
        found = _contains(right, left, namespace_has)
        return None if found is None else found is isinstance(op, ast.In)
    if isinstance(op, ast.Is | ast.IsNot):
        if left is None or right is None:
            other = left if right is None else right
            if isinstance(other, Unknown) or (isinstance(other, StandIn) and other.truthy is None):
                return None
            return (other is None) is isinstance(op, ast.Is)
        if isinstance(left, bool) and isinstance(right, bool):
            return (left is right) is isinstance(op, ast.Is)
        return None
    holds = _COMPARE.get(type(op))
    if holds is None:
        return None
    if isinstance(left, VersionInfo) or isinstance(right, VersionInfo):
        order = left.compare(right) if isinstance(left, VersionInfo) else None
        if order is None and isinstance(right, VersionInfo):
            reverse = right.compare(left)
            order = None if reverse is None else -reverse
        return None if order is None else bool(holds(order, 0))
    if not is_known(left) or not is_known(right):
        return None
    if isinstance(left, ModuleValue | Symbol) or isinstance(right, ModuleValue | Symbol):
        return None
    try:
        return bool(holds(left, right))
    except TypeError:
        return None


def _contains(container: Value, item: Value, namespace_has: Callable[[str, str], bool | None]) -> bool | None:
    if isinstance(container, Namespace) and isinstance(item, str):
        return namespace_has(container.module, item)
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    if not isinstance(container, list | tuple | set | frozenset | dict) or not is_known(item):
        return None
    try:
        if item in container:
            return True
    except TypeError:
        return None
    if is_open(container) or (isinstance(container, list | tuple) and any(isinstance(i, _UNLIKE) for i in container)):
        return None
    return False


def _limited(value: Value) -> Value:
    return UNKNOWN if isinstance(value, str) and len(value) > _MAX_TEXT else as_items(value)
