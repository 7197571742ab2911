"""Level `import`: every module, and every entry point loaded."""

from __future__ import annotations

from collections.abc import Mapping

from tailrace.nightly.bench import CellBench
from tailrace.nightly.values import LevelName, LevelResult
from tailrace.verify.smoke import batch_program, read_batch, statements

MOST = 12


def run(bench: CellBench) -> LevelResult:
    """The modules of the project and of the candidate, and what their entry points name."""
    every = {key: text for distribution in bench.distributions for key, text in statements(distribution)}
    return run_statements(bench, "import", every)


def run_statements(bench: CellBench, level: LevelName, every: Mapping[str, str]) -> LevelResult:
    """Statements in one program; those that fail with the candidate alone once more, each for itself."""
    if not every:
        return LevelResult(level=level, reason="there is nothing to import")
    program = batch_program(tuple(every.items()))
    old = read_batch(bench.run(program, bench.pair.old))
    new = read_batch(bench.run(program, bench.pair.new))
    if old is None:  # one of them ends the whole program: each for itself
        verdicts = {key: bench.check(level, key, text) for key, text in list(every.items())[: 4 * MOST]}
        tried = sum(verdict is not None for verdict in verdicts.values())
        return LevelResult(level=level, tried=tried, broken_before=len(verdicts) - tried)
    broken = [key for key in every if old[key].error is None and (new is None or new[key].error is not None)]
    seen: set[str] = set()
    for key in broken:
        error = new[key].error if new is not None else None
        if len(seen) >= MOST or (error is not None and error in seen):
            continue
        if bench.check(level, key, every[key]) is False:
            seen.add(error or key)
    failed = sum(heard.error is not None for heard in old.values())
    return LevelResult(level=level, tried=len(every) - failed, broken_before=failed)
