"""Reports in tables as a page."""

from __future__ import annotations

from tailrace.report.formats.html.page import render_page
from tailrace.report.options import RenderOptions
from tailrace.report.views.tables import Tables


def render(found: Tables, options: RenderOptions) -> str:
    """The answer in a sentence, the tables and the notes."""
    return render_page("tables.html", found=found)
