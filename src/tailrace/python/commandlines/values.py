"""The values that the reader of command lines computes with: stand-ins for run-time objects. Evaluates nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.python.commandlines.program import SourceModule


class Value:
    """Anything an expression can come to."""


class Unknown(Value):
    """What could not be worked out."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Const(Value):
    """A literal: str, int, float, bool, bytes or None."""

    value: Any


@dataclass(frozen=True)
class Evaluated(Value):
    """What the interpreter of version guards worked out: a parsed version or a tuple."""

    value: Any


@dataclass(eq=False)
class Items(Value):
    """A list, tuple or set; the list is live, so that `params.append(...)` is seen by its owner."""

    items: list[Value]
    # False when something unknown was added or removed
    closed: bool = True


@dataclass(eq=False)
class Table(Value):
    """A dictionary with literal keys."""

    items: dict[Any, Value]
    closed: bool = True


@dataclass(frozen=True)
class External(Value):
    """A dotted path outside the sources at hand: `argparse.ArgumentParser`."""

    path: str


@dataclass(frozen=True)
class ModuleRef(Value):
    """A module of the sources at hand."""

    name: str


@dataclass(eq=False)
class Lazy(Value):
    """`from module import name`, not looked up yet."""

    module: str
    name: str


@dataclass(eq=False)
class Scope:
    """Names bound in one function or module; `returns` collects what a function may return."""

    module: SourceModule
    parent: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict, repr=False)
    returns: list[Value] = field(default_factory=list)

    def find(self, name: str) -> Value | None:
        """The value of a name here or in an enclosing scope."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


@dataclass(eq=False)
class Function(Value):
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
class Class(Value):
    """A class of the sources at hand."""

    node: ast.ClassDef
    scope: Scope


@dataclass(eq=False)
class Instance(Value):
    """An object of a class of the sources at hand that is not a parser."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Method(Value):
    """A method of one of the objects below, by name."""

    owner: Value
    name: str


@dataclass(frozen=True)
class Super(Value):
    """`super()` inside a method of `cls`."""

    cls: Class
    instance: Value


@dataclass(frozen=True)
class Partial(Value):
    """`functools.partial`, a decorator waiting for its function, or a named helper with its settings."""

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
class Option(Value):
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
class Parser(Value):
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
class Group(Value):
    """An argument group: options added to it land in the parser."""

    parser: Parser
    title: str | None = None


@dataclass(eq=False)
class SubParsers(Value):
    """The action that `add_subparsers` returns. `names` holds each name and alias."""

    parser: Parser
    parser_class: Value | None = None
    names: dict[str, Parser] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Command(Value):
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
    if isinstance(value, Items):
        return any(isinstance(item, Live) for item in value.items)
    if isinstance(value, Table):
        return any(isinstance(item, Live) for item in value.items.values())
    if isinstance(value, Instance):
        return any(isinstance(item, Live) for item in value.attributes.values())
    if isinstance(value, External):
        return "()" in value.path
    return isinstance(value, Live)


def parsers_in(value: Value) -> Iterator[Parser | Command]:
    """The parsers and commands that `value` gives access to."""
    match value:
        case Parser() | Command():
            yield value
        case Group() | SubParsers():
            yield value.parser
        case Items():
            for item in value.items:
                if isinstance(item, Live):
                    yield from parsers_in(item)
        case _:
            return


def text_of(value: Value | None) -> str | None:
    """The text of a literal string."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def texts_of(value: Value | None) -> tuple[str, ...] | None:
    """The literals of a sequence as texts; `None` when some are unknown."""
    if isinstance(value, Table) and value.closed:
        return tuple(str(key) for key in value.items)
    if not isinstance(value, Items) or not value.closed or not all(isinstance(item, Const) for item in value.items):
        return None
    return tuple(str(item.value) for item in value.items if isinstance(item, Const))


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call. `closed` is false when a star passed something unknown."""

    positional: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    closed: bool = True

    def get(self, index: int | None, name: str) -> Value | None:
        """The argument at a position or by keyword."""
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name)

    def values(self) -> Iterator[Value]:
        """All values passed."""
        yield from self.positional
        yield from self.keywords.values()
