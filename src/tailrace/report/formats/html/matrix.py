"""A grid as one page without scripts: each cell leads to what it rests on."""

from __future__ import annotations

from urllib.parse import quote

from tailrace.matrix.values import Cell, Matrix
from tailrace.report.formats.html.page import render_page
from tailrace.report.options import RenderOptions
from tailrace.report.views.matrix import LEGEND, cell_sentence, grid_headline, judgement, mark_of


def render(found: Matrix, options: RenderOptions) -> str:
    """The page: the grid with its legend, the ranges, and a sentence for each cell."""
    return render_page(
        "matrix.html",
        grid=found,
        headline=grid_headline(found),
        legend=LEGEND,
        number={mark: index for index, (mark, *_) in enumerate(LEGEND, 1)},
        mark_of=mark_of,
        judgement=judgement,
        sentence=lambda cell: cell_sentence(cell, found.upstream, found.downstream),
        anchor=_anchor,
        anchor_of=lambda pair: _name(*pair),
    )


def _anchor(cell: Cell) -> str:
    return _name(cell.downstream, cell.upstream)


def _name(downstream: str, upstream: str) -> str:
    return f"c-{quote(downstream, safe='')}-{quote(upstream, safe='')}"
