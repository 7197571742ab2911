"""Calls as written in, what they give out: functions that matter are run, known libraries known by meaning, the rest
left open. Executes nothing."""

from __future__ import annotations

import ast

from tailrace.python.commandlines import builtins_kit, classes, hosts, toolkits
from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import Command, Site, is_live, parsers_in
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Class,
    Function,
    Instance,
    Method,
    Partial,
    Super,
    Symbol,
    Value,
    is_open,
    items_of,
)


class Calls(Core):
    """The part of the machine that calls."""

    def arguments(self, node: ast.Call, frame: Frame) -> Arguments:
        """The values of a call's arguments."""
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        closed = True
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                items = items_of(self.value(argument.value, frame))
                closed = closed and items is not None
                positional.extend(items or ())
            else:
                positional.append(self.value(argument, frame))
        for keyword in node.keywords:
            value = self.value(keyword.value, frame)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, dict):
                keywords.update({k: v for k, v in value.items() if isinstance(k, str)})
                closed = closed and not is_open(value)
            else:
                closed = False
        return Arguments(tuple(positional), keywords, closed)

    def call_node(self, node: ast.Call, frame: Frame) -> Value:
        """A call as written."""
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            running = self.frames[-1].function
            if running is not None and running.owner_class is not None and running.bound is not None:
                return Super(running.owner_class, running.bound)
        callee = self.value(node.func, frame)
        if callee is UNKNOWN and isinstance(node.func, ast.Attribute) and node.func.attr in toolkits.REGISTRY.adding:
            self.lost(node.func.attr, frame)
        return self.call(callee, self.arguments(node, frame), self.site(node, frame), frame, _shown(node.func))

    def lost(self, name: str, frame: Frame) -> None:
        """Something is added to what could not be worked out: any parser at hand may be meant."""
        if frame is not self.modules.get(frame.module):
            for value in frame.variables.values():
                for holder in parsers_in(value):
                    holder.open_ends.add(name)

    def call(self, callee: Value, arguments: Arguments, site: Site, frame: Frame, shown: str = "") -> Value:
        """A call of a value."""
        match callee:
            case Function():
                return self.call_function(callee, arguments, shown)
            case Class():
                return classes.instantiate(self, callee, arguments, site, frame)
            case Symbol():
                if callee.path.startswith("builtins.") or builtins_kit.is_known(callee.path):
                    return builtins_kit.call(self, callee.path, arguments, frame, site)
                if toolkits.canonical_root(callee.path) is not None:
                    return toolkits.call(self, callee.path, arguments, site, frame)
            case Method(owner=list() | tuple() | dict() | str()):
                return builtins_kit.method(callee, arguments)
            case Method():
                return toolkits.method(self, callee, arguments, site, frame)
            case Partial():
                return toolkits.partial_call(self, callee, arguments, site, frame)
            case Command():
                toolkits.invoked(self, callee)
                return UNKNOWN
            case Instance():
                called = classes.bound_member(self, callee.cls, callee, "__call__")
                if isinstance(called, Function):
                    return self.call_function(called, arguments, shown)
            case _:
                pass
        return self.unknown_call(callee, arguments, shown, site)

    def call_function(self, function: Function, arguments: Arguments, shown: str) -> Value:
        """Run a function when it may matter."""
        live = any(map(is_live, arguments.values())) or (function.bound is not None and is_live(function.bound))
        body = function.node.body
        small = not isinstance(body, list) or (isinstance(body[-1], ast.Return) and len(body) <= 2)
        if live or small or self.is_building(function):
            return self.run(function, arguments)
        self.callbacks(arguments)
        return UNKNOWN

    def unknown_call(self, callee: Value, arguments: Arguments, shown: str, site: Site) -> Value:
        """A call that cannot be followed: parsers passed to it may get more options."""
        if isinstance(callee, Symbol) and hosts.is_subcommand(callee.path):
            hosts.subcommand(self, callee.path, arguments, site)
            return UNKNOWN
        if isinstance(callee, Symbol):
            made = hosts.foreign_call(self, callee.path, arguments, site)
            if made is not UNKNOWN:
                return made
        if shown.rpartition(".")[2] not in toolkits.HARMLESS:
            for value in arguments.values():
                for holder in parsers_in(value):
                    holder.open_ends.add(shown)
        self.callbacks(arguments)
        functions = [v for v in arguments.positional if isinstance(v, Function)]
        return functions[0] if len(arguments.positional) == 1 and functions and functions[0].hung else UNKNOWN

    def callbacks(self, arguments: Arguments) -> None:
        """Functions handed over may be called: run those that build command lines and have not run."""
        for value in arguments.values():
            key = (getattr(value, "node", None), self.script)
            if isinstance(value, Function) and key not in self.handed and self.is_building(value):
                self.handed.add(key)
                self.run(value, Arguments(closed=True), root=True)

    def decorate(self, decorator: Value, target: Value, node: ast.expr, frame: Frame) -> Value:
        """`@decorator` over `target`; a decorator that is not understood leaves it as it is."""
        if decorator is UNKNOWN:
            return target
        result = self.call(decorator, Arguments((target,)), self.site(node, frame), frame, "decorator")
        if isinstance(result, Function) and isinstance(target, Function) and result.node is not target.node:
            return target.with_hung([*result.hung, *(p for p in target.hung if p not in result.hung)])
        return result if isinstance(result, Function | Command | list | dict | Class) else target


def _shown(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "call"
