"""Level `call`: every command and subcommand without arguments.

A help page is made before a command does anything, so it cannot show that a command is no longer reached. Without
arguments most commands either do something harmless or complain; what they say is compared.
"""

from __future__ import annotations

from tailrace.nightly.bench import CellBench
from tailrace.nightly.commands import compare
from tailrace.nightly.values import LevelResult


def run(bench: CellBench) -> LevelResult:
    """A command fails where it fails, is silent, or says something entirely different with the candidate alone."""
    return compare(bench, "call", ())
