"""Groups the failures of cells by cause, and makes the report of the night."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tailrace.nightly.values import (
    Cause,
    Cell,
    CellResult,
    Counts,
    Failure,
    Named,
    NightlyReport,
    Outcome,
    Problem,
    Tool,
)


def find_causes(results: Iterable[CellResult]) -> tuple[Cause, ...]:
    """One cause for all failures with the same id, those with most failures first. Flaky failures have none."""
    groups: dict[str, list[tuple[CellResult, Failure]]] = {}
    for result in results:
        for failure in result.failures:
            if failure.kind != "flaky":
                groups.setdefault(failure.cause, []).append((result, failure))
    causes = [_cause(key, pairs) for key, pairs in groups.items()]
    return tuple(sorted(causes, key=lambda cause: (-cause.failures, cause.id)))


def _cause(key: str, pairs: Sequence[tuple[CellResult, Failure]]) -> Cause:
    ran = next((failure for _, failure in pairs if failure.kind != "static"), pairs[0][1])
    result = pairs[0][0]
    return Cause(
        id=key,
        project=ran.project,
        message=f"{ran.what}: {ran.message}" if ran.what not in ran.message else ran.message,
        levels=tuple(dict.fromkeys(failure.level for _, failure in pairs)),
        failures=len(pairs),
        cells=tuple(dict.fromkeys(one.cell.title for one, _ in pairs)),
        owner=result.cell.owner,
        first_bad=result.first_bad,
        lines=ran.lines,
    )


def make_report(
    results: Sequence[CellResult],
    *,
    made_at: str,
    tool: Tool,
    problems: Sequence[Problem] = (),
    configured: bool = False,
    label: str | None = None,
    left_out: Sequence[Cell] = (),
    seconds: float = 0.0,
) -> NightlyReport:
    """The report. `configured`: it is a scheduled night, where a cell that could not be run is red."""
    causes = find_causes(results)
    by = {outcome: sum(result.outcome == outcome for result in results) for outcome in ("green", "red", "not-run")}
    serious = list(problems)
    if configured:
        serious += [
            Problem(
                kind="not-run",
                project=result.cell.project or result.cell.candidate,
                message=f"{result.cell.title}: {result.reason or 'it was not run'}",
                owner=result.cell.owner,
            )
            for result in results
            if result.outcome == "not-run"
        ]
        if not results:
            serious.append(Problem(kind="never-ran", project="", message="no cell was run"))
    verdict: Outcome = "green"
    if causes or by["red"] or serious:
        verdict = "red"
    elif by["not-run"] or not results:
        verdict = "not-run"
    named: list[Named] = [result.candidate for result in results if result.candidate is not None]
    same = len({(one.name, one.version) for one in named}) == 1
    return NightlyReport(
        tool=tool,
        made_at=made_at,
        verdict=verdict,
        counts=Counts(
            cells=len(results),
            green=by["green"],
            red=by["red"],
            not_run=by["not-run"],
            failures=sum(len(result.failures) for result in results),
            causes=len(causes),
        ),
        candidate=named[0] if named and same else None,
        label=label,
        causes=causes,
        problems=tuple(serious),
        cells=tuple(results),
        left_out=tuple(left_out),
        seconds=round(seconds, 1),
    )
