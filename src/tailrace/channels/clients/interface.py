"""The question put to a client, and its answer. Values only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec

from tailrace.channels.records import Channel, Record

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


class History:
    """What one subdir of a channel showed over time: records by name, looked through only for the names that are
    asked for.
    """

    __slots__ = ("_add_pip", "_known", "_shown")

    def __init__(self, shown: Mapping[str, tuple[Record, ...]], add_pip: bool) -> None:
        self._shown = shown
        self._add_pip = add_pip
        self._known: dict[str, tuple[tuple[Record, ...], list[int], dict[int, tuple[Record, ...]]]] = {}

    def records(self, name: str, as_of: int | None) -> tuple[Record, ...]:
        """The records of one name at a moment (ms since the epoch UTC, `None`: now), none where there are none.

        The same object for moments between which nothing appeared.
        """
        known = self._known.get(name)
        if known is None:
            records = self._shown.get(name, ())
            if self._add_pip and name == "python":
                records = tuple(_with_pip(record) for record in records)
            dates = sorted(moment for record in records if (moment := record.appeared) is not None)
            known = self._known.setdefault(name, (records, dates, {len(dates): records}))
        records, dates, then = known
        if as_of is None:
            return records
        count = bisect_right(dates, as_of)
        found = then.get(count)
        if found is None:
            visible = tuple(r for r in records if (moment := r.appeared) is None or moment <= as_of)
            found = then.setdefault(count, visible)
        return found


def _with_pip(python: Record) -> Record:
    if not python.version.startswith(("2.", "3.")) or any(text.split(" ")[0] == "pip" for text in python.depends):
        return python
    return msgspec.structs.replace(python, depends=(*python.depends, "pip"))


@lru_cache(maxsize=512)
def history(channel: Channel, subdir: str, add_pip: bool) -> History:
    """One subdir of a channel over time, `pip` added to `python` where wanted."""
    return History(channel.of(subdir), add_pip)


def subdirs_of(problem: Problem) -> tuple[str, ...]:
    """The subdirs a client of that platform reads."""
    return (problem.subdir,) if problem.subdir == "noarch" else (problem.subdir, "noarch")
