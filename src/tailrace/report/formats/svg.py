"""A picture: the timeline of an incident."""

from __future__ import annotations

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    from tailrace.report.timeline_picture import draw_timeline

    return draw_timeline(kind.make("view", report, options))


FORMAT = Format(
    "svg",
    "browsers, documents",
    remarks="the timeline as a picture without scripts, which loads nothing",
    serves=lambda kind: kind.name == "incident",
    render=_render,
    is_machine=True,
)
