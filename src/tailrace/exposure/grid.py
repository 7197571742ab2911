"""Computes who gets a harmful combination, cell by cell: client × channels × priority × platform × day.

Never downloads and never prints. A cell that could not be solved is neither safe nor exposed: its `exposed` is null.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal, Protocol, TypeVar

import msgspec

from tailrace.conda.records import Channel
from tailrace.conda.timestamps import show_moment
from tailrace.conda.virtual_packages import virtual_packages
from tailrace.exposure.harmful import HarmfulCombination
from tailrace.outcome import CommandOutcome, HasOutcome
from tailrace.solvers import (
    CLIENT_MODELS,
    CLIENTS,
    FAMILIES,
    PRIORITIES,
    Client,
    Installed,
    Priority,
    Problem,
    Solution,
    Status,
    solve,
)

T = TypeVar("T")

#: Is told of each solve that is done, from any thread.
Tell = Callable[[str], None]

#: So many records of one channel that cannot be read are named.
REFUSED_SHOWN = 5

#: Threads that ask the mamba family's solver while another one is busy with conda's model.
HELPERS = 1


class Hotfixes(Protocol):
    """What is known of the hotfixes of some channels over time."""

    @property
    def names(self) -> frozenset[str]:
        """The channels it speaks of."""

    @property
    def moments(self) -> tuple[int, ...]:
        """When hotfixes change, ms since the epoch UTC."""

    def at(self, channel: Channel, moment: int | None) -> Channel:
        """The channel as it was served at a moment; the same object where nothing differs."""


class OtherAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A different answer that some of those who share a cell get. `who`: for whom, or when; a phrase."""

    who: str
    status: Status
    exposed: bool | None
    packages: tuple[str, ...] = ()


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration on one day. `channels`: highest priority first, by the last part of their path. `as_of`: ISO
    8601 UTC, null for now.

    `exposed`: whether the environment holds the harmful combination; null when there is no environment, or nothing
    was said to be harmful. `packages`: `channel::name-version-build`, sorted. `note`: how far the answer is that
    client's own. `others`: different answers that some of its users get; when one of them is harmful, so is the cell.
    """

    client: Client
    priority: Priority
    channels: tuple[str, ...]
    subdir: str
    as_of: str | None
    status: Status
    exposed: bool | None
    packages: tuple[str, ...] = ()
    explanation: str = ""
    note: str = ""
    others: tuple[OtherAnswer, ...] = ()


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which one configuration gave one kind of answer. `begin` is the moment of the record that changed
    it, null for "before the time looked at"; `end` likewise, exclusive, null for "still so". `packages`: what was
    given at its begin.
    """

    begin: str | None
    end: str | None
    status: Status
    exposed: bool | None
    packages: tuple[str, ...] = ()


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration over time; the spans touch each other. `complete`: every moment at which a record appeared
    was looked at.
    """

    client: Client
    priority: Priority
    channels: tuple[str, ...]
    subdir: str
    spans: tuple[Span, ...]
    complete: bool


class ExposureReport(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """Who gets which packages, for each configuration. Format `tailrace.exposure/1`; fields are only ever added."""

    schema: Literal["tailrace.exposure/1"] = "tailrace.exposure/1"
    specs: tuple[str, ...]
    broken: str | None = None
    cells: tuple[Cell, ...] = ()
    courses: tuple[Course, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exposed(self) -> bool:
        """Whether anybody gets the harmful combination."""
        return any(cell.exposed for cell in self.cells) or any(span.exposed for c in self.courses for span in c.spans)

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends."""
        return CommandOutcome.BREAKS if self.exposed else CommandOutcome.CLEAR


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the grid. `orders`: channel lists, highest priority first. `moments`: ms since the epoch UTC,
    `None` for now.

    `virtual`: `none`, `auto` or a list (see `virtual_packages`). `installed`: the environment that the specs are
    installed into, `pins` what it pins. `hotfixes`: for channels that are given without hotfixes, when which ones were
    in force.
    """

    specs: tuple[str, ...]
    orders: tuple[tuple[Channel, ...], ...]
    priorities: tuple[Priority, ...] = PRIORITIES
    clients: tuple[Client, ...] = FAMILIES
    subdirs: tuple[str, ...] = ("linux-64",)
    moments: tuple[int | None, ...] = (None,)
    broken: HarmfulCombination | None = None
    virtual: str = "auto"
    add_pip: bool = True
    installed: tuple[Installed, ...] = ()
    hotfixes: Hotfixes | None = None
    pins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """One column of the grid: everything but the day."""

    client: Client
    priority: Priority
    channels: tuple[Channel, ...]
    subdir: str

    def __str__(self) -> str:
        return f"{self.client} {self.priority}, {' > '.join(self.shown)}, {self.subdir}"

    @property
    def shown(self) -> tuple[str, ...]:
        """The channels' names."""
        return tuple(channel.name for channel in self.channels)


def configurations(question: Question) -> Iterator[Configuration]:
    """Every configuration, platform by platform (so that neighbours share what has been read of a platform)."""
    for subdir in question.subdirs:
        for order in question.orders:
            for priority in question.priorities:
                for client in question.clients:
                    yield Configuration(client, priority, order, subdir)


def answer(question: Question, configuration: Configuration, moment: int | None) -> Solution:
    """What one configuration gives at one moment."""
    channels = configuration.channels
    if question.hotfixes is not None:
        channels = tuple(question.hotfixes.at(channel, moment) for channel in channels)
    problem = Problem(
        specs=question.specs,
        channels=channels,
        subdir=configuration.subdir,
        as_of=moment,
        virtual_packages=virtual_packages(question.virtual, configuration.subdir),
        installed=question.installed,
        add_pip=question.add_pip,
        pins=question.pins,
    )
    return solve(problem, configuration.client, configuration.priority)


def is_exposed(solution: Solution, broken: HarmfulCombination | None) -> bool | None:
    """Whether the environment, or another one that users of the same cell get, holds the combination; None when there
    is no environment, or no combination.
    """
    if broken is None:
        return None
    if any(is_exposed(other.solution, broken) for other in solution.others):
        return True
    return broken.harmful(solution.records) if solution.status == "solved" else None


def expose(question: Question, tell: Tell | None = None) -> ExposureReport:
    """The grid, one cell for every configuration and moment."""
    order = [(moment, configuration) for moment in question.moments for configuration in configurations(question)]

    def work(place: int, go_on: Callable[[], None]) -> Cell:
        del go_on
        moment, configuration = order[place]
        cell = cell_of(configuration, moment, answer(question, configuration, moment), question.broken)
        if tell is not None:
            tell(str(configuration))
        return cell

    cells = side_by_side([configuration.client for _, configuration in order], work)
    return ExposureReport(
        specs=question.specs,
        broken=question.broken.text if question.broken else None,
        cells=tuple(cells),
        notes=tuple(notes_on(question, cells)),
    )


class StoppedError(Exception):
    """Work that was stopped before its end."""


def side_by_side(clients: Sequence[Client], work: Callable[[int, Callable[[], None]], T]) -> list[T]:
    """`work(place, go_on)` for every place, in the order of the places; `clients[place]` says whose solver it asks.

    The mamba family's solver runs outside the interpreter, so threads of their own put its answers on other cores;
    conda's model is Python, and a second thread would only be in its way. Places do not depend on one another, so
    neither does their result on the threads. The first failure, or an interruption, ends the work and is raised; long
    work calls `go_on` now and then, which ends it as well.
    """
    from concurrent.futures import ThreadPoolExecutor

    waiting = {client: deque(place for place, c in enumerate(clients) if c == client) for client in CLIENTS}
    found: dict[int, T] = {}
    stopped = Event()

    def go_on() -> None:
        if stopped.is_set():
            raise StoppedError

    def run(turn: tuple[Client, ...]) -> None:
        try:
            for client in turn:
                for place in _taken(waiting[client]):
                    go_on()
                    found[place] = work(place, go_on)
        except StoppedError:
            return
        except BaseException:
            stopped.set()
            raise

    modelled = tuple(client for client in CLIENTS if CLIENT_MODELS[client].engine == "classic")
    helper = tuple(client for client in CLIENTS if client not in modelled)
    turns: list[tuple[Client, ...]] = [(*modelled, *helper), *(helper for _ in range(HELPERS))]
    with ThreadPoolExecutor(len(turns)) as pool:
        running = [pool.submit(run, turn) for turn in turns]
        try:
            for one in running:
                one.result()
        except BaseException:
            stopped.set()
            raise
    return [found[place] for place in range(len(clients))]


def _taken(places: deque[int]) -> Iterator[int]:
    """The places, each given to one taker only."""
    while True:
        try:
            yield places.popleft()
        except IndexError:
            return


def cell_of(
    configuration: Configuration, moment: int | None, solution: Solution, broken: HarmfulCombination | None
) -> Cell:
    """One solution as a cell of the report."""
    return Cell(
        client=configuration.client,
        priority=configuration.priority,
        channels=configuration.shown,
        subdir=configuration.subdir,
        as_of=None if moment is None else show_moment(moment),
        status=solution.status,
        exposed=is_exposed(solution, broken),
        packages=solution.packages,
        explanation=solution.explanation,
        note=" ".join(filter(None, (solution.note, *(_said(other.who, other.solution) for other in solution.others)))),
        others=tuple(
            OtherAnswer(
                who=other.who,
                status=other.solution.status,
                exposed=is_exposed(other.solution, broken),
                packages=other.solution.packages,
            )
            for other in solution.others
        ),
    )


def _said(who: str, solution: Solution) -> str:
    given = ", ".join(solution.packages) or "no packages" if solution.status == "solved" else "no solution"
    return f"Differs for {who}: {given}."


def notes_on(question: Question, cells: Iterable[Cell] = (), *, past: bool = False) -> Iterator[str]:
    """What the reader should know of the whole answer; `past`: it speaks of days gone by, whatever its moments."""
    for channel in dict.fromkeys(channel for order in question.orders for channel in order):
        for subdir in question.subdirs:
            if subdir != "noarch" and not channel.of(subdir):
                yield f"Channel {channel.name} has nothing for {subdir}: only its noarch packages were looked at."
    if past or any(moment is not None for moment in question.moments):
        channels = {channel for order in question.orders for channel in order}
        undated = sum(record.appeared is None for channel in channels for record in channel.records())
        if undated:
            yield f"{undated} records carry no timestamp and are taken to have been there all along."
        given = question.hotfixes.names if question.hotfixes is not None else frozenset[str]()
        others = [name for name in dict.fromkeys(channel.name for channel in channels) if name not in given]
        if others:
            yield (
                f"The records of {', '.join(sorted(others))} are shown with today's hotfixes; "
                "--hotfixes CHANNEL=PATCHES@DATE names those of that day."
            )
    if question.broken is not None:
        missing = [
            name
            for name in question.broken.names
            if not any(
                channel.of(s).get(name) for o in question.orders for channel in o for s in (*question.subdirs, "noarch")
            )
        ]
        for name in missing:
            yield f"No channel has a package {name!r}: is the name in the harmful combination right?"
    if "mamba" in question.clients and not question.installed:
        yield (
            "The column mamba also stands for conda with its default solver, libmamba (since 23.10), and with its "
            "rattler solver, and for micromamba and pixi; the column conda is its classic solver."
        )
    if question.installed:
        shown = [f"{client} is {CLIENT_MODELS[client].title}" for client in question.clients]
        yield f"Clients change an existing environment each in its own way: {'; '.join(shown)}."
    for channel in dict.fromkeys(channel for order in question.orders for channel in order):
        wanted = {*question.subdirs, "noarch"}
        refused = [(subdir.name, one) for subdir in channel.subdirs if subdir.name in wanted for one in subdir.refused]
        for subdir_name, one in refused[:REFUSED_SHOWN]:
            yield (
                f"Channel {channel.name}: {one.file_name} in {subdir_name} cannot be read and was left out "
                f"({one.reason}); a client may still take it."
            )
        if len(refused) > REFUSED_SHOWN:
            yield f"Channel {channel.name}: {len(refused) - REFUSED_SHOWN} more records cannot be read."
    for who in dict.fromkeys(other.who for cell in cells for other in cell.others):
        yield f"Some cells give other packages for {who}; the cell's note has them."
    if any(cell.note for cell in cells):
        yield "Some cells carry a note: their client may give another environment."
