"""What changed between two releases, for a terminal."""

from __future__ import annotations

from tailrace.model.inert import prose
from tailrace.report.ink import LEVEL_STYLE, Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.diff import DiffView, change_place, change_remarks
from tailrace.rules import RULES


def render(view: DiffView, options: RenderOptions) -> str:
    """The counts, the changes of each rule, and notes."""
    ink = Ink(color=options.color, width=options.width)
    ink.prose(view.headline, indent=0, hang=2, style="bold")
    for rule, group in view.groups:
        ink.blank()
        known = RULES.get(rule)
        level = known.severity if known else "error"
        title = f"  {known.title}" if known else ""
        ink.line((prose(rule), LEVEL_STYLE[level]), (title, "bold"), (f"  ({len(group)})", "dim"))
        for change in group:
            ink.line(("  ", ""), (prose(change.symbol), "bold"), (f"  {change_place(change)}".rstrip(), "blue"))
            if mark := change_remarks(change):
                ink.prose(mark, indent=6, style="dim")
    for number, note in enumerate(view.notes):
        if not number:
            ink.blank()
        ink.prose(f"note: {prose(note)}", indent=0, hang=2, style="dim")
    return ink.text()
