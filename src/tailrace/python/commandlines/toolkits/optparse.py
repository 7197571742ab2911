"""optparse: parsers, groups, and option objects that are made before they are added."""

from __future__ import annotations

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits import argparse
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Group, Option, Parser, Site, SubParsers
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Class, Function, Method, Value, items_of, text_of

_METHODS = frozenset(
    {
        *("add_option", "add_options", "add_option_group", "insert_option_group", "parse_args", "set_defaults"),
        *("remove_option", "set_conflict_handler", "disable_interspersed_args", "print_help", "__init__", "error"),
        *("has_option", "get_option", "set_usage", "get_default_values", "exit", "format_help"),
    }
)


class Optparse(Toolkit):
    """The older toolkit of the standard library. Its options are values of their own."""

    name = "optparse"
    roots = frozenset({"optparse"})
    triggers = (rb"OptionParser|add_option|make_option",)
    building = frozenset({"OptionParser", "add_option", "add_options", "make_option", "add_option_group"})
    adding = frozenset({"add_option", "add_options", "add_option_group"})

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A new parser, group or option."""
        match path.rpartition(".")[2]:
            case "OptionParser":
                parser = argparse.new_parser(machine, site)
                parser.toolkit = self.name
                _initialise(machine, parser, arguments, site)
                return parser
            case "OptionGroup":
                return _group(arguments)
            case "Option" | "make_option":
                return _option(machine, arguments, site)
            case _:
                return UNKNOWN

    def instantiate(
        self, machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame
    ) -> Value | None:
        """A parser, group or option of a class of the sources."""
        match base.rpartition(".")[2]:
            case "OptionParser":
                parser = argparse.new_parser(machine, site, cls)
                parser.toolkit = self.name
                initialiser = classes.lookup(machine, cls, "__init__")
                if isinstance(initialiser, Function):
                    machine.run(initialiser.bind(parser), arguments)
                _initialise(machine, parser, arguments, site)
                return parser
            case "OptionGroup":
                return _group(arguments)
            case "Option":
                return _option(machine, arguments, site)
            case _:
                return None

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """An attribute of a parser or group."""
        assert isinstance(owner, Parser | Group | SubParsers)
        return argparse.attribute(owner, name) if name not in _METHODS else _method_of(owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A method of a parser or group."""
        assert isinstance(owner, Parser | Group | SubParsers)
        parser = owner if isinstance(owner, Parser) else owner.parser
        match name:
            case "__init__":
                _initialise(machine, parser, arguments, site)
            case "add_option":
                return argparse.add_argument(machine, parser, arguments, site)
            case "add_options":
                _add_all(machine, parser, arguments.get(0, "option_list"))
            case "parse_args":
                parser.scripts.append(machine.script or "")
            case "remove_option":
                text = text_of(arguments.get(0, "opt_str"))
                if text in parser.taken:
                    option = parser.taken[text]
                    parser.options = [other for other in parser.options if other is not option]
                    for string in option.strings:
                        parser.taken.pop(string, None)
            case "set_conflict_handler":
                parser.resolves_conflicts = arguments.get(0, "handler") == "resolve"
            case _:
                pass
        return UNKNOWN


def _initialise(machine: Core, parser: Parser, arguments: Arguments, site: Site) -> None:
    if parser.ready:
        return
    parser.ready = True
    parser.prog = text_of(arguments.get(None, "prog")) or parser.prog
    parser.resolves_conflicts = arguments.get(None, "conflict_handler") == "resolve"
    if arguments.get(None, "add_help_option") is not False:
        argparse.add_option(
            machine, parser, Option(("-h", "--help"), "help", site, "help", takes_value=False, conditional=False)
        )
    if arguments.get(None, "version") is not None:
        argparse.add_option(machine, parser, Option(("--version",), "version", site, "version", takes_value=False))
    _add_all(machine, parser, arguments.get(1, "option_list"))


def _add_all(machine: Core, parser: Parser, given: Value) -> None:
    if given is None:
        return
    items = items_of(given)
    for item in items or ():
        if isinstance(item, Option):
            argparse.add_option(machine, parser, item)
    if items is None or not all(isinstance(item, Option) for item in items):
        parser.open_ends.add("add_argument")


def _group(arguments: Arguments) -> Value:
    parser = arguments.get(0, "parser")
    if isinstance(parser, Parser):
        group = Group(parser, text_of(arguments.get(1, "title")))
        parser.groups.append(group)
        return group
    return UNKNOWN


def _option(machine: Core, arguments: Arguments, site: Site) -> Value:
    names = [text for value in arguments.positional if (text := text_of(value)) is not None]
    return argparse.read_option(machine, names, arguments, site)


def _method_of(owner: Parser | Group | SubParsers, name: str) -> Value:
    return Method(owner, name)


TOOLKIT = Optparse()
