"""How reports are shown: `render` gives any report in any format that serves its kind. Writes no file."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tailrace.report.formats import formats_of, get_format, is_machine, registry
from tailrace.report.kinds import KINDS, kind_of
from tailrace.report.options import DEFAULT_OPTIONS, RenderOptions

if TYPE_CHECKING:
    from tailrace.report.errors import ReportError, ReportFileError, UnknownFormatError, UnreadableReportError
    from tailrace.report.json import parse_report, read_reports
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
}


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def render(report: object, format: str, *, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The report in a format that serves its kind and is a text, else `UnknownFormatError`. JSON is whole, whatever the
    options."""
    made = render_output(report, format, options=options)
    if isinstance(made, bytes):
        from tailrace.report.errors import UnknownFormatError

        names = formats_of(kind_of(report).name)
        raise UnknownFormatError(format, tuple(name for name in names if not registry()[name].is_binary))
    return made


def render_output(report: object, format: str, *, options: RenderOptions = DEFAULT_OPTIONS) -> str | bytes:
    """The report in a format that serves its kind, else `UnknownFormatError`: a text, or the bytes of a picture."""
    kind = kind_of(report)
    found = get_format(format, kind.name)
    if options.folders and not found.is_for_forge:
        options = replace(options, folders=())
    return found.render(kind, report, options)


__all__ = [
    "DEFAULT_OPTIONS",
    "KINDS",
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
    "render_output",
    "view_report",
]
