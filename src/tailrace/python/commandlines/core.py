"""The state of one abstract run, and what the toolkits may ask of it. Holds values; evaluates nothing by itself."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tailrace.python.commandlines.program import Program, identifiers
from tailrace.python.commandlines.values import Command, Parser, Site, is_live
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.statements import Runner
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Function, Symbol, Value, truth

if TYPE_CHECKING:
    from tailrace.model import Metadata
    from tailrace.python.commandlines.installed import Installed

# Work limit for one run, in evaluated nodes.
MAX_STEPS = 250_000

# What `except` may name to catch a conflict: argparse, click and pytest raise these.
CATCHING = frozenset({"ArgumentError", "Exception", "BaseException", "ValueError", "*"})


class OutOfSteps(Exception):  # noqa: N818 it ends a run, it is no error
    """The work limit is reached; what was found so far stands."""


@dataclass(frozen=True)
class Conflict:
    """One option string or subcommand added twice to `host`.

    `guarded`: an `except` around catches what is raised. `raises`: it fails, rather than silently replace the first.
    """

    string: str
    first: Site
    second: Site
    host: Parser | Command | None
    subcommand: bool = False
    guarded: bool = False
    conditional: bool = False
    raises: bool = True


@dataclass(frozen=True)
class Hosted:
    """An option or subcommand that a plug-in gives to another distribution's program (`host`, an import root)."""

    host: str
    string: str
    site: Site
    subcommand: bool
    conditional: bool = False
    guarded: bool = False


class Core(Runner):
    """One abstract run over one program."""

    explores = True
    rounds = 300

    def __init__(self, program: Program, building: frozenset[str], installed: Installed | None = None) -> None:
        self.program = program
        self.installed = installed
        self.building = building
        self.steps = 0
        self.frames: list[Frame] = []
        self.calls: dict[ast.AST, int] = {}
        self.conditions = 0
        self.handlers: list[tuple[int, frozenset[str]]] = []
        self.script: str | None = None
        # of the distribution whose programs are run
        self.metadata: Metadata | None = None
        self.parsers: list[Parser] = []
        self.commands: list[Command] = []
        self.conflicts: list[Conflict] = []
        self.hosted: list[Hosted] = []
        # what is added to parsers that a distribution outside the program has made
        self.foreign: list[Hosted] = []
        self.modules: dict[str, Frame] = {}
        # functions handed to others, run once under each script
        self.handed: set[tuple[ast.AST | None, str | None]] = set()
        self._builds: dict[ast.AST, bool] = {}

    def spend(self) -> None:
        """Count one step of work."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise OutOfSteps

    def site(self, node: ast.expr | ast.stmt, frame: Frame) -> Site:
        """The place of a node."""
        module = self.program.modules[frame.module]
        return Site(module.file, node.lineno, node.col_offset + 1, module.owner, node)

    def guarded(self) -> bool:
        """Whether an `except` near by catches a conflict: in the same function, or by its name in the calling one.

        A catch-all further out reports the failure; it does not make the command work.
        """
        here = len(self.frames)
        return any(
            (depth == here and caught & CATCHING) or (depth == here - 1 and "ArgumentError" in caught)
            for depth, caught in self.handlers
        )

    def is_building(self, function: Function) -> bool:
        """Whether a function may build a command line."""
        name = function.name
        if not name.startswith("__"):
            return name in self.building
        return self.is_building_body(function.node)

    def is_building_body(self, node: ast.AST) -> bool:
        """Whether a body names what builds a command line."""
        if node not in self._builds:
            self._builds[node] = not self.building.isdisjoint(identifiers(node))
        return self._builds[node]

    def namespace_has(self, module: str, name: str) -> bool | None:
        """Not asked: `globals()` is unknown here."""
        return None

    def is_telling(self, value: Value) -> bool:
        """Whether a value is worth more than others that an expression may have as well."""
        return is_live(value)

    def compare(self, left: Value, op: ast.cmpop, right: Value) -> bool | None:
        """Whether `left op right` holds, with what is known of names of elsewhere."""
        if self.installed is not None:
            return self.installed.compare(left, op, right)
        if isinstance(op, ast.Is | ast.IsNot) and (isinstance(left, Symbol) or isinstance(right, Symbol)):
            return None  # a name of elsewhere may hold `None`
        return super().compare(left, op, right)

    def decide(self, node: ast.expr, frame: Frame) -> bool | None:
        """Whether a test is known to be true or false."""
        return truth(self.value(node, frame))

    def value(self, node: ast.expr, frame: Frame) -> Value:
        """The value of an expression; what the program alone does not give, the interpreter may know."""
        found = super().value(node, frame)
        if found is not UNKNOWN or self.installed is None:
            return found
        return self.installed.value(node, frame, self.program.modules[frame.module].rebound)

    def conflict(
        self,
        string: str,
        first: Site,
        second: Site,
        host: Parser | Command,
        *,
        subcommand: bool = False,
        raises: bool = True,
    ) -> None:
        """Note that `string` was there already."""
        conditional = self.conditions > 0
        self.conflicts.append(Conflict(string, first, second, host, subcommand, self.guarded(), conditional, raises))

    @contextmanager
    def unsure(self) -> Iterator[None]:
        """What happens inside may or may not happen at run time."""
        self.conditions += 1
        try:
            yield
        finally:
            self.conditions -= 1

    @contextmanager
    def apart(self, script: str | None = None) -> Iterator[None]:
        """Run a module or a fresh root: conditions and handlers of the module that imports it say nothing about it."""
        kept = self.conditions, self.handlers, self.script
        self.conditions, self.handlers = 0, []
        self.script = script or self.script
        try:
            yield
        finally:
            self.conditions, self.handlers, self.script = kept

    @abstractmethod
    def call(self, callee: Value, arguments: Arguments, site: Site, frame: Frame, shown: str = "") -> Value:
        """A call of a value."""

    @abstractmethod
    def run(self, function: Function, arguments: Arguments, *, root: bool = False) -> Value:
        """Run a function; what it may return."""

    @abstractmethod
    def member(self, module_name: str, name: str) -> Value:
        """`from module_name import name`."""

    @abstractmethod
    def module_frame(self, module: object) -> Frame:
        """The names of a module after its top level ran."""
