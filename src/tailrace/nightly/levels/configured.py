"""Level `commands`: the shell commands that the configuration names."""

from __future__ import annotations

from tailrace.nightly.bench import CellBench
from tailrace.nightly.values import LevelResult
from tailrace.verify.owntests import command_line_program


def run(bench: CellBench) -> LevelResult:
    """Each in a copy of the project's source, where it has one."""
    if not bench.commands:
        return LevelResult(level="commands", reason="no command is configured")
    folder = bench.sources[-1] if bench.sources else None
    verdicts = [bench.check("commands", text, command_line_program(text, folder)) for text in bench.commands]
    tried = sum(verdict is not None for verdict in verdicts)
    return LevelResult(level="commands", tried=tried, broken_before=len(verdicts) - tried)
