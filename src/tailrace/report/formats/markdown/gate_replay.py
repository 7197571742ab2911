"""The history of a project as the gate would have decided it, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.gate.past import GateReplay
from tailrace.model.inert import visible, without_commands
from tailrace.model.markdown import escape
from tailrace.report.formats.markdown.decision import MARKS
from tailrace.report.options import RenderOptions
from tailrace.report.views.decision import against, replay_counts, telling_findings


def render(replay: GateReplay, options: RenderOptions) -> str:
    """A row for each release."""
    return without_commands("\n".join(_lines(replay)) + "\n")


def _lines(replay: GateReplay) -> Iterator[str]:
    yield f"## {escape(visible(replay.project))}: what the gate would have decided"
    yield ""
    yield "| release | tagged | | |"
    yield "|---|---|---|---|"
    for one in replay.releases:
        verdict = one.decision.verdict
        lines = [escape(against(one.decision))]
        for finding in telling_findings(one.decision):
            mark = "contained: " if finding.state == "contained" else ""
            place = f"{finding.place}: " if finding.place else ""
            lines.append(escape(visible(f"{mark}{place}{finding.message}")))
        tagged = one.tagged[:10]
        yield f"| {escape(visible(one.version))} | {tagged} | {MARKS[verdict]} {verdict} | {'<br>'.join(lines)} |"
    yield ""
    yield f"{escape(replay_counts(replay))}."
