"""The values that the reader of command lines computes with: stand-ins for run-time objects. Evaluates nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tailrace.python.interpreter.values import Items, StandIn, Symbol, Value, items_of, known_items

if TYPE_CHECKING:
    from tailrace.python.commandlines.program import SourceModule


@dataclass(eq=False)
class Lazy(StandIn):
    """`from module import name`, not looked up yet."""

    truthy = None
    module: str
    name: str


@dataclass(eq=False)
class Scope:
    """Names bound in one function or module; `returns` collects what a function may return."""

    module: SourceModule
    parent: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict, repr=False)
    returns: list[Value] = field(default_factory=list)

    def holder(self, name: str) -> Scope | None:
        """The scope in which a name is found from here."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


@dataclass(eq=False)
class Function(StandIn):
    """A function of the sources at hand; `params` are click options that decorators have hung on it so far."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    scope: Scope
    bound: Value | None = None
    owner_class: Class | None = None
    params: list[Option] = field(default_factory=list)

    def with_params(self, params: list[Option]) -> Function:
        """The same function with more options hung on it."""
        return Function(self.node, self.scope, self.bound, self.owner_class, [*self.params, *params])

    def bind(self, value: Value) -> Function:
        """The method of `value`."""
        return Function(self.node, self.scope, value, self.owner_class, self.params)


@dataclass(eq=False)
class Class(StandIn):
    """A class of the sources at hand."""

    node: ast.ClassDef
    scope: Scope


@dataclass(eq=False)
class Instance(StandIn):
    """An object of a class of the sources at hand that is not a parser."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Method(StandIn):
    """A method of one of the objects below, or of a text or container, by name."""

    truthy = None
    owner: Value
    name: str


@dataclass(frozen=True)
class Super(StandIn):
    """`super()` inside a method of `cls`."""

    truthy = None
    cls: Class
    instance: Value


@dataclass(frozen=True)
class Partial(StandIn):
    """`functools.partial`, a decorator waiting for its function, or a named helper with its settings."""

    truthy = None
    kind: str
    target: Value
    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Site:
    """Where something is added: `owner` says whose source it is. `column` is 1-based."""

    file: str
    line: int
    column: int
    owner: str
    node: ast.AST | None = field(default=None, compare=False, repr=False)


@dataclass(eq=False)
class Option(StandIn):
    """An option or argument, of any toolkit."""

    strings: tuple[str, ...]
    dest: str
    site: Site
    action: str = "store"
    nargs: str | None = None
    choices: tuple[str, ...] | None = None
    takes_value: bool = True
    conditional: bool = False
    deprecated: bool = False


@dataclass(eq=False)
class Parser(StandIn):
    """An argparse parser. `taken` maps each option string to its option, as argparse itself does."""

    site: Site
    cls: Value | None = None
    prog: str | None = None
    attributes: dict[str, Value] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)
    taken: dict[str, Option] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    subparsers: SubParsers | None = None
    resolves_conflicts: bool = False
    scripts: list[str] = field(default_factory=list)
    open_ends: set[str] = field(default_factory=set)
    prefix: str = "-"
    child: bool = False
    conditional: bool = False
    deprecated: bool = False
    ready: bool = False
    toolkit: str = "argparse"


@dataclass(eq=False)
class Group(StandIn):
    """An argument group: options added to it land in the parser."""

    parser: Parser
    title: str | None = None


@dataclass(eq=False)
class SubParsers(StandIn):
    """The action that `add_subparsers` returns. `names` holds each name and alias."""

    parser: Parser
    parser_class: Value | None = None
    names: dict[str, Parser] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Command(StandIn):
    """A click command or group, or a typer application."""

    name: str
    site: Site
    toolkit: str = "click"
    cls: Value | None = None
    is_group: bool = False
    params: Items = field(default_factory=lambda: Items([]))
    commands: dict[str, Command] = field(default_factory=dict)
    function: Function | None = None
    has_callback: bool = False
    scripts: list[str] = field(default_factory=list)
    open_ends: set[str] = field(default_factory=set)
    child: bool = False
    conditional: bool = False
    deprecated: bool = False


Live = (Parser, Group, SubParsers, Command, Option)


def is_live(value: Value) -> bool:
    """Whether a value carries a piece of a command line, so that a call with it must be followed."""
    if isinstance(value, Function):
        return bool(value.params)
    if isinstance(value, Instance):
        return any(isinstance(item, Live) for item in value.attributes.values())
    if isinstance(value, Symbol):
        return "()" in value.path
    if isinstance(value, dict):
        return any(isinstance(item, Live) for item in value.values())
    return isinstance(value, Live) or any(isinstance(item, Live) for item in known_items(value))


def parsers_in(value: Value) -> Iterator[Parser | Command]:
    """The parsers and commands that `value` gives access to."""
    match value:
        case Parser() | Command():
            yield value
        case Group() | SubParsers():
            yield value.parser
        case _:
            for item in known_items(value):
                if isinstance(item, Live):
                    yield from parsers_in(item)


def text_of(value: Value) -> str | None:
    """The text of a literal string."""
    return value if isinstance(value, str) else None


def texts_of(value: Value) -> tuple[str, ...] | None:
    """The literals of a sequence as texts; `None` when some are unknown."""
    items = None if isinstance(value, str) else items_of(value)
    return tuple(map(str, items)) if items is not None and all(map(is_constant, items)) else None


def is_constant(value: Value) -> bool:
    """Whether a value is what a literal can be."""
    return value is None or isinstance(value, str | bytes | int | float)


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call. `closed` is false when a star passed something unknown."""

    positional: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    closed: bool = True

    def get(self, index: int | None, name: str, default: Value = None) -> Value:
        """The argument at a position or by keyword; `default` when it is not passed."""
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, default)

    def values(self) -> Iterator[Value]:
        """All values passed."""
        yield from self.positional
        yield from self.keywords.values()
