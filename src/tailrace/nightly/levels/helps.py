"""Level `help`: every script, subcommand, `HOST-NAME` executable and plug-in subcommand is asked for its help."""

from __future__ import annotations

import msgspec

from tailrace.nightly.bench import CellBench
from tailrace.nightly.commands import compare
from tailrace.nightly.values import LevelResult
from tailrace.verify.installed import installed_names
from tailrace.verify.smoke import host_programs


def run(bench: CellBench) -> LevelResult:
    """A command fails where its help fails or is empty with the candidate alone. Hosts load all of their plug-ins."""
    result = compare(bench, "help", ("--help",))
    tried, broken = result.tried, result.broken_before
    for distribution in bench.distributions:
        for shown, program in host_programs(distribution, installed_names(bench.pair.baseline.place)):
            verdict = bench.check("help", shown, program)
            tried, broken = tried + (verdict is not None), broken + (verdict is None)
    return msgspec.structs.replace(
        result, tried=tried, broken_before=broken, reason=None if tried + broken else result.reason
    )
