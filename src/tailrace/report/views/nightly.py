"""What every format shows of a nightly run."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.nightly.values import Cause, CellResult, NightlyReport

#: So many lines of one cause are shown; the JSON holds all.
SHOWN_LINES = 8


def headline(report: NightlyReport) -> str:
    """The first line: the verdict and what stands against it."""
    counts = report.counts
    cells = f"{counts.cells} cell" + ("s" if counts.cells != 1 else "")
    if report.verdict == "green":
        return f"green: {cells}, nothing fails with a canary alone"
    if report.verdict == "not-run":
        return f"not run: {counts.not_run} of {cells} could not be run"
    parts = []
    if counts.causes:
        parts.append(f"{counts.causes} cause" + ("s" if counts.causes != 1 else ""))
    if report.problems:
        parts.append(f"{len(report.problems)} problem" + ("s" if len(report.problems) != 1 else ""))
    return f"red: {' and '.join(parts) or 'a cell is red'}; {counts.red} of {cells} red, {counts.not_run} not run"


def cause_head(cause: Cause) -> str:
    """One cause on one line, with its stable id."""
    return f"{visible(cause.project)}: {visible(cause.message)} [{cause.id}]"


def cause_facts(cause: Cause) -> tuple[str, ...]:
    """How often, at which levels, since when, and who is asked."""
    times = f"{cause.failures} failure" + ("s" if cause.failures != 1 else "")
    facts = [f"{times} at {', '.join(cause.levels)}"]
    facts += [f"first bad: {visible(cause.first_bad)}"] if cause.first_bad else []
    facts += [f"owner: {visible(cause.owner)}"] if cause.owner else []
    return tuple(facts)


def cell_line(result: CellResult) -> str:
    """One cell on one line."""
    return f"{result.outcome}: {visible(result.cell.title)} ({cell_details(result)})"


def cell_details(result: CellResult) -> str:
    """How much was run, how long it took, and why not all of it was."""
    if result.outcome == "not-run":
        return visible(result.reason or "")
    tried = sum(level.tried for level in result.levels)
    seconds = f", {result.seconds:.0f} s" if result.seconds >= 1 else ""
    reason = f"; {visible(result.reason)}" if result.reason else ""
    return f"{tried} programs{seconds}{reason}"


def skipped(result: CellResult) -> tuple[str, ...]:
    """What of a cell was not tried, with the reason."""
    return tuple(f"{level.level}: {visible(level.reason)}" for level in result.levels if level.reason)
