"""What every format shows of a store: its numbers, its damage."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables
from tailrace.store.store import StoreInfo, VerifiedStore


def size_text(size: float) -> str:
    """Bytes in the unit that reads best."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.2f} GB"


def info_lines(found: StoreInfo) -> tuple[str, ...]:
    """What the store holds, in numbers."""
    return (
        f"store: {found.store} (generation {found.generation}, schema {found.version})",
        f"content: {found.content}",
        f"distributions: {found.distributions:,}; releases: {found.artifacts:,}; different files: {found.files:,}; "
        f"lines: {found.lines:,}",
        f"uses: {found.uses:,} of {plural(found.upstreams, 'top-level name')}; "
        f"specs that could not be read: {found.failures:,}; files without facts: {found.files_without_facts:,}",
        f"size: {size_text(found.bytes)}",
    )


def info_tables(found: StoreInfo, options: RenderOptions) -> Tables:
    """The tables of the store and their sizes."""
    columns = (ShownColumn("table", is_code=True), ShownColumn("rows"), ShownColumn("fragments"), ShownColumn("size"))
    rows = tuple(
        (name, f"{one.rows:,}", f"{one.fragments:,}", size_text(one.bytes)) for name, one in found.tables.items()
    )
    first, *rest = info_lines(found)
    return Tables("Store", first, (ShownTable("Tables", columns, rows),), tuple(rest))


def verify_headline(found: VerifiedStore) -> str:
    """How many objects were compared with their hashes, and how many are damaged."""
    return f"{found.store}: {plural(found.checked, 'object')} checked, {len(found.problems):,} damaged"


def verify_notes(found: VerifiedStore) -> tuple[str, ...]:
    """What to do about damage."""
    return ("Scan the same releases into a new store: a damaged store cannot be repaired.",) if found.problems else ()


def verify_tables(found: VerifiedStore, options: RenderOptions) -> Tables:
    """The damaged objects."""
    columns = (ShownColumn("object", is_code=True), ShownColumn("problem"))
    rows = tuple((one.name, one.problem) for one in found.problems)
    return Tables(
        "Store", verify_headline(found), (ShownTable("Damaged", columns, rows),) if rows else (), verify_notes(found)
    )
