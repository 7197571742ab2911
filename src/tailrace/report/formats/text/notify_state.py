"""What `notify` knows, for a terminal: the verdict of each scope, then the open causes."""

from __future__ import annotations

from tailrace.model.inert import prose
from tailrace.notify.model import NotifyState
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions


def render(state: NotifyState, options: RenderOptions) -> str:
    """A line for each scope and each open cause."""
    ink = Ink(color=options.color, width=options.width)
    for one in state.scopes:
        style = "green" if one.is_good else "red"
        text = f"{one.kind} {prose(one.scope)}, since {one.since}"
        ink.prose(text, indent=0, first=(f"{prose(one.verdict).upper()}  ", style), hang=2)
    for cause in state.causes:
        if cause.state == "open":
            owner = f" ({prose(cause.owner)})" if cause.owner else ""
            ink.prose(f"open since {cause.opened_at}: {prose(cause.title, 200)}{owner}", indent=2, hang=2)
    return ink.text() or "no report was read yet; start with `tailrace notify send REPORT`"
