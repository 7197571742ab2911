"""flake8: one option manager for all plug-ins, which a class method or a function adds to."""

from __future__ import annotations

import re
from dataclasses import replace

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits import argparse
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Group, Parser, Site, SubParsers
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Function, Method, Value, text_of

_SITE = Site("", 0, 0, "")
# The parameter that flake8 passes its option manager for.
_MANAGED = re.compile(
    rb"def (?:add_options|register_options)\(\s*(?:cls\s*,\s*)?(?:parser|option_manager|optmanager|opt_manager)\b"
    rb"|def register_default_options\b"
)
_OWN = "register_default_options"


class Flake8(Toolkit):
    """Its option manager takes what optparse took, and a few keywords of its own."""

    name = "flake8"
    triggers = (rb"add_options|register_default_options",)
    building = frozenset({"add_option"})
    hook = "add_options"
    own_hooks = frozenset({_OWN})

    def takes_hook(self, source: bytes) -> bool:
        """`add_options` is a common name: only a module that names flake8 is a plug-in of it."""
        return b"flake8" in source.lower() or _MANAGED.search(source) is not None

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """The methods of the option manager, else as argparse has it."""
        assert isinstance(owner, Parser | Group | SubParsers)
        known = name in {"add_option", "extend_default_ignore", "extend_default_select"}
        return Method(owner, name) if known else argparse.attribute(owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """`add_option`."""
        assert isinstance(owner, Parser | Group | SubParsers)
        parser = owner if isinstance(owner, Parser) else owner.parser
        if name != "add_option":
            return UNKNOWN
        named = [arguments.keywords.get(f"{size}_option_name") for size in ("short", "long")]
        given = tuple(text for value in named if (text := text_of(value)) is not None)
        return argparse.add_argument(machine, parser, replace(arguments, positional=arguments.positional + given), site)

    def run_hook(self, machine: Core, function: Function) -> None:
        """Run the hook on the one option manager; the host's own goes first."""
        names = [arg.arg for arg in (*function.node.args.posonlyargs, *function.node.args.args)]
        decorators = {getattr(decorator, "id", "") for decorator in function.decorators}
        given: list[Value] = [UNKNOWN] * len(names)
        first = 1 if names[:1] in (["self"], ["cls"]) and "staticmethod" not in decorators else 0
        if first < len(names):
            given[first] = _parser(machine)
            machine.run(Function(function.node, function.frame), Arguments(tuple(given)))


def _parser(machine: Core) -> Parser:
    for parser in machine.parsers:
        if parser.toolkit == "flake8":
            return parser
    parser = argparse.new_parser(machine, _SITE)
    parser.toolkit = parser.prog = "flake8"
    parser.ready = True
    parser.scripts.append("flake8")
    return parser


TOOLKIT = Flake8()
