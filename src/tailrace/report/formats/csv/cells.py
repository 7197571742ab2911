"""Rows of values as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from tailrace.model.inert import visible


def write_csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """The head and the rows. `None` is an empty cell, a tuple its parts with spaces between them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(map(cell, row))
    return out.getvalue()


def cell(value: object) -> str:
    """A value as text; what a spreadsheet would run starts with a quote."""
    if value is None:
        return ""
    text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    text = visible(text.lower() if isinstance(value, bool) else text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
