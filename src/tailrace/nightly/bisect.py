"""Finds the first canary that has the cause of a red cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from tailrace.nightly.values import Cell, CellResult
from tailrace.verify.bisecting import Answer, bisect

#: So many canaries at most lie between the two ends; from more, evenly spread ones are taken first.
MOST = 1 << 12


def find_first_bad(result: CellResult, candidates: Sequence[str], run: Callable[[Cell], CellResult]) -> CellResult:
    """The result with `first_bad` and `last_good`: the specs around the first candidate with one of its causes.

    `candidates`: specs from the baseline, which is taken to be good, to the candidate of the cell, oldest first.
    """
    causes = {failure.cause for failure in result.failures if failure.kind != "flaky"}
    chosen = list(candidates)[-MOST:]
    if not causes or len(chosen) < 2:
        return result

    def ask(spec: str) -> Answer:
        if spec == chosen[-1]:
            return "bad"
        seen = run(msgspec.structs.replace(result.cell, candidate=spec))
        if any(failure.cause in causes and failure.kind != "flaky" for failure in seen.failures):
            return "bad"
        return "unknown" if seen.outcome == "not-run" else "good"

    found = bisect(chosen, ask)
    return msgspec.structs.replace(result, first_bad=found.first_bad, last_good=found.last_good)
