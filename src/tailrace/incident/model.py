"""The record of an incident, schema `tailrace.incident/1`: a superset of a replay's scenario.

Moments are texts in UTC, `2022-05-26T23:09Z`, or a date alone where no time is known, or empty where neither is.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.replay.scenario import (
    Ask,
    Candidate,
    FileRecord,
    FixedBuild,
    GatePlan,
    GridPlan,
    Leaves,
    MissedPlan,
    Recording,
    WrittenHotfix,
)

FILE = "incident.toml"
EventKind = Literal["plain", "harm", "help", "detect"]
MitigationState = Literal["planned", "merged", "released", "verified"]
ActionKind = Literal["prevent", "detect", "mitigate"]
EVENT_KINDS: tuple[EventKind, ...] = ("plain", "harm", "help", "detect")
MITIGATION_STATES: tuple[MitigationState, ...] = ("planned", "merged", "released", "verified")
ACTION_KINDS: tuple[ActionKind, ...] = ("prevent", "detect", "mitigate")
DisorderKind = Literal[
    "row-out-of-order",
    "row-without-time",
    "row-without-date",
    "cell-missing",
    "cell-too-many",
    "gap",
    "number-missing",
    "number-repeated",
    "link-broken",
    "section-missing",
]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts have in common: an unknown key is a mistake."""


class IncidentEvent(Part, frozen=True, kw_only=True):
    """One line of the chronicle. `source`: where it is known from; `link`: a public address. `by`: who wrote it down.

    `row`: the row of the imported table, from 1. `cells`: the row as it was written, where it says more than the
    other fields do.
    """

    at: str = ""
    event: str
    kind: EventKind = "plain"
    source: str = ""
    link: str = ""
    by: Literal["human", "computed"] = "human"
    row: int = 0
    cells: tuple[str, ...] = ()


class Window(Part, frozen=True, kw_only=True):
    """From when to when one configuration got the harmful combination. `end` is empty while it still does."""

    ask: str
    client: str
    priority: str
    channels: tuple[str, ...]
    subdir: str
    begin: str
    end: str = ""
    packages: tuple[str, ...] = ()


class Mitigation(Part, frozen=True, kw_only=True):
    """What contains or repairs the harm. `proof`: the hash, or the file, of what shows that it does."""

    what: str
    state: MitigationState = "planned"
    at: str = ""
    owner: str = ""
    link: str = ""
    proof: str = ""


class ActionItem(Part, frozen=True, kw_only=True):
    """What is to be done so that it does not happen again. `due`: a date; `link`: where it is tracked."""

    what: str
    kind: ActionKind = "prevent"
    owner: str = ""
    due: str = ""
    state: Literal["open", "done"] = "open"
    link: str = ""


class Section(Part, frozen=True, kw_only=True):
    """A section of the text, in Markdown, as it was written. `level`: of its heading, 2 for `##`."""

    title: str
    text: str = ""
    level: int = 2


class Disorder(Part, frozen=True, kw_only=True):
    """What is wrong with an imported text. `line`: of the file, from 1. Nothing was left out because of it."""

    kind: DisorderKind
    message: str
    line: int = 0


class IncidentRecord(Part, frozen=True, kw_only=True):
    """One incident. The fields from `subdir` on are those of a scenario of `tailrace replay`, and all optional.

    `affected`: specs of the versions that did harm or were harmed. `state`: `open` until it is contained. `broken`: the
    harmful combination, as in `tailrace exposure --broken`. `channels`: highest priority first.
    """

    schema: Literal["tailrace.incident/1"] = "tailrace.incident/1"
    id: str
    title: str
    state: Literal["open", "contained", "closed"] = "open"
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    affected: tuple[str, ...] = ()
    opened_by: str = ""
    events: tuple[IncidentEvent, ...] = ()
    sections: tuple[Section, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    windows: tuple[Window, ...] = ()
    disorders: tuple[Disorder, ...] = ()
    channels: tuple[str, ...] = ()
    subdir: str = ""
    since: str = ""
    until: str = ""
    broken: str = ""
    candidate: Candidate | None = None
    report: Recording | None = None
    grid: GridPlan | None = None
    asks: tuple[Ask, ...] = ()
    timeline: tuple[IncidentEvent, ...] = ()
    hotfixes: tuple[WrittenHotfix, ...] = ()
    missed: MissedPlan | None = None
    gate: GatePlan | None = None
    leaves: Leaves | None = None
    records: tuple[FileRecord, ...] = ()
    fixed: tuple[FixedBuild, ...] = ()
