"""Plug-ins that add a subcommand to another distribution's program: `…Subcommand(name=…)` and parsers it gave."""

from __future__ import annotations

from tailrace.python.commandlines.core import Core, Hosted
from tailrace.python.commandlines.values import Site
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Symbol, Value, text_of


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
    return isinstance(value, Symbol) and "()" in value.path


def foreign_call(machine: Core, path: str, arguments: Arguments, site: Site) -> Value:
    """A call into another distribution: it may give a parser, or add to one that it gave."""
    name = path.rpartition(".")[2]
    if "()" not in path:
        return Symbol(f"{path}()") if "parser" in name.lower() else UNKNOWN
    if name in {"add_parser", "add_command"}:
        text = text_of(arguments.get(0, "name"))
        if text:
            root = path.partition(".")[0]
            added = Hosted(root, text, site, True, machine.conditions > 0, machine.guarded())
            machine.foreign.append(added)
        return UNKNOWN
    if name in {"add_subparsers", "add_argument_group", "add_mutually_exclusive_group"}:
        return Symbol(f"{path}()")
    return UNKNOWN
