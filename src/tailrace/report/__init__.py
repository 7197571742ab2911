"""A check report in, text in one of seven formats out; and a report's JSON back in. Writes no file, prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tailrace.model import CheckReport
from tailrace.report.concise import render_concise
from tailrace.report.diff import DiffFormat, render_diff
from tailrace.report.errors import ReportError, UnknownFormatError, UnreadableReportError
from tailrace.report.github import render_github
from tailrace.report.json import parse_report, render_json
from tailrace.report.junit import render_junit
from tailrace.report.markdown import render_markdown
from tailrace.report.options import DEFAULT_OPTIONS, FORMATS, Format, RenderOptions
from tailrace.report.rule import PageFormat, render_rule, render_rules
from tailrace.report.sarif import render_sarif
from tailrace.report.text import render_text
from tailrace.report.view import ReportView, view_report

_RENDERERS: Mapping[str, Callable[[ReportView, RenderOptions], str]] = {
    "text": render_text,
    "concise": render_concise,
    "sarif": render_sarif,
    "github": render_github,
    "markdown": render_markdown,
    "junit": render_junit,
}


def render(report: CheckReport, format: str, *, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The report in one of `FORMATS`; raises `UnknownFormatError`. JSON is the whole report, whatever the options."""
    if format == "json":
        return render_json(report)
    renderer = _RENDERERS.get(format)
    if renderer is None:
        raise UnknownFormatError(format, FORMATS)
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
