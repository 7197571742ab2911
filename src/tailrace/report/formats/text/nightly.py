"""A nightly run for a terminal: the verdict, each cause and problem, every cell."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.model.inert import visible, without_commands
from tailrace.nightly.values import NightlyReport
from tailrace.report.options import RenderOptions
from tailrace.report.views.nightly import SHOWN_LINES, cause_facts, cause_head, cell_line, headline, skipped

_COLORS = {"green": "32", "red": "31", "not-run": "35"}


def render(report: NightlyReport, options: RenderOptions) -> str:
    """The report of a night."""
    return without_commands("\n".join(_lines(report, color=options.color)))


def _lines(report: NightlyReport, *, color: bool) -> Iterator[str]:
    yield _paint(headline(report), report.verdict, color)
    yield f"  at {report.made_at}" + (f", label {visible(report.label)}" if report.label else "")
    for problem in report.problems:
        owner = f" (owner: {visible(problem.owner)})" if problem.owner else ""
        yield ""
        yield f"  {_paint(problem.kind, 'red', color)}  {visible(problem.message)}{owner}"
    for cause in report.causes:
        yield ""
        yield f"  {_paint('red', 'red', color)}  {cause_head(cause)}"
        yield f"       {'; '.join(cause_facts(cause))}"
        yield from (f"       {visible(cell)}" for cell in cause.cells)
        yield from (f"         {visible(line)}" for line in cause.lines[-SHOWN_LINES:])
    yield ""
    for result in report.cells:
        yield f"  {cell_line(result)}"
        flaky = [failure for failure in result.failures if failure.kind == "flaky"]
        yield from (f"    flaky: {visible(failure.what)}" for failure in flaky)
        yield from (f"    not tried: {text}" for text in skipped(result))
        yield from (f"    {visible(note)}" for note in result.notes)
    for cell in report.left_out:
        yield f"  left out: {visible(cell.title)}"


def _paint(text: str, state: str, color: bool) -> str:
    return f"\x1b[{_COLORS[state]}m{text}\x1b[0m" if color and state in _COLORS else text
