"""The grid and the course over time: every configuration once, nothing unsolved called safe, every change found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_channels import channel, record

from tailrace.conda.records import Record
from tailrace.conda.timestamps import show_moment
from tailrace.exposure import timeline
from tailrace.exposure.grid import Configuration, Question, answer, expose, is_exposed, side_by_side
from tailrace.exposure.harmful import parse_broken
from tailrace.exposure.timeline import follow
from tailrace.solvers import CLIENTS, PRIORITIES, Client, Installed, Priority, Problem, solve

SCALE = 10**12
HI = channel("hi", record("up 1", when=1 * SCALE), record("down 1 0 | up", when=1 * SCALE))
LO = channel("lo", record("up 2", when=5 * SCALE), record("down 1 1 | up <2", when=7 * SCALE))
BROKEN = parse_broken("up >=2 & down 1 *0")


def question(**more: Any) -> Question:
    return Question(("down",), ((HI, LO), (LO, HI)), broken=BROKEN, virtual="none", **more)


def test_every_configuration_is_one_cell() -> None:
    report = expose(question(subdirs=("linux-64", "win-64"), moments=(2 * SCALE, None)))
    keys = [(c.client, c.priority, c.channels, c.subdir, c.as_of) for c in report.cells]
    assert len(keys) == len(set(keys)) == 2 * 2 * 3 * 2 * 2
    assert {cell.as_of for cell in report.cells} == {None, show_moment(2 * SCALE)}
    assert report.specs == ("down",)
    assert report.broken == "up >=2 & down 1 *0"


@pytest.mark.parametrize(
    ("specs", "broken", "status", "exposed"),
    [
        (("down 1 0", "up >=2"), BROKEN, "solved", True),
        (("down 1 0", "up <2"), BROKEN, "solved", False),
        (("down 1 0", "up >=9"), BROKEN, "unsolvable", None),
        (("down 1 0", "up >=2"), None, "solved", None),
    ],
)
def test_what_could_not_be_solved_is_neither_safe_nor_exposed(
    specs: tuple[str, ...], broken: Any, status: str, exposed: bool | None
) -> None:
    report = expose(Question(specs, ((HI, LO),), priorities=("flexible",), broken=broken, virtual="none"))
    assert [(cell.status, cell.exposed) for cell in report.cells] == [(status, exposed)] * 2
    assert all(bool(cell.explanation) == (status == "unsolvable") for cell in report.cells)
    assert report.exposed is bool(exposed)


def test_the_report_is_versioned_json_that_reads_back() -> None:
    report = expose(question(moments=(2 * SCALE,)))
    data = msgspec.json.encode(report)
    assert msgspec.json.decode(data)["schema"] == "tailrace.exposure/1"
    assert msgspec.json.decode(data, type=type(report)) == report
    assert msgspec.json.encode(expose(question(moments=(2 * SCALE,)))) == data


def test_a_name_that_no_channel_has_is_said_to_be_missing() -> None:
    mistaken = Question(("down",), ((HI, LO),), broken=parse_broken("upp >=2 & down"), virtual="none")
    assert any("'upp'" in note for note in expose(mistaken).notes)
    assert not any("'up'" in note for note in expose(question()).notes)


def test_a_platform_that_a_channel_lacks_is_said_to_be_missing() -> None:
    asked = Question(("down",), ((HI,),), subdirs=("osx-64",), virtual="none")
    assert "Channel hi has nothing for osx-64: only its noarch packages were looked at." in expose(asked).notes
    full = Question(("a",), ((channel("c", record("a 1"), subdir="osx-64"),),), subdirs=("osx-64",), virtual="none")
    assert not any("osx-64" in note for note in expose(full).notes)


def test_records_without_a_timestamp_are_counted_aloud() -> None:
    undated = channel("u", record("a 1", when=None))
    dated = Question(("a",), ((undated,),), moments=(SCALE,), virtual="none")
    assert any("1 records carry no timestamp" in note for note in expose(dated).notes)
    assert not any("timestamp" in note for note in expose(Question(("a",), ((undated,),), virtual="none")).notes)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("priority", "spans"),
    [
        ("strict", [(None, None, False)]),
        ("flexible", [(None, None, False)]),
        ("disabled", [(None, 5, False), (5, 7, True), (7, None, False)]),
    ],
)
def test_exposure_begins_and_ends_where_a_record_appears(client: Client, priority: Priority, spans: list[Any]) -> None:
    found = channel("lo", record("up 2", when=5 * SCALE), record("down 2 1 | up", when=7 * SCALE))
    asked = Question(
        ("down",), ((HI, found),), priorities=(priority,), clients=(client,), broken=BROKEN, virtual="none"
    )
    (course,) = follow(asked, 2 * SCALE, 9 * SCALE).courses
    shown = [
        (begin and show_moment(begin * SCALE), end and show_moment(end * SCALE), exposed)
        for begin, end, exposed in spans
    ]
    assert [(span.begin, span.end, span.exposed) for span in course.spans] == shown


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from(PRIORITIES), st.sampled_from(CLIENTS))
def test_halving_finds_what_looking_at_every_moment_finds(
    data: st.DataObject, priority: Priority, client: Client
) -> None:
    moments = data.draw(st.permutations(range(1, 13)))
    versions = iter(moments)
    lines = [f"up {number} 0" for number in range(1, 7)]
    lines += [f"down {number} 0 | up <{number + 2}" for number in range(1, 7)]
    made = [record(line, when=next(versions) * SCALE) for line in lines]
    split = data.draw(st.integers(0, 12))
    channels = (channel("hi", *made[:split]), channel("lo", *made[split:]))
    asked = Question(
        ("down",),
        (channels,),
        priorities=(priority,),
        clients=(client,),
        broken=parse_broken("up >=4 & down <4"),
        virtual="none",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "FEW", 0)
        (course,) = follow(asked, 0, 20 * SCALE).courses
    assert not course.complete
    configuration = Configuration(client, priority, channels, "linux-64")
    every = [answer(asked, configuration, moment * SCALE) for moment in range(13)]
    kinds = [(solution.status, is_exposed(solution, asked.broken)) for solution in every]
    begins = [0] + [place for place, (one, two) in enumerate(pairwise(kinds), 1) if one != two]
    assert [span.begin for span in course.spans] == [show_moment(place * SCALE) if place else None for place in begins]
    assert [(span.status, span.exposed) for span in course.spans] == [kinds[place] for place in begins]


def installed(line: str, requested: str | None = None) -> Installed:
    found = next(iter(channel("c", line).records()))
    return Installed(found, "file:///c", requested)


@pytest.mark.parametrize(
    ("client", "specs", "expected"),
    [
        # The environment says `up`, the channel `up <2`: one family believes the channel, the other the environment.
        ("conda", ("up >=2",), None),
        ("mamba", ("up >=2",), ("c::down-1-0", "c::up-2-0")),
        # Nothing is touched that need not be.
        ("conda", ("new",), ("c::down-1-0", "c::new-1-0", "c::up-1-0")),
        ("mamba", ("new",), ("c::down-1-0", "c::new-1-0", "c::up-1-0")),
    ],
)
def test_a_client_that_believes_an_unpatched_environment_breaks_it(
    client: Client, specs: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    patched = channel("c", "up 1", "up 1.5", "up 2", "down 1 0 | up <2", "new 1")
    before = (installed("down 1 0 | up", "down"), installed("up 1"))
    solution = solve(Problem(specs, (patched,), installed=before, add_pip=False), client, "strict")
    if client == "mamba":
        # What is installed and not asked for stays only as far as something asks for it.
        solution = solve(Problem((*specs, "down"), (patched,), installed=before, add_pip=False), client, "strict")
    assert (solution.packages or None) == expected


def test_a_record_is_a_value() -> None:
    one: Record = next(iter(HI.records()))
    with pytest.raises(AttributeError):
        one.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("failing", [0, 3, 5])
def test_the_first_failure_ends_the_work_of_all_threads(failing: int) -> None:
    clients: list[Client] = ["conda", "mamba"] * 3
    endless = threading.Event()

    def work(place: int, go_on: Callable[[], None]) -> int:
        if place == failing:
            raise ZeroDivisionError(place)
        if place % 2 != failing % 2:
            while not endless.wait(0.01):  # only the failure of the other thread ends this
                go_on()
        return place

    with pytest.raises(ZeroDivisionError):
        side_by_side(clients, work)


def test_every_place_gets_its_own_answer_whoever_works_on_it() -> None:
    clients: list[Client] = ["mamba", "conda", "conda", "mamba", "mamba"]
    assert side_by_side(clients, lambda place, go_on: place * 10) == [0, 10, 20, 30, 40]
    assert side_by_side(["mamba"], lambda place, go_on: place) == [0]
    assert side_by_side([], lambda place, go_on: place) == []
