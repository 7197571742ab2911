"""Text for a terminal: one module for each kind of report. Colour never says what the words do not."""

from __future__ import annotations

from tailrace.report.formats.interface import Format, has_page, render_page

FORMAT = Format(
    "text",
    "people",
    remarks="the first line is the verdict; colour on a terminal, see `--color`",
    serves=has_page(__name__),
    render=render_page(__name__),
)
