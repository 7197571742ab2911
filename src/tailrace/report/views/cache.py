"""What every format shows of the cache."""

from __future__ import annotations

from tailrace.model.cache import CacheReport, CacheShelf
from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.store import size_text
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables


def headline(report: CacheReport) -> str:
    """How large the cache is; after cleaning, how much was removed."""
    size = sum(shelf.bytes for shelf in report.shelves)
    if not report.cleaned:
        return f"cache: {report.folder}, {size_text(size)}"
    verb = "would be removed" if report.dry_run else "removed"
    removed = sum(shelf.removed for shelf in report.shelves)
    freed = sum(shelf.removed_bytes for shelf in report.shelves)
    return f"{verb}: {plural(removed, 'entry', 'entries')}, {size_text(freed)} of {size_text(size)} in {report.folder}"


def shown_shelves(report: CacheReport) -> tuple[CacheShelf, ...]:
    """The shelves that hold something, the largest first."""
    return tuple(sorted((one for one in report.shelves if one.entries), key=lambda one: (-one.bytes, one.name)))


def cache_tables(report: CacheReport, options: RenderOptions) -> Tables:
    """A row for each shelf."""
    columns = [ShownColumn("kind"), ShownColumn("entries"), ShownColumn("size")]
    if report.cleaned:
        columns.append(ShownColumn("would be removed" if report.dry_run else "removed"))
    rows = tuple(
        (
            one.name,
            f"{one.entries:,}",
            size_text(one.bytes),
            *([size_text(one.removed_bytes)] if report.cleaned else []),
        )
        for one in shown_shelves(report)
    )
    return Tables("Cache", headline(report), (ShownTable("What it holds", tuple(columns), rows),) if rows else ())
