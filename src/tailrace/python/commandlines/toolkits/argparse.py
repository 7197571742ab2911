"""What argparse does with a parser, done to a stand-in. Raises nothing: a clash is noted as a conflict."""

from __future__ import annotations

import ast

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.model import LENIENT
from tailrace.python.commandlines.program import identifiers
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Group, Option, Parser, Site, SubParsers
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Class,
    Function,
    Items,
    Method,
    Symbol,
    Table,
    Value,
    is_constant,
    items_of,
    known_items,
    text_of,
    texts_of,
)
from tailrace.python.text import descendants

_NO_VALUE = frozenset(
    {"store_true", "store_false", "store_const", "append_const", "count", "help", "version", "BooleanOptionalAction"}
)
_PARSER_METHODS = frozenset(
    {
        *("add_argument", "add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "parse_args"),
        *("parse_known_args", "parse_intermixed_args", "parse_known_intermixed_args", "set_defaults", "get_default"),
        *("print_help", "print_usage", "format_help", "format_usage", "error", "exit", "register", "_add_action"),
        *("_remove_action", "__init__", "add", "_add_container_actions", "_check_value", "convert_arg_line_to_args"),
        *("addoption", "_addoption", "addini", "getgroup", "addgroup"),
    }
)
STRICT = "\0strict"
_SUBPARSERS_TITLE = "\0subparsers"


def new_parser(machine: Core, site: Site, cls: Value | None = None, *, child: bool = False) -> Parser:
    """A parser that is not initialised yet."""
    parser = Parser(site, cls, child=child, conditional=machine.conditions > 0)
    machine.parsers.append(parser)
    return parser


def initialise(machine: Core, parser: Parser, arguments: Arguments, site: Site) -> None:
    """`ArgumentParser.__init__`."""
    if parser.ready:
        return
    parser.ready = True
    parser.prog = text_of(arguments.get(0, "prog")) or parser.prog
    parser.resolves_conflicts = arguments.get(None, "conflict_handler") == "resolve"
    parser.prefix = text_of(arguments.get(None, "prefix_chars")) or "-"
    parser.deprecated = arguments.get(None, "deprecated") is True
    if not parser.groups:
        parser.groups += [Group(parser, "positional arguments"), Group(parser, "options")]
    if arguments.get(None, "add_help") is not False:
        prefix = "-" if "-" in parser.prefix else parser.prefix[:1]
        add_option(
            machine, parser, Option((f"{prefix}h", f"{prefix * 2}help"), "help", site, "help", takes_value=False)
        )
    parents = arguments.get(None, "parents")
    if parents is not None:
        items = items_of(parents)
        for parent in known_items(parents):
            if isinstance(parent, Parser):
                adopt(machine, parser, parent)
        if items is None or not all(isinstance(parent, Parser) for parent in items):
            parser.open_ends.add("parents")


def adopt(machine: Core, parser: Parser, parent: Parser) -> None:
    """Add the actions of a parent parser."""
    for option in parent.options:
        add_option(machine, parser, option)
    parser.open_ends |= parent.open_ends
    parser.groups += [Group(parser, group.title) for group in parent.groups[2:]]


def add_option(machine: Core, parser: Parser, option: Option) -> None:
    """Add an option; where a string of it is taken, do as the conflict handler does."""
    clashing = [string for string in option.strings if string in parser.taken]
    for string in clashing:
        other = parser.taken[string]
        if parser.resolves_conflicts:
            other.strings = tuple(s for s in other.strings if s != string)
            if not other.strings and other in parser.options:
                parser.options.remove(other)
        elif other is not option:
            machine.conflict(string, other.site, option.site, parser)
    if clashing and not parser.resolves_conflicts:
        return
    parser.options.append(option)
    parser.taken.update(dict.fromkeys(option.strings, option))


def add_argument(machine: Core, parser: Parser, arguments: Arguments, site: Site) -> Value:
    """`add_argument`."""
    given = [text_of(value) for value in arguments.positional]
    if given and isinstance(arguments.positional[0], Option):
        add_option(machine, parser, arguments.positional[0])
        return arguments.positional[0]
    names = [name for name in given if name is not None]
    if len(names) != len(given) or not arguments.closed or (not given and "dest" not in arguments.keywords):
        parser.open_ends.add("add_argument")
    if not names and "dest" not in arguments.keywords:
        return UNKNOWN
    option = read_option(machine, names, arguments, site, parser.prefix)
    add_option(machine, parser, option)
    return option


def read_option(machine: Core, names: list[str], arguments: Arguments, site: Site, prefix: str = "-") -> Option:
    """The option that `add_argument` with these names describes."""
    strings = tuple(name for name in names if name[:1] in prefix and len(name) > 1)
    action_value = arguments.get(None, "action")
    action = text_of(action_value) or ""
    if isinstance(action_value, Symbol | Class):
        action = action_value.path.rpartition(".")[2] if isinstance(action_value, Symbol) else action_value.node.name
    long = next((s for s in strings if s[1:2] in prefix), strings[0] if strings else "")
    dest = text_of(arguments.get(None, "dest")) or long.lstrip(prefix).replace("-", "_") or (names[0] if names else "")
    nargs = arguments.get(None, "nargs")
    nargs_text = str(nargs) if nargs is not None and is_constant(nargs) else None
    if action == "BooleanOptionalAction":
        strings += tuple(f"--no-{s[2:]}" for s in strings if s.startswith("--"))
    custom = action_value is not None and action not in _NO_VALUE and action not in {"store", "append", "extend"}
    hints = any(name in arguments.keywords for name in ("nargs", "type", "choices", "metavar"))
    return Option(
        strings=strings,
        dest=dest,
        site=site,
        action=action or ("custom" if action_value is not None else "store"),
        nargs="remainder" if nargs_text == "..." or _names_remainder(nargs) else nargs_text,
        # With a converter, choices are compared after it: others may be taken on the command line.
        choices=None if converts(arguments) else texts_of(arguments.get(None, "choices")),
        takes_value=action not in _NO_VALUE and nargs_text != "0" and (hints or not custom),
        conditional=machine.conditions > 0,
        deprecated=_is_deprecated(arguments, site),
    )


def converts(arguments: Arguments) -> bool:
    """Whether a value is converted by more than `str` or a number type."""
    return arguments.get(None, "type") not in (
        None,
        *(Symbol(f"builtins.{name}") for name in ("str", "int", "float")),
    )


def _names_remainder(nargs: Value) -> bool:
    return isinstance(nargs, Symbol) and nargs.path.endswith("REMAINDER")


def _is_deprecated(arguments: Arguments, site: Site) -> bool:
    if arguments.get(None, "deprecated") is True:
        return True
    keywords = site.node.keywords if isinstance(site.node, ast.Call) else []
    words = (
        getattr(child, "id", None) or getattr(child, "attr", None) or getattr(child, "value", None)
        for keyword in keywords
        for child in descendants(keyword.value)
    )
    return any(isinstance(word, str) and "deprecat" in word.lower() for word in words)


def add_subparsers(machine: Core, parser: Parser, arguments: Arguments) -> SubParsers:
    """`add_subparsers`."""
    if parser.subparsers is None:
        parser.subparsers = SubParsers(parser, arguments.get(None, "parser_class") or parser.cls)
        parser.groups.append(Group(parser, text_of(arguments.get(None, "title"))))
    return parser.subparsers


def add_parser(machine: Core, subparsers: SubParsers, arguments: Arguments, site: Site) -> Parser:
    """`add_parser`."""
    host = subparsers.parser
    name = text_of(arguments.get(0, "name"))
    aliases = texts_of(arguments.get(None, "aliases")) or ()
    kind = subparsers.parser_class
    child = new_parser(machine, site, kind if isinstance(kind, Class) else None, child=True)
    passed = {k: v for k, v in arguments.keywords.items() if k not in {"name", "aliases", "help"}}
    initialise_object(machine, child, Arguments((), passed, arguments.closed), site)
    child.prog = child.prog or name
    if name is None:
        host.open_ends.add("add_parser")
        return child
    for candidate in (name, *aliases):
        other = subparsers.names.get(candidate)
        if other is not None:
            machine.conflict(candidate, other.site, site, host, subcommand=True)
            return child
    subparsers.names.update(dict.fromkeys((name, *aliases), child))
    subparsers.aliases.update(dict.fromkeys(aliases, name))
    return child


def attribute(owner: Parser | Group | SubParsers, name: str) -> Value:
    """An attribute of a parser, group or subparsers action, the private ones that people use included."""
    if isinstance(owner, SubParsers):
        if name in {"choices", "_name_parser_map"}:
            return Table(owner.names)
        return Method(owner, name)
    parser = owner if isinstance(owner, Parser) else owner.parser
    match name:
        case "_option_string_actions":
            return Table(parser.taken)
        case "_actions":
            return Items([*parser.options, *([parser.subparsers] if parser.subparsers else [])])
        case "_group_actions":
            if isinstance(owner, Group) and owner.title == _SUBPARSERS_TITLE and parser.subparsers:
                return Items([parser.subparsers])
            return Items([*parser.options, *([parser.subparsers] if parser.subparsers else [])])
        case "_action_groups":
            return Items(list(parser.groups))
        case "_subparsers":
            return Group(parser, _SUBPARSERS_TITLE) if parser.subparsers else None
        case "_optionals" | "_positionals" if parser.groups:
            return parser.groups[1 if name == "_optionals" else 0]
        case "title" if isinstance(owner, Group):
            return owner.title
        case "prog" if parser.prog:
            return parser.prog
        case "conflict_handler":
            return "resolve" if parser.resolves_conflicts else "error"
        case _:
            return Method(owner, name) if name in _PARSER_METHODS else UNKNOWN


def method(machine: Core, owner: Parser | Group | SubParsers, name: str, arguments: Arguments, site: Site) -> Value:
    """A method of a parser, group or subparsers action."""
    if isinstance(owner, SubParsers):
        return add_parser(machine, owner, arguments, site) if name == "add_parser" else UNKNOWN
    parser = owner if isinstance(owner, Parser) else owner.parser
    match name:
        case "__init__":
            initialise(machine, parser, arguments, site)
        case "add_argument" | "add" | "_add_action":
            return add_argument(machine, parser, arguments, site)
        case "add_argument_group" | "add_mutually_exclusive_group":
            group = Group(parser, text_of(arguments.get(0, "title")) if name == "add_argument_group" else None)
            parser.groups.append(group)
            return group
        case "add_subparsers":
            return add_subparsers(machine, parser, arguments)
        case "_remove_action" if isinstance(removed := arguments.get(0, "action"), Option):
            parser.options = [option for option in parser.options if option is not removed]
        case "_add_container_actions" if isinstance(other := arguments.get(0, "container"), Parser):
            adopt(machine, parser, other)
        case _ if name.startswith("parse_"):
            parser.scripts.append(machine.script or "")
            _parsed(machine, parser, known_only="known" in name)
        case _:
            pass
    return UNKNOWN


def _parsed(machine: Core, parser: Parser, *, known_only: bool) -> None:
    """Note whether a parser ignores or passes on what it does not know; it does not where the rest is refused."""
    function = machine.frames[-1].function if machine.frames else None
    if known_only and function is not None:
        known_only = identifiers(function.node).isdisjoint({"error", "exit", "SystemExit", "parse_args"})
    if not known_only:
        parser.attributes[STRICT] = True
        parser.open_ends.discard(LENIENT)
    elif STRICT not in parser.attributes:
        parser.open_ends.add(LENIENT)


def initialise_object(machine: Core, parser: Parser, arguments: Arguments, site: Site) -> None:
    """Run the initialiser of a parser class, or argparse's own."""
    initialiser = classes.lookup(machine, parser.cls, "__init__") if isinstance(parser.cls, Class) else None
    if isinstance(initialiser, Function):
        machine.run(initialiser.bind(parser), arguments)
    if not parser.ready:
        initialise(machine, parser, arguments, site)


class Argparse(Toolkit):
    """argparse and what derives its parsers from it."""

    name = "argparse"
    roots = frozenset({"argparse", "configargparse", "jsonargparse"})
    triggers = (rb"add_argument|ArgumentParser|add_parser|add_subparsers|parse_args|parse_known_args",)
    building = frozenset(
        {
            *("add_argument", "ArgumentParser", "add_parser", "add_subparsers", "parse_args", "parse_known_args"),
            *("add_argument_group", "add_mutually_exclusive_group"),
        }
    )
    adding = frozenset({"add_argument", "add_parser", "add_option", "add_argument_group"})

    def canonical(self, name: str) -> str:
        """The names that configargparse and jsonargparse give the parser."""
        return "ArgumentParser" if name in {"ArgParser", "Parser"} else name

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A new parser."""
        if path != "argparse.ArgumentParser":
            return UNKNOWN
        parser = new_parser(machine, site)
        initialise(machine, parser, arguments, site)
        return parser

    def instantiate(
        self, machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame
    ) -> Value | None:
        """A parser of a class of the sources."""
        if base != "argparse.ArgumentParser":
            return None
        parser = new_parser(machine, site, cls)
        initialise_object(machine, parser, arguments, site)
        return parser

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """An attribute of a parser, group or subparsers action."""
        assert isinstance(owner, Parser | Group | SubParsers)
        return attribute(owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A method of a parser, group or subparsers action."""
        assert isinstance(owner, Parser | Group | SubParsers)
        return method(machine, owner, name, arguments, site)


TOOLKIT = Argparse()
