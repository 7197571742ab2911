"""pytest: one parser for all plug-ins, which hooks add to."""

from __future__ import annotations

import ast

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits import argparse
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Group, Parser, Site, SubParsers
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Function, Value, text_of

_SITE = Site("", 0, 0, "")


class Pytest(Toolkit):
    """Its parser is an argparse one with methods of its own."""

    name = "pytest"
    triggers = (rb"addoption",)
    building = frozenset({"addoption"})
    hook = "pytest_addoption"

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """As argparse has it."""
        return argparse.TOOLKIT.attribute(machine, owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """`addoption`, `getgroup`; lower-case short options are pytest's own."""
        assert isinstance(owner, Parser | Group | SubParsers)
        parser = owner if isinstance(owner, Parser) else owner.parser
        if name in {"getgroup", "addgroup"}:
            return Group(parser, text_of(arguments.get(0, "name")))
        if name in {"addoption", "_addoption"}:
            names = [text for value in arguments.positional if (text := text_of(value)) is not None]
            option = argparse.read_option(machine, names, arguments, site)
            argparse.add_option(machine, parser, option)
            return option
        return UNKNOWN

    def run_hook(self, machine: Core, function: Function) -> None:
        """Run a `pytest_addoption` hook on pytest's parser."""
        names = [arg.arg for arg in function.node.args.args]
        if "parser" in names:
            given: tuple[Value, ...] = tuple(_parser(machine) if name == "parser" else UNKNOWN for name in names)
            if function.bound is not None:
                is_static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorators)
                function, given = (function.bind(None), given) if is_static else (function, given[1:])
            machine.run(function, Arguments(given))


def _parser(machine: Core) -> Parser:
    """pytest's own parser, one for all plug-ins of a run."""
    for parser in machine.parsers:
        if parser.toolkit == "pytest":
            return parser
    parser = argparse.new_parser(machine, _SITE)
    parser.toolkit = parser.prog = "pytest"
    parser.ready = True
    parser.scripts.append("pytest")
    return parser


TOOLKIT = Pytest()
