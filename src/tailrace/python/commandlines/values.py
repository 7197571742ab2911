"""The values that the reader of command lines computes with: stand-ins for run-time objects. Evaluates nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tailrace.python.interpreter.values import Function, Instance, Items, StandIn, Symbol, Value, known_items

if TYPE_CHECKING:
    pass


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
        return bool(value.hung)
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
