"""Sorts a report: what breaks first, then by name and place."""

from __future__ import annotations

import msgspec

from tailrace.model import CheckReport, DownstreamReport, Finding
from tailrace.model.inert import sayable
from tailrace.report.options import RenderOptions

_STATUS = ("breaks", "contained", "possible", "not-checked", "clear")
_SEVERITY = ("error", "warning", "note")
_CONFIDENCE = ("certain", "likely", "possible")


def finding_key(f: Finding) -> tuple[object, ...]:
    """Breaking findings first, then by severity and confidence, then by place; `repr` settles what is left."""
    return (
        not f.counts_as_break,
        _SEVERITY.index(f.severity),
        _CONFIDENCE.index(f.confidence),
        f.file,
        f.line,
        f.column,
        f.rule,
        f.symbol,
        repr(f),
    )


def _downstream_key(d: DownstreamReport) -> tuple[object, ...]:
    return (_STATUS.index(d.status), d.name, d.version, d.spec, repr(d))


def normalise(report: CheckReport) -> CheckReport:
    """The report with downstreams, findings, changes and allow-list notes in order. Idempotent."""
    ordered = (
        msgspec.structs.replace(d, findings=tuple(sorted(d.findings, key=finding_key))) for d in report.downstreams
    )
    return msgspec.structs.replace(
        report,
        changes=tuple(sorted(report.changes, key=lambda c: (c.rule, c.symbol, repr(c)))),
        downstreams=tuple(sorted(ordered, key=_downstream_key)),
        allow_list=tuple(sorted(report.allow_list, key=lambda n: (n.state, n.rule, n.symbol, repr(n)))),
    )


def ordered(report: CheckReport, options: RenderOptions) -> CheckReport:
    """The report as it is written: in its one order, which is that of the texts as they are written."""
    data = msgspec.to_builtins(report)
    written = sayable(data)
    return normalise(report if written == data else msgspec.convert(written, CheckReport))
