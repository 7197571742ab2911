"""The Markdown of a post-mortem: what is read from it, what is kept, and which disorders are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tailrace.incident.errors import IncidentError
from tailrace.incident.ledger import parse_record, record_text
from tailrace.incident.model import IncidentEvent, IncidentRecord, Section
from tailrace.incident.postmortem import read_postmortem
from tailrace.report import render

TEXT = (Path(__file__).parent / "postmortem.md").read_text("utf-8")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "incident-2022-05"
HEAD = "# 2024-03 release incident of quay 5.2.0\n\n## Timeline <small>(UTC)</small>\n\n"
TABLE = "| Date | Time | Action | Link |\n| --- | --- | --- | --- |\n"


def test_the_parts_of_a_post_mortem() -> None:
    record = read_postmortem(TEXT)
    assert record.id == "2024-03-quay-5.2.0-dock-2-7-8"
    assert record.authors == ("Ann Example (@ann, Harbour)", "Bo Sample(@bo)")
    assert record.affected == ("quay 5.2.0", "dock 2.7", "dock 2.8")
    assert [section.title for section in record.sections] == ["Incident", "Mitigation", "Recommendations"]
    assert [(m.state, m.owner) for m in record.mitigations] == [("merged", ""), ("released", "@bo"), ("planned", "")]
    assert [(a.kind, a.owner, a.due, a.state) for a in record.actions][1:3] == [
        ("detect", "@ann", "2024-06-01", "open"),
        ("mitigate", "", "", "done"),
    ]
    assert [(e.row, e.at, e.kind) for e in record.events] == [
        (1, "2024-03-04T16:57Z", "plain"),
        (2, "2024-03-04T23:09Z", "harm"),
        (3, "2024-03-05T01:09Z", "detect"),
        (4, "", "plain"),
        (5, "2024-03-06T15:36Z", "plain"),
        (6, "2024-03-06T11:48Z", "plain"),
        (7, "2024-03-07", "plain"),
        (8, "2024-03-07T08:00Z", "plain"),
        (9, "", "plain"),
    ]


def test_the_disorders_of_a_post_mortem() -> None:
    assert [(d.kind, d.line) for d in read_postmortem(TEXT).disorders] == [
        ("link-broken", 21),
        ("number-missing", 28),
        ("number-missing", 29),
        ("link-broken", 35),
        ("gap", 38),
        ("cell-too-many", 40),
        ("row-out-of-order", 40),
        ("link-broken", 41),
        ("row-without-time", 41),
        ("link-broken", 42),
        ("cell-missing", 43),
        ("row-without-date", 43),
    ]


def test_a_record_outlives_its_file() -> None:
    record = read_postmortem(TEXT)
    assert parse_record(record_text(record).encode(), "x") == record


def test_what_was_rendered_is_read_again_with_every_row() -> None:
    record = read_postmortem(TEXT)
    once = render(record, "markdown")
    again = read_postmortem(once)
    assert sorted((e.at, e.event) for e in again.events) == sorted((e.at, e.event) for e in record.events)
    assert again.sections == record.sections
    assert (again.mitigations, again.actions, again.authors) == (record.mitigations, record.actions, record.authors)
    assert render(again, "markdown").split("## Disorders")[0] == once.split("## Disorders")[0]
    assert "row-out-of-order" not in {d.kind for d in again.disorders}


# A row of a table → (moment, what happened), or the disorder that it is
ROWS: dict[str, tuple[str, str, str | None]] = {
    "| 2024-03-04 | 16:57 | a | |": ("2024-03-04T16:57Z", "a", None),
    "2024-03-04 | 16:57 | a | b": ("2024-03-04T16:57Z", "a", None),
    "| 2024-03-04 | 4:57 pm | a | |": ("2024-03-04T16:57Z", "a", None),
    "| 2024-03-04 | 12:05 am | a | |": ("2024-03-04T00:05Z", "a", None),
    "| 2024-03-04 | 16:57 UTC | a | |": ("2024-03-04T16:57Z", "a", None),
    "| 2024-03-04 | 16:57 CEST | a | |": ("2024-03-04T14:57Z", "a", None),
    "| 2024-03-04 | 16:57+02:00 | a | |": ("2024-03-04T14:57Z", "a", None),
    "| 2024-03-04 | 01:00+02:00 | a | |": ("2024-03-03T23:00Z", "a", None),
    "| 2024-03-04 | 10:57 UTC-5 | a | |": ("2024-03-04T15:57Z", "a", None),
    "| 2024-03-04 | 08:00 - 09:30 | a | |": ("2024-03-04T08:00Z", "a", None),
    "| 2024-03-04 | ~16:57 | a | |": ("2024-03-04T16:57Z", "a", None),
    "| 2024-03-04 | 16:57-17:20 | a | |": ("2024-03-04T16:57Z", "a", None),
    "| Mar 4 | 16:57 | a | |": ("2024-03-04T16:57Z", "a", None),
    "| 4 March | 16:57 | a | |": ("2024-03-04T16:57Z", "a", None),
    "| March 4th, 2024 | 16:57 | a | |": ("2024-03-04T16:57Z", "a", None),
    "| 03-04 | 16:57 | a | |": ("2024-03-04T16:57Z", "a", None),
    "| 2024-03-04 16:57 | | a | |": ("2024-03-04T16:57Z", "a", None),
    r"| 2024-03-04 | 16:57 | a \| b | |": ("2024-03-04T16:57Z", "a | b", None),
    "| 2024-03-04 | 16:57 | `a|b` | |": ("2024-03-04T16:57Z", "`a|b`", None),
    "| 2024-03-04 | 25:00 | a | |": ("2024-03-04", "a", "row-without-time"),
    "| 2024-03-04 | 16:57 XYZ | a | |": ("2024-03-04", "a", "row-without-time"),
    "| 2024-03-04 | … | a | |": ("2024-03-04", "a", "gap"),
    "| 2024-02-30 | 16:57 | a | |": ("", "a", "row-without-date"),
    "| | 16:57 | a | |": ("", "a", "row-without-date"),
    "| 2024-03-04 | 16:57 | … | |": ("2024-03-04T16:57Z", "…", "gap"),
    "| ... | ... | ... | ... |": ("", "...", "gap"),
    "| 2024-03-04 | 16:57 | a | | by hand |": ("2024-03-04T16:57Z", "a (by hand)", "cell-too-many"),
    "| 2024-03-04 | 16:57 | a |": ("2024-03-04T16:57Z", "a", "cell-missing"),
}


@pytest.mark.parametrize("row", ROWS)
def test_rows(row: str) -> None:
    at, event, disorder = ROWS[row]
    record = read_postmortem(HEAD + TABLE + row + "\n")
    assert [(e.at, e.event) for e in record.events] == [(at, event)]
    assert [d.kind for d in record.disorders if d.kind != "section-missing"] == ([disorder] if disorder else [])


LINKS: dict[str, bool] = {
    "[a](https://example.org/x)": False,
    "[#12](https://example.org/up/pull/12)": False,
    "[#12](https://example.org/up/issues/13)": True,
    "[a](https://example.org/x_(y))": False,
    "[a](https://example.org)": False,
    "[a](#incident)": False,
    "[a](#timeline-utc)": False,
    "[a](#nothing)": True,
    "[a]()": True,
    "[a](https:/example.org)": True,
    "[a](https://)": True,
    "[a](example.org/x)": True,
    "[a](https://example.org/x": True,
    "[a](notes.md)": False,
    "[a](mailto:a@example.org)": False,
    "[a][b]": True,
    "[a][c]\n\n[c]: https://example.org": False,
    "`[a]()`": False,
    "https://example.org/x.": False,
    "<https://example.org/x>": False,
    "https:// example.org": True,
    "- [ ] to do": False,
}


@pytest.mark.parametrize("text", LINKS)
def test_links(text: str) -> None:
    record = read_postmortem(f"# T 2024\n\n## Incident\n\n{text}\n\n## Timeline <small>(UTC)</small>\n\n{TABLE}")
    assert any(d.kind == "link-broken" for d in record.disorders) == LINKS[text]


NUMBERS: dict[str, list[str]] = {
    "1. a\n2. b\n3. c": [],
    "1. a\n1. b\n1. c": [],
    "1. a\n2. b\n4. c": ["number-missing"],
    "1. a\n2. b\n2. c": ["number-repeated"],
    "1. a\n\n2. b\n\n4. c": ["number-missing"],
    "1. a\n   1. x\n   2. y\n2. b": [],
    "1. a\n\nNow others:\n\n1. b\n2. c": [],
    "- a\n- b": [],
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    record = read_postmortem(f"# T 2024\n\n## Recommendations\n\n{text}\n")
    assert [d.kind for d in record.disorders if d.kind.startswith("number")] == NUMBERS[text]


@pytest.mark.parametrize("text", ["", "\n\n", "just a line", "| a | b |\n| - | - |\n| c | d |"])
def test_what_is_not_a_post_mortem(text: str) -> None:
    with pytest.raises(IncidentError):
        read_postmortem(text)


@pytest.mark.parametrize(
    "piece",
    [
        "[" * 30_000,
        "[a](" * 8_000,
        "| " * 20_000,
        "|" + "-" * 20_000 + " " * 20_000 + "x",
        "# " * 20_000,
        "1. " * 9_000,
        "https:/" * 9_000,
    ],
    ids=["brackets", "links", "bars", "rulers", "headings", "numbers", "addresses"],
)
def test_hostile_texts_end(piece: str) -> None:
    read_postmortem(f"# T 2024\n\n## Timeline\n\n{TABLE}{piece}\n\n## Incident\n\n{piece}\n")


def test_the_real_post_mortem_is_read_and_rendered_again() -> None:
    files = sorted(SHARED.glob("*.md")) if SHARED.is_dir() else []
    if not files:
        pytest.skip(f"there is no post-mortem in {SHARED}")
    record = read_postmortem(files[0].read_text("utf-8"))
    again = read_postmortem(render(record, "markdown"))
    assert len(record.events) > 10
    assert sorted((e.at, e.event) for e in again.events) == sorted((e.at, e.event) for e in record.events)
    assert {"row-out-of-order", "cell-too-many", "number-missing"} <= {d.kind for d in record.disorders}


def test_a_section_that_is_not_known_is_kept() -> None:
    record = read_postmortem(
        "# T 2024\n\nHello.\n\n## Impact\n\nMany.\n\n### Who\n\nAll.\n\n## Incident\n\nIt broke.\n"
    )
    again = read_postmortem(render(record, "markdown"))
    assert {(s.title, s.text, s.level) for s in again.sections} >= {("Impact", "Many.", 2), ("Who", "All.", 3)}


def test_links_that_count_and_several_in_one_cell() -> None:
    cells = [
        "[1](https://example.org/a)",
        "[2](https://example.org/b) [3](https://example.org/c)",
        "[5](https://e.org/d)",
    ]
    rows = "".join(f"| 2024-03-0{n} | 10:00 | a{n} | {cell} |\n" for n, cell in enumerate(cells, 1))
    record = read_postmortem(HEAD + TABLE + rows)
    assert [d.message for d in record.disorders if d.kind == "number-missing"] == [
        "the list goes from 3 to 5: 4 is missing"
    ]
    text = render(record, "markdown")
    assert all(cell in text for cell in cells)


def test_numbers_of_issues_do_not_count() -> None:
    rows = "".join(f"| 2024-03-01 | 10:0{n} | a | [{n * 7}](https://example.org/{n}) |\n" for n in range(1, 5))
    assert "number-missing" not in {d.kind for d in read_postmortem(HEAD + TABLE + rows).disorders}


def test_a_heading_in_a_fence_is_text() -> None:
    record: IncidentRecord = read_postmortem("# T 2024\n\n## Incident\n\n```sh\n# not a heading\n```\n")
    assert [section.title for section in record.sections] == ["Incident"]


# How a timeline is written: its text, the events that must be read, and what is out of order in it.
SHAPES: dict[str, tuple[str, list[tuple[str, str]], list[str]]] = {
    "no outer bars": (
        "Date | Time | Action\n--- | --- | ---\n2024-03-04 | 23:09 | a\n", [("2024-03-04T23:09Z", "a")], []
    ),
    "one column for date and time": (
        "| Time (UTC) | Event |\n|---|---|\n| 2024-03-04T23:09Z | a |\n| 2024-03-05 01:00 | b |\n",
        [("2024-03-04T23:09Z", "a"), ("2024-03-05T01:00Z", "b")], [],
    ),
    "a list": (
        "- 2024-03-04 23:09 UTC: a\n- **2024-03-05 01:00** – b\n- 2024-03-06: c\n- later: d\n",
        [("2024-03-04T23:09Z", "a"), ("2024-03-05T01:00Z", "b"), ("2024-03-06", "c"), ("", "later: d")],
        ["row-without-date", "row-without-time"],
    ),
    "a digit that is open": (TABLE + "| 2024-03-2? | 10:00 | a | |\n", [("", "a")], ["row-without-date"]),
    "the American order": (TABLE + "| 03/24/2024 | 11:09 PM | a | |\n", [("2024-03-24T23:09Z", "a")], []),
    "the European order": (
        TABLE + "| 24/03/2024 | 10:00 | a | |\n| 4.3.2024 | 10:00 | b | |\n",
        [("2024-03-24T10:00Z", "a"), ("2024-03-04T10:00Z", "b")], ["row-out-of-order"],
    ),
    "one of the two": (TABLE + "| 03/04/2024 | 10:00 | a | |\n", [("", "a")], ["row-without-date"]),
    "days that do not exist": (TABLE + "| 2024-02-30 | 10:00 | a | |\n", [("", "a")], ["row-without-date"]),
    "a day for several rows": (
        TABLE + "| 2024-03-04 | 10:00 | a | |\n| | 10:05 | b | |\n",
        [("2024-03-04T10:00Z", "a"), ("2024-03-04T10:05Z", "b")], [],
    ),
    "two tables": (
        TABLE + "| 2024-03-04 | 10:00 | a | |\n\nLater:\n\n" + TABLE + "| 2024-03-03 | 10:00 | b | |\n",
        [("2024-03-04T10:00Z", "a"), ("2024-03-03T10:00Z", "b")], ["row-out-of-order"],
    ),
    "the other zone": (TABLE + "| 2024-07-01 | 01:09 CEST | a | |\n", [("2024-06-30T23:09Z", "a")], []),
    "a zone that means several": (
        TABLE + "| 2024-07-01 | 01:09 IST | a | |\n", [("2024-07-01", "a")], ["row-without-time"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_row_is_kept_in_whatever_shape_it_is_written(shape: str) -> None:
    text, events, disorders = SHAPES[shape]
    record = read_postmortem(f"# T 2024\n\n## Incident\n\nx\n\n## Timeline\n\n{text}")
    assert [(event.at, event.event) for event in record.events] == events
    named = {"section-missing"}
    assert sorted(one.kind for one in record.disorders if one.kind not in named) == disorders
    again = read_postmortem(render(record, "markdown"))
    assert sorted((e.at, e.event) for e in again.events) == sorted(events)


ACTING = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<B ONCLICK=alert(1)>",
    "<!-- a --><script>",
    "\\\\<script>",
    "``<script>`",
    "\\`<script>\\`",
    "[l](javascript:alert(1))",
    "[l]( <JavaScript:alert(1)>)",
    "![i](data:text/html,x)",
    "<details>\n```\n\n<script>\n```",
    "  ```\n<script>",
    "```\nx\n```\n<script>",
]
LAYOUT = [
    "a<br/>b",
    "<small>(UTC)</small>",
    "`<package>`",
    "<https://host.example>",
    "[l](https://host.example)",
    "1 < 2",
]


def _rendered(text: str) -> str:
    event = IncidentEvent(at="2024-01-01T00:00Z", event=text)
    section = Section(title=text.replace("\n", " "), level=2, text=text)
    record = IncidentRecord(id="a", title=text, affected=(text,), summary=text, sections=(section,), events=(event,))
    return render(record, "markdown")


@pytest.mark.parametrize("text", ACTING)
def test_nothing_in_the_markdown_acts_in_a_browser(text: str) -> None:
    rendered = _rendered(text)
    assert not re.search(r"(?i)(?<!`)<(?:script|img|svg|b onclick)", rendered), rendered
    assert not re.search(r"(?i)\]\(\s*<?(?:javascript|data):", rendered), rendered


@pytest.mark.parametrize("text", LAYOUT)
def test_layout_and_code_stay_as_they_were_written(text: str) -> None:
    assert _rendered(text).count(text) >= 4


@pytest.mark.parametrize("text", ["a\n::error::x", "a\n&#58;:error::x", "```\na\n::error::x\n```", "a ##[error]x"])
@pytest.mark.parametrize("format", ["html", "markdown", "text"])
def test_no_line_of_a_record_is_a_command_to_a_service(text: str, format: str) -> None:
    record = IncidentRecord(id="a", title="a", summary=text, sections=(Section(title="b", level=2, text=text),))
    assert not re.search(r"(?m)^\s*::|##\[", render(record, format))
