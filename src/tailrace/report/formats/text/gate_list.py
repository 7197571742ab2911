"""The releases of a ledger for a terminal, a line for each."""

from __future__ import annotations

from tailrace.gate.overview import GateList, root_blocker
from tailrace.model.inert import visible, without_commands
from tailrace.report.formats.text.decision import STYLES
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions

_LONGEST = 200


def render(report: GateList, options: RenderOptions) -> str:
    """Verdict, release, target, and the root blocker or when time alone opens it."""
    if not report.decisions:
        return "nothing: the ledger has no evidence on a release that its policy covers"
    rows = []
    for one in report.decisions:
        root = root_blocker(one)
        reason = "" if root is None else f"{root.id}: {root.reason}"
        if one.opens_at:
            reason = f"opens at {one.opens_at} ({reason})"
        rows.append((one.verdict, visible(str(one.subject)), visible(one.target), visible(reason)[:_LONGEST]))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    ink = Ink(color=options.color, width=options.width)
    for verdict, subject, target, reason in rows:
        head = "  ".join(text.ljust(width) for text, width in zip((verdict, subject, target), widths, strict=True))
        ink.prose(reason, indent=0, first=(f"{head}  " if reason else head.rstrip(), STYLES[verdict]), hang=4)
    return without_commands(ink.text())
