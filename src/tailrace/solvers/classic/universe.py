"""The candidates of every name, for channels, a platform and a day. The groundwork of the model of conda's classic
solver.

Nothing here depends on the order or the priority of channels: one universe serves every cell of a grid that looks at
the same channels on the same day, and names that had the same records on two days are one group.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tailrace.conda.records import Channel, Installed, Record, VirtualPackage
from tailrace.solvers.classic.candidates import CandidateGroup
from tailrace.solvers.classic.dependencies import ONCE, Dependency
from tailrace.solvers.interface import Problem, history, subdirs_of

#: A name, its candidates that would do, and the candidates (of another name) that need one of them.
Need = tuple[str, int, int]


class Candidates:
    """All candidates for one set of channels and platform, over time."""

    def __init__(
        self,
        channels: tuple[Channel, ...],
        subdirs: tuple[str, ...],
        virtual: tuple[VirtualPackage, ...],
        add_pip: bool,
        installed: tuple[Installed, ...],
        modern: bool,
    ) -> None:
        self.channels = channels
        self.installed = {package.record.name: package for package in installed}
        self._sources = [
            (number, channel.url, history(channel, subdir, add_pip, modern=modern))
            for number, channel in enumerate(channels)
            for subdir in subdirs
        ]
        self._virtual = {
            name: Record(name=name, version=version, build=build, channel="@") for name, version, build in virtual
        }
        self._groups: dict[tuple[str, tuple[int, ...]], CandidateGroup] = {}

    def group(self, name: str, as_of: int | None) -> CandidateGroup:
        """The candidates of a name at a moment; the same object for moments at which they are the same."""
        shown = [(number, url, past.records(name, as_of)) for number, url, past in self._sources]
        # A history gives the same records as the same object, and keeps it.
        key = (name, tuple(id(found) for _, _, found in shown))
        known = self._groups.get(key)
        if known is None:
            known = self._groups[key] = self._made(name, shown)
        return known

    def _made(self, name: str, shown: list[tuple[int, str, tuple[Record, ...]]]) -> CandidateGroup:
        records: list[Record] = []
        channels: list[int] = []
        urls: list[str] = []
        for number, url, found in shown:
            records.extend(found)
            channels.extend([number] * len(found))
            urls.extend([url] * len(found))
        kept = self.installed.get(name)
        if kept is not None and not any(is_same(record, kept.record) for record in records):
            # conda believes the channel where it still has the file, and the environment's own record where not.
            records.append(kept.record)
            channels.append(len(self.channels))
            urls.append(kept.channel_url)
        if name in self._virtual:
            records, channels, urls = [self._virtual[name]], [0], [""]
        return CandidateGroup(records, channels, urls)


class Universe:
    """The candidates at one moment (ms since the epoch UTC, `None`: now)."""

    def __init__(self, candidates: Candidates, as_of: int | None) -> None:
        self.channels = candidates.channels
        self._candidates = candidates
        self._as_of = as_of
        self._groups: dict[str, CandidateGroup] = {}
        self._masks: dict[Dependency, int] = {}
        self._needs: dict[str, list[Need]] = {}

    def group(self, name: str) -> CandidateGroup:
        """The candidates of a name; empty for a name that no channel has."""
        known = self._groups.get(name)
        if known is None:
            with ONCE:
                known = self._groups[name] = self._candidates.group(name, self._as_of)
        return known

    def around(self, name: str) -> tuple[int, ...]:
        """What decides what a name's candidates ask for: the groups of all names that they speak of."""
        return tuple(id(self.group(other)) for other in self.group(name).names)

    def installed(self, name: str) -> int:
        """The candidate that is installed already, as a mask; 0 when none is."""
        kept = self._candidates.installed.get(name)
        if kept is None:
            return 0
        places = (place for place, r in enumerate(self.group(name).records) if is_same(r, kept.record))
        return 1 << next(places)

    def mask(self, want: Dependency) -> int:
        """The candidates that meet a want."""
        known = self._masks.get(want)
        if known is None:
            known = self._masks[want] = self.group(want.name).mask(want)
        return known

    def needs(self, name: str) -> list[Need]:
        """What candidates of a name cannot do without, each need once."""
        known = self._needs.get(name)
        if known is None:
            group = self.group(name)
            key = ("needs", self.around(name))
            known = group.memo.get(key)
            if known is None:
                found: dict[tuple[str, int], int] = {}
                for wants, members in group.alike.items():
                    for want in wants:
                        if not want.optional:
                            pair = (want.name, self.mask(want))
                            found[pair] = found.get(pair, 0) | members
                known = group.memo[key] = [(needed, mask, members) for (needed, mask), members in found.items()]
            self._needs[name] = known
        return known

    def reachable(self, names: list[str]) -> Iterator[str]:
        """The names that can come in with the given ones, those included."""
        seen = set(names)
        waiting = list(seen)
        while waiting:
            name = waiting.pop()
            yield name
            for other in self.group(name).names:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)


def is_same(one: Record, other: Record) -> bool:
    """Whether two records speak of the same package file, whatever else they say of it."""
    return (one.name, one.version, one.build, one.channel) == (other.name, other.version, other.build, other.channel)


def universe_of(problem: Problem, *, modern: bool = False) -> tuple[Universe, tuple[int, ...]]:
    """The universe of a problem, shared by all that see the same records, and the rank of each of its channels in
    this problem. `modern`: as of `history`.
    """
    modern = modern and not all(channel.is_plain for channel in problem.channels)
    ordered = tuple(sorted(set(problem.channels), key=lambda channel: (channel.url, id(channel))))
    with ONCE:
        candidates = _candidates(
            ordered, subdirs_of(problem), problem.virtual_packages, problem.add_pip, problem.installed, modern
        )
        universe = _universe(candidates, problem.as_of)
    return universe, (*(problem.channels.index(channel) for channel in ordered), len(ordered))


@lru_cache(maxsize=16)
def _candidates(
    channels: tuple[Channel, ...],
    subdirs: tuple[str, ...],
    virtual: tuple[VirtualPackage, ...],
    add_pip: bool,
    installed: tuple[Installed, ...],
    modern: bool,
) -> Candidates:
    return Candidates(channels, subdirs, virtual, add_pip, installed, modern)


@lru_cache(maxsize=16)
def _universe(candidates: Candidates, as_of: int | None) -> Universe:
    return Universe(candidates, as_of)
