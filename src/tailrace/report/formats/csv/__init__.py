"""CSV for spreadsheets: one module for each kind of report that is a table."""

from __future__ import annotations

from tailrace.report.formats.interface import Format, has_page, render_page

FORMAT = Format(
    "csv",
    "spreadsheets",
    remarks="a text that a spreadsheet would run starts with a quote",
    serves=has_page(__name__),
    render=render_page(__name__),
    is_machine=True,
)
