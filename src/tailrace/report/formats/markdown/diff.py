"""What changed between two releases, in Markdown."""

from __future__ import annotations

from tailrace.model.inert import prose, without_commands
from tailrace.model.markdown import code, escape
from tailrace.report.options import RenderOptions
from tailrace.report.views.diff import DiffView, change_place, change_remarks


def render(view: DiffView, options: RenderOptions) -> str:
    """A heading with the counts, a table of the changes of each rule, and notes."""
    lines = [f"# {escape(view.headline)}", ""]
    for rule, group in view.groups:
        lines += [f"## {code(prose(rule))}", "", "| Symbol | Place | Remarks |", "| --- | --- | --- |"]
        lines += [
            f"| {escape(prose(c.symbol))} | {escape(change_place(c))} | {escape(change_remarks(c))} |" for c in group
        ]
        lines.append("")
    lines += [f"Note: {escape(prose(note))}\n" for note in view.notes]
    return without_commands("\n".join(lines).rstrip() + "\n")
