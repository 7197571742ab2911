"""Who got the harmful combination: every configuration on the days of the scenario, and from when to when."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.conda.timestamps import parse_moment, show_moment
from tailrace.exposure.grid import Cell
from tailrace.model.inert import visible
from tailrace.replay import view
from tailrace.replay.play import Configuration, Play, Stretch, state_of
from tailrace.replay.scenario import Ask
from tailrace.replay.words import count, length, short, when
from tailrace.replay.world import time_span
from tailrace.solvers import Priority


def step(play: Play) -> view.Step:
    """The step."""
    grids = tuple(grid(play, ask) for ask in play.scenario.asks)
    courses = tuple(_courses(play, ask) for ask in play.scenario.asks)
    configurations = {key for course in play.courses.values() for key in course}
    hit = {
        key
        for course in play.courses.values()
        for key, stretches in course.items()
        if any(stretch.state == "exposed" for stretch in stretches)
    }
    harm = [
        (stretch.begin or time_span(play.scenario)[0], stretch.end or time_span(play.scenario)[1])
        for course in play.courses.values()
        for stretches in course.values()
        for stretch in stretches
        if stretch.state == "exposed"
    ]
    if harm:
        begin, end = min(low for low, _ in harm), max(high for _, high in harm)
        headline = (
            f"From {when(begin)} to {when(end)} UTC, {length(end - begin)} in all, users of {len(hit)} of "
            f"{count(len(configurations), 'configuration')} got a pair that breaks."
        )
    else:
        headline = "Nobody got the harmful combination."
    return view.Step(
        id="exposure",
        title="Who gets it",
        verdict="exposed" if harm else "safe",
        tone="bad" if harm else "good",
        headline=headline,
        blocks=(
            view.Prose(text=f"Harmful together: {play.broken.text}", tone="quiet"),
            *(block for pair in zip(grids, courses, strict=True) for block in pair),
        ),
    )


def grid(play: Play, ask: Ask) -> view.Grid:
    """One ask over configurations and the scenario's moments, with the hotfixes of each."""
    moments = [parse_moment(text) for text in play.scenario.grid.moments]
    found = [play.cells(ask.specs, moment, play.world.on(moment)) for moment in moments]
    columns = tuple(
        view.Column(
            as_of=show_moment(moment),
            label=short(moment),
            hotfixes=sum(parse_moment(hotfix.at) <= moment for hotfix in play.scenario.hotfixes),
        )
        for moment in moments
    )
    plan = play.scenario.grid
    rows = tuple(
        view.Row(
            channels=order,
            priority=priority,
            cells=tuple(
                view.Cell(
                    answers=tuple(answer(play, cells[order, priority, client]) for client in plan.clients),
                )
                for cells in found
            ),
        )
        for order in plan.orders
        for priority in plan.priorities
    )
    return view.Grid(ask=ask.text, who=ask.who, columns=columns, rows=rows)


def answer(play: Play, cell: Cell) -> view.Answer:
    """One client's answer, with the packages that matter."""
    names = play.broken.names
    return view.Answer(
        client=cell.client,
        state=state_of(cell),
        packages=tuple(visible(text) for text in cell.packages if text.rpartition("::")[2].rsplit("-", 2)[0] in names),
        explanation=cell.explanation,
    )


def _courses(play: Play, ask: Ask) -> view.Courses:
    low, high = time_span(play.scenario)
    alike: dict[tuple[Stretch, ...], list[Configuration]] = {}
    for configuration, stretches in play.courses[ask.specs].items():
        alike.setdefault(stretches, []).append(configuration)
    courses = tuple(
        view.Course(
            configurations=tuple(named(play, configurations)),
            stretches=tuple(_stretch(stretch, low, high) for stretch in stretches),
            said=said(stretches),
            tone="bad" if any(stretch.state == "exposed" for stretch in stretches) else "good",
        )
        for stretches, configurations in sorted(alike.items(), key=lambda item: -_harm(item[0], high))
    )
    return view.Courses(ask=ask.text, begin=show_moment(low), end=show_moment(high), courses=courses)


def _harm(stretches: tuple[Stretch, ...], high: int) -> int:
    return sum((s.end or high) - (s.begin or 0) for s in stretches if s.state == "exposed")


def named(play: Play, configurations: Iterable[Configuration]) -> Iterable[str]:
    """Configurations in words, clients and priorities together where they agree."""
    plan = play.scenario.grid
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Priority]] = {}
    by_row: dict[tuple[tuple[str, ...], Priority], list[str]] = {}
    for order, priority, client in configurations:
        by_row.setdefault((order, priority), []).append(client)
    for (order, priority), clients in by_row.items():
        found.setdefault((order, tuple(clients)), []).append(priority)
    for (order, who), priorities in found.items():
        text = " > ".join(order)
        which = "every priority" if len(priorities) == len(plan.priorities) else ", ".join(priorities)
        only = "" if len(who) == len(plan.clients) else f" ({', '.join(who)} only)"
        yield f"{text}: {which}{only}"


def said(stretches: Iterable[Stretch]) -> str:
    """The exposure of a course in words."""
    parts = []
    for stretch in stretches:
        if stretch.state != "exposed":
            continue
        if stretch.begin is not None and stretch.end is not None:
            lasted = length(stretch.end - stretch.begin)
            parts.append(f"exposed {short(stretch.begin)} to {short(stretch.end)} ({lasted})")
        elif stretch.begin is not None:
            parts.append(f"exposed since {short(stretch.begin)}")
        else:
            parts.append("exposed from the first" + ("" if stretch.end is None else f" to {short(stretch.end)}"))
    return ", ".join(parts) or "never exposed"


def _stretch(stretch: Stretch, low: int, high: int) -> view.Stretch:
    begin = low if stretch.begin is None else stretch.begin
    end = high if stretch.end is None else stretch.end
    whole = max(high - low, 1)
    return view.Stretch(
        state=stretch.state,
        begin=None if stretch.begin is None else show_moment(stretch.begin),
        end=None if stretch.end is None else show_moment(stretch.end),
        low=round((begin - low) / whole, 4),
        high=round((end - low) / whole, 4),
    )
