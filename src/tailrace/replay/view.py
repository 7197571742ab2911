"""The whole replay as frozen values: what is shown, in the order of showing. Knows no format's markup, solves nothing.

Format `tailrace.replay/1`; fields are only ever added. Moments are ISO 8601 UTC. `tone` says how a thing is to be read:
`good`, `bad`, `warn`, `plain`, `quiet`; no tone says anything that the words do not.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.solvers import Client, Priority

Tone = Literal["good", "bad", "warn", "plain", "quiet"]
State = Literal["safe", "exposed", "unsolvable"]
StepId = Literal["check", "exposure", "hotfix", "proof", "missed", "aftermath", "gate"]


class Block(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One piece of a step."""


class Prose(Block, frozen=True, tag="prose"):
    """A paragraph."""

    text: str
    tone: Tone = "plain"


class Points(Block, frozen=True, tag="points"):
    """Sentences under a heading, each with its tone."""

    title: str
    points: tuple[tuple[Tone, str], ...]


class Command(Block, frozen=True, tag="command"):
    """Something to type."""

    title: str
    command: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One broken use, from the recorded report. `place`: `file:line`."""

    rule: str
    confidence: str
    symbol: str
    place: str
    inside: str
    scope: str
    message: str
    source: str
    fix: str | None


class Downstream(msgspec.Struct, frozen=True, kw_only=True):
    """One downstream of the recorded report, with the findings that count as a break."""

    name: str
    version: str
    status: str
    tone: Tone
    findings: tuple[Finding, ...] = ()


class Downstreams(Block, frozen=True, tag="downstreams"):
    """Everything that was checked; `recorded`: the day of the recording."""

    recorded: str
    downstreams: tuple[Downstream, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one client family gives: the packages of the harmful combination, or why it gives nothing."""

    client: Client
    state: State
    packages: tuple[str, ...] = ()
    explanation: str = ""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration at one moment, for every client family."""

    answers: tuple[Answer, ...]

    @property
    def states(self) -> tuple[State, ...]:
        """The different states, each once."""
        return tuple(dict.fromkeys(answer.state for answer in self.answers))


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration; its cells are in the order of the grid's columns. `channels`: highest priority first."""

    channels: tuple[str, ...]
    priority: Priority
    cells: tuple[Cell, ...]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A moment. `hotfixes`: how many of the written ones were in force."""

    as_of: str
    label: str
    hotfixes: int


class Grid(Block, frozen=True, tag="grid"):
    """Who got what: one ask over configurations and moments."""

    ask: str
    who: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which one state held. `begin`, `end` (exclusive): null for outside of the time looked at; `from_`
    and `to` are places on the bar, 0 to 1.
    """

    state: State
    begin: str | None
    end: str | None
    low: float
    high: float


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """Configurations with the same course. `said`: the exposure in words."""

    configurations: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    said: str
    tone: Tone


class Courses(Block, frozen=True, tag="courses"):
    """One ask over time."""

    ask: str
    begin: str
    end: str
    courses: tuple[Course, ...]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the chronicle. `computed`: found out by the replay, not taken from the scenario."""

    at: str
    text: str
    tone: Tone
    computed: bool = False
    source: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A patch document to be read."""

    title: str
    text: str


class Documents(Block, frozen=True, tag="documents"):
    """What was derived beside what was written by hand."""

    channel: str
    derived: Document
    written: Document


class Table(Block, frozen=True, tag="table"):
    """Anything with rows; the first cell of a row is its heading."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[Tone, str], ...], ...]


AnyBlock = Prose | Points | Command | Downstreams | Grid | Courses | Documents | Table


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `verdict`: one or two words; `headline`: the sentence that says it all. `recorded`: its facts are not
    computed now.
    """

    id: StepId
    title: str
    verdict: str
    tone: Tone
    headline: str
    blocks: tuple[AnyBlock, ...]
    recorded: bool = False


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """How many package records are of which origin, and those that could only be reconstructed, with the reason."""

    recorded: int
    reconstructed: tuple[tuple[str, str], ...]
    stand_ins: int


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The replay of an incident, step by step."""

    schema: Literal["tailrace.replay/1"] = "tailrace.replay/1"
    scenario: str
    title: str
    summary: str
    broken: str
    chronicle: tuple[Event, ...]
    steps: tuple[Step, ...]
    provenance: Provenance
