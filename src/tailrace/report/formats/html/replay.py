"""A replay view in, one self-contained page out: no script, nothing fetched, every text escaped.

Light and dark as the reader's system is, printable, narrow enough for a phone, and readable without its colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import assert_never

from tailrace.model.inert import html as escape
from tailrace.model.inert import visible
from tailrace.replay.view import (
    AnyBlock,
    Cell,
    Command,
    Courses,
    Documents,
    Downstreams,
    Event,
    Grid,
    Points,
    Prose,
    Replay,
    Step,
    Table,
)
from tailrace.report.options import RenderOptions

_CODE = re.compile(r"`([^`]+)`")
LEGEND = (
    '<p class="legend"><span><i class="e"></i>exposed: gets the harmful combination</span><span><i class="s"></i>safe: '
    'gets something harmless</span><span><i class="u"></i>unsolvable: nothing can be installed</span></p>'
)


def render(replay: Replay, options: RenderOptions) -> str:
    """The page."""
    return "\n".join(_page(replay))


def _page(replay: Replay) -> Iterator[str]:
    style = (files("tailrace.report") / "formats/html/replay.css").read_text(encoding="utf-8")
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    # The policy holds even if a text should ever slip through: nothing is loaded, nothing is run.
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(replay.title)} · Tailrace replay</title>\n<style>\n{style}</style>\n</head>\n<body>"
    yield f'<header>\n<h1>{_text(replay.title)}</h1>\n<p class="lead">{_prose(replay.summary)}</p>'
    yield '<p class="soft">The report of the first step and the package records are recorded. Every other number on '
    yield "this page was computed when it was made. All times are UTC.</p>\n</header>"
    yield from _contents(replay)
    yield "<main>"
    yield '<section aria-labelledby="chronicle"><h2 id="chronicle">Day by day</h2>'
    yield from _chronicle(replay.chronicle)
    yield "</section>"
    for number, step in enumerate(replay.steps):
        yield from _step(step, number, len(replay.steps))
    yield from _origin(replay)
    yield "</main>\n</body>\n</html>"


def _text(text: str) -> str:
    return escape(visible(text))


def _prose(text: str) -> str:
    """Escaped, with `code` in its own type."""
    return _CODE.sub(r"<code>\1</code>", _text(text))


def _contents(replay: Replay) -> Iterator[str]:
    yield '<nav aria-label="Steps"><ol>'
    for number, step in enumerate(replay.steps):
        yield (
            f'<li><a href="#{step.id}">{number + 1} {_text(step.title)}: '
            f'<b class="{step.tone}">{_text(step.verdict)}</b></a></li>'
        )
    yield "</ol></nav>"


def _chronicle(events: Iterable[Event]) -> Iterator[str]:
    yield '<ol class="chronicle">'
    for event in events:
        at = event.at[:16].replace("T", " ")
        link = f' <a href="{escape(event.source)}">source</a>' if event.source.startswith("https://") else ""
        how = ' <span class="recorded">computed</span>' if event.computed else ""
        yield (
            f'<li class="{event.tone}"><time datetime="{escape(event.at)}">{escape(at)}</time> '
            f"{_prose(event.text)}{how}{link}</li>"
        )
    yield "</ol>"


def _step(step: Step, number: int, of: int) -> Iterator[str]:
    recorded = ' <span class="recorded">recorded</span>' if step.recorded else ""
    yield f'<section id="{step.id}" aria-labelledby="{step.id}-title">'
    yield f'<div class="step">Step {number + 1} of {of}{recorded}</div>'
    yield f'<h2 id="{step.id}-title">{_text(step.title)}</h2>'
    yield f'<p class="verdict"><span class="badge {step.tone}">{_text(step.verdict)}</span>{_prose(step.headline)}</p>'
    if any(isinstance(block, Courses) for block in step.blocks):
        yield LEGEND
    for block in step.blocks:
        yield from _block(block)
    yield "</section>"


def _block(block: AnyBlock) -> Iterator[str]:
    match block:
        case Prose():
            yield f'<p class="{block.tone}">{_prose(block.text)}</p>'
        case Points():
            yield f'<h3>{_prose(block.title)}</h3>\n<ul class="points">'
            yield from (f'<li class="{tone}">{_prose(text)}</li>' for tone, text in block.points)
            yield "</ul>"
        case Command():
            shown = _text(block.command).replace(" --", " \\\n    --")
            yield f'<h3>{_prose(block.title)}</h3>\n<pre tabindex="0">{shown}</pre>'
        case Downstreams():
            yield from _downstreams(block)
        case Grid():
            yield from _grid(block)
        case Courses():
            yield from _courses(block)
        case Documents():
            yield '<div class="pair">'
            for document in (block.derived, block.written):
                bare = "\n".join(line for line in document.text.splitlines() if not line.startswith("#"))
                yield f'<div><h4>{_text(document.title)}</h4>\n<pre tabindex="0">{_lines(bare)}</pre></div>'
            yield "</div>\n<details><summary>The derived one with its reasons and evidence</summary>"
            yield f'<pre tabindex="0">{_lines(block.derived.text)}</pre></details>'
        case Table():
            yield from _table(block)
        case _:
            assert_never(block)


def _lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.splitlines())


def _downstreams(block: Downstreams) -> Iterator[str]:
    day = _text(block.recorded)
    yield f'<p class="soft">What <code>tailrace check</code> says of the real sources, recorded {day}.</p>'
    for one in block.downstreams:
        yield f'<div class="finding {one.tone}"><p><b>{_text(one.name)} {_text(one.version)}</b> '
        yield f'<span class="{one.tone}">{_text(one.status)}</span></p>'
        for finding in one.findings:
            yield f"<p>{_prose(finding.message)}.</p>"
            yield f'<p class="soft">{_text(finding.rule)}, {_text(finding.confidence)}: '
            yield f"<code>{_text(finding.place)}</code></p>"
            if finding.source:
                yield f'<pre tabindex="0">{_text(finding.source)}</pre>'
        yield "</div>"


def _grid(block: Grid) -> Iterator[str]:
    yield '<div class="scroll"><table class="grid">'
    yield f'<caption><code>{_text(block.ask)}</code> <span class="soft">{_prose(block.who)}</span></caption>'
    yield '<thead><tr><th scope="col">channels and priority</th>'
    yield "".join(f'<th scope="col">{_text(column.label)}</th>' for column in block.columns) + "</tr></thead>\n<tbody>"
    force = "".join(f'<td class="quiet">{column.hotfixes or "none"}</td>' for column in block.columns)
    yield f'<tr><th scope="row" class="quiet">hotfixes in force</th>{force}</tr>'
    last: tuple[str, ...] | None = None
    for row in block.rows:
        if row.channels != last:
            wide = len(block.columns) + 1
            yield f'<tr class="group"><th scope="rowgroup" colspan="{wide}">{_text(" > ".join(row.channels))}</th></tr>'
        last = row.channels
        yield f'<tr><th scope="row">{_text(row.priority)}</th>{"".join(map(_cell, row.cells))}</tr>'
    yield "</tbody></table></div>"
    yield from _got(block)


def _cell(cell: Cell) -> str:
    if len(cell.states) == 1:
        return f'<td class="{cell.states[0]}">{cell.states[0]}</td>'
    # Where clients differ, the worst of it gives the colour and each is named.
    worst = "exposed" if "exposed" in cell.states else "unsolvable"
    said = "<br>".join(f"{_text(answer.client)}: {answer.state}" for answer in cell.answers)
    return f'<td class="{worst}">{said}</td>'


def _got(block: Grid) -> Iterator[str]:
    """What the cells hold, each content once."""
    found: dict[tuple[str, tuple[str, ...]], int] = {}
    for row in block.rows:
        for cell in row.cells:
            for answer in cell.answers:
                lines = answer.packages or tuple(answer.explanation.splitlines())
                found[answer.state, lines] = found.get((answer.state, lines), 0) + 1
    yield "<details><summary>What they got</summary>"
    yield '<div class="scroll"><table><thead><tr><th scope="col">state</th><th scope="col">cells</th>'
    yield '<th scope="col">packages, or why there are none</th></tr></thead><tbody>'
    for (state, lines), number in sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        said = "\n".join(map(_text, lines)) or "nothing of the harmful combination"
        yield f'<tr><th scope="row" class="{state}">{state}</th><td>{number}</td><td class="why">{said}</td></tr>'
    yield "</tbody></table></div></details>"


def _courses(block: Courses) -> Iterator[str]:
    begin, end = _text(block.begin[:10]), _text(block.end[:10])
    yield '<div class="bars"><span class="soft">over time</span>'
    yield f'<div class="axis"><span>{begin}</span><span>{end}</span></div>'
    for course in block.courses:
        who = "<br>".join(map(_text, course.configurations))
        yield f'<div class="who">{who}<span class="said {course.tone}">{_text(course.said)}</span></div>'
        label = escape(f"{'; '.join(course.configurations)}: {course.said}")
        yield f'<svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="{label}">'
        for stretch in course.stretches:
            wide = max(4.0, (stretch.high - stretch.low) * 1000)
            yield f'<rect class="{stretch.state}" x="{stretch.low * 1000:.1f}" y="0" width="{wide:.1f}" height="20"/>'
        yield "</svg>"
    yield "</div>"


def _table(block: Table) -> Iterator[str]:
    yield f'<div class="scroll"><table><caption>{_prose(block.title)}</caption><thead><tr>'
    yield "".join(f'<th scope="col">{_text(head)}</th>' for head in block.head) + "</tr></thead>\n<tbody>"
    for row in block.rows:
        first, *rest = row
        cells = "".join(f'<td class="{tone}">{_prose(text)}</td>' for tone, text in rest)
        yield f'<tr><th scope="row" class="{first[0]}">{_prose(first[1])}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _origin(replay: Replay) -> Iterator[str]:
    origin = replay.provenance
    yield '<section aria-labelledby="origin"><h2 id="origin">Where the facts are from</h2>'
    yield f"<p>{origin.recorded} package records as published, {len(origin.reconstructed)} reconstructed, "
    yield f"{origin.stand_ins} stand-ins for other dependencies.</p>"
    if origin.reconstructed:
        yield '<ul class="points">'
        for file, why in origin.reconstructed:
            yield f'<li class="warn"><code>{_text(file)}</code>: {_prose(why)}</li>'
        yield "</ul>"
    yield "</section>"
