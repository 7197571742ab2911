"""A nightly run for a terminal: the verdict, each cause and problem, every cell."""

from __future__ import annotations

from tailrace.model.inert import visible, without_commands
from tailrace.nightly.values import Cause, CellResult, NightlyReport
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.nightly import SHOWN_LINES, cause_facts, cause_head, cell_line, headline, skipped

_STYLES = {"green": "green", "red": "red", "not-run": "magenta"}


def render(report: NightlyReport, options: RenderOptions) -> str:
    """The report of a night."""
    ink = Ink(color=options.color, width=options.width)
    ink.prose(headline(report), indent=0, style=_STYLES[report.verdict], hang=2)
    ink.prose(f"at {report.made_at}" + (f", label {visible(report.label)}" if report.label else ""), indent=2)
    for problem in report.problems:
        owner = f" (owner: {visible(problem.owner)})" if problem.owner else ""
        ink.blank()
        ink.prose(f"{visible(problem.message)}{owner}", indent=2, first=(f"{problem.kind}  ", "red"), hang=2)
    for cause in report.causes:
        ink.blank()
        _write_cause(ink, cause)
    ink.blank()
    for result in report.cells:
        _write_cell(ink, result)
    for cell in report.left_out:
        ink.prose(f"left out: {visible(cell.title)}", indent=2, hang=2)
    return without_commands(ink.text())


def _write_cause(ink: Ink, cause: Cause) -> None:
    ink.prose(cause_head(cause), indent=2, first=("red  ", "red"), hang=5)
    ink.prose("; ".join(cause_facts(cause)), indent=7)
    for cell in cause.cells:
        ink.prose(visible(cell), indent=7, hang=2)
    for line in cause.lines[-SHOWN_LINES:]:  # what a program wrote keeps its lines
        ink.line((f"         {visible(line)}", ""))


def _write_cell(ink: Ink, result: CellResult) -> None:
    ink.prose(cell_line(result), indent=2, hang=2)
    for failure in result.failures:
        if failure.kind == "flaky":
            ink.prose(f"flaky: {visible(failure.what)}", indent=4, hang=2)
    for text in skipped(result):
        ink.prose(f"not tried: {text}", indent=4, hang=2)
    for note in result.notes:
        ink.prose(visible(note), indent=4, hang=2)
