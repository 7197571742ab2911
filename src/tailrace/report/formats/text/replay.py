"""A replay for a terminal, step by step. Colour repeats what the words say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import assert_never

from tailrace.replay.view import (
    AnyBlock,
    Command,
    Courses,
    Documents,
    Downstreams,
    Grid,
    Points,
    Prose,
    Replay,
    Row,
    State,
    Step,
    Stretch,
    Table,
    Tone,
)
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions

Piece = tuple[str, str]
STYLE: dict[Tone, str] = {"good": "green", "bad": "bold red", "warn": "yellow", "plain": "", "quiet": "dim"}
BADGE: dict[Tone, str] = {
    "good": "bold black on green",
    "bad": "bold white on red",
    "warn": "bold black on yellow",
    "plain": "bold black on cyan",
    "quiet": "bold",
}
MARK: dict[Tone, str] = {"good": "+", "bad": "!", "warn": "~", "plain": "·", "quiet": "·"}
STATE: dict[State, tuple[str, str, str]] = {
    "exposed": ("EXPOSED", "bold red", "█"),
    "safe": ("safe", "green", "─"),
    "unsolvable": ("unsolvable", "yellow", "░"),
}
LEGEND: tuple[Piece, ...] = (
    ("  EXPOSED", "bold red"),
    (" gets it   ", "dim"),
    ("safe", "green"),
    (" gets nothing harmful   ", "dim"),
    ("unsolvable", "yellow"),
    (" cannot be installed", "dim"),
)
CELL = 12
NARROW_CELL = 11
BAR = 40
NARROW_BAR = 16


def render_head(replay: Replay, *, color: bool, width: int) -> str:
    """What it is about, and the chronicle."""
    ink = Ink(color=color, width=width)
    ink.line((replay.title, "bold"))
    ink.prose(replay.summary, indent=2)
    ink.blank()
    _chronicle(ink, replay, width)
    ink.blank()
    said = "Recorded: the report of step 1 and the package records. All other numbers are computed as you read."
    ink.prose(said, indent=2, style="dim")
    return ink.text()


def render_step(replay: Replay, number: int, *, color: bool, width: int) -> str:
    """One step, counted from 0: its verdict first."""
    step = replay.steps[number]
    ink = Ink(color=color, width=width)
    place = f"{number + 1}/{len(replay.steps)}"
    kind = "  (recorded)" if step.recorded else ""
    rule = "─" * max(3, min(width or 100, 100) - len(place) - len(step.title) - len(kind) - 5)
    ink.line((f"── {place} ", "dim"), (step.title, "bold"), (kind, "dim"), (f" {rule}", "dim"))
    _verdict(ink, step, color, width)
    for block in step.blocks:
        ink.blank()
        _block(ink, block, width)
        if isinstance(block, Prose) and step.id == "exposure":
            ink.line(*LEGEND)
    return ink.text()


def render_tail(replay: Replay, *, color: bool, width: int) -> str:
    """Where the facts are from."""
    ink = Ink(color=color, width=width)
    origin = replay.provenance
    ink.line(("── where the facts are from ", "dim"), ("─" * 30, "dim"))
    ink.prose(
        f"{origin.recorded} package records as published, {len(origin.reconstructed)} reconstructed, "
        f"{origin.stand_ins} stand-ins for other dependencies.",
        indent=2,
    )
    for file, why in origin.reconstructed:
        ink.prose(f"{file}: {why}", indent=6, first=("reconstructed ", "yellow"))
    return ink.text()


def render(replay: Replay, options: RenderOptions) -> str:
    """All of it."""
    color, width = options.color, options.width
    parts = [render_head(replay, color=color, width=width)]
    parts += [render_step(replay, number, color=color, width=width) for number in range(len(replay.steps))]
    return "\n".join([*parts, render_tail(replay, color=color, width=width)])


def _verdict(ink: Ink, step: Step, color: bool, width: int) -> None:
    word = step.verdict.upper()
    badge = f" {word} " if color else word
    _hanging(ink, badge, BADGE[step.tone], step.headline, 2, width, len(badge) + 2, "bold")


def _hanging(
    ink: Ink, mark: str, style: str, text: str, indent: int, width: int, deep: int = 2, words: str = ""
) -> None:
    """A mark and a sentence beside it, whose further lines begin where the first one does."""
    lines = textwrap.wrap(text, max(20, (width or 10_000) - indent - deep), break_on_hyphens=False) or [""]
    ink.line((" " * indent, ""), (mark, style), (" " * (deep - len(mark)), ""), (lines[0], words))
    for line in lines[1:]:
        ink.line((" " * (indent + deep), ""), (line, words))


def _chronicle(ink: Ink, replay: Replay, width: int) -> None:
    year = ""
    for event in replay.chronicle:
        if event.at[:4] != year:
            year = event.at[:4]
            ink.line((f"  {year}", "bold"))
        at = event.at[5:16].replace("T", " ")
        style = STYLE[event.tone]
        said = event.text + (" (computed)" if event.computed else "")
        lines = textwrap.wrap(said, max(30, (width or 100) - 18)) or [""]
        ink.line((f"  {at}  ", "dim"), (MARK[event.tone], style), (f" {lines[0]}", style))
        for line in lines[1:]:
            ink.line((f"{'':17}{line}", style))


def _block(ink: Ink, block: AnyBlock, width: int) -> None:
    match block:
        case Prose():
            ink.prose(block.text, indent=2, style=STYLE[block.tone])
        case Points():
            ink.prose(block.title, indent=2, style="bold")
            for tone, said in block.points:
                _hanging(ink, MARK[tone], STYLE[tone], said, 4, width)
        case Command():
            ink.line(("  ", ""), (block.title, "bold"))
            for line in _command(block.command, width or 100):
                ink.line((f"    {line}", "cyan"))
        case Downstreams():
            _downstreams(ink, block)
        case Grid():
            _grid(ink, block, width)
        case Courses():
            _courses(ink, block, width)
        case Documents():
            _documents(ink, block, width)
        case Table():
            _table(ink, block, width)
        case _:
            assert_never(block)


def _command(command: str, width: int) -> Iterator[str]:
    """On one line where it fits, else one option a line, so that it can be read and copied."""
    words = command.split(" --") if len(command) > width - 4 else [command]
    for number, word in enumerate(words):
        more = " \\" if number + 1 < len(words) else ""
        yield f"{'' if number == 0 else '    --'}{word}{more}"


def _downstreams(ink: Ink, block: Downstreams) -> None:
    widest = max((len(f"{one.name} {one.version}") for one in block.downstreams), default=0)
    for one in block.downstreams:
        if not one.findings:
            ink.line(
                ("  ", ""),
                (one.status.ljust(7), STYLE[one.tone]),
                (f" {f'{one.name} {one.version}'.ljust(widest)}", ""),
            )
            continue
        for finding in one.findings:
            ink.line(
                ("  ", ""),
                (one.status.ljust(7), STYLE[one.tone]),
                (f" {f'{one.name} {one.version}'.ljust(widest)}  ", "bold"),
                (finding.place, "bold blue"),
                (f"  {finding.rule}, {finding.confidence}", "dim"),
            )
            ink.prose(finding.message, indent=10)


def _grid(ink: Ink, block: Grid, width: int) -> None:
    if width and len(block.ask) + len(block.who) + 5 > width:
        ink.prose(block.ask, indent=2, style="bold")
        ink.prose(block.who, indent=4, style="dim")
    else:
        ink.line(("  ", ""), (block.ask, "bold"), (f"   {block.who}", "dim"))
    rows = [line for row in block.rows for line in _split(row)]
    longest = max([0, *(len(title) for _, title, _ in rows)])
    margin, cell = max(24, longest + 6), CELL
    heads = [[column.label] for column in block.columns]
    in_force = "hotfixes in force"
    if width and margin + cell * len(block.columns) > width:  # the time of a moment goes below its date
        margin, cell, in_force = max(14, longest + 5), NARROW_CELL, "hotfixes"
        heads = [column.label.split() for column in block.columns]
    for line in range(max(map(len, heads))):
        head = "".join((parts[line] if line < len(parts) else "").ljust(cell) for parts in heads)
        ink.line((" " * margin, ""), (head.rstrip(), "bold"))
    force = "".join(str(column.hotfixes or "none").ljust(cell) for column in block.columns)
    ink.line((f"  {in_force}".ljust(margin), "dim"), (force.rstrip(), "dim"))
    last: tuple[str, ...] | None = None
    for channels, title, states in rows:
        if channels != last:
            ink.line((f"  {' > '.join(channels)}", ""))
        last = channels
        pieces = [(STATE[state][0].ljust(cell), STATE[state][1]) for state in states[:-1]]
        pieces.append(STATE[states[-1]][:2])
        ink.line((f"    {title}".ljust(margin), ""), *pieces)


def _split(row: Row) -> Iterator[tuple[tuple[str, ...], str, list[State]]]:
    """One line for all clients where they agree all along, else one for each."""
    if all(len(cell.states) == 1 for cell in row.cells):
        yield row.channels, row.priority, [cell.answers[0].state for cell in row.cells]
        return
    for place, answer in enumerate(row.cells[0].answers):
        yield row.channels, f"{row.priority}, {answer.client}", [cell.answers[place].state for cell in row.cells]


def _courses(ink: Ink, block: Courses, width: int) -> None:
    begin, end = block.begin[5:10], block.end[5:10]
    longest = max([0, *(len(course.said) for course in block.courses)])
    room = min(BAR, max(NARROW_BAR, width - longest - 6)) if width else BAR
    ink.line((f"    {begin}{end.rjust(room - len(begin))}", "dim"))
    for course in block.courses:
        ink.line(("    ", ""), *_bar(course.stretches, room), (f"  {course.said}", STYLE[course.tone]))
        for line in course.configurations:
            ink.line((f"      {line}", ""))


def _bar(stretches: Sequence[Stretch], room: int) -> list[Piece]:
    """What lasts less than a column still gets one; exposure wins over what shares its column."""
    rank = {"safe": 0, "unsolvable": 1, "exposed": 2}
    columns: list[State] = ["safe"] * room
    taken = [-1] * room
    for stretch in stretches:
        first = min(room - 1, int(stretch.low * room))
        for place in range(first, max(first + 1, min(room, round(stretch.high * room)))):
            if rank[stretch.state] > taken[place]:
                columns[place], taken[place] = stretch.state, rank[stretch.state]
    pieces: list[Piece] = []
    for state in columns:
        _, style, fill = STATE[state]
        if pieces and pieces[-1][1] == style:
            pieces[-1] = (pieces[-1][0] + fill, style)
        else:
            pieces.append((fill, style))
    return pieces


def _documents(ink: Ink, block: Documents, width: int) -> None:
    """Side by side, the comments of the derived one left to the other formats."""
    half = max(30, (min(width or 100, 120) - 6) // 2)
    left = [line for line in block.derived.text.splitlines() if not line.startswith("#")]
    right = [line for line in block.written.text.splitlines() if not line.startswith("#")]
    ink.line(("  ", ""), (block.derived.title.ljust(half), "bold"), ("│ ", "dim"), (block.written.title, "bold"))
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ""
        other = right[number] if number < len(right) else ""
        ink.line(("  ", ""), (one.ljust(half), "cyan"), (f"│ {other}".rstrip(), "cyan"))


def _table(ink: Ink, block: Table, width: int) -> None:
    ink.prose(block.title, indent=2, style="bold")
    texts = [block.head, *(tuple(text for _, text in row) for row in block.rows)]
    columns = range(len(block.head))
    widths = _fit(
        [max(len(row[n]) for row in texts) for n in columns],
        [max(len(word) for row in texts for word in row[n].split() or [""]) for n in columns],
        max(60, (width or 100) - 4),
    )
    _table_row(ink, tuple(("quiet", text) for text in block.head), widths)
    for row in block.rows:
        _table_row(ink, row, widths)


def _table_row(ink: Ink, row: Sequence[tuple[Tone, str]], widths: Sequence[int]) -> None:
    cells = [
        textwrap.wrap(text, wide, break_on_hyphens=False) or [""] for (_, text), wide in zip(row, widths, strict=True)
    ]
    for line in range(max(map(len, cells))):
        pieces: list[Piece] = [("    ", "")]
        for (tone, _), cell, wide in zip(row, cells, widths, strict=True):
            pieces.append(((cell[line] if line < len(cell) else "").ljust(wide + 2), STYLE[tone]))
        while len(pieces) > 1 and not pieces[-1][0].strip():
            pieces.pop()
        pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
        ink.line(*pieces)


def _fit(widths: list[int], least: list[int], room: int) -> list[int]:
    """The widest columns give way until the row fits; a word is broken only when nothing else helps."""
    widths = [max(wide, 1) for wide in widths]
    for floor in (least, [10] * len(widths)):
        while sum(widths) + 2 * (len(widths) - 1) > room:
            loose = [n for n, wide in enumerate(widths) if wide > max(floor[n], 1)]
            if not loose:
                break
            widths[max(loose, key=lambda n: widths[n])] -= 1
    return widths
