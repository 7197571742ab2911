"""An incident as one self-contained page, with its timeline as a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tailrace.incident.chronicle import configuration
from tailrace.incident.postmortem import is_address
from tailrace.model.inert import prose
from tailrace.report.formats.html.page import render_page
from tailrace.report.options import RenderOptions
from tailrace.report.timeline_picture import draw_timeline
from tailrace.report.views.incident import IncidentView, date_of, duration, time_of

if TYPE_CHECKING:
    from markupsafe import Markup


def render(view: IncidentView, options: RenderOptions) -> str:
    """The page."""
    from markupsafe import Markup

    filters: dict[str, Callable[[Any], Any]] = {
        "sentence": prose,
        "markdown": _markdown,
        "date": date_of,
        "time": time_of,
        "duration": duration,
        "configuration": configuration,
        "is_address": is_address,
    }
    # The picture is SVG of our own, with each text in it escaped.
    picture = Markup(draw_timeline(view))  # noqa: S704
    return render_page("incident.html", filters, view=view, record=view.record, picture=picture)


def _markdown(text: str) -> Markup:
    """Markdown that people wrote, without HTML of its own, pictures, or links to anything but addresses."""
    from markupsafe import Markup

    if not text.strip():
        return Markup()
    from markdown_it import MarkdownIt

    from tailrace.model.inert import visible_lines, without_commands

    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    parser.validateLink = is_address  # type: ignore[method-assign,assignment]
    # The parser escapes all text, and makes no HTML of what is written as HTML.
    return Markup(without_commands(parser.render(visible_lines(text))))  # noqa: S704
