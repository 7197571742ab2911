"""Calls of argparse, click and typer in, sent to the file that knows the toolkit. Decides only who answers."""

from __future__ import annotations

from tailrace.python.commandlines import argparse_kit, click_kit, hosts, typer_kit
from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import (
    UNKNOWN,
    Arguments,
    Class,
    Command,
    Function,
    Group,
    Method,
    Option,
    Parser,
    Partial,
    Scope,
    Site,
    SubParsers,
    Value,
)

# Import roots by the toolkit whose meaning they share.
_ROOTS = {
    "argparse": "argparse",
    "configargparse": "argparse",
    "jsonargparse": "argparse",
    "click": "click",
    "rich_click": "click",
    "asyncclick": "click",
    "cloup": "click",
    "click_default_group": "click",
    "typer": "typer",
}
# Methods that add to a parser or command.
ADDING = frozenset({"add_argument", "add_parser", "add_option", "add_command", "add_argument_group"})
# Functions that take a parser and add nothing to it that anyone would miss.
HARMLESS = frozenset(
    {"autocomplete", "isinstance", "print", "id", "type", "vars", "repr", "str", "hasattr", "format", "append", "debug"}
)

is_hosted_subcommand = hosts.is_subcommand
hosted_subcommand = hosts.subcommand
is_foreign_parser = hosts.is_foreign_parser
foreign_call = hosts.foreign_call
invoked = click_kit.invoked


def canonical_root(path: str) -> str | None:
    """`argparse`, `click` or `typer` when the dotted path lies in one of them or in a look-alike."""
    return _ROOTS.get(path.partition(".")[0])


def canonical(path: str) -> str:
    """`configargparse.ArgParser` → `argparse.ArgumentParser`."""
    root, name = canonical_root(path), path.rpartition(".")[2]
    if root == "argparse" and name in {"ArgParser", "ArgumentParser", "Parser"}:
        name = "ArgumentParser"
    return f"{root}.{name}"


def call(machine: Core, path: str, arguments: Arguments, site: Site, scope: Scope) -> Value:
    """A call of something of a toolkit's."""
    first = arguments.get(0, "self")
    if path.endswith(".__init__") and isinstance(first, Parser | Command):
        rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.closed)
        return method(machine, Method(first, "__init__"), rest, site, scope)
    name = canonical(path)
    if name == "argparse.ArgumentParser":
        parser = argparse_kit.new_parser(machine, site)
        argparse_kit.initialise(machine, parser, arguments, site)
        return parser
    if name.startswith("click."):
        return click_kit.call(machine, name, arguments, site, scope)
    if name.startswith("typer."):
        return typer_kit.call(machine, name, arguments, site, scope)
    return UNKNOWN


def attribute(machine: Core, owner: Value, name: str) -> Value:
    """An attribute of a piece of a command line."""
    match owner:
        case Parser():
            if name in owner.attributes:
                return owner.attributes[name]
            if isinstance(owner.cls, Class):
                from tailrace.python.commandlines import classes

                found = classes.bound_member(machine, owner.cls, owner, name)
                if found is not UNKNOWN:
                    return found
            return argparse_kit.attribute(owner, name)
        case Group() | SubParsers():
            return argparse_kit.attribute(owner, name)
        case Command():
            if isinstance(owner.cls, Class):
                from tailrace.python.commandlines import classes

                found = classes.bound_member(machine, owner.cls, owner, name)
                if found is not UNKNOWN:
                    return found
            return click_kit.attribute(owner, name)
        case _:
            return UNKNOWN


def method(machine: Core, callee: Method, arguments: Arguments, site: Site, scope: Scope) -> Value:
    """A method of a piece of a command line."""
    owner = callee.owner
    match owner:
        case Parser() | Group() | SubParsers():
            if hosts.is_pytest(owner):
                return hosts.pytest_method(machine, owner, callee.name, arguments, site)
            return argparse_kit.method(machine, owner, callee.name, arguments, site)
        case Command(toolkit="typer"):
            return typer_kit.method(machine, owner, callee.name, arguments, site)
        case Command():
            return click_kit.method(machine, owner, callee.name, arguments, site)
        case Option():
            return UNKNOWN
        case _:
            return UNKNOWN


def partial_call(machine: Core, partial: Partial, arguments: Arguments, site: Site, scope: Scope) -> Value:
    """A call of a partial function or of a decorator that waits for its function."""
    first = arguments.get(0, "")
    match partial.kind:
        case "partial":
            merged = Arguments(
                (*partial.positional, *arguments.positional),
                {**dict(partial.keywords), **arguments.keywords},
                arguments.closed,
            )
            return machine.call(partial.target, merged, site, scope)
        case "wraps" if isinstance(first, Function):
            if isinstance(partial.target, Function):
                return first.with_params([p for p in partial.target.params if p not in first.params])
            return first
        case "typer-callback" if isinstance(partial.target, Command) and first is not None:
            return typer_kit.add_callback(machine, partial.target, first)
        case _:
            return click_kit.decorate(machine, partial, first, site) if first is not None else UNKNOWN
