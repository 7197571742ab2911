"""What a toolkit for command lines is to the machine: one object, registered under the import roots it answers for."""

from __future__ import annotations

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import Site
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Class, Function, Partial, Value


class Toolkit:
    """A library that builds command lines. Everything but the name has a default that knows nothing.

    A file of this package that has a `TOOLKIT` is registered; nothing else names it.
    """

    # as in `CommandLine.toolkit`, and in the values that the toolkit makes
    name: str
    # import roots, look-alikes included
    roots: frozenset[str] = frozenset()
    # regular expressions: a module that matches none builds no command line
    triggers: tuple[bytes, ...] = ()
    # names in the body of a function that mean that it may build a command line
    building: frozenset[str] = frozenset()
    # methods that add to a command line
    adding: frozenset[str] = frozenset()
    # kinds of `Partial` that `decorate` applies
    decorators: frozenset[str] = frozenset()
    # a function of this name is called by the toolkit itself
    hook: str | None = None
    # the same for functions of the host's own
    own_hooks: frozenset[str] = frozenset()

    def canonical(self, name: str) -> str:
        """The toolkit's own name of a class of a look-alike."""
        return name

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A call of a function or class; `path` is canonical (`argparse.ArgumentParser`)."""
        return UNKNOWN

    def instantiate(
        self, machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame
    ) -> Value | None:
        """A new object of a class of the sources that derives from `base`; `None` for an ordinary object."""
        return None

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """An attribute of a value that the toolkit has made."""
        return UNKNOWN

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A call of a method of a value that the toolkit has made."""
        return UNKNOWN

    def decorate(self, machine: Core, partial: Partial, target: Value, site: Site) -> Value:
        """Apply a waiting decorator."""
        return target

    def takes_hook(self, source: bytes) -> bool:
        """Whether the hook of a module with these bytes is the toolkit's, and not a function of the same name."""
        return True

    def run_hook(self, machine: Core, function: Function) -> None:
        """Call the hook as the toolkit does."""
