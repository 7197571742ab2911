"""Computes the moments at which the answer of each configuration changes within a span of time. Never goes day by
day.

An answer can only change when a record appears that the specs can reach, or hotfixes change, so only those moments are
candidates. With
few of them all are looked at. With many, a stretch whose two ends agree on the packages that matter (those of the
harmful combination, or else the requested ones) is taken to agree throughout: clients rank environments, and one
that is still the best when more has appeared was the best before. Strict priority can break that rule, when a name
appears in a higher channel and shuts out a lower one; the moments at which that happens are always looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from tailrace.conda.specs import parse_spec
from tailrace.conda.timestamps import show_moment
from tailrace.exposure.grid import (
    Configuration,
    Course,
    ExposureReport,
    Question,
    Span,
    Tell,
    answer,
    configurations,
    is_exposed,
    notes_on,
    side_by_side,
)
from tailrace.solvers import CLIENT_MODELS, Problem, Solution
from tailrace.solvers.classic.universe import universe_of

#: Up to so many moments are looked at one by one.
FEW = 40


def follow(question: Question, since: int, until: int, tell: Tell | None = None) -> ExposureReport:
    """Every configuration's course from `since` to `until` (ms since the epoch UTC, both included)."""
    order = list(configurations(question))

    def work(place: int, go_on: Callable[[], None]) -> Course:
        def told(text: str) -> None:
            go_on()
            if tell is not None:
                tell(text)

        return _course(question, order[place], since, until, told)

    courses = side_by_side([configuration.client for configuration in order], work)
    return ExposureReport(
        specs=question.specs,
        broken=question.broken.text if question.broken else None,
        courses=tuple(courses),
        notes=tuple(notes_on(question, past=True)),
    )


def change_points(
    question: Question, configuration: Configuration, since: int, until: int
) -> tuple[list[int], set[int]]:
    """The moments in (since, until] at which a reachable record appeared, sorted; and those at which a channel first
    got a name.
    """
    problem = Problem(question.specs, configuration.channels, configuration.subdir, add_pip=question.add_pip)
    universe, _ = universe_of(problem, modern=CLIENT_MODELS[configuration.client].engine != "classic")
    moments: set[int] = set()
    firsts: set[int] = set()
    names = [parse_spec(text).name for text in question.specs] + [package.record.name for package in question.installed]
    for name in universe.reachable(names):
        group = universe.group(name)
        first: dict[int, int] = {}
        for record, channel in zip(group.records, group.channels, strict=True):
            moment = record.appeared
            moment = since if moment is None else moment
            first[channel] = min(moment, first.get(channel, moment))
            if since < moment <= until:
                moments.add(moment)
        if len(first) > 1:
            firsts.update(moment for moment in first.values() if since < moment <= until)
    changes = {moment for moment in (question.hotfixes.moments if question.hotfixes else ()) if since < moment <= until}
    # A hotfix changes records without any appearing, so its moment is looked at, and the one before it.
    return sorted(moments | changes), firsts | changes


def _course(question: Question, configuration: Configuration, since: int, until: int, tell: Tell) -> Course:
    points, firsts = change_points(question, configuration, since, until)
    moments = [since, *points]

    @cache
    def at(place: int) -> Solution:
        solution = answer(question, configuration, moments[place])
        tell(f"{show_moment(moments[place])[:10]} {configuration}")
        return solution

    def key(place: int) -> Hashable:
        return _key(question, at(place))

    complete = len(moments) <= FEW
    if complete:
        looked = list(range(len(moments)))
    else:
        fixed = sorted({0, len(moments) - 1} | {place for place, moment in enumerate(moments) if moment in firsts})
        if configuration.priority == "strict" or question.hotfixes is not None:
            fixed = sorted({*fixed, *(place - 1 for place in fixed if place)})
        looked = sorted({place for low, high in pairwise(fixed) for place in _halve(key, low, high)} | set(fixed))
    return Course(
        client=configuration.client,
        priority=configuration.priority,
        channels=configuration.shown,
        subdir=configuration.subdir,
        spans=tuple(_spans(question, moments, looked, at)),
        complete=complete,
    )


def _key(question: Question, solution: Solution) -> Hashable:
    """What makes two answers one kind of answer to this question."""
    names = question.broken.names if question.broken else tuple(parse_spec(text).name for text in question.specs)
    return solution.status, tuple(record.label for record in solution.records if record.name in names)


def _halve(key: Callable[[int], Hashable], low: int, high: int) -> Iterator[int]:
    """The places from `low` to `high` at which the answer must be known, so that every change lies between
    neighbours.
    """
    waiting = [(low, high)]
    while waiting:
        low, high = waiting.pop()
        yield low
        yield high
        if high - low > 1 and key(low) != key(high):
            middle = (low + high) // 2
            waiting += [(low, middle), (middle, high)]


def _spans(
    question: Question, moments: Sequence[int], looked: Sequence[int], at: Callable[[int], Solution]
) -> Iterator[Span]:
    """Neighbouring places with the same status and exposure (or, where nothing is harmful, the same packages)
    joined.
    """
    begins: list[tuple[int, Solution, bool | None]] = []
    last: Hashable = None
    for place in looked:
        solution = at(place)
        exposed = is_exposed(solution, question.broken)
        this: Hashable = (solution.status, exposed) if question.broken else _key(question, solution)
        if this != last:
            begins.append((place, solution, exposed))
        last = this
    for number, (place, solution, exposed) in enumerate(begins):
        yield Span(
            begin=show_moment(moments[place]) if place else None,
            end=show_moment(moments[begins[number + 1][0]]) if number + 1 < len(begins) else None,
            status=solution.status,
            exposed=exposed,
            packages=solution.packages,
        )
