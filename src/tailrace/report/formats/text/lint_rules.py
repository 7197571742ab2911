"""The list of the rules of lint for a terminal."""

from __future__ import annotations

from tailrace.report.formats.text.pages import print_list
from tailrace.report.options import RenderOptions
from tailrace.report.views.lint_rule import LintRuleList


def render(found: LintRuleList, options: RenderOptions) -> str:
    """The rules, a line or more for each."""
    return print_list(found.rules, options)
