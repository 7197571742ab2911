"""The command-line surface of a release: programs, subcommands, options; and what changed in it.

Each name is imported on first use: a program that starts often should not read what it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.python.commandlines.diff import added_options, diff_commandlines
    from tailrace.python.commandlines.model import AddedOption, CommandLine, CommandOption
    from tailrace.python.commandlines.read import load_program, read_commandlines

_FOUND_IN = {
    "AddedOption": "model",
    "CommandLine": "model",
    "CommandOption": "model",
    "added_options": "diff",
    "diff_commandlines": "diff",
    "load_program": "read",
    "read_commandlines": "read",
}


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AddedOption",
    "CommandLine",
    "CommandOption",
    "added_options",
    "diff_commandlines",
    "load_program",
    "read_commandlines",
]
