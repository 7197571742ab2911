"""What `store gc` removed, for a terminal."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.store import size_text
from tailrace.store.store import CollectedObjects


def render(found: CollectedObjects, options: RenderOptions) -> str:
    """The counts on one line."""
    verb = "would be removed" if found.dry_run else "removed"
    return (
        f"{verb}: {plural(found.generations, 'generation')}, {plural(found.fragments, 'fragment')}, "
        f"{plural(found.pending, 'pending object')}, {size_text(found.bytes)}"
    )
