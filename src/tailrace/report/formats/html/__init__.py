"""One self-contained page: no script, nothing loaded. One module for each kind of report."""

from __future__ import annotations

from tailrace.report.formats.interface import Format, has_any_page, render_page

FORMAT = Format(
    "html",
    "browsers",
    remarks="one page without scripts, which loads nothing",
    serves=has_any_page(__name__),
    render=render_page(__name__),
    is_machine=True,
)
