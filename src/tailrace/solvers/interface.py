"""The question put to a client, and its answer. Values only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec

from tailrace.conda.records import Channel, Installed, Record, VirtualPackage

Client = Literal["conda", "conda-libmamba", "conda-rattler", "mamba", "pixi"]
Priority = Literal["strict", "flexible", "disabled"]
Status = Literal["solved", "unsolvable"]

PRIORITIES: tuple[Priority, ...] = ("strict", "flexible", "disabled")


@dataclass(frozen=True, slots=True)
class ClientFact:
    """What is known of a client. `title`: for people. `engine`: whose solver answers: conda's own (`classic`),
    `libsolv` or `rattler`. `keeps`: packages that are asked for by name stay as they are when they satisfy the request.
    `pins`: it honours `conda-meta/pinned` and `pinned_packages`. `holds_python`: the minor version of Python stays
    unless it is asked for.
    """

    title: str
    engine: Literal["classic", "libsolv", "rattler"]
    keeps: bool = False
    pins: bool = True
    holds_python: bool = True


#: Every client there is a model of. All other lists of clients are made from this one.
CLIENT_FACTS: dict[Client, ClientFact] = {
    "conda": ClientFact("conda (classic solver)", "classic"),
    "conda-libmamba": ClientFact("conda (libmamba solver, its default since 23.10)", "libsolv"),
    "conda-rattler": ClientFact("conda (rattler solver)", "rattler"),
    "mamba": ClientFact("mamba, micromamba", "libsolv", keeps=True),
    "pixi": ClientFact("pixi, rattler", "rattler", pins=False, holds_python=False),
}
CLIENTS: tuple[Client, ...] = tuple(CLIENT_FACTS)
#: One client of each family. In a new environment the others of a family give what this one gives, or the cell says so:
#: `mamba` stands for all but conda's classic solver.
FAMILIES: tuple[Client, ...] = ("conda", "mamba")


@dataclass(frozen=True, slots=True)
class Problem:
    """What a user asks for, and what there is to choose from.

    `specs`: match specs in the order given. `channels`: highest priority first. `as_of`: ms since the epoch UTC;
    records that appeared later are not there yet, records without any timestamp always are. `subdirs`: besides
    `noarch`. `installed`: the environment that is changed, empty for a new one. `add_pip`: `pip` becomes a
    dependency of every `python`, as clients do by default. `pins`: match specs that the environment's packages must
    meet, from `conda-meta/pinned` and `pinned_packages`; of two on one name the later counts.
    """

    specs: tuple[str, ...]
    channels: tuple[Channel, ...]
    subdir: str = "linux-64"
    as_of: int | None = None
    virtual_packages: tuple[VirtualPackage, ...] = ()
    installed: tuple[Installed, ...] = ()
    add_pip: bool = True
    pins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """What the client does. `packages`: `channel::name-version-build`, sorted; empty when unsolvable.

    `explanation`: why it is unsolvable, else empty. `note`: how far the answer is that client's own (empty:
    exactly). `records`: the chosen records, in the order of `packages`. `others`: different answers that a user of the
    same column may get.
    """

    status: Status
    packages: tuple[str, ...] = ()
    explanation: str = ""
    note: str = ""
    records: tuple[Record, ...] = ()
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    """An answer that differs. `who`: for whom, or when; a phrase."""

    who: str
    solution: Solution


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


def history(channel: Channel, subdir: str, add_pip: bool, *, modern: bool = False) -> History:
    """One subdir of a channel over time, `pip` added to `python` where wanted.

    `modern`: as rattler reads it, with the records of revision 3 (CEP 48) and without those whose file is listed as
    removed. conda's classic solver and libsolv do the opposite in both.
    """
    return _history(channel, subdir, add_pip, modern and not channel.is_plain)


@lru_cache(maxsize=512)
def _history(channel: Channel, subdir: str, add_pip: bool, modern: bool) -> History:
    shown = channel.of(subdir)
    if not channel.is_plain:
        seen = {
            name: tuple(r for r in records if not r.removed) if modern else tuple(r for r in records if r.revision == 1)
            for name, records in shown.items()
        }
        shown = {name: records for name, records in seen.items() if records}
    return History(shown, add_pip)


def subdirs_of(problem: Problem) -> tuple[str, ...]:
    """The subdirs a client of that platform reads."""
    return (problem.subdir,) if problem.subdir == "noarch" else (problem.subdir, "noarch")
