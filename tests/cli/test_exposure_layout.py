"""The exposure grid fits the terminal: no cell is folded, and none is lost."""

from __future__ import annotations

import re
from itertools import product

import pytest

from tailrace.report import RenderOptions
from tailrace.report.formats.text.exposure import render
from tailrace.report.views.exposure import Bar, Block, Entry, ExposureView, Row, Square, Stretch

CHANNELS = ("conda-forge", "defaults", "bioconda", "https://conda.example.org/my-company/channel")
CLIENTS = ("conda", "mamba", "conda-libmamba", "conda-rattler", "pixi")
PRIORITIES = ("strict", "flexible", "disabled")
MARKS = ("safe", "exposed", "unsolvable", "solved")


def grid(channels: int, clients: int, days: int, priorities: int = 3) -> ExposureView:
    """A grid in which every cell has a letter of its own."""
    columns = tuple(product(CLIENTS[:clients], PRIORITIES[:priorities]))
    number = 0
    blocks = []
    for day in range(days):
        rows = []
        for order in range(min(channels, 2)):
            title = " > ".join(CHANNELS[order:channels] + CHANNELS[:order])
            squares = []
            for _ in columns:
                note = "others get another answer" if number % 7 == 0 else ""
                squares.append(Square(mark=MARKS[number % 4], letter=f"c{number}", note=note))
                number += 1
            rows.append(Row(title, tuple(squares)))
        blocks.append(Block(f"linux-64, end of 2022-05-{day + 10} UTC", tuple(rows)))
    return ExposureView("safe", "x", None, columns, tuple(blocks), (), (), None, ())


def longest_word(view: ExposureView) -> int:
    return max(len(word) for block in view.blocks for row in block.rows for word in row.title.split())


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 140, 200])
@pytest.mark.parametrize(
    ("channels", "clients", "days"), [(1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 2, 3), (2, 4, 3), (4, 5, 1), (1, 5, 2)]
)
def test_every_cell_is_there_once_and_no_line_is_wider_than_the_terminal(
    width: int, channels: int, clients: int, days: int
) -> None:
    view = grid(channels, clients, days)
    lines = render(view, RenderOptions(width=width)).splitlines()
    assert max(map(len, lines)) <= max(width, longest_word(view) + 2)
    words = " ".join(lines).split()
    letters = [square.letter for block in view.blocks for row in block.rows for square in row.squares if square]
    for letter in letters:
        assert words.count(letter) + words.count(f"{letter}~") == 1, letter


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("clients", [1, 3, 5])
def test_a_cell_begins_below_its_priority_and_its_client(width: int, clients: int) -> None:
    view = grid(2, clients, 1)
    lines = render(view, RenderOptions(width=width)).splitlines()
    seen = []
    for number, line in enumerate(lines):
        if not line.split() or line.split()[0] not in CLIENTS:
            continue
        priorities = lines[number + 1]
        seen += priorities.split()
        starts = {match.start() for match in re.finditer(r"\S+", priorities)}
        assert {match.start() for match in re.finditer(r"\S+", line)} <= starts
        cells = next(later for later in lines[number + 2 :] if re.search(r"c\d", later))
        assert {match.start() for match in re.finditer(r"\S+ c\d+~?", cells)} == starts
    assert seen == list(PRIORITIES) * clients


def test_what_fits_side_by_side_stays_side_by_side() -> None:
    wide = render(grid(2, 2, 1), RenderOptions(width=140))
    assert "  conda-forge > defaults  safe c0~" in wide
    narrow = render(grid(2, 2, 1), RenderOptions(width=90)).splitlines()
    assert "  conda-forge > defaults" in narrow


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_a_course_fits_too(width: int) -> None:
    bar = Bar(
        place="defaults > conda-forge, linux-64",
        client="mamba",
        priority="flexible",
        stretches=(Stretch("safe", 0.0, 0.5), Stretch("exposed", 0.5, 1.0)),
        events=(("safe", "until 2022-05-26T23:09:00Z"), ("exposed", "since 2022-05-26T23:09:00Z")),
        complete=False,
    )
    span = ("2022-05-19T00:00Z", "2022-06-12T23:59Z")
    view = ExposureView("exposed", "x", None, (), (), (Entry("a", "safe", ("demo-1.0",)),), (bar,), span, ())
    lines = render(view, RenderOptions(width=width)).splitlines()
    assert max(map(len, lines)) <= width + 2
    assert any(line.count("█") > 10 and line.count("─") > 10 for line in lines)
