"""Who gets which packages, as a page."""

from __future__ import annotations

from tailrace.report.formats.html.page import render_page
from tailrace.report.formats.text.exposure import WORD
from tailrace.report.options import RenderOptions
from tailrace.report.views.exposure import ExposureView, alike


def render(view: ExposureView, options: RenderOptions) -> str:
    """The page: the verdict, the grid or the course, what the letters stand for, and notes."""
    return render_page("exposure.html", view=view, word=WORD, bars=tuple(alike(view.bars)))
