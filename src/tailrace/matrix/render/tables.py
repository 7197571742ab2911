"""A grid or bounds as JSON or CSV."""

from __future__ import annotations

import csv
import io

import msgspec

from tailrace.matrix.values import Bounds, Matrix
from tailrace.store.answers import csv_cell

_CELL_FIELDS = (
    *("downstream", "upstream", "state", "works", "declared", "how", "symbol", "rule", "file", "line", "breaks"),
    *("message", "reason"),
)


def render_json(found: Matrix | Bounds) -> str:
    """Indented JSON with its `schema`."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def render_matrix_csv(found: Matrix) -> str:
    """One line for each cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CELL_FIELDS)
    for row in found.rows:
        for cell in row.cells:
            values = (getattr(cell, name) for name in _CELL_FIELDS)
            writer.writerow("" if value is None else csv_cell(value) for value in values)
    return out.getvalue()


def render_bounds_csv(found: Bounds) -> str:
    """One line for each requirement."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("upstream", "declared", "judgement", "pep440", "matchspec", "too_loose", "too_tight", "reason"))
    for one in found.requirements:
        held = one.range
        values = (
            (held.judgement, held.pep440 or "", held.matchspec or "", held.too_loose, held.too_tight)
            if held is not None
            else ("unknown", "", "", (), ())
        )
        writer.writerow(map(csv_cell, (one.upstream, one.declared, *values, one.reason or "")))
    return out.getvalue()
