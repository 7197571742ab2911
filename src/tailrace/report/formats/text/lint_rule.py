"""The page of a rule of lint for a terminal."""

from __future__ import annotations

from tailrace.lint.rules.interface import LintRule
from tailrace.report.formats.markdown.lint_rule import render as render_markdown
from tailrace.report.formats.text.pages import print_page
from tailrace.report.options import RenderOptions


def render(rule: LintRule, options: RenderOptions) -> str:
    """The page."""
    return print_page(render_markdown(rule, options), options)
