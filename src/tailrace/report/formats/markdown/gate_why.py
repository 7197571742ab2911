"""Why a release waits, for comments and summaries: the decision on each target."""

from __future__ import annotations

from tailrace.gate.overview import GateExplanation
from tailrace.report.formats.markdown.decision import render as render_decision
from tailrace.report.options import RenderOptions


def render(report: GateExplanation, options: RenderOptions) -> str:
    """A section for each target."""
    return "\n".join(render_decision(one, options) for one in report.decisions)
