"""A grid as one page without scripts: each cell leads to what it rests on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from tailrace.matrix.render import LEGEND, mark_of
from tailrace.matrix.render.sentences import cell_sentence, judgement
from tailrace.matrix.values import Cell, Matrix
from tailrace.model.inert import visible


def render_matrix_html(found: Matrix) -> str:
    """The page. Everything that comes from a package is escaped by the template."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if isinstance(value, str) else value,
    )
    return environment.get_template("matrix.html.j2").render(
        grid=found,
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
