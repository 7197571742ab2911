"""Plug-ins that add to another distribution's program: pytest options, `…Subcommand(name=…)`. Runs no plug-in."""

from __future__ import annotations

from tailrace.python.commandlines import argparse_kit
from tailrace.python.commandlines.core import Core, Hosted
from tailrace.python.commandlines.values import (
    UNKNOWN,
    Arguments,
    External,
    Function,
    Group,
    Parser,
    Site,
    SubParsers,
    Value,
    text_of,
)

PYTEST_HOOK = "pytest_addoption"
_PYTEST_SITE = Site("", 0, 0, "")


def is_subcommand(path: str) -> bool:
    """Whether a call of `path` declares a subcommand of a foreign program (`conda.plugins.CondaSubcommand`)."""
    return "." in path and path.rpartition(".")[2].endswith("Subcommand")


def subcommand(machine: Core, path: str, arguments: Arguments, site: Site) -> None:
    """Note the declared subcommand."""
    name = text_of(arguments.get(0, "name"))
    if name:
        machine.hosted.append(Hosted(path.partition(".")[0], name, site, True, machine.conditions > 0))


def is_foreign_parser(value: Value) -> bool:
    """Whether a value comes from another distribution's parser factory (`conda.cli.main.generate_parser()`)."""
    return isinstance(value, External) and "()" in value.path


def foreign_call(machine: Core, path: str, arguments: Arguments, site: Site) -> Value:
    """A call into another distribution: it may give a parser, or add to one that it gave."""
    name = path.rpartition(".")[2]
    if "()" not in path:
        return External(f"{path}()") if "parser" in name.lower() else UNKNOWN
    if name in {"add_parser", "add_command"}:
        text = text_of(arguments.get(0, "name"))
        if text:
            root = path.partition(".")[0]
            added = Hosted(root, text, site, True, machine.conditions > 0, machine.guarded())
            machine.foreign.append(added)
        return UNKNOWN
    if name in {"add_subparsers", "add_argument_group", "add_mutually_exclusive_group"}:
        return External(f"{path}()")
    return UNKNOWN


def pytest_parser(machine: Core) -> Parser:
    """pytest's own parser, one for all plug-ins of a run."""
    for parser in machine.parsers:
        if parser.prog == "pytest" and parser.site is _PYTEST_SITE:
            return parser
    parser = argparse_kit.new_parser(machine, _PYTEST_SITE)
    parser.prog, parser.ready = "pytest", True
    parser.scripts.append("pytest")
    return parser


def is_pytest(value: Value) -> bool:
    """Whether a value is pytest's parser or a group of it."""
    parser = value if isinstance(value, Parser) else value.parser if isinstance(value, Group | SubParsers) else None
    return parser is not None and parser.site is _PYTEST_SITE


def run_hook(machine: Core, function: Function) -> None:
    """Run a `pytest_addoption` hook on pytest's parser."""
    names = [arg.arg for arg in function.node.args.args]
    if "parser" in names:
        given: tuple[Value, ...] = tuple(pytest_parser(machine) if name == "parser" else UNKNOWN for name in names)
        machine.run(function, Arguments(given))


def pytest_method(
    machine: Core, owner: Parser | Group | SubParsers, name: str, arguments: Arguments, site: Site
) -> Value:
    """`addoption`, `getgroup` of pytest's parser; lower-case short options are pytest's own."""
    parser = owner.parser if isinstance(owner, Group | SubParsers) else owner
    if name in {"getgroup", "addgroup"}:
        return Group(parser, text_of(arguments.get(0, "name")))
    if name in {"addoption", "_addoption"}:
        names = [text for value in arguments.positional if (text := text_of(value)) is not None]
        option = argparse_kit.read_option(machine, names, arguments, site)
        argparse_kit.add_option(machine, parser, option)
        return option
    return UNKNOWN


__all__ = ["PYTEST_HOOK", "is_pytest", "is_subcommand", "pytest_method", "run_hook", "subcommand"]
