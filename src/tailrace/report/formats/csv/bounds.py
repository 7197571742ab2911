"""Bounds as CSV: one line for each requirement."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.matrix.values import Bounds
from tailrace.report.formats.csv.cells import write_csv
from tailrace.report.options import RenderOptions

_FIELDS = ("upstream", "declared", "judgement", "pep440", "matchspec", "too_loose", "too_tight", "reason")


def render(found: Bounds, options: RenderOptions) -> str:
    """The requirements, in their order."""
    return write_csv(_FIELDS, _rows(found))


def _rows(found: Bounds) -> Iterator[tuple[object, ...]]:
    for one in found.requirements:
        held = one.range
        if held is None:
            yield one.upstream, one.declared, "unknown", None, None, (), (), one.reason
            continue
        judged = (held.judgement, held.pep440, held.matchspec, held.too_loose, held.too_tight)
        yield one.upstream, one.declared, *judged, one.reason
