"""The settings that apply, as a table."""

from __future__ import annotations

from tailrace.model.inert import inert
from tailrace.report.options import RenderOptions
from tailrace.report.views.config import ConfigReport, SettingReport

_WIDEST = 48


def render(report: ConfigReport, options: RenderOptions) -> str:
    """One setting a line: name, value, origin; the allow-list after them."""
    rows = [("setting", "value", "origin")]
    rows += [(key, _value(setting), setting.origin) for key, setting in report.settings.items()]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    wide[1] = min(wide[1], _WIDEST)
    lines = [f"{name:{wide[0]}}  {value:{wide[1]}}  {origin}" for name, value, origin in rows]
    for entry in report.allow:
        where = f" in {entry.downstream}" if entry.downstream else ""
        until = f" until {entry.expires}" if entry.expires else ""
        lines.append(f"allow: {entry.rule} of {entry.symbol}{where}{until}: {entry.reason}")
    lines.append(f"file: {report.file or 'none'}")
    return inert("\n".join(lines) + "\n")


def _value(setting: SettingReport) -> str:
    match setting.value:
        case None:
            return "-"
        case bool():
            return str(setting.value).lower()
        case tuple():
            return ", ".join(setting.value) or "-"
        case float():
            return f"{setting.value:g}"
        case _:
            return str(setting.value)
