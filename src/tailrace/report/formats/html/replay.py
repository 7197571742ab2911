"""A replay as a page: no script, nothing fetched, readable without its colours, on paper and on a phone.

The folder `templates/replay` has one template for each kind of block.
"""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.replay.view import AnyBlock, Grid, Replay
from tailrace.report.formats.html.page import render_page
from tailrace.report.options import RenderOptions


def render(replay: Replay, options: RenderOptions) -> str:
    """The page."""
    return render_page("replay.html", {"kind": _kind, "got": _got, "bare": _bare}, replay=replay)


def _kind(block: AnyBlock) -> str:
    """The name of its template."""
    return str(block.__struct_config__.tag)


def _got(block: Grid) -> list[tuple[str, int, str]]:
    """What the cells of a grid hold, each content once: state, number of cells, packages or why there are none."""
    found: dict[tuple[str, tuple[str, ...]], int] = {}
    for row in block.rows:
        for cell in row.cells:
            for answer in cell.answers:
                lines = answer.packages or tuple(answer.explanation.splitlines())
                found[answer.state, lines] = found.get((answer.state, lines), 0) + 1
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    return [(state, number, "\n".join(map(visible, lines))) for (state, lines), number in ordered]


def _bare(text: str) -> str:
    """A document without its comments."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))
