"""Makes the view of a whole replay from the name of a scenario. Everything but recorded reports is worked out here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tailrace.conda.timestamps import parse_moment, show_moment
from tailrace.model.inert import visible
from tailrace.replay import view
from tailrace.replay.load import Incident, load_incident
from tailrace.replay.play import Play
from tailrace.replay.scenario import Kind
from tailrace.replay.steps import aftermath, check, exposure, gate, hotfix, missed, proof
from tailrace.replay.world import time_span

STEPS = (check.step, exposure.step, hotfix.step, proof.step, missed.step, aftermath.step, gate.step)
TONES: dict[Kind, view.Tone] = {"plain": "plain", "harm": "bad", "help": "good"}


def replay(name: str) -> view.Replay:
    """The replay of a scenario that comes with the program, or of one in a folder.

    Raises `UnknownScenarioError` and `ScenarioError`.
    """
    return replay_incident(load_incident(name))


def replay_incident(incident: Incident) -> view.Replay:
    """The replay of an incident that has been read."""
    play = Play(incident)
    scenario = incident.scenario
    made = view.Replay(
        scenario=incident.name,
        title=scenario.title,
        summary=" ".join(scenario.summary.split()),
        broken=play.broken.text,
        chronicle=tuple(sorted(_chronicle(play), key=lambda event: event.at)),
        steps=tuple(made for step in STEPS if (made := step(play)) is not None),
        provenance=view.Provenance(
            recorded=sum(record.provenance == "recorded" for record in scenario.records),
            reconstructed=tuple(
                (f"{record.channel}::{record.file}", record.source)
                for record in scenario.records
                if record.provenance == "reconstructed"
            ),
            stand_ins=len(scenario.leaves.packages),
        ),
    )
    return msgspec.convert(_harmless(msgspec.to_builtins(made)), view.Replay)


def _harmless(value: Any) -> Any:
    """Every text without what could move a cursor or hide something: a scenario may be anybody's."""
    match value:
        case str():
            return "\n".join(map(visible, value.split("\n")))
        case list() | tuple():
            return tuple(map(_harmless, value))
        case dict():
            return {key: _harmless(item) for key, item in value.items()}
        case _:
            return value


def _chronicle(play: Play) -> Iterator[view.Event]:
    """The scenario's events, and the moments at which the exposure is found to begin and to end."""
    for event in play.scenario.timeline:
        at = show_moment(parse_moment(event.at))
        yield view.Event(at=at, text=event.event, tone=TONES[event.kind], source=event.source)
    if play.first_harm is None:
        return
    yield view.Event(
        at=show_moment(play.first_harm), text="the first user gets a pair that breaks", tone="bad", computed=True
    )
    ends = [
        stretch.end
        for course in play.courses.values()
        for stretches in course.values()
        for stretch in stretches
        if stretch.state == "exposed"
    ]
    last = max((end for end in ends if end is not None), default=None)
    if last is not None and None not in ends and last <= time_span(play.scenario)[1]:
        yield view.Event(
            at=show_moment(last), text="the last new environment is safe again", tone="good", computed=True
        )
