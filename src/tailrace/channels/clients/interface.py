"""The question put to a client, and its answer. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from tailrace.channels.records import Channel, Record, Subdir

Client = Literal["conda", "mamba"]
Priority = Literal["strict", "flexible", "disabled"]
Status = Literal["solved", "unsolvable"]

CLIENTS: tuple[Client, ...] = ("conda", "mamba")
PRIORITIES: tuple[Priority, ...] = ("strict", "flexible", "disabled")

#: `(name, version, build)`.
VirtualPackage = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Installed:
    """One package of an existing environment, as its `conda-meta` file describes it (which may be older than the
    channel's record).
    """

    record: Record
    channel_url: str
    requested: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What a user asks for, and what there is to choose from.

    `specs`: match specs in the order given. `channels`: highest priority first. `as_of`: ms since the epoch UTC;
    records that appeared later are not there yet, records without any timestamp always are. `subdirs`: besides
    `noarch`. `installed`: the environment that is changed, empty for a new one. `add_pip`: `pip` becomes a
    dependency of every `python`, as clients do by default.
    """

    specs: tuple[str, ...]
    channels: tuple[Channel, ...]
    subdir: str = "linux-64"
    as_of: int | None = None
    virtual_packages: tuple[VirtualPackage, ...] = ()
    installed: tuple[Installed, ...] = ()
    add_pip: bool = True


@dataclass(frozen=True, slots=True)
class Solution:
    """What the client does. `packages`: `channel::name-version-build`, sorted; empty when unsolvable.

    `explanation`: why it is unsolvable, else empty. `note`: how far the answer is that client's own (empty:
    exactly). `records`: the chosen records, in the order of `packages`.
    """

    status: Status
    packages: tuple[str, ...] = ()
    explanation: str = ""
    note: str = ""
    records: tuple[Record, ...] = ()


def solved(records: list[Record], note: str = "") -> Solution:
    """A solution from the chosen records."""
    ordered = tuple(sorted(records, key=lambda record: record.label))
    return Solution("solved", tuple(record.label for record in ordered), note=note, records=ordered)


def unsolvable(explanation: str, note: str = "") -> Solution:
    """No solution, and why."""
    return Solution("unsolvable", explanation=explanation, note=note)


@lru_cache(maxsize=64)
def visible(channel: Channel, subdir: str, as_of: int | None, add_pip: bool) -> Mapping[str, tuple[Record, ...]]:
    """The records by name that one subdir of a channel showed at a moment, `pip` added to `python` where wanted."""
    import msgspec

    found = channel.of(subdir)
    if as_of is not None:
        found = {
            name: kept
            for name, group in found.items()
            if (kept := tuple(r for r in group if (moment := r.appeared) is None or moment <= as_of))
        }
    if add_pip and "python" in found:
        pythons = tuple(
            msgspec.structs.replace(record, depends=(*record.depends, "pip"))
            if record.version.startswith(("2.", "3.")) and not any(d.split(" ")[0] == "pip" for d in record.depends)
            else record
            for record in found["python"]
        )
        found = {**found, "python": pythons}
    return found


def subdirs_of(problem: Problem) -> tuple[str, ...]:
    """The subdirs a client of that platform reads."""
    return (problem.subdir,) if problem.subdir == "noarch" else (problem.subdir, "noarch")


__all__ = [
    "CLIENTS",
    "PRIORITIES",
    "Any",
    "Channel",
    "Client",
    "Installed",
    "Priority",
    "Problem",
    "Record",
    "Solution",
    "Status",
    "Subdir",
    "VirtualPackage",
    "solved",
    "subdirs_of",
    "unsolvable",
    "visible",
]
