"""A check report in, text in one of seven formats out; and a report's JSON back in. Writes no file, prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tailrace.model import CheckReport
from tailrace.report.errors import ReportError, UnknownFormatError, UnreadableReportError
from tailrace.report.json import parse_report, render_json
from tailrace.report.options import DEFAULT_OPTIONS, FORMATS, Format, RenderOptions
from tailrace.report.view import ReportView, view_report

if TYPE_CHECKING:
    from tailrace.report.diff import DiffFormat, render_diff
    from tailrace.report.rule import PageFormat, render_rule, render_rules

_RENDERERS = frozenset({"text", "concise", "sarif", "github", "markdown", "junit"})
# Imported on first use.
_FOUND_IN = {
    "DiffFormat": "diff",
    "render_diff": "diff",
    "PageFormat": "rule",
    "render_rule": "rule",
    "render_rules": "rule",
}


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def render(report: CheckReport, format: str, *, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The report in one of `FORMATS`; raises `UnknownFormatError`. JSON is the whole report, whatever the options."""
    if format == "json":
        return render_json(report)
    if format not in _RENDERERS:
        raise UnknownFormatError(format, FORMATS)
    module = import_module(f"{__name__}.{format}")
    renderer: Callable[[ReportView, RenderOptions], str] = getattr(module, f"render_{format}")
    return renderer(view_report(report, options), options)


__all__ = [
    "DEFAULT_OPTIONS",
    "FORMATS",
    "DiffFormat",
    "Format",
    "PageFormat",
    "RenderOptions",
    "ReportError",
    "ReportView",
    "UnknownFormatError",
    "UnreadableReportError",
    "parse_report",
    "render",
    "render_diff",
    "render_rule",
    "render_rules",
    "view_report",
]
