"""An incident as one self-contained page, with its timeline as a picture."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.incident.chronicle import configuration
from tailrace.incident.model import IncidentEvent
from tailrace.incident.postmortem import is_address
from tailrace.model.inert import html as escape
from tailrace.model.inert import prose
from tailrace.report.options import RenderOptions
from tailrace.report.timeline_picture import draw_timeline
from tailrace.report.views.incident import IncidentView, date_of, duration, time_of

_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #8884; vertical-align: top; }
.harm { color: #b3261e; } .help { color: #1b6e3c; } .detect { color: #8a6100; } .computed { font-style: italic; }
@media (prefers-color-scheme: dark) { .harm { color: #ff8a80; } .help { color: #81c995; } .detect { color: #fdd663; } }
"""


def render(view: IncidentView, options: RenderOptions) -> str:
    """The page."""
    return "\n".join(_page(view)) + "\n"


def _page(view: IncidentView) -> Iterator[str]:
    record = view.record
    title = escape(prose(record.title, 300))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{title}</h1>"
    authors = f"; by {escape(prose(', '.join(record.authors)))}" if record.authors else ""
    yield f"<p>{record.state}{authors}</p>"
    yield _markdown(record.summary)
    for section in record.sections:
        level = min(max(section.level, 2), 6)
        yield f"<h{level}>{escape(prose(section.title, 300))}</h{level}>"
        yield _markdown(section.text)
    yield from _table(
        "Mitigations",
        ("What", "State", "Since", "Owner"),
        ((m.what, m.state, m.at, m.owner) for m in record.mitigations),
    )
    yield from _table(
        "Action items",
        ("What", "Kind", "Owner", "Due", "State"),
        ((a.what, a.kind, a.owner, a.due, a.state) for a in record.actions),
    )
    yield "<h2>Timeline <small>(UTC)</small></h2>"
    yield f'<div class="scroll">{draw_timeline(view)}</div>'
    yield '<div class="scroll"><table>\n<thead><tr><th>Date</th><th>Time</th><th>Action</th><th>Link</th></tr></thead>'
    yield "<tbody>"
    yield from map(_row, view.events)
    yield "</tbody></table></div>"
    if record.windows:
        known = view.figures
        yield "<h2>Exposure</h2>"
        yield (
            f"<p>First harm {escape(known.first_harm or 'not known')}; detected after {duration(known.to_detect)}, "
            f"contained after {duration(known.to_contain)}; {known.exposed} configurations.</p>"
        )
        rows = ((w.ask, configuration(w), w.begin or "before", w.end or "still so") for w in record.windows)
        yield from _table("", ("Asked for", "Configuration", "From", "To"), rows)
    if record.disorders:
        yield "<h2>Disorders of the imported text</h2>\n<ul>"
        for one in record.disorders:
            yield f"<li>{one.kind}{f', line {one.line}' if one.line else ''}: {escape(prose(one.message))}</li>"
        yield "</ul>"
    yield "</body>\n</html>"


def _row(event: IncidentEvent) -> str:
    link = f'<a href="{escape(event.link)}" rel="noreferrer">link</a>' if is_address(event.link) else ""
    kind = f"{event.kind} {'computed' if event.by == 'computed' else ''}".strip()
    mark = "computed: " if event.by == "computed" else ""
    return (
        f"<tr><td>{escape(date_of(event))}</td><td>{escape(time_of(event))}</td>"
        f'<td class="{kind}">{mark}{escape(prose(event.event))}</td><td>{link or escape(prose(event.source))}</td></tr>'
    )


def _table(title: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    found = list(rows)
    if not found:
        return
    if title:
        yield f"<h2>{title}</h2>"
    yield f'<div class="scroll"><table>\n<thead><tr>{"".join(f"<th>{h}</th>" for h in heads)}</tr></thead>\n<tbody>'
    for row in found:
        yield f"<tr>{''.join(f'<td>{escape(prose(cell))}</td>' for cell in row)}</tr>"
    yield "</tbody></table></div>"


def _markdown(text: str) -> str:
    """Markdown that people wrote, without HTML of its own, pictures, or links to anything but addresses."""
    if not text.strip():
        return ""
    from markdown_it import MarkdownIt

    from tailrace.model.inert import visible_lines

    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    parser.validateLink = is_address  # type: ignore[method-assign,assignment]
    rendered: str = parser.render(visible_lines(text))
    return rendered
