"""Level `hidden`: the imports of the candidate that stand inside functions, which no import of a module runs."""

from __future__ import annotations

from tailrace.nightly.bench import CellBench
from tailrace.nightly.levels.imports import run_statements
from tailrace.nightly.values import LevelResult
from tailrace.verify.hidden import find_hidden


def run(bench: CellBench) -> LevelResult:
    """The imports that nothing guards and that run on every platform."""
    roots = {module.partition(".")[0] for module in bench.distributions[0].modules}
    found, unread = find_hidden(bench.artifact)
    chosen = {
        f"{one.file}:{one.line}: {one.statement}": one.statement
        for one in found
        if one.kind == "import" and not one.guarded and not one.conditional and one.root in roots
    }
    if not chosen:
        return LevelResult(level="hidden", reason="no function imports the candidate")
    result = run_statements(bench, "hidden", chosen)
    if not unread:
        return result
    reason = f"{len(unread)} files could not be read"
    return LevelResult(level="hidden", tried=result.tried, broken_before=result.broken_before, reason=reason)
