"""What channels show of an incident: windows of exposure, and the proof of a hotfix, as `exposure` answers."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tailrace.conda.timestamps import show_moment
from tailrace.exposure.grid import ExposureReport
from tailrace.hotfix.prove import HotfixProof
from tailrace.incident.errors import IncidentError
from tailrace.incident.model import IncidentEvent, IncidentRecord, Mitigation, Window
from tailrace.replay.load import load_incident, load_scenario
from tailrace.replay.play import Play


def windows_of(report: ExposureReport) -> tuple[Window, ...]:
    """The spans of an exposure report in which a configuration got the harmful combination."""
    if report.broken is None:
        raise IncidentError(
            "the exposure report does not say what is harmful.", hint="Make it with --broken, --since and --until."
        )
    if not report.courses:
        raise IncidentError(
            "the exposure report holds single moments.", hint="Make it with --since and --until, for a time."
        )
    return tuple(
        Window(
            ask=" ".join(report.specs),
            client=course.client,
            priority=course.priority,
            channels=course.channels,
            subdir=course.subdir,
            begin=_short(span.begin),
            end=_short(span.end),
            packages=span.packages,
        )
        for course in report.courses
        for span in course.spans
        if span.exposed
    )


def windows_of_scenario(name: str) -> tuple[Window, ...]:
    """The same for everything that a scenario of `tailrace replay` asks, with the hotfixes of each day."""
    play = Play(load_incident(name))
    found: list[Window] = []
    for ask in play.scenario.asks:
        for (channels, priority, client), stretches in play.courses[ask.specs].items():
            found += [
                Window(
                    ask=ask.text,
                    client=client,
                    priority=priority,
                    channels=channels,
                    subdir=play.scenario.subdir,
                    begin="" if stretch.begin is None else _short(show_moment(stretch.begin)),
                    end="" if stretch.end is None else _short(show_moment(stretch.end)),
                )
                for stretch in stretches
                if stretch.state == "exposed"
            ]
    return tuple(found)


def with_windows(record: IncidentRecord, windows: Iterable[Window]) -> IncidentRecord:
    """The record with these windows in place of those of the same asks."""
    new = tuple(windows)
    asks = {window.ask for window in new}
    kept = tuple(window for window in record.windows if window.ask not in asks)
    ordered = sorted((*kept, *new), key=lambda w: (w.begin, w.ask, w.channels, w.priority, w.client, w.subdir))
    return msgspec.structs.replace(record, windows=tuple(ordered))


def with_proof(record: IncidentRecord, proof: HotfixProof, what: str, hash: str) -> IncidentRecord:
    """The record with a hotfix that was proved; one that leaves anybody exposed stays planned."""
    mitigation = Mitigation(what=what, state="verified" if proof.verdict == "proven" else "planned", proof=hash)
    kept = tuple(one for one in record.mitigations if one.proof != hash)
    return msgspec.structs.replace(record, mitigations=(*kept, mitigation))


def with_scenario(record: IncidentRecord, name: str) -> IncidentRecord:
    """The record with the facts of a scenario; its own title and events come first."""
    scenario = load_scenario(name)
    known = {(event.at, event.event) for event in record.events}
    events = tuple(
        IncidentEvent(at=event.at, event=event.event, kind=event.kind, link=event.source)
        for event in scenario.timeline
        if (event.at, event.event) not in known
    )
    return msgspec.structs.replace(
        record,
        summary=record.summary or scenario.summary.strip(),
        events=(*record.events, *events),
        channels=record.channels or scenario.channels,
        subdir=scenario.subdir,
        since=scenario.since,
        until=scenario.until,
        broken=scenario.broken,
        candidate=scenario.candidate,
        report=scenario.report,
        grid=scenario.grid,
        asks=scenario.asks,
        hotfixes=scenario.hotfixes,
        missed=scenario.missed,
        gate=scenario.gate,
        leaves=scenario.leaves,
        records=scenario.records,
        fixed=scenario.fixed,
    )


def _short(moment: str | None) -> str:
    """Without seconds where there are none."""
    if moment is None:
        return ""
    return moment.replace(":00Z", "Z") if moment.endswith(":00Z") and moment.count(":") == 2 else moment
