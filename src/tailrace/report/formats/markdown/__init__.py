"""Markdown for summaries and comments: one module for each kind of report."""

from __future__ import annotations

from tailrace.report.formats.interface import Format, has_any_page, render_page

FORMAT = Format("markdown", "comments, summaries", serves=has_any_page(__name__), render=render_page(__name__))
