"""What patches change, for a terminal."""

from __future__ import annotations

from tailrace.hotfix.apply.diff import HotfixDiff
from tailrace.model.inert import inert, visible
from tailrace.report.options import RenderOptions

SHOWN = 10


def render(diff: HotfixDiff, options: RenderOptions) -> str:
    """The counts, then each group of records that change alike; with `verbose` every file of a group."""
    most = max((len(group.artifacts) for group in diff.groups), default=0) if options.verbose else SHOWN
    lines = [f"{diff.changed} of {diff.records} records change, in {len(diff.groups)} ways"]
    for group in diff.groups:
        lines.append("")
        lines += map(visible, group.artifacts[:most])
        if len(group.artifacts) > most:
            lines.append(f"and {len(group.artifacts) - most} more")
        if group.documents:
            lines.append(f"  by {visible(', '.join(group.documents))}")
        for change in group.changes:
            lines.append(f"  {visible(change.field)}:{' same entries in another order' if change.reordered else ''}")
            lines += (f"    - {visible(entry)}" for entry in change.removed)
            lines += (f"    + {visible(entry)}" for entry in change.added)
    return inert("\n".join(lines) + "\n")
