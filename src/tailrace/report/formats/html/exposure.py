"""An exposure view in, one self-contained HTML page out. Everything from a channel is escaped; nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.model.inert import html as escape
from tailrace.report.formats.text.exposure import WORD
from tailrace.report.options import RenderOptions
from tailrace.report.views.exposure import Bar, ExposureView, Square, alike

STYLE = """\
:root { color-scheme: light dark; --exposed: #b3261e; --safe: #1b6e3c; --unsolvable: #8a6100; --solved: #155e75; }
@media (prefers-color-scheme: dark) {
  :root { --exposed: #ff8a80; --safe: #81c995; --unsolvable: #fdd663; --solved: #78d9ec; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { padding: .3rem .8rem; text-align: left; border-bottom: 1px solid #8884; }
.scroll { overflow-x: auto; }
.exposed { color: var(--exposed); font-weight: 700; } .safe { color: var(--safe); }
.unsolvable { color: var(--unsolvable); } .solved { color: var(--solved); }
pre, code { font: 14px/1.45 ui-monospace, monospace; } pre { overflow-x: auto; margin: .2rem 0 1rem 1.5rem; }
svg { width: 100%; height: 1.2rem; display: block; } svg .exposed { fill: var(--exposed); }
.span { display: flex; justify-content: space-between; font-size: .8rem; opacity: .8; } ul { margin-top: .3rem; }
svg .safe, svg .solved { fill: var(--safe); opacity: .35; } svg .unsolvable { fill: var(--unsolvable); opacity: .6; }
"""


def render(view: ExposureView, options: RenderOptions) -> str:
    """The page."""
    return "\n".join(_page(view)) + "\n"


def _page(view: ExposureView) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(view.headline)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>"
    yield f'<h1><span class="{view.verdict}">{WORD[view.verdict].upper()}</span> {escape(view.headline)}</h1>'
    if view.broken:
        yield f"<p>Harmful: <code>{escape(view.broken)}</code></p>"
    if view.blocks:
        yield from _grid(view)
    if view.bars and view.span:
        yield f"<h2>From {escape(view.span[0])} to {escape(view.span[1])}</h2>"
        for titles, bar in alike(view.bars):
            yield from _bar(titles, bar, view.span)
    if view.entries:
        yield "<h2>What the letters stand for</h2>"
    for entry in view.entries:
        because = "because" if entry.mark == "unsolvable" else "with"
        yield f'<p id="{entry.letter}"><b>{entry.letter}</b> <span class="{entry.mark}">{WORD[entry.mark]}</span> '
        yield f"{because}</p>\n<pre>{escape(chr(10).join(entry.lines))}</pre>"
    for note in view.notes:
        yield f"<p>Note: {escape(note)}</p>"
    yield "</body>\n</html>"


def _grid(view: ExposureView) -> Iterator[str]:
    yield '<div class="scroll"><table>\n<thead>\n<tr><th scope="col">channels</th>'
    for client, priority in view.columns:
        yield f'<th scope="col">{escape(client)}<br>{escape(priority)}</th>'
    yield "</tr>\n</thead>\n<tbody>"
    for block in view.blocks:
        yield f'<tr><th scope="rowgroup" colspan="{len(view.columns) + 1}">{escape(block.title)}</th></tr>'
        for row in block.rows:
            squares = "".join(map(_square, row.squares))
            yield f'<tr><th scope="row">{escape(row.title)}</th>{squares}</tr>'
    yield "</tbody>\n</table></div>"


def _square(square: Square | None) -> str:
    if square is None:
        return "<td></td>"
    title = f' title="{escape(square.note)}"' if square.note else ""
    return (
        f'<td{title}><span class="{square.mark}">{WORD[square.mark]}</span> '
        f'<a href="#{square.letter}">{square.letter}</a></td>'
    )


def _bar(titles: tuple[str, ...], bar: Bar, span: tuple[str, str]) -> Iterator[str]:
    said = "; ".join(f"{WORD[mark]} {when}" for mark, when in bar.events)
    yield "<p>" + "<br>".join(map(escape, titles)) + "</p>"
    yield f'<svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="{escape(said)}">'
    for stretch in bar.stretches:
        wide = max(2.0, (stretch.end - stretch.begin) * 1000)
        yield (
            f'<rect class="{stretch.mark}" x="{stretch.begin * 1000:.1f}" y="0" width="{wide:.1f}" height="20">'
            f"<title>{WORD[stretch.mark]}</title></rect>"
        )
    yield f'</svg>\n<div class="span"><span>{escape(span[0])}</span><span>{escape(span[1])}</span></div>\n<ul>'
    for mark, when in bar.events:
        yield f'<li><span class="{mark}">{WORD[mark]}</span> {escape(when)}</li>'
    yield "</ul>"
