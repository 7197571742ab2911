"""What every format shows of an exposure report: verdict, grid, legend, reasons, course."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Literal

from tailrace.conda.timestamps import parse_moment, show_moment
from tailrace.exposure.grid import Cell, Course, ExposureReport, Span
from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions

Mark = Literal["exposed", "safe", "unsolvable", "solved"]


@dataclass(frozen=True, slots=True)
class Square:
    """One cell: its mark, and the letter of what it gives (or of why it gives nothing)."""

    mark: Mark
    letter: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Channels on a day; its squares are in the order of the view's columns, `None` where there is no such cell."""

    title: str
    squares: tuple[Square | None, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one platform and day."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a letter stands for: the packages that matter, or the lines of an explanation."""

    letter: str
    mark: Mark
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar: from and to, as fractions of the whole time, and what holds in it."""

    mark: Mark
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One configuration over time; `events` are sentences on each change. `place`: channels and platform."""

    place: str
    client: str
    priority: str
    stretches: tuple[Stretch, ...]
    events: tuple[tuple[Mark, str], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class ExposureView:
    """Everything that is shown, in the order of showing. `columns`: (client, priority)."""

    verdict: Literal["exposed", "safe", "unsolvable", "solved"]
    headline: str
    broken: str | None
    columns: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    entries: tuple[Entry, ...]
    bars: tuple[Bar, ...]
    span: tuple[str, str] | None
    notes: tuple[str, ...]


def mark_of(status: str, exposed: bool | None) -> Mark:
    """What a cell or a span is, in one word."""
    if status == "unsolvable":
        return "unsolvable"
    return "solved" if exposed is None else ("exposed" if exposed else "safe")


def view_exposure(report: ExposureReport, options: RenderOptions) -> ExposureView:
    """The view of a report."""
    names, span = options.names, options.span
    marks = [mark_of(one.status, one.exposed) for one in report.cells]
    marks += [mark_of(one.status, one.exposed) for course in report.courses for one in course.spans]
    verdict = next((mark for mark in ("exposed", "safe", "solved") if mark in marks), "unsolvable")
    clients = list(dict.fromkeys(cell.client for cell in report.cells))
    columns = tuple(
        sorted(dict.fromkeys((str(c.client), str(c.priority)) for c in report.cells), key=lambda c: clients.index(c[0]))
    )
    entries: dict[tuple[Mark, tuple[str, ...]], str] = {}
    blocks = tuple(_blocks(report.cells, columns, _shown_names(report, names), entries))
    return ExposureView(
        verdict=verdict,  # type: ignore[arg-type]  # next() widens the literals
        headline=_headline(report, marks),
        broken=report.broken,
        columns=columns,
        blocks=blocks,
        entries=tuple(Entry(letter, mark, lines) for (mark, lines), letter in entries.items()),
        bars=tuple(_bar(course, span) for course in report.courses) if span else (),
        span=(show_moment(span[0])[:16] + "Z", show_moment(span[1])[:16] + "Z") if span else None,
        notes=tuple(map(visible, report.notes)),
    )


def _headline(report: ExposureReport, marks: Sequence[Mark]) -> str:
    asked = visible(" ".join(f"'{spec}'" if " " in spec else spec for spec in report.specs))
    if report.courses:
        hit = sum(any(span.exposed for span in course.spans) for course in report.courses)
        what, count = "configuration", len(report.courses)
    else:
        hit, what, count = marks.count("exposed"), "configuration", len(marks)
    nouns = what if count == 1 else f"{what}s"
    if report.broken is None:
        return f"{asked}: {marks.count('solved')} of {len(marks)} {nouns} can be solved"
    if hit:
        when = " at some time" if report.courses else ""
        return f"{asked} gives the harmful combination in {hit} of {count} {nouns}{when}"
    if all(mark == "unsolvable" for mark in marks):
        return f"{asked} cannot be solved in any of {count} {nouns}"
    left = marks.count("unsolvable")
    beside = f" ({left} cannot be solved)" if left and not report.courses else ""
    return f"{asked} gives the harmful combination in none of {count} {nouns}{beside}"


def _shown_names(report: ExposureReport, names: Sequence[str]) -> frozenset[str]:
    from tailrace.conda.specs import parse_spec

    return frozenset(names) | {parse_spec(text).name for text in report.specs}


def _blocks(
    cells: Sequence[Cell],
    columns: Sequence[tuple[str, str]],
    names: frozenset[str],
    entries: dict[tuple[Mark, tuple[str, ...]], str],
) -> Iterator[Block]:
    places = list(dict.fromkeys((cell.as_of, cell.subdir) for cell in cells))
    for as_of, subdir in places:
        here = [cell for cell in cells if (cell.as_of, cell.subdir) == (as_of, subdir)]
        rows = []
        for channels in dict.fromkeys(cell.channels for cell in here):
            found = {
                (str(c.client), str(c.priority)): _square(c, names, entries) for c in here if c.channels == channels
            }
            rows.append(Row(visible(" > ".join(channels)), tuple(found.get(column) for column in columns)))
        yield Block(f"{subdir}, {moment_text(as_of)}", tuple(rows))


def moment_text(as_of: str | None) -> str:
    """A moment as a reader says it."""
    if as_of is None:
        return "now"
    return f"end of {as_of[:10]} UTC" if as_of.endswith("T23:59:59.999Z") else as_of


def _square(cell: Cell, names: frozenset[str], entries: dict[tuple[Mark, tuple[str, ...]], str]) -> Square:
    mark = mark_of(cell.status, cell.exposed)
    lines = tuple(
        map(visible, cell.explanation.splitlines() or ["no explanation"])
        if mark == "unsolvable"
        else (visible(text) for text in cell.packages if package_name(text) in names)
    )
    letter = entries.setdefault((mark, lines), _letter(len(entries)))
    return Square(mark, letter, cell.note)


def package_name(label: str) -> str:
    """`channel::name-version-build` → `name`."""
    return label.rpartition("::")[2].rsplit("-", 2)[0]


def _letter(number: int) -> str:
    more, place = divmod(number, 26)
    return (ascii_lowercase[more - 1] if more else "") + ascii_lowercase[place]


def _bar(course: Course, span: tuple[int, int]) -> Bar:
    begin, end = span
    whole = max(end - begin, 1)
    stretches = []
    for one in course.spans:
        low = begin if one.begin is None else parse_moment(one.begin)
        high = end if one.end is None else parse_moment(one.end)
        stretches.append(
            Stretch(mark_of(one.status, one.exposed), max(0.0, (low - begin) / whole), min(1.0, (high - begin) / whole))
        )
    place = visible(f"{' > '.join(course.channels)}, {course.subdir}")
    return Bar(place, course.client, course.priority, tuple(stretches), tuple(_events(course.spans)), course.complete)


def alike(bars: Iterable[Bar]) -> list[tuple[tuple[str, ...], Bar]]:
    """Configurations with the same course together: a line for each place with its priorities and clients, and one."""
    groups: dict[object, list[Bar]] = {}
    for bar in bars:
        groups.setdefault((bar.stretches, bar.events, bar.complete), []).append(bar)
    found = []
    for group in groups.values():
        places: dict[str, dict[str, list[str]]] = {}
        for bar in group:
            places.setdefault(bar.place, {}).setdefault(bar.priority, []).append(bar.client)
        lines = tuple(
            f"{place}: " + ", ".join(f"{priority} ({', '.join(clients)})" for priority, clients in rows.items())
            for place, rows in places.items()
        )
        found.append((lines, group[0]))
    return found


def _events(spans: Iterable[Span]) -> Iterator[tuple[Mark, str]]:
    for span in spans:
        mark = mark_of(span.status, span.exposed)
        if span.begin is None and span.end is None:
            yield mark, "all the time"
        elif span.begin is None:
            yield mark, f"until {span.end}"
        elif span.end is None:
            yield mark, f"since {span.begin}"
        else:
            yield mark, f"{span.begin} to {span.end}"
