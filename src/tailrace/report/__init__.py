"""How reports are shown: `render` gives any report in any format that serves its kind. Writes no file."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tailrace.report.formats import formats_of, get_format, is_machine
from tailrace.report.kinds import KINDS, kind_of
from tailrace.report.options import DEFAULT_OPTIONS, RenderOptions

if TYPE_CHECKING:
    from tailrace.report.errors import ReportError, ReportFileError, UnknownFormatError, UnreadableReportError
    from tailrace.report.json import parse_report, read_reports
    from tailrace.report.lint_rule import render_lint_rule, render_lint_rules
    from tailrace.report.rule import PageFormat, render_rule, render_rules
    from tailrace.report.views.check import ReportView, view_report

# Imported on first use: to list the formats is quick.
_FOUND_IN = {
    "ReportError": "errors",
    "ReportFileError": "errors",
    "UnknownFormatError": "errors",
    "UnreadableReportError": "errors",
    "parse_report": "json",
    "read_reports": "json",
    "ReportView": "views.check",
    "view_report": "views.check",
    "PageFormat": "rule",
    "render_rule": "rule",
    "render_rules": "rule",
    "render_lint_rule": "lint_rule",
    "render_lint_rules": "lint_rule",
}


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def render(report: object, format: str, *, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The report in a format that serves its kind, else `UnknownFormatError`. JSON is whole, whatever the options."""
    kind = kind_of(report)
    found = get_format(format, kind.name)
    if options.folders and not found.is_for_forge:
        options = replace(options, folders=())
    return found.render(kind, report, options)


__all__ = [
    "DEFAULT_OPTIONS",
    "KINDS",
    "PageFormat",
    "RenderOptions",
    "ReportError",
    "ReportFileError",
    "ReportView",
    "UnknownFormatError",
    "UnreadableReportError",
    "formats_of",
    "is_machine",
    "parse_report",
    "read_reports",
    "render",
    "render_lint_rule",
    "render_lint_rules",
    "render_rule",
    "render_rules",
    "view_report",
]
