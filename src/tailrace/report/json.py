"""A check report in, its JSON out, and back. Always whole: no option leaves anything out. Hides no trick characters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from tailrace.model import CheckReport
from tailrace.model.address import redact_all
from tailrace.report.clean import is_unsafe
from tailrace.report.errors import ReportFileError, UnreadableReportError
from tailrace.report.order import normalise

_NOT_ASCII = re.compile(r"[^\x00-\x7e]")
_COMMAND = re.compile(r"(?i)##(?=\[|vso\[)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def render_json(report: CheckReport) -> str:
    """The report as indented JSON, in its one order (see `order`)."""
    data = msgspec.to_builtins(report)
    sayable = _sayable(data)
    # Before ordering: the order must be that of the texts as they are written.
    report = report if sayable == data else msgspec.convert(sayable, CheckReport)
    return dump_json(msgspec.to_builtins(normalise(report)))


def dump_json(value: Any) -> str:
    """Indented JSON without secrets; control, invisible and text-turning characters are escaped, losslessly."""
    text = json.dumps(_sayable(value), indent=2, ensure_ascii=False) + "\n"
    # Runners obey `##[command]` in mid-line. Outside of strings JSON has no number sign.
    return _COMMAND.sub(r"\\u0023#", _NOT_ASCII.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return json.dumps(char)[1:-1] if is_unsafe(char) or char == "\x7f" else char


def _sayable(value: Any) -> Any:
    """The value without the secrets of addresses, and fit for UTF-8."""
    return _without_surrogates(redact_all(value))


def _without_surrogates(value: Any) -> Any:
    """Half characters, which file names can hold, have no place in UTF-8: they are written out (`\\udc80`)."""
    match value:
        case str():
            return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", value)
        case list() | tuple():
            return type(value)(_without_surrogates(item) for item in value)
        case dict():
            return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
        case _:
            return value


def read_reports(paths: Iterable[str | Path]) -> tuple[tuple[str, CheckReport], ...]:
    """Each check report with the name of its file. Raises `ReportFileError`."""
    found = []
    for path in map(Path, paths):
        try:
            found.append((path.name, parse_report(path.read_bytes())))
        except OSError as error:
            raise ReportFileError(str(path), f" cannot be read: {error.strerror or error}.") from None
        except UnreadableReportError as error:
            raise ReportFileError(str(path), f": {error}") from None
    return tuple(found)


def parse_report(text: str | bytes) -> CheckReport:
    """The report that `render_json` wrote; raises `UnreadableReportError`. Unknown fields are passed over."""
    try:
        report = msgspec.json.decode(text, type=CheckReport)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UnreadableReportError(str(error)) from error
    counts = report.counts
    parts = counts.breaks + counts.contained + counts.possible + counts.clear + counts.not_checked
    if not parts == counts.downstreams == len(report.downstreams):
        raise UnreadableReportError(
            f"it counts {counts.downstreams} downstreams, by status {parts}, and holds {len(report.downstreams)}"
        )
    return report
