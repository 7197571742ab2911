"""What every format shows of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from tailrace.incident.chronicle import Figures, chronicle, figures
from tailrace.incident.model import IncidentEvent, IncidentRecord
from tailrace.report.options import RenderOptions


@dataclass(frozen=True, slots=True)
class IncidentView:
    """A record with its chronicle: human and computed events in order."""

    record: IncidentRecord
    events: tuple[IncidentEvent, ...]
    figures: Figures


def view_incident(record: IncidentRecord, options: RenderOptions) -> IncidentView:
    """The record as it is shown."""
    return IncidentView(record, chronicle(record), figures(record))


def incident_document(record: IncidentRecord, options: RenderOptions) -> dict[str, Any]:
    """The JSON of a record: every field, and among `events` those that were computed."""
    whole = msgspec.structs.replace(record, events=chronicle(record))
    document: dict[str, Any] = _whole(whole)
    return document


def date_of(event: IncidentEvent) -> str:
    """`2022-05-26`, empty where no date is known."""
    return event.at[:10]


def time_of(event: IncidentEvent) -> str:
    """`23:09`, empty where no time is known."""
    return event.at[11:16] if len(event.at) > 10 else ""


def duration(minutes: int | None) -> str:
    """`2 h 5 min`, `3 d 4 h`, or `not known`."""
    if minutes is None:
        return "not known"
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{left} min" if left or not hours else "") if part
    )


def _whole(value: object) -> Any:
    """Structs as dicts with all their fields, also those that have their default."""
    if isinstance(value, msgspec.Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_whole(item) for item in value]
    return value
