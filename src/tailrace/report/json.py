"""Writes JSON without secrets and control characters, and reads check reports back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from tailrace import disk
from tailrace.model import CheckReport
from tailrace.model.inert import is_unsafe, sayable
from tailrace.report.errors import ReportFileError, UnreadableReportError

_NOT_ASCII = re.compile(r"[^\x00-\x7e]")
_COMMAND = re.compile(r"(?i)##(?=\[|vso\[)")


def dump_json(value: Any) -> str:
    """Indented JSON without secrets; control, invisible and text-turning characters are escaped, losslessly."""
    text = json.dumps(sayable(value), indent=2, ensure_ascii=False) + "\n"
    # Runners obey `##[command]` in mid-line. Outside of strings JSON has no number sign.
    return _COMMAND.sub(r"\\u0023#", _NOT_ASCII.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return json.dumps(char)[1:-1] if is_unsafe(char) or char == "\x7f" else char


class _Wrapped(msgspec.Struct):
    """A report that is evidence of a gate's ledger."""

    schema: str
    body: msgspec.Raw


def read_reports(paths: Iterable[str | Path]) -> tuple[tuple[str, CheckReport], ...]:
    """Each check report with the name of its file; also one that is evidence. Raises `ReportFileError`."""
    found = []
    for path in map(Path, paths):
        try:
            found.append((path.name, parse_report(_unwrapped(disk.read_bounded(path)))))
        except OSError as error:
            raise ReportFileError(str(path), f" cannot be read: {error.strerror or error}.") from None
        except UnreadableReportError as error:
            raise ReportFileError(str(path), f": {error}") from None
    return tuple(found)


def _unwrapped(data: bytes) -> bytes:
    try:
        found = msgspec.json.decode(data, type=_Wrapped)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return data
    return bytes(found.body) if found.schema.startswith("tailrace.evidence/") else data


def parse_report(text: str | bytes) -> CheckReport:
    """The report that `--format json` writes; raises `UnreadableReportError`. Unknown fields are passed over."""
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
