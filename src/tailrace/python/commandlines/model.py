"""What a command line offers: programs, subcommands, options. Frozen values; reads nothing."""

from __future__ import annotations

from dataclasses import dataclass

# The open end of every line of a release that was too much work to read to the end.
LIMIT = "work limit"
# The open end of a line that ignores or passes on what it does not know.
LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class CommandOption:
    """One option (`strings` such as `("-l", "--logfiles")`) or positional argument (`strings` is empty).

    `file`, `line`: where it is added, relative to the artifact. `choices`: literal choices, `None` when there are none
    or they are computed. `takes_value`: whether the next word on the command line belongs to it. `conditional`: it is
    added under a test that could not be decided. `deprecated`: marked so in the code or in its help text.
    """

    strings: tuple[str, ...]
    dest: str
    file: str
    line: int
    action: str = "store"
    nargs: str | None = None
    choices: tuple[str, ...] | None = None
    takes_value: bool = True
    conditional: bool = False
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One program or subcommand: `prog` as typed (`conda`, `python -m conda`), `path` of subcommands below it.

    `aliases`: other names of the last part of `path`. `also`: other programs that are the same. `open_ends`: calls that
    may add what could not be read (an unknown helper got the parser); with a new open end, a missing option proves
    nothing. `script`: whether `prog` is a console script or a module to run, rather than a name made up from the code.
    """

    prog: str
    path: tuple[str, ...]
    file: str
    line: int
    options: tuple[CommandOption, ...] = ()
    arguments: tuple[CommandOption, ...] = ()
    aliases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    toolkit: str = "argparse"
    open_ends: frozenset[str] = frozenset()
    conditional: bool = False
    deprecated: bool = False
    script: bool = True

    @property
    def symbol(self) -> str:
        """`conda clean`."""
        return " ".join((self.prog, *self.path))

    def option(self, string: str) -> CommandOption | None:
        """The option that `string` selects."""
        return next((option for option in self.options if string in option.strings), None)


@dataclass(frozen=True, slots=True)
class AddedOption:
    """What the candidate defines and the baseline does not: an option string, or (`subcommand`) a name below `path`.

    `file`, `line`: its place in the candidate.
    """

    prog: str
    path: tuple[str, ...]
    string: str
    file: str
    line: int
    subcommand: bool = False

    @property
    def symbol(self) -> str:
        """`conda clean -l`."""
        return " ".join((self.prog, *self.path, self.string))
