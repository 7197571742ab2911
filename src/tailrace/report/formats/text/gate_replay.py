"""The history of a project as the gate would have decided it, for a terminal."""

from __future__ import annotations

from tailrace.gate.past import GateReplay
from tailrace.model.inert import visible, without_commands
from tailrace.report.formats.text.decision import STYLES
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.decision import against, replay_counts, telling_findings

_INDENT = 28


def render(replay: GateReplay, options: RenderOptions) -> str:
    """For each release: verdict, and what speaks against it; the lines that break below it."""
    if not replay.releases:
        return f"no release of {visible(replay.project)} lies in that span"
    ink = Ink(color=options.color, width=options.width)
    for one in replay.releases:
        verdict = one.decision.verdict
        head = f"{visible(one.version):10} {one.tagged[:16].replace('T', ' ')}  "
        ink.prose(against(one.decision), indent=0, first=(f"{head}{verdict:8} ", STYLES[verdict]), hang=_INDENT)
        for finding in telling_findings(one.decision):
            mark = "contained: " if finding.state == "contained" else ""
            place = f"{visible(finding.place)}: " if finding.place else ""
            ink.prose(f"{mark}{place}{visible(finding.message)}", indent=_INDENT, hang=2)
    ink.prose(replay_counts(replay), indent=0)
    return without_commands(ink.text())
