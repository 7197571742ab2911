"""Pictures: one module for each kind of report that has one. They import Pillow, which is an extra."""

from __future__ import annotations

from tailrace.report.formats.interface import Format, has_page, render_page

FORMAT = Format(
    "png",
    "documents, slides",
    remarks="a picture; needs the extra `png`, and a file or a pipe to go to",
    serves=has_page(__name__),
    render=render_page(__name__),
    is_machine=True,
    is_binary=True,
    needs=("PIL", "Pillow"),
)
