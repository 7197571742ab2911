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
    baseline = read_batch(bench.run(program, bench.pair.baseline))
    candidate = read_batch(bench.run(program, bench.pair.candidate))
    if baseline is None:  # one of them ends the whole program: each for itself
        verdicts = {key: bench.check(level, key, text) for key, text in list(every.items())[: 4 * MOST]}
        tried = sum(verdict is not None for verdict in verdicts.values())
        return LevelResult(level=level, tried=tried, broken_before=len(verdicts) - tried)
    broken = [
        key for key in every if baseline[key].error is None and (candidate is None or candidate[key].error is not None)
    ]
    seen: set[str] = set()
    for key in broken:
        error = candidate[key].error if candidate is not None else None
        if len(seen) >= MOST or (error is not None and error in seen):
            continue
        if bench.check(level, key, every[key]) is False:
            seen.add(error or key)
    failed = sum(heard.error is not None for heard in baseline.values())
    return LevelResult(level=level, tried=len(every) - failed, broken_before=failed)
