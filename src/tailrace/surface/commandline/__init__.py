"""The command-line surface of a release: programs, subcommands, options; and what changed in it."""

from tailrace.surface.commandline.diff import added_options, diff_commandlines
from tailrace.surface.commandline.model import AddedOption, CommandLine, CommandOption
from tailrace.surface.commandline.read import load_program, read_commandlines

__all__ = [
    "AddedOption",
    "CommandLine",
    "CommandOption",
    "added_options",
    "diff_commandlines",
    "load_program",
    "read_commandlines",
]
