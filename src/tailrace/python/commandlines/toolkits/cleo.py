"""cleo: commands are classes with a name and lists of options; an application loads them by name."""

from __future__ import annotations

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Option, Site
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Class, Value, text_of


class Cleo(Toolkit):
    """Its `option()` and `argument()` make options; what they are added to is read from the classes."""

    name = "cleo"
    roots = frozenset({"cleo"})
    triggers = (rb"\bcleo\b",)

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """An option or argument."""
        last = path.rpartition(".")[2]
        name = text_of(arguments.get(0, "long_name" if last == "option" else "name"))
        if last == "option" and name is not None:
            short = text_of(arguments.get(1, "short_name"))
            strings = (f"--{name}", *(f"-{part}" for part in (short or "").split("|") if part))
            takes_value = arguments.get(3, "flag", True) is False
            return Option(strings, name, site, takes_value=takes_value, conditional=machine.conditions > 0)
        if last == "argument" and name is not None:
            return Option((), name, site, conditional=machine.conditions > 0)
        return UNKNOWN

    def instantiate(
        self, machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame
    ) -> Value | None:
        """Commands and applications are read as classes."""
        return UNKNOWN


TOOLKIT = Cleo()
