"""What a run of `notify` changed, for a terminal: a line for each message and cause."""

from __future__ import annotations

from tailrace.model.inert import prose
from tailrace.notify.changes import NotifyChanges
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions

_WORDS = {"opened": "opened", "opened-again": "opened again", "changed": "changed", "closed": "closed"}


def render(changes: NotifyChanges, options: RenderOptions) -> str:
    """The messages, then the causes."""
    if not changes.messages and not changes.causes:
        return "nothing changed"
    ink = Ink(color=options.color, width=options.width)
    for message in changes.messages:
        ink.prose(prose(message.title), indent=0, style="bold")
    for one in changes.causes:
        ink.prose(f"{_WORDS[one.change]}: {prose(one.cause.title, 200)}", indent=2, hang=2)
    return ink.text()
