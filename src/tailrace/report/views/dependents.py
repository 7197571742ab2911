"""What every format shows of an answer about dependents."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables
from tailrace.scan.discover import LICENCE, Dependents


def headline(found: Dependents) -> str:
    """How many depend on it, from how many sources that is known."""
    names = {one.name for one in found.found}
    return f"{found.name}: {plural(len(names), 'dependent')}, from {plural(len(found.sources), 'source')}"


def notes(found: Dependents) -> tuple[str, ...]:
    """The sources that did not answer, and whose data it is."""
    said = [f"not answered: {one.origin} {one.place}: {one.reason}" for one in found.unanswered]
    if any(one.origin == "ecosyste.ms" for one in found.found):
        said.append(f"data of {LICENCE}")
    return tuple(said)


def dependents_tables(found: Dependents, options: RenderOptions) -> Tables:
    """A line for each dependent from each source."""
    columns = (
        ShownColumn("dependent"),
        ShownColumn("requirement", is_code=True),
        ShownColumn("source"),
        ShownColumn("place", is_code=True),
        ShownColumn("as of"),
    )
    rows = tuple(
        (f"{one.name} {one.version}", one.requirement or "", one.origin, one.place, (one.as_of or "")[:10])
        for one in found.found
    )
    tables = (ShownTable("Dependents", columns, rows),) if rows else ()
    return Tables(f"Dependents of {found.name}", headline(found), tables, notes(found))
