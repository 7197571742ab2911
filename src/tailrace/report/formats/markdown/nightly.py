"""A nightly run for an issue or a summary: the verdict, the causes, the cells as a table."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.model.inert import without_commands
from tailrace.model.markdown import code, escape
from tailrace.nightly.values import NightlyReport
from tailrace.report.options import RenderOptions
from tailrace.report.views.nightly import SHOWN_LINES, cause_facts, cause_head, cell_details, headline

_MARKS = {"green": "✅", "red": "⛔", "not-run": "❔"}


def render(report: NightlyReport, options: RenderOptions) -> str:
    """A heading with the verdict, a list of causes and problems, a table of the cells."""
    return without_commands("\n".join(_section(report)) + "\n")


def _section(report: NightlyReport) -> Iterator[str]:
    yield f"## {_MARKS[report.verdict]} {escape(headline(report))}"
    yield ""
    yield f"Nightly of {report.made_at}."
    yield ""
    for problem in report.problems:
        owner = f" Owner: {escape(problem.owner)}." if problem.owner else ""
        yield f"- **{problem.kind}**: {escape(problem.message)}.{owner}"
    for cause in report.causes:
        yield f"- **{escape(cause_head(cause))}**"
        yield f"  {escape('; '.join(cause_facts(cause)))}"
        for line in cause.lines[-SHOWN_LINES:]:
            if line.strip():
                yield f"  - {code(line.strip())}"
    if report.causes or report.problems:
        yield ""
    if report.cells:
        yield "| | cell | |"
        yield "|---|---|---|"
    for result in report.cells:
        notes = "".join(f"<br>{escape(note)}" for note in result.notes)
        details = f"{escape(cell_details(result))}{notes}"
        yield f"| {_MARKS[result.outcome]} {result.outcome} | {escape(result.cell.title)} | {details} |"
