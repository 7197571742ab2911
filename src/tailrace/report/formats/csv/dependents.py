"""Dependents as CSV: one line for each, from each source."""

from __future__ import annotations

from tailrace.report.formats.csv.cells import write_csv
from tailrace.report.options import RenderOptions
from tailrace.scan.discover import Dependents, Found


def render(found: Dependents, options: RenderOptions) -> str:
    """Name, version, requirement, source and age of each."""
    fields = Found.__struct_fields__
    return write_csv(fields, ([getattr(one, name) for name in fields] for one in found.found))
