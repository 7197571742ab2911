"""An exposure view in, what a person reads in a terminal out. Colour never says what the words do not."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.cli.exposure_view import Bar, Block, Entry, ExposureView, Mark, Square, alike
from tailrace.report.ink import Ink

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
CELL = 14
BAR = 60


def exposure_text(view: ExposureView, *, color: bool, width: int) -> str:
    """The verdict first, then the grid or the course, then what the letters stand for, then notes."""
    ink = Ink(color=color, width=width)
    word = WORD[view.verdict].upper()
    ink.line((f" {word} " if color else word, BADGE[view.verdict]), ("  ", ""), (view.headline, "bold"))
    if view.broken:
        ink.prose(view.broken, indent=2, first=("harmful: ", "dim"))
    if view.blocks:
        _grid(ink, view)
    if view.bars and view.span:
        _course(ink, view.bars, view.span)
    _legend(ink, view.entries)
    if view.notes:
        ink.blank()
        for note in view.notes:
            ink.prose(note, indent=0, first=("note: ", "cyan"))
    return ink.text()


def _grid(ink: Ink, view: ExposureView) -> None:
    margin = max(len(row.title) for block in view.blocks for row in block.rows) + 4
    groups: dict[str, int] = {}
    for client, _ in view.columns:
        groups[client] = groups.get(client, 0) + 1
    ink.blank()
    ink.line((" " * margin, ""), *((client.ljust(CELL * count), "bold") for client, count in groups.items()))
    ink.line((" " * margin, ""), *((priority.ljust(CELL), "dim") for _, priority in view.columns))
    for block in view.blocks:
        _block(ink, block, margin)


def _block(ink: Ink, block: Block, margin: int) -> None:
    ink.line((block.title, "bold"))
    for row in block.rows:
        ink.line((f"  {row.title}".ljust(margin), ""), *(piece for square in row.squares for piece in _cell(square)))


def _cell(square: Square | None) -> Iterable[tuple[str, str]]:
    if square is None:
        return [("".ljust(CELL), "")]
    word = WORD[square.mark]
    rest = f" {square.letter}{'~' if square.note else ''}"
    return [(word, STYLE[square.mark]), (rest.ljust(max(1, CELL - len(word))), "dim")]


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


def _course(ink: Ink, bars: Iterable[Bar], span: tuple[str, str]) -> None:
    ink.blank()
    begin, end = span
    ink.line((f"  {begin}{end.rjust(BAR - len(begin))}", "dim"))
    for titles, bar in alike(bars):
        ink.blank()
        for title in titles:
            ink.line(("  ", ""), (title, "bold"))
        ink.line(("  ", ""), *_drawn(bar))
        for mark, said in bar.events:
            ink.line(("    ", ""), (WORD[mark].ljust(11), STYLE[mark]), (said, ""))
        if not bar.complete:
            ink.line(("    not every moment was looked at: between two that agree, all are taken to agree", "dim"))
    ink.blank()
    ink.line(("  █ exposed  ─ safe  ░ unsolvable", "dim"))


def _drawn(bar: Bar) -> list[tuple[str, str]]:
    """The bar; what lasts less than a column still gets one, and exposure wins over what shares its column."""
    columns: list[Mark] = ["safe"] * BAR
    rank = {"safe": 0, "solved": 0, "unsolvable": 1, "exposed": 2}
    taken = [-1] * BAR
    for stretch in bar.stretches:
        first = min(BAR - 1, int(stretch.begin * BAR))
        last = max(first, min(BAR, round(stretch.end * BAR)) - 1)
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
