"""The question put to a client, and its answer. Values only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from tailrace.conda.records import Channel, Installed, Record, VirtualPackage

#: The name of a client, one of `registry.CLIENTS`.
Client = str
Priority = Literal["strict", "flexible", "disabled"]
Status = Literal["solved", "unsolvable"]
Engine = Literal["classic", "libsolv", "rattler"]
Trust = Literal["trusts", "ignores", "unknown"]
#: Where an old record may still be found after a hotfix.
RecordCopy = Literal["installed", "cached", "current-repodata", "shards", "other-form", "removed", "lock"]

INSTALLS_FROM_LOCK = "installing from a lock file solves nothing"

PRIORITIES: tuple[Priority, ...] = ("strict", "flexible", "disabled")


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


class Solver(Protocol):
    """Computes what a client makes of a problem."""

    def __call__(self, problem: Problem, priority: Priority, /) -> Solution:
        """Raises SpecError for a spec that no client accepts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientModel:
    """All that is known of a client.

    `title`: its name in reports. `remark`: what a help text adds to the name. `engine`: whose solver answers: conda's
    own (`classic`), `libsolv` or `rattler`. `represents_family`: whether its column stands for the clients that answer
    alike in a new environment. `keeps`: packages that are requested by name stay as they are when they satisfy the
    request. `pins`: it honours `conda-meta/pinned` and `pinned_packages`. `holds_python`: the minor version of Python
    stays unless it is requested.

    `solve_new`, `solve_existing`: its answers for a new and for an existing environment; `note` is added to the latter.
    `changes`: which prefixes it changes (`None`: all). `record_trust`: for each copy of an old record, whether the
    client takes it for the truth, and how that is known ("observed": the client was run against a channel that was
    patched after a package had been installed or cached); `observed_as`: the client and versions this was found for.
    """

    name: Client
    title: str
    engine: Engine
    solve_new: Solver
    solve_existing: Solver
    remark: str = ""
    note: str = ""
    represents_family: bool = False
    keeps: bool = False
    pins: bool = True
    holds_python: bool = True
    changes: Callable[[Path], bool] | None = None
    observed_as: str = ""
    record_trust: Mapping[RecordCopy, tuple[Trust, str]] = field(default_factory=dict)

    def solve(self, problem: Problem, priority: Priority) -> Solution:
        """The client's answer for the new environment, or for the one that the problem has. Raises SpecError."""
        if not problem.installed:
            return self.solve_new(problem, priority)
        found = self.solve_existing(problem, priority)
        return replace(found, note=" ".join(filter(None, (found.note, self.note))))


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
