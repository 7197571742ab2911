"""The command-line surface of a release: programs, subcommands, options (argparse, click, typer), and what changed in it."""

from tailrace.surface.commandline.model import AddedOption, CommandLine, CommandOption
from tailrace.surface.commandline.read import read_commandlines

__all__ = ["AddedOption", "CommandLine", "CommandOption", "read_commandlines"]
