"""The values of a scenario, as its `scenario.toml` gives them: facts only, never an answer of Tailrace.

Moments are texts as `parse_moment` reads them, UTC; a bare date means its last millisecond (`since`: its first).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.solvers import CLIENTS, FAMILIES, PRIORITIES, Client, Priority

Provenance = Literal["recorded", "reconstructed"]
Kind = Literal["plain", "harm", "help"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts have in common: an unknown key is a mistake."""


class Candidate(Part, frozen=True):
    """The release that did the harm, the one before it, and when it was tagged."""

    name: str
    version: str
    baseline: str
    tagged: str


class Recording(Part, frozen=True):
    """The recorded check report. `git`: repository → its public URL; `candidate`, `baseline`, `downstreams`:
    `REPOSITORY@REF[#subdirectory=…]`, so that the report can be made anew.
    """

    file: str
    recorded: str
    git: dict[str, str]
    candidate: str
    baseline: str
    downstreams: tuple[str, ...]


class FixedBuild(Part, frozen=True):
    """A build of a channel that somebody vouches for: `NAME VERSION NUMBER`."""

    build: str
    channel: str
    source: str


class Ask(Part, frozen=True):
    """What users asked for, and who they were."""

    specs: tuple[str, ...]
    who: str

    @property
    def text(self) -> str:
        """The specs as one would type them."""
        return " ".join(f"'{spec}'" if " " in spec else spec for spec in self.specs)


class GridPlan(Part, frozen=True):
    """Which cells are looked at. `orders`: highest priority first. `worst`: the moment of the proof."""

    orders: tuple[tuple[str, ...], ...]
    moments: tuple[str, ...]
    worst: str
    priorities: tuple[Priority, ...] = PRIORITIES
    clients: tuple[Client, ...] = FAMILIES

    def __post_init__(self) -> None:
        for client in self.clients:
            if client not in CLIENTS:
                raise ValueError(f"{client!r} is not one of the clients {', '.join(CLIENTS)}")


class Event(Part, frozen=True):
    """One line of the chronicle. `source`: a public address."""

    at: str
    event: str
    kind: Kind = "plain"
    source: str = ""


class WrittenHotfix(Part, frozen=True):
    """A hotfix as people wrote it, in force from `at` on. `corrects`: the file whose mistake it takes back."""

    channel: str
    at: str
    file: str
    title: str
    source: str
    corrects: str = ""


class MissedPlan(Part, frozen=True):
    """An environment made of `specs` before the harm, and what is asked of it after every channel was patched.

    `repair`: the spec that fixes it.
    """

    installed: str
    specs: tuple[str, ...]
    changed: str
    change: tuple[str, ...]
    repair: str


class GatePlan(Part, frozen=True):
    """`tandem`: packages that should go out together, the candidate's first. `calendars`: the countries of those who
    react, such as US or DE-BE.
    """

    tandem: tuple[str, ...]
    calendars: tuple[str, ...] = ("US",)


class Leaves(Part, frozen=True):
    """Stand-ins for what the records ask for besides: `NAME VERSION [BUILD]`. They depend on nothing."""

    channel: str
    timestamp: int
    packages: tuple[str, ...]


class FileRecord(Part, frozen=True):
    """One package file. Name, version and build are those of the file name. `timestamp`: ms since the epoch UTC."""

    channel: str
    subdir: str
    file: str
    timestamp: int
    provenance: Provenance
    source: str
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()


class Scenario(Part, frozen=True):
    """An incident as data. Format `tailrace.scenario/1`."""

    schema: Literal["tailrace.scenario/1"]
    title: str
    summary: str
    subdir: str
    since: str
    until: str
    broken: str
    candidate: Candidate
    report: Recording
    grid: GridPlan
    asks: tuple[Ask, ...]
    timeline: tuple[Event, ...]
    hotfixes: tuple[WrittenHotfix, ...]
    missed: MissedPlan
    gate: GatePlan
    leaves: Leaves
    records: tuple[FileRecord, ...]
    fixed: tuple[FixedBuild, ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that records are in, sorted."""
        return tuple(sorted({record.channel for record in self.records} | {self.leaves.channel}))


def split_file_name(file: str) -> tuple[str, str, str] | None:
    """`conda-4.13.0-py39_0.tar.bz2` → name, version, build; `None` for what is no package file."""
    stem = file.removesuffix(".tar.bz2").removesuffix(".conda")
    parts = stem.rsplit("-", 2)
    return (parts[0], parts[1], parts[2]) if stem != file and len(parts) == 3 and all(parts) else None
