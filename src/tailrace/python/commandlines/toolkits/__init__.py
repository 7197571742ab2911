"""The toolkits for command lines, and which of them answers for a path or a value."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Command, Group, Parser, Site, SubParsers
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Class, Function, Method, Partial, Symbol, Value

# Functions that take a parser and add nothing to it that anyone would miss.
HARMLESS = frozenset(
    {"autocomplete", "isinstance", "print", "id", "type", "vars", "repr", "str", "hasattr", "format", "append", "debug"}
)

_PLAIN = re.compile(rb"\w+\(?")


class Registry:
    """The known toolkits, and what follows from all of them."""

    def __init__(self) -> None:
        self.by_name: dict[str, Toolkit] = {}
        self.by_root: dict[str, Toolkit] = {}
        self.by_decorator: dict[str, Toolkit] = {}
        self.by_hook: dict[str, Toolkit] = {}
        self.adding: frozenset[str] = frozenset()
        self.building: frozenset[str] = frozenset()
        self._triggers = re.compile(rb"Subcommand\(")
        self._hints: tuple[bytes, ...] | None = (b"Subcommand(",)

    def register(self, *toolkits: Toolkit) -> None:
        """Add toolkits; one of the same name is replaced."""
        self._set({**self.by_name, **{toolkit.name: toolkit for toolkit in toolkits}})

    def remove(self, name: str) -> None:
        """Forget a toolkit."""
        self._set({known: toolkit for known, toolkit in self.by_name.items() if known != name})

    def _set(self, toolkits: dict[str, Toolkit]) -> None:
        every = toolkits.values()
        self.by_name = toolkits
        self.by_root = {root: toolkit for toolkit in every for root in toolkit.roots}
        self.by_decorator = {kind: toolkit for toolkit in every for kind in toolkit.decorators}
        self.by_hook = {toolkit.hook: toolkit for toolkit in every if toolkit.hook is not None}
        self.by_hook |= {name: toolkit for toolkit in every for name in toolkit.own_hooks}
        self.adding = frozenset().union(*(toolkit.adding for toolkit in every))
        self.building = frozenset().union(*(toolkit.building for toolkit in every))
        triggers = [rb"Subcommand\(", *(t for toolkit in every for t in toolkit.triggers)]
        self._triggers = re.compile(b"|".join(triggers))
        self._hints = _literals(triggers)

    def triggered_by(self, source: bytes) -> bool:
        """Whether any word of a toolkit stands in a module with these bytes."""
        if self._hints is not None and not any(hint in source for hint in self._hints):
            return False  # finding texts takes a sixth of the time of finding the pattern
        return self._triggers.search(source) is not None

    def hook(self, name: str, source: bytes) -> Toolkit | None:
        """The toolkit that calls a function of this name in a module with these bytes."""
        toolkit = self.by_hook.get(name)
        return toolkit if toolkit is not None and toolkit.takes_hook(source) else None


def _literals(triggers: list[bytes]) -> tuple[bytes, ...] | None:
    """Texts of which one stands wherever a trigger matches; `None` where some trigger is more than a list of words."""
    parts = [part.replace(rb"\b", b"").replace(rb"\(", b"(") for each in triggers for part in each.split(b"|")]
    return tuple(parts) if all(_PLAIN.fullmatch(part) for part in parts) else None


REGISTRY = Registry()


def _load() -> None:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    REGISTRY.register(*(module.TOOLKIT for module in modules if hasattr(module, "TOOLKIT")))


def canonical_root(path: str) -> str | None:
    """The name of the toolkit in which, or in a look-alike of which, a dotted path lies."""
    toolkit = REGISTRY.by_root.get(path.partition(".")[0])
    return toolkit.name if toolkit is not None else None


def canonical(path: str) -> str:
    """`configargparse.ArgParser` → `argparse.ArgumentParser`."""
    toolkit = REGISTRY.by_root[path.partition(".")[0]]
    return f"{toolkit.name}.{toolkit.canonical(path.rpartition('.')[2])}"


def external_base(machine: Core, cls: Class) -> str | None:
    """The toolkit class that a class derives from, in canonical spelling (`click.Group`)."""
    for base in classes.lineage(machine, cls):
        if isinstance(base, Symbol) and canonical_root(base.path):
            return canonical(base.path)
    return None


def call(machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
    """A call of something of a toolkit's."""
    first = arguments.get(0, "self")
    if path.endswith(".__init__") and isinstance(first, Parser | Command):
        rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.closed)
        return method(machine, Method(first, "__init__"), rest, site, frame)
    return REGISTRY.by_root[path.partition(".")[0]].call(machine, canonical(path), arguments, site, frame)


def instantiate(machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame) -> Value | None:
    """A new object of a class that derives from one of a toolkit's; `None` for an ordinary object."""
    return REGISTRY.by_name[base.partition(".")[0]].instantiate(machine, cls, base, arguments, site, frame)


def _toolkit_of(owner: Value) -> Toolkit | None:
    match owner:
        case Parser() | Command():
            return REGISTRY.by_name.get(owner.toolkit)
        case Group() | SubParsers():
            return REGISTRY.by_name.get(owner.parser.toolkit)
        case _:
            return None


def attribute(machine: Core, owner: Value, name: str) -> Value:
    """An attribute of a piece of a command line: set on it, of its class in the sources, or the toolkit's own."""
    if isinstance(owner, Parser) and name in owner.attributes:
        return owner.attributes[name]
    if isinstance(owner, Parser | Command) and isinstance(owner.cls, Class):
        found = classes.bound_member(machine, owner.cls, owner, name)
        if found is not UNKNOWN:
            return found
    toolkit = _toolkit_of(owner)
    return toolkit.attribute(machine, owner, name) if toolkit is not None else UNKNOWN


def method(machine: Core, callee: Method, arguments: Arguments, site: Site, frame: Frame) -> Value:
    """A method of a piece of a command line."""
    toolkit = _toolkit_of(callee.owner)
    if toolkit is None:
        return UNKNOWN
    return toolkit.method(machine, callee.owner, callee.name, arguments, site, frame)


def invoked(machine: Core, command: Command) -> None:
    """The command is run as the whole program."""
    if machine.script:
        command.scripts.append(machine.script)


def partial_call(machine: Core, partial: Partial, arguments: Arguments, site: Site, frame: Frame) -> Value:
    """A call of a partial function or of a decorator that waits for its function."""
    first = arguments.get(0, "")
    match partial.kind:
        case "partial":
            merged = Arguments(
                (*partial.positional, *arguments.positional),
                {**dict(partial.keywords), **arguments.keywords},
                arguments.closed,
            )
            return machine.call(partial.target, merged, site, frame)
        case "value":
            return partial.target
        case "wraps" if isinstance(first, Function):
            if isinstance(partial.target, Function):
                return first.with_hung([*first.hung, *(p for p in partial.target.hung if p not in first.hung)])
            return first
        case _ if first is None:
            return UNKNOWN
        case _:
            own = _toolkit_of(partial.target)
            toolkit = own if own is not None and partial.kind in own.decorators else None
            toolkit = toolkit or REGISTRY.by_decorator.get(partial.kind)
            return toolkit.decorate(machine, partial, first, site) if toolkit is not None else first


_load()
