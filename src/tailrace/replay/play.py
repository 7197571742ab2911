"""Computes the answers of an incident: who gets what at any moment, the derived hotfix, the courses. Renders
nothing.

Every answer is worked out once, when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from tailrace.conda.timestamps import parse_moment
from tailrace.exposure.grid import Cell, Question, expose
from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix.suggest import Suggestion, parse_fixed, suggest
from tailrace.model import CheckReport, DownstreamReport
from tailrace.replay.load import Incident
from tailrace.replay.view import State
from tailrace.replay.world import Channels, IncidentChannels, filter_records, order_channels, patch_channels, time_span
from tailrace.solvers import Client, Priority

#: Channels (highest priority first), priority, client.
Configuration = tuple[tuple[str, ...], Priority, Client]
Cells = Mapping[Configuration, Cell]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a moment (ms since the epoch UTC) up to the next one, one state held; `None` for the end of what is
    looked at.
    """

    state: State
    begin: int | None
    end: int | None


def state_of(cell: Cell) -> State:
    """A cell in one word."""
    return "unsolvable" if cell.status == "unsolvable" else "exposed" if cell.exposed else "safe"


class Play:
    """An incident being replayed."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident
        self.scenario = incident.scenario
        self.world = IncidentChannels(incident)
        self.broken = parse_broken(self.scenario.broken)
        self._cells: dict[tuple[tuple[str, ...], int, int], tuple[Channels, Cells]] = {}

    def cells(self, specs: tuple[str, ...], moment: int, channels: Channels) -> Cells:
        """Every configuration of the grid, at a moment, from these channels."""
        key = (specs, moment, id(channels))
        # The channels are kept beside the answer, so that no other object can come to have their id.
        if key not in self._cells:
            grid = self.scenario.grid
            report = expose(
                Question(
                    specs,
                    tuple(order_channels(channels, order) for order in grid.orders),
                    priorities=grid.priorities,
                    clients=grid.clients,
                    subdirs=(self.scenario.subdir,),
                    moments=(moment,),
                    broken=self.broken,
                    virtual="none",
                )
            )
            self._cells[key] = channels, {(c.channels, c.priority, c.client): c for c in report.cells}
        return self._cells[key][1]

    def course(self, specs: tuple[str, ...]) -> Mapping[Configuration, tuple[Stretch, ...]]:
        """Each configuration from `since` to `until`, with the hotfixes as they came into force."""
        low, _ = time_span(self.scenario)
        moments = (low, *self.world.changes())
        answers = [self.cells(specs, moment, self.world.on(moment)) for moment in moments]
        made: dict[Configuration, tuple[Stretch, ...]] = {}
        for configuration in answers[0]:
            states = [state_of(cells[configuration]) for cells in answers]
            starts = [n for n, state in enumerate(states) if n == 0 or state != states[n - 1]]
            ends = [*starts[1:], None]
            made[configuration] = tuple(
                Stretch(
                    states[start],
                    moments[start] if start else None,
                    moments[end] if end is not None else None,
                )
                for start, end in zip(starts, ends, strict=True)
            )
        return made

    @cached_property
    def courses(self) -> Mapping[tuple[str, ...], Mapping[Configuration, tuple[Stretch, ...]]]:
        """The courses of all asks."""
        return {ask.specs: self.course(ask.specs) for ask in self.scenario.asks}

    @cached_property
    def first_harm(self) -> int | None:
        """The first moment at which anyone got the harmful combination; `None` when no one did."""
        low, _ = time_span(self.scenario)
        moments = [
            low if stretch.begin is None else stretch.begin
            for course in self.courses.values()
            for stretches in course.values()
            for stretch in stretches
            if stretch.state == "exposed"
        ]
        return min(moments, default=None)

    @cached_property
    def derived(self) -> Mapping[str, Suggestion]:
        """The hotfix for each channel, from the recorded report, its records and what is known to be repaired."""
        return self._derive(self.incident.report, None)

    @cached_property
    def derived_early(self) -> Mapping[str, Suggestion]:
        """The same with what there was just before the first harm."""
        moment = (self.first_harm or parse_moment(self.scenario.candidate.tagged)) - 1
        report = self.incident.report
        known = tuple(d for d in report.downstreams if self.existed(d.name, d.version, moment))
        return self._derive(_only(report, known), moment)

    def existed(self, name: str, version: str, moment: int) -> bool:
        """Whether any channel had that release at the moment."""
        return any(
            record.name == name and record.version == version and (record.appeared or 0) <= moment
            for channel in self.world.bare.values()
            for record in channel.records()
        )

    def _derive(self, report: CheckReport, moment: int | None) -> Mapping[str, Suggestion]:
        """`moment`: only what there was by then, with nobody to vouch for anything; `None` for all that is known."""
        made: dict[str, Suggestion] = {}
        for name, channel in self.world.bare.items():
            names = {record.name for record in channel.records()}
            about = tuple(d for d in report.downstreams if d.name in names)
            if not about:
                continue
            shown = (
                channel if moment is None else filter_records(channel, lambda record: (record.appeared or 0) <= moment)
            )
            fixed = [f.build for f in self.scenario.fixed if f.channel == name and moment is None]
            reports = [(self.scenario.report.file, _only(report, about))]
            made[name] = suggest(reports, [shown], fixed=[parse_fixed(text) for text in fixed])
        return made

    @cached_property
    def healed(self) -> Channels:
        """The channels with the derived hotfixes and no others."""
        return patch_channels(self.world.bare, {name: made.documents for name, made in self.derived.items()})

    @property
    def breaking(self) -> tuple[DownstreamReport, ...]:
        """The downstreams that break."""
        return tuple(d for d in self.incident.report.downstreams if d.status == "breaks")


def _only(report: CheckReport, downstreams: tuple[DownstreamReport, ...]) -> CheckReport:
    return msgspec.structs.replace(report, downstreams=downstreams)
