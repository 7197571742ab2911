"""Expressions in, values out, as far as they can be worked out from the source alone. Executes nothing."""

from __future__ import annotations

import ast
from contextlib import nullcontext

from tailrace.python.commandlines import builtins_kit, classes, conditions, hosts, toolkits
from tailrace.python.commandlines.calls import Calls
from tailrace.python.commandlines.values import Command, Group, Lazy, Option, Parser, SubParsers, is_live
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Class,
    Function,
    Instance,
    Items,
    Method,
    ModuleValue,
    Partial,
    Super,
    Symbol,
    Table,
    Value,
    is_open,
    items_of,
    truth,
)

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
MAX_TEXT = 10_000


class Expressions(Calls):
    """The half of the machine that evaluates expressions."""

    @staticmethod
    def is_toolkit(module: str) -> bool:
        """Whether a module is argparse, click or typer: these are known by meaning, never read as sources."""
        return toolkits.canonical_root(module) is not None

    def value(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression."""
        found = self.worked_out(node, frame)
        return self.ask_installed(node, frame) if found is UNKNOWN and self.installed is not None else found

    def worked_out(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression as the program alone gives it."""
        self.tick()
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.name(node.id, frame)
            case ast.Attribute():
                return self.attribute(self.value(node.value, frame), node.attr, frame)
            case ast.Call():
                return self.call_node(node, frame)
            case ast.List() | ast.Set():
                return self.sequence(node.elts, frame)
            case ast.Tuple():
                items = self.sequence(node.elts, frame)
                return tuple(items) if items.closed else items
            case ast.Dict():
                return self.dictionary(node, frame)
            case ast.Subscript():
                return self.subscript(self.value(node.value, frame), self.value(node.slice, frame))
            case ast.BinOp():
                left, right = self.value(node.left, frame), self.value(node.right, frame)
                if isinstance(node.op, ast.Add):
                    return self.add(left, right)
                if isinstance(node.op, ast.Mod):
                    return builtins_kit.percent(left, right)
                return UNKNOWN
            case ast.JoinedStr():
                return self.joined(node, frame)
            case ast.IfExp():
                decided = self.decide(node.test, frame)
                if decided is not None:
                    return self.value(node.body if decided else node.orelse, frame)
                with self.unsure():
                    first, second = self.value(node.body, frame), self.value(node.orelse, frame)
                return first if is_live(first) or second is UNKNOWN or second is None else second
            case ast.BoolOp():
                return self.boolean(node, frame)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.UnaryOp() | ast.Compare():
                decided = self.decide(node, frame)
                return UNKNOWN if decided is None else decided
            case ast.NamedExpr():
                value = self.value(node.value, frame)
                self.assign(node.target, value, frame)
                return value
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node, frame)
            case ast.Starred() | ast.Await():
                return self.value(node.value, frame)
            case ast.Yield(value=ast.expr() as given):
                self.value(given, frame)
                return UNKNOWN
            case _:
                return UNKNOWN

    def name(self, name: str, frame: Frame) -> Value:
        """The value of a name: local, module, builtin."""
        holder = frame.holder(name)
        if holder is None:
            return Symbol(f"builtins.{name}") if name in builtins_kit.KNOWN else UNKNOWN
        found = holder.variables[name]
        if isinstance(found, Lazy):
            found = self.resolve(holder, name, found)
        is_flag = found is None or isinstance(found, bool)
        return UNKNOWN if is_flag and name in self.program.modules[frame.module].rebound else found

    def resolve(self, holder: Frame, name: str, lazy: Lazy) -> Value:
        """The value behind an imported name; its module runs now. A name that leads back to itself is unknown."""
        holder.variables[name] = UNKNOWN
        holder.variables[name] = self.member(lazy.module, lazy.name)
        return holder.variables[name]

    def sequence(self, nodes: list[ast.expr], frame: Frame) -> Items:
        """A list display, stars unpacked."""
        result = Items([])
        for node in nodes:
            if isinstance(node, ast.Starred):
                items = items_of(self.value(node.value, frame))
                result.extend(items or ())
                result.closed = result.closed and items is not None
            else:
                result.append(self.value(node, frame))
        return result

    def dictionary(self, node: ast.Dict, frame: Frame) -> Table:
        """A dictionary display, `**` unpacked."""
        result = Table({})
        for key, value in zip(node.keys, node.values, strict=True):
            given = self.value(value, frame)
            if key is None:
                result.update(given if isinstance(given, dict) else {})
                result.closed = result.closed and isinstance(given, dict) and not is_open(given)
                continue
            name = self.value(key, frame)
            if isinstance(name, str | int | None):
                result[name] = given
            else:
                result.closed = False
        return result

    def joined(self, node: ast.JoinedStr, frame: Frame) -> Value:
        """An f-string of known parts."""
        parts: list[str] = []
        for part in node.values:
            value = self.value(part.value, frame) if isinstance(part, ast.FormattedValue) else self.value(part, frame)
            plain = not isinstance(part, ast.FormattedValue) or (part.format_spec is None and part.conversion == -1)
            if not (plain and isinstance(value, str | int)):
                return UNKNOWN
            parts.append(str(value))
        text = "".join(parts)
        return text if len(text) <= MAX_TEXT else UNKNOWN

    def add(self, left: Value, right: Value) -> Value:
        """`+` of texts and of lists."""
        match left, right:
            case str(), str() if len(left) + len(right) <= MAX_TEXT:
                return left + right
            case tuple(), tuple():
                return left + right
            case (list() | tuple(), list() | tuple()):
                return Items([*left, *right], not is_open(left) and not is_open(right))
            case (list() | tuple() as known, _) | (_, list() | tuple() as known):
                return Items(known, closed=False)
            case _:
                return UNKNOWN

    def boolean(self, node: ast.BoolOp, frame: Frame) -> Value:
        """`a or b`, `a and b`: the operand known to win, or the most telling one."""
        wins = isinstance(node.op, ast.Or)
        telling: Value = UNKNOWN
        value: Value = UNKNOWN
        doubtful = False
        for operand in node.values:
            with self.unsure() if doubtful else nullcontext():
                value = self.value(operand, frame)
            known = truth(value)
            if known is wins:
                # `x or True` is true whatever x is, and `x and False` is false.
                return telling if telling is not UNKNOWN else value
            if known is None and operand is not node.values[-1]:
                doubtful = True
                if wins and telling is UNKNOWN and is_live(value):
                    telling = value
        return telling if doubtful else value

    def comprehension(self, node: ast.expr, frame: Frame) -> Value:
        """A comprehension over known items; `UNKNOWN` over others (its element is looked at once)."""
        assert isinstance(node, _COMPREHENSIONS)
        inner = frame.child()
        items, table = Items([]), Table({})

        def fill(index: int) -> None:
            if index == len(node.generators):
                if isinstance(node, ast.DictComp):
                    key, value = self.value(node.key, inner), self.value(node.value, inner)
                    if isinstance(key, str | int | None):
                        table[key] = value
                    else:
                        table.closed = False
                else:
                    items.append(self.value(node.elt, inner))
                return
            generator = node.generators[index]
            members = items_of(self.value(generator.iter, inner))
            if members is None:
                items.closed = table.closed = False
                members = []
            for member in members[:300]:
                self.assign(generator.target, member, inner)
                if all(self.decide(test, inner) is not False for test in generator.ifs):
                    fill(index + 1)

        fill(0)
        return table if isinstance(node, ast.DictComp) else items

    def subscript(self, owner: Value, key: Value) -> Value:
        """`owner[key]`."""
        if hosts.is_foreign_parser(owner):
            return owner
        if isinstance(owner, list | tuple) and isinstance(key, int):
            return owner[key] if -len(owner) <= key < len(owner) else UNKNOWN
        if isinstance(owner, dict):
            if isinstance(key, str | int | None) and key in owner:
                return owner[key]
            # A title that is computed or translated: any group of the parser takes options for it.
            groups = [item for item in owner.values() if isinstance(item, Group)]
            return groups[0] if groups and len(groups) == len(owner) else UNKNOWN
        return UNKNOWN

    def attribute(self, owner: Value, name: str, frame: Frame | None = None) -> Value:
        """`owner.name`."""
        match owner:
            case ModuleValue():
                return self.member(owner.name, name)
            case Symbol():
                return Symbol(f"{owner.path}.{name}")
            case Instance():
                if name in owner.attributes:
                    return owner.attributes[name]
                member = classes.bound_member(self, owner.cls, owner, name)
                if isinstance(member, Function) and classes.is_property(member):
                    return self.call_function(member, Arguments(), name)
                return member
            case Class():
                found = classes.lookup(self, owner, name)
                if found is None and name == "__init__" and (base := classes.external_base(self, owner)):
                    return Symbol(f"{base}.__init__")
                return UNKNOWN if found is None else classes.of_class(found, owner)
            case Super():
                return classes.super_member(self, owner, name)
            case Parser() | Group() | SubParsers() | Command() | Option():
                return toolkits.attribute(self, owner, name)
            case list() | tuple() | dict() | str():
                return Method(owner, name)
            case Function():
                return Items(owner.hung) if name == "__click_params__" else UNKNOWN
            case Partial(kind="choice") if name == "choices":
                return owner.target
            case _:
                return UNKNOWN

    def decide(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether a test is known to be true or false."""
        return conditions.decide(self, node, frame)
