"""An SVG picture of an incident's timeline: time runs downwards, each window of exposure is a bar.

Everything in it is escaped, nothing is loaded, and the same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tailrace.incident.chronicle import configuration
from tailrace.incident.model import IncidentEvent, Window
from tailrace.model.inert import html as escape
from tailrace.model.inert import prose
from tailrace.report.views.incident import IncidentView, date_of, time_of

_ROW, _TOP, _WIDTH, _BAR = 26, 64, 1000, 9
_MOST_BARS, _LONGEST = 24, 110
_COLOUR = {"plain": "#5f6b7a", "harm": "#b3261e", "help": "#1b6e3c", "detect": "#8a6100"}
_WORD = {"plain": "event", "harm": "harm", "detect": "detected", "help": "help"}


def draw_timeline(view: IncidentView) -> str:
    """The picture; without any event, one that says so."""
    events = view.events
    windows = [window for window in view.record.windows if window.begin or window.end][:_MOST_BARS]
    left = 150 + len(windows) * (_BAR + 3)
    height = _TOP + max(len(events), 1) * _ROW + 24
    title = escape(prose(view.record.title, 110))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img" aria-labelledby="timeline-title" font-family="system-ui, sans-serif" font-size="12">',
        f'<title id="timeline-title">Timeline of {escape(prose(view.record.title, 200))}</title>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="15" font-weight="bold" fill="#1d1d1f">{title}</text>',
        *_legend(windows),
    ]
    if not events:
        lines.append(f'<text x="16" y="{_TOP + 14}" fill="#1d1d1f">There is no event.</text>')
    else:
        lines.append(
            f'<line x1="{left}" y1="{_TOP}" x2="{left}" y2="{_TOP + (len(events) - 1) * _ROW}" stroke="#c9ced6"/>'
        )
    lines += _bars(windows, events)
    for number, event in enumerate(events):
        lines += _event(event, number, left, events[number - 1] if number else None)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _legend(windows: list[Window]) -> Iterator[str]:
    x = 16
    for kind, colour in _COLOUR.items():
        yield f'<circle cx="{x + 4}" cy="44" r="4" fill="{colour}"/>'
        yield f'<text x="{x + 13}" y="48" fill="#3c4043">{_WORD[kind]}</text>'
        x += 80
    yield f'<circle cx="{x + 4}" cy="44" r="4" fill="#ffffff" stroke="#5f6b7a" stroke-width="2"/>'
    yield f'<text x="{x + 13}" y="48" fill="#3c4043">computed</text>'
    if windows:
        yield f'<rect x="{x + 90}" y="40" width="{_BAR}" height="9" fill="#b3261e" opacity="0.5"/>'
        yield f'<text x="{x + 104}" y="48" fill="#3c4043">a configuration gets the harmful combination</text>'


def _event(event: IncidentEvent, number: int, left: int, before: IncidentEvent | None) -> Iterator[str]:
    y = _TOP + number * _ROW
    same = before is not None and date_of(before) == date_of(event)
    shown = f"{'' if same else date_of(event)} {time_of(event)}".strip() or ("" if same else "no date")
    colour = _COLOUR[event.kind]
    fill = colour if event.by == "human" else "#ffffff"
    text = escape(prose(event.event, _LONGEST))
    yield f'<text x="128" y="{y + 4}" text-anchor="end" fill="#3c4043">{escape(shown)}</text>'
    yield f'<circle cx="{left}" cy="{y}" r="5" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
    style = ' font-style="italic"' if event.by == "computed" else ""
    yield f'<text x="{left + 14}" y="{y + 4}" fill="{colour}"{style}>{text}</text>'


def _bars(windows: list[Window], events: tuple[IncidentEvent, ...]) -> Iterator[str]:
    scale = [(moment, _TOP + n * _ROW) for n, e in enumerate(events) if (moment := _ms(e.at)) is not None]
    if not scale:
        return
    low, high = _TOP - 8, _TOP + (len(events) - 1) * _ROW + 8
    for number, window in enumerate(windows):
        begin = _place(_ms(window.begin), scale, low)
        end = _place(_ms(window.end), scale, high)
        x = 140 + number * (_BAR + 3)
        until = window.end or "still so"
        said = f"{window.ask}: {configuration(window)}, {window.begin or 'before'} to {until}"
        yield (
            f'<rect x="{x}" y="{begin}" width="{_BAR}" height="{max(end - begin, 3)}" fill="#b3261e" opacity="0.5">'
            f"<title>{escape(prose(said, 300))}</title></rect>"
        )


def _place(moment: float | None, scale: list[tuple[float, int]], otherwise: int) -> int:
    """Where a moment lies between the events around it."""
    if moment is None:
        return otherwise
    before = max((item for item in scale if item[0] <= moment), default=None)
    after = min((item for item in scale if item[0] >= moment), default=None)
    if before is None or after is None:
        return (after or before or (0.0, otherwise))[1]
    if after[0] == before[0]:
        return before[1]
    return round(before[1] + (after[1] - before[1]) * (moment - before[0]) / (after[0] - before[0]))


def _ms(at: str) -> float | None:
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
