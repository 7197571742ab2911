"""An exposure report for a terminal. Colour repeats what the words say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tailrace.report.ink import PROSE, Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.exposure import Bar, Entry, ExposureView, Mark, Square, alike

BADGE = {
    "exposed": "bold white on red",
    "safe": "bold black on green",
    "unsolvable": "bold black on yellow",
    "solved": "bold black on cyan",
}
STYLE: dict[Mark, str] = {"exposed": "bold red", "safe": "green", "unsolvable": "yellow", "solved": "cyan"}
WORD: dict[Mark, str] = {"exposed": "EXPOSED", "safe": "safe", "unsolvable": "unsolvable", "solved": "solved"}
FILL: dict[Mark, str] = {"exposed": "█", "safe": "─", "unsolvable": "░", "solved": "─"}
LINES = 12
#: Columns between two cells, and before the cells of a row whose title is above them.
GAP = 2
INDENT = 4
#: The columns of a bar, where the terminal has as many.
BAR = 60


def render(view: ExposureView, options: RenderOptions) -> str:
    """The verdict first, then the grid or the course, then what the letters stand for, then notes.

    `width`: the columns of the terminal, 0 for any number. The grid uses all of them, prose at most 120.
    """
    color, width = options.color, options.width
    ink = Ink(color=color, width=min(width, PROSE))
    word = WORD[view.verdict].upper()
    ink.title(word, BADGE[view.verdict], view.headline)
    if view.broken:
        ink.prose(view.broken, indent=2, first=("harmful: ", "dim"))
    if view.blocks:
        _grid(ink, view, width)
    if view.bars and view.span:
        _course(ink, view.bars, view.span, width)
    _legend(ink, view.entries)
    if view.notes:
        ink.blank()
        for note in view.notes:
            ink.prose(note, indent=0, first=("note: ", "cyan"))
    return ink.text()


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the cells of a grid are.

    `bands`: the numbers of the columns that are side by side; the bands follow one below the other. `widths`: one for
    each column. `margin`: where the first cell begins. `beside`: whether the title of a row is before its cells, or on
    a line of its own above them.
    """

    bands: tuple[tuple[int, ...], ...]
    widths: tuple[int, ...]
    margin: int
    beside: bool


def _lay_out(view: ExposureView, width: int) -> _Layout:
    """All columns side by side if they fit into `width` (0: any), else the titles above the cells, else several bands.

    The columns of one client stay together as long as they fit.
    """
    rows = [row for block in view.blocks for row in block.rows]
    margin = max(len(row.title) for row in rows) + 4
    widths = _column_widths(view)
    everything = tuple(range(len(view.columns)))
    if not width or margin + sum(widths) - GAP <= width:
        return _Layout((everything,), widths, margin, beside=True)
    if INDENT + sum(widths) - GAP <= width:
        return _Layout((everything,), widths, INDENT, beside=False)
    widest = max(sum(widths[column] for column in group) for group in _clients(view))
    beside = margin + widest - GAP <= width
    indent = margin if beside else INDENT
    return _Layout(tuple(_bands(view, widths, width - indent)), widths, indent, beside)


def _column_widths(view: ExposureView) -> tuple[int, ...]:
    """The room of each column: its cells, its priority, and its share of the client's name."""
    cells = [max(len(WORD["exposed"]) + 2, len(priority)) for _, priority in view.columns]
    for block in view.blocks:
        for row in block.rows:
            for column, square in enumerate(row.squares):
                cells[column] = max(cells[column], sum(len(text) for text, _ in _cell(square)))
    for group in _clients(view):
        short = len(view.columns[group[0]][0]) - sum(cells[column] + GAP for column in group) + GAP
        cells[group[-1]] += max(0, short)
    return tuple(cell + GAP for cell in cells)


def _clients(view: ExposureView) -> list[list[int]]:
    """The numbers of the columns, those of one client together."""
    groups: list[list[int]] = []
    for column, (client, _) in enumerate(view.columns):
        if groups and view.columns[groups[-1][0]][0] == client:
            groups[-1].append(column)
        else:
            groups.append([column])
    return groups


def _bands(view: ExposureView, widths: tuple[int, ...], room: int) -> Iterator[tuple[int, ...]]:
    """As many clients side by side as fit into `room`; one that does not fit by itself has several bands."""
    band: list[int] = []
    for group in _clients(view):
        divided = not _fits(group, widths, room)
        for columns in [[column] for column in group] if divided else [group]:
            is_first = columns[0] == group[0]
            if band and ((divided and is_first) or not _fits([*band, *columns], widths, room)):
                yield tuple(band)
                band = []
            band += columns
        if divided:
            yield tuple(band)
            band = []
    if band:
        yield tuple(band)


def _fits(columns: Iterable[int], widths: tuple[int, ...], room: int) -> bool:
    return sum(widths[column] for column in columns) - GAP <= room


def _grid(ink: Ink, view: ExposureView, width: int) -> None:
    layout = _lay_out(view, width)
    for band in layout.bands:
        ink.blank()
        _head(ink, view, layout, band)
        for block in view.blocks:
            ink.line((block.title, "bold"))
            for row in block.rows:
                cells = [piece for column in band for piece in _padded(row.squares[column], layout.widths[column])]
                if layout.beside:
                    ink.line((f"  {row.title}".ljust(layout.margin), ""), *cells)
                else:
                    ink.prose(row.title, indent=2)
                    ink.line((" " * layout.margin, ""), *cells)


def _head(ink: Ink, view: ExposureView, layout: _Layout, band: tuple[int, ...]) -> None:
    """The clients, each above its columns, and the priorities."""
    rooms: dict[str, int] = {}
    for column in band:
        client = view.columns[column][0]
        rooms[client] = rooms.get(client, 0) + layout.widths[column]
    ink.line((" " * layout.margin, ""), *((client.ljust(room), "bold") for client, room in rooms.items()))
    priorities = [(view.columns[column][1].ljust(layout.widths[column]), "dim") for column in band]
    ink.line((" " * layout.margin, ""), *priorities)


def _padded(square: Square | None, width: int) -> list[tuple[str, str]]:
    cell = _cell(square)
    return [*cell, (" " * (width - sum(len(text) for text, _ in cell)), "")]


def _cell(square: Square | None) -> list[tuple[str, str]]:
    if square is None:
        return []
    return [(WORD[square.mark], STYLE[square.mark]), (f" {square.letter}{'~' if square.note else ''}", "dim")]


def _legend(ink: Ink, entries: Iterable[Entry]) -> None:
    for entry in entries:
        ink.blank()
        ink.line((entry.letter, "bold"), ("  ", ""), (WORD[entry.mark], STYLE[entry.mark]), _because(entry))
        for line in entry.lines[:LINES]:
            ink.line((f"     {line}", ""))
        if len(entry.lines) > LINES:
            ink.line((f"     and {len(entry.lines) - LINES} more lines (--format json has all)", "dim"))


def _because(entry: Entry) -> tuple[str, str]:
    return (" because" if entry.mark == "unsolvable" else " with", "dim")


def _course(ink: Ink, bars: Iterable[Bar], span: tuple[str, str], width: int) -> None:
    begin, end = span
    room = min(BAR, max(len(begin) + len(end) + GAP, width - 2)) if width else BAR
    ink.blank()
    ink.line((f"  {begin}{end.rjust(room - len(begin))}", "dim"))
    for titles, bar in alike(bars):
        ink.blank()
        for title in titles:
            ink.prose(title, indent=2, style="bold")
        ink.line(("  ", ""), *_drawn(bar, room))
        for mark, said in bar.events:
            ink.line(("    ", ""), (WORD[mark].ljust(11), STYLE[mark]), (said, ""))
        if not bar.complete:
            ink.prose("not every moment was looked at: between two that agree, all are taken to agree", indent=4)
    ink.blank()
    ink.line(("  █ exposed  ─ safe  ░ unsolvable", "dim"))


def _drawn(bar: Bar, room: int) -> list[tuple[str, str]]:
    """The bar; what lasts less than a column still gets one, and exposure wins over what shares its column."""
    columns: list[Mark] = ["safe"] * room
    rank = {"safe": 0, "solved": 0, "unsolvable": 1, "exposed": 2}
    taken = [-1] * room
    for stretch in bar.stretches:
        first = min(room - 1, int(stretch.begin * room))
        last = max(first, min(room, round(stretch.end * room)) - 1)
        for place in range(first, last + 1):
            if rank[stretch.mark] > taken[place]:
                columns[place], taken[place] = stretch.mark, rank[stretch.mark]
    pieces: list[tuple[str, str]] = []
    for mark in columns:
        if pieces and pieces[-1][1] == STYLE[mark]:
            pieces[-1] = (pieces[-1][0] + FILL[mark], STYLE[mark])
        else:
            pieces.append((FILL[mark], STYLE[mark]))
    return pieces
