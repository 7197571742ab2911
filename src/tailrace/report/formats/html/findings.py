"""Reports of findings as a page."""

from __future__ import annotations

from tailrace.report.formats.html.page import render_page
from tailrace.report.options import RenderOptions
from tailrace.report.views.diagnostics import Diagnostic, Diagnostics


def render(found: Diagnostics, options: RenderOptions) -> str:
    """The verdict, what was checked, the findings of each, and what was not checked."""

    def is_shown(one: Diagnostic) -> bool:
        return not one.is_hidden and (options.verbose or not one.is_minor)

    return render_page("findings.html", {"shown": lambda every: list(filter(is_shown, every))}, found=found)
