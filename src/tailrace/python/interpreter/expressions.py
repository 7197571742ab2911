"""Expressions of the evaluated code in, values out; what is not modelled is `UNKNOWN`. Raises only `Raised`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tailrace.python.interpreter.calls import MUTATORS, call_method, call_symbol
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Function,
    Hooks,
    ModuleValue,
    Namespace,
    Raised,
    StandIn,
    Symbol,
    Unknown,
    VersionInfo,
    is_known,
    is_open,
    truth,
)
from tailrace.python.text import dotted

if TYPE_CHECKING:
    from tailrace.python.interpreter.frames import Frame
    from tailrace.python.interpreter.interpreter import Interpreter

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.Mod:
    operator.mod,
}  # fmt: skip
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
_MAX_TEXT = 1_000_000
# what may or may not be equal to a constant
_UNLIKE = (Unknown, StandIn)


def evaluate(node: ast.expr, frame: Frame, machine: Interpreter) -> Any:
    """The value of one expression."""
    machine.spend()
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return machine.lookup(name, frame)
        case ast.Attribute():
            return machine.get_attribute(evaluate(node.value, frame, machine), node.attr, machine)
        case ast.List(elts=items):
            return _items(items, frame, machine)
        case ast.Tuple(elts=items):
            found = _items(items, frame, machine)
            return UNKNOWN if isinstance(found, Unknown) else tuple(found)
        case ast.Set(elts=items):
            found = _items(items, frame, machine)
            return _guarded(lambda: set(found)) if not isinstance(found, Unknown) else UNKNOWN
        case ast.Dict():
            return _dict(node, frame, machine)
        case ast.JoinedStr():
            return _fstring(node, frame, machine)
        case ast.BoolOp():
            return _bool(node, frame, machine)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            known = truth(evaluate(operand, frame, machine))
            return UNKNOWN if known is None else not known
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = evaluate(operand, frame, machine)
            return -value if isinstance(value, int | float) else UNKNOWN
        case ast.Compare():
            return _compare_chain(node, frame, machine)
        case ast.BinOp():
            return _binary(node, frame, machine)
        case ast.IfExp():
            known = truth(evaluate(node.test, frame, machine))
            if known is None:
                return UNKNOWN
            return evaluate(node.body if known else node.orelse, frame, machine)
        case ast.Subscript():
            return _subscript(node, frame, machine)
        case ast.Call():
            return _call(node, frame, machine)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return _comprehension(node, frame, machine)
        case ast.NamedExpr(target=ast.Name(id=name), value=inner):
            frame.variables[name] = evaluate(inner, frame, machine)
            return frame.variables[name]
        case ast.Lambda():
            return Function(node, frame)
        case _:
            return UNKNOWN


def _items(nodes: list[ast.expr], frame: Frame, machine: Interpreter) -> Any:
    found: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = evaluate(node.value, frame, machine)
            if not isinstance(inner, list | tuple | set | frozenset | dict):
                return UNKNOWN
            found.extend(inner)
        else:
            found.append(evaluate(node, frame, machine))
    return found


def _dict(node: ast.Dict, frame: Frame, machine: Interpreter) -> Any:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        item = evaluate(value, frame, machine)
        if key is None:
            if not isinstance(item, dict):
                return UNKNOWN
            found.update(item)
            continue
        name = evaluate(key, frame, machine)
        if not is_known(name):
            return UNKNOWN
        try:
            found[name] = item
        except TypeError:
            return UNKNOWN
    return found


def _fstring(node: ast.JoinedStr, frame: Frame, machine: Interpreter) -> Any:
    parts: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            value = evaluate(part.value, frame, machine)
            if not isinstance(value, str | int | float) or part.format_spec is not None:
                return UNKNOWN
            parts.append(repr(value) if part.conversion == 114 else str(value))
    return "".join(parts)


def _bool(node: ast.BoolOp, frame: Frame, machine: Interpreter) -> Any:
    doubt = False
    value: Any = UNKNOWN
    for part in node.values:
        value = evaluate(part, frame, machine)
        known = truth(value)
        if known is None:
            doubt = True
        elif known is isinstance(node.op, ast.Or):
            # `x or True` is true whatever x is, and `x and False` is false.
            return value if not doubt else known
    return UNKNOWN if doubt else value


def _compare_chain(node: ast.Compare, frame: Frame, machine: Interpreter) -> Any:
    left = evaluate(node.left, frame, machine)
    result: Any = True
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(right_node, frame, machine)
        one = compare(left, op, right, machine)
        if one is False:
            return False
        if one is None:
            result = UNKNOWN
        left = right
    return result


def compare(left: Any, op: ast.cmpop, right: Any, machine: Interpreter | None) -> bool | None:
    """Whether `left op right` holds; `None` when it is not known."""
    if isinstance(op, ast.In | ast.NotIn):
        found = _contains(right, left, machine)
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


def _contains(container: Any, item: Any, machine: Interpreter | None) -> bool | None:
    if isinstance(container, Namespace) and isinstance(item, str) and machine is not None:
        return machine.namespace_has(container.module, item)
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


def _binary(node: ast.BinOp, frame: Frame, machine: Interpreter) -> Any:
    left, right = evaluate(node.left, frame, machine), evaluate(node.right, frame, machine)
    apply = _BINARY.get(type(node.op))
    if apply is None or isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if isinstance(node.op, ast.Mod) and not is_known(right):
        return UNKNOWN
    found = _guarded(lambda: apply(left, right))
    return UNKNOWN if isinstance(found, str) and len(found) > _MAX_TEXT else found


def _subscript(node: ast.Subscript, frame: Frame, machine: Interpreter) -> Any:
    receiver = evaluate(node.value, frame, machine)
    if isinstance(node.slice, ast.Slice):
        bounds = [
            evaluate(b, frame, machine) if b is not None else None
            for b in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        if isinstance(receiver, str | list | tuple) and all(b is None or isinstance(b, int) for b in bounds):
            return receiver[slice(*bounds)]
        return UNKNOWN
    key = evaluate(node.slice, frame, machine)
    if dotted(node.value) == "sys.modules" and isinstance(key, str):
        return ModuleValue(key)
    if isinstance(receiver, Namespace) and isinstance(key, str):
        return machine.namespace_get(receiver.module, key)
    if isinstance(receiver, dict) and is_known(key):
        try:
            if key in receiver:
                return receiver[key]
        except TypeError:
            return UNKNOWN
        raise Raised(frozenset({"KeyError", "LookupError", "Exception", "BaseException"}), "KeyError")
    if isinstance(receiver, list | tuple | str) and isinstance(key, int):
        try:
            return receiver[key]
        except IndexError:
            raise Raised(frozenset({"IndexError", "LookupError", "Exception", "BaseException"}), "IndexError") from None
    frame.doubt("KeyError", "LookupError")  # a table that is not known may lack the key
    return UNKNOWN


def _call(node: ast.Call, frame: Frame, machine: Interpreter) -> Any:
    args = _items(list(node.args), frame, machine)
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(keyword.value, frame, machine)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, dict):
            keywords.update({str(k): v for k, v in value.items()})
    if isinstance(node.func, ast.Attribute):
        receiver = evaluate(node.func.value, frame, machine)
        name = node.func.attr
        if isinstance(receiver, str | list | tuple | dict | set | frozenset):
            unknown = isinstance(args, Unknown) or any(isinstance(a, Unknown) for a in args)
            if name in MUTATORS and isinstance(receiver, list | dict | set):
                if unknown and name in {"update", "extend"}:
                    machine.forget(node.func.value, frame)
                    return None
            if isinstance(args, Unknown):
                return UNKNOWN
            return call_method(receiver, name, args, keywords)
        if isinstance(receiver, Namespace):
            if name == "get" and not isinstance(args, Unknown) and args and isinstance(args[0], str):
                found = machine.namespace_has(receiver.module, args[0])
                if found is False:
                    return args[1] if len(args) > 1 else None
                return UNKNOWN if found is None else machine.namespace_get(receiver.module, args[0])
            return [] if False else UNKNOWN
        function = machine.get_attribute(receiver, name, machine)
    else:
        function = evaluate(node.func, frame, machine)
    if isinstance(args, Unknown):
        return UNKNOWN
    if isinstance(function, Function):
        return machine.run(function, args, keywords, frame)
    if isinstance(function, Hooks):
        return UNKNOWN
    if isinstance(function, Symbol):
        if function.path == "platform.system" and not args:
            return _SYSTEMS.get(machine.moment.platform or "", UNKNOWN)
        found = call_symbol(machine, function.path, args, keywords, frame.module)
        if isinstance(found, Unknown) and function.path in {"getattr", "builtins.getattr"} and len(args) == 2:
            frame.doubt("AttributeError")
        return found
    return UNKNOWN


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, frame: Frame, machine: Interpreter
) -> Any:
    results: list[Any] = []

    def loop(index: int, inner: Frame) -> bool:
        if index == len(node.generators):
            if isinstance(node, ast.DictComp):
                results.append((evaluate(node.key, inner, machine), evaluate(node.value, inner, machine)))
            else:
                results.append(evaluate(node.elt, inner, machine))
            return True
        generator = node.generators[index]
        items = evaluate(generator.iter, inner, machine)
        if not isinstance(items, list | tuple | set | frozenset | dict):
            return False
        for item in list(items):
            step = inner.child()
            machine.assign(generator.target, item, step)
            tests = [truth(evaluate(test, step, machine)) for test in generator.ifs]
            if any(test is None for test in tests):
                return False
            if all(tests) and not loop(index + 1, step):
                return False
        return True

    if not loop(0, frame.child()):
        return UNKNOWN
    if isinstance(node, ast.DictComp):
        return _guarded(lambda: dict(results)) if all(is_known(k) for k, _ in results) else UNKNOWN
    if isinstance(node, ast.SetComp):
        return _guarded(lambda: set(results))
    return results


def _guarded(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Exception:
        return UNKNOWN
