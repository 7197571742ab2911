"""The list of rules for a terminal."""

from __future__ import annotations

from tailrace.report.formats.text.pages import print_list
from tailrace.report.options import RenderOptions
from tailrace.report.views.rule import RuleList


def render(found: RuleList, options: RenderOptions) -> str:
    """The rules, a line or more for each."""
    return print_list(found.rules, options)
