"""The events of an incident in order: what people wrote down, and beside it what was computed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tailrace.incident.model import EventKind, IncidentEvent, IncidentRecord, Window

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """Times of an incident, in minutes; `None` where one end is not known.

    `to_detect`: from the first harm to the first report of it. `to_contain`: from the first harm to the end of the last
    window, or to the last event that helped. `exposed`: configurations that got the harmful combination.
    """

    first_harm: str = ""
    to_detect: int | None = None
    to_contain: int | None = None
    exposed: int = 0


def chronicle(record: IncidentRecord) -> tuple[IncidentEvent, ...]:
    """All events. One whose time is not known keeps its place after the row that it stood below."""
    keyed: list[tuple[str, int, int, IncidentEvent]] = []
    last = ""
    by_row = sorted(enumerate(record.events), key=lambda pair: (pair[1].row, pair[0]))
    followed: dict[int, str] = {}
    for _, event in by_row:
        last = event.at or last
        followed[id(event)] = last
    for number, event in enumerate(record.events):
        keyed.append((event.at or followed[id(event)], 0 if event.at else 1, number, event))
    for number, event in enumerate(computed_events(record)):
        keyed.append((event.at, 2, number, event))
    return tuple(event for _, _, _, event in sorted(keyed, key=lambda item: item[:3]))


def computed_events(record: IncidentRecord) -> Iterator[IncidentEvent]:
    """The first harmful pair, and each moment at which configurations begin or cease to get it."""
    begins: dict[str, list[Window]] = {}
    ends: dict[str, list[Window]] = {}
    for window in record.windows:
        begins.setdefault(window.begin, []).append(window)
        if window.end:
            ends.setdefault(window.end, []).append(window)
    dated = sorted(moment for moment in begins if moment)
    if dated:
        first = begins[dated[0]][0]
        packages = f": {', '.join(_short_package(p) for p in first.packages)}" if first.packages else ""
        yield _event(dated[0], f"the first harmful pair is installed, by {configuration(first)}{packages}", "harm")
    for moment in sorted({*begins, *ends}):
        if moment in begins:
            yield _event(moment, f"{_who(begins[moment])} to get the harmful combination", "harm")
        if moment in ends:
            yield _event(moment, f"{_who(ends[moment], begin=False)} to get it", "help")
    for one in record.mitigations:
        if one.proof and one.at:
            state = "is proved" if one.state == "verified" else "does not hold"
            yield _event(one.at, f"the hotfix {state}: {one.what}", "help" if one.state == "verified" else "plain")


def configuration(window: Window) -> str:
    """`mamba flexible, conda-forge > defaults`."""
    return f"{window.client} {window.priority}, {' > '.join(window.channels)}"


def figures(record: IncidentRecord) -> Figures:
    """How long it took."""
    events = [event for event in chronicle(record) if len(event.at) > 10]
    harm = next((event.at for event in events if event.kind == "harm"), "")
    if not harm:
        return Figures(exposed=len({configuration(w) for w in record.windows}))
    seen = next((event.at for event in events if event.kind == "detect" and event.at >= harm), "")
    ends = [window.end for window in record.windows]
    helped = [event.at for event in events if event.kind == "help" and event.by == "human"]
    last = max(ends) if ends and all(ends) else "" if ends else max(helped, default="")
    return Figures(
        first_harm=harm,
        to_detect=_minutes(harm, seen),
        to_contain=_minutes(harm, last),
        exposed=len({(w.ask, configuration(w)) for w in record.windows}),
    )


def _who(windows: list[Window], *, begin: bool = True) -> str:
    names = sorted({f"{window.ask}: {configuration(window)}" for window in windows})
    verb = ("begins" if begin else "ceases") if len(names) == 1 else ("begin" if begin else "cease")
    if len(names) == 1:
        return f"{names[0]} {verb}"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} configurations ({'; '.join(names[:_NAMED])}{more}) {verb}"


def _event(at: str, text: str, kind: EventKind) -> IncidentEvent:
    return IncidentEvent(at=at, event=text, kind=kind, by="computed")


def _short_package(package: str) -> str:
    return package.partition("::")[2] or package


def _minutes(first: str, last: str) -> int | None:
    try:
        begin, end = (datetime.fromisoformat(text).astimezone(UTC) for text in (first, last))
    except ValueError:
        return None
    return int((end - begin).total_seconds() // 60) if end >= begin else None
