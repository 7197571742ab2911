"""The page of a rule for a terminal."""

from __future__ import annotations

from tailrace.report.formats.markdown.rule import render as render_markdown
from tailrace.report.formats.text.pages import print_page
from tailrace.report.options import RenderOptions
from tailrace.rules import Rule


def render(rule: Rule, options: RenderOptions) -> str:
    """The page."""
    return print_page(render_markdown(rule, options), options)
