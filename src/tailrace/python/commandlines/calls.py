"""Evaluates calls: functions that matter are run, known libraries known by meaning, the rest
left open. Executes nothing."""

from __future__ import annotations

import ast

from tailrace.python.commandlines import hosts, toolkits
from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import Command, Option, Parser, Site, SubParsers, is_live, parsers_in
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.calls import BUILTINS, call_builtin, call_method
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
    items_of,
    text_of,
)

# Functions of the standard library that are known by meaning.
_LIBRARY = frozenset(
    {
        *("functools.partial", "functools.wraps", "functools.update_wrapper", "functools.reduce", "itertools.chain"),
        "collections.OrderedDict",
    }
)
KNOWN_BUILTINS = BUILTINS | {"getattr", "hasattr", "isinstance", "setattr"}


class Calls(Core):
    """The part of the machine that calls."""

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
                return _instantiate(self, callee, arguments, site, frame)
            case Symbol():
                if callee.path.startswith("builtins.") or callee.path in _LIBRARY:
                    return self.call_builtin(callee.path, arguments, site, frame)
                if toolkits.canonical_root(callee.path) is not None:
                    return toolkits.call(self, callee.path, arguments, site, frame)
            case Method(owner=list() | tuple() | dict() | str()):
                return call_method(callee.owner, callee.name, arguments)
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

    def call_builtin(self, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A call of a builtin or of a function of the standard library that is known by meaning."""
        name = path.rpartition(".")[2]
        first = arguments.get(0, "")

        def call(callee: Value, given: Arguments) -> Value:
            return self.call(callee, given, site, frame)

        match name:
            case "partial" if first is not None:
                return Partial("partial", first, arguments.positional[1:], tuple(arguments.keywords.items()))
            case "wraps" | "update_wrapper" if first is not None:
                return Partial("wraps", first)
            case "reduce":
                current = arguments.get(2, "", UNKNOWN)
                for item in (items_of(arguments.get(1, "")) or [])[: self.rounds]:
                    current = call(first, Arguments((current, item)))
                return current
            case "getattr" | "hasattr":
                attribute = text_of(arguments.get(1, ""))
                found = self.attribute(first, attribute) if attribute else UNKNOWN
                if name == "getattr":
                    return found
                return True if found is not UNKNOWN and not isinstance(first, Symbol) else UNKNOWN
            case "isinstance":
                return _isinstance(first, arguments.get(1, ""))
            case _:
                return call_builtin(name, arguments, call, explores=True)

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


def _instantiate(machine: Core, cls: Class, arguments: Arguments, site: Site, frame: Frame) -> Value:
    """A new object of a class of the sources."""
    base = toolkits.external_base(machine, cls)
    if base is not None:
        made = toolkits.instantiate(machine, cls, base, arguments, site, frame)
        if made is not None:
            return made
    initialiser = classes.lookup(machine, cls, "__init__")
    instance = Instance(cls)
    if isinstance(initialiser, Function):
        if machine.is_building(initialiser) or any(map(is_live, arguments.values())):
            machine.run(initialiser.bind(instance), arguments)
        else:
            _keep_parameters(initialiser, instance, arguments)
    return instance


def _keep_parameters(initialiser: Function, instance: Instance, arguments: Arguments) -> None:
    spec = initialiser.node.args
    names = [a.arg for a in spec.args[1:]]
    given = {**dict(zip(names, arguments.positional, strict=False)), **arguments.keywords}
    for name in (*names, *(a.arg for a in spec.kwonlyargs)):
        if name in given:
            instance.attributes.setdefault(name, given[name])


def _isinstance(value: Value, kind: Value) -> Value:
    if not isinstance(kind, Symbol):
        return UNKNOWN
    wanted = kind.path.rpartition(".")[2]
    match value:
        case SubParsers():
            return wanted in {"_SubParsersAction", "Action"} if wanted.endswith("Action") else UNKNOWN
        case Option():
            return False if wanted == "_SubParsersAction" else UNKNOWN
        case Parser():
            return True if wanted == "ArgumentParser" else UNKNOWN
        case Command():
            return value.is_group if wanted in {"Group", "MultiCommand"} else UNKNOWN
        case Function() | Instance():
            return False if wanted in {"Command", "Group"} else UNKNOWN
        case _:
            return UNKNOWN
