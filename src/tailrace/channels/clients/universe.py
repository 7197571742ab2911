"""Channels, a platform and a day in; numbered candidates and bit masks out. The groundwork of the model of conda's
classic solver.

Every package name has a group of candidate records, numbered in a fixed order; a set of candidates is an `int` with
one bit each, so that "does any candidate that is still in the running meet this dependency?" is one `&`. Nothing
here depends on the order or the priority of channels: one universe serves every cell of a grid that looks at the
same channels on the same day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import RLock

from tailrace.channels.clients.interface import Installed, Problem, VirtualPackage, subdirs_of, view
from tailrace.channels.records import Channel, Record
from tailrace.channels.specs import Spec, parse_dependency, version_meets
from tailrace.sources import rattler


@dataclass(frozen=True, slots=True, eq=False)
class Want:
    """All that one record asks of one name. `optional`: the name need not be there (`constrains`). `exactness`: as
    of Spec, the narrowest; 1 when the name alone decides.

    Compared by identity, which is quick; make them with `want`, so that equal wants are one.
    """

    name: str
    specs: tuple[Spec, ...]
    optional: bool
    exactness: int


#: Held while something is made of which there must be one only: a cache alone may make it twice in two threads.
_ONCE = RLock()


def want(texts: tuple[str, ...], optional: bool = False) -> Want:
    """The want that all these specs on one name make together."""
    with _ONCE:
        return _want(texts, optional)


@lru_cache(maxsize=1_000_000)
def _want(texts: tuple[str, ...], optional: bool) -> Want:
    specs = _merged(tuple(parse_dependency(text) for text in texts))
    return Want(specs[0].name, specs, optional, max(spec.exactness for spec in specs))


def _merged(specs: tuple[Spec, ...]) -> tuple[Spec, ...]:
    """As conda joins versions: their texts, with a comma, which binds tighter than a `|` within one of them.

    So `1.*|3.*` and `>=3,<3` together let 1.0 pass. Only there does the text matter; elsewhere all must hold.
    """
    versions = [spec.version for spec in specs if spec.version is not None]
    plain = all(spec == Spec(spec.text, spec.name, spec.version) for spec in specs)
    if len(versions) < 2 or not plain or not any("|" in version for version in versions):
        return specs
    first, *rest = sorted(versions)
    for version in rest:
        first = ",".join(sorted({first, version}))
    return (Spec(f"{specs[0].name} {first}", specs[0].name, first),)


@lru_cache(maxsize=100_000)
def as_it_is(record: Record, channel_url: str) -> Want:
    """The want that only this very file meets, not the file of the same name in another channel."""
    text = f"{record.name} =={record.version} {record.build}"
    spec = Spec(text, record.name, f"=={record.version}", record.build, channel=channel_url)
    return Want(record.name, (spec,), False, spec.exactness)


@lru_cache(maxsize=500_000)
def wants_of(depends: tuple[str, ...], constrains: tuple[str, ...]) -> tuple[Want, ...]:
    """A record's dependencies, one want per name, as conda joins them.

    Specs on one name must all hold. A constraint on a name that is already asked for takes the place of that
    dependency and is no longer optional; conda does the same, in 4.12 as in 26.7 (`PackageRecord.combined_depends`).
    """
    joined: dict[str, tuple[str, ...]] = {}
    optional: set[str] = set()
    for text in depends:
        name = parse_dependency(text).name
        known = joined.get(name, ())
        joined[name] = known if text in known else (*known, text)
    for text in constrains:
        name = parse_dependency(text).name
        (optional.discard if name in joined else optional.add)(name)
        joined[name] = (text,)
    return tuple(want(texts, name in optional) for name, texts in joined.items())


#: A name, its candidates that would do, and the candidates (of another name) that need one of them.
Need = tuple[str, int, int]


class Group:
    """The candidates of one name. `wants[i]` belongs to `records[i]`; `alike` maps equal wants to the mask of
    records that have them.
    """

    __slots__ = (
        "alike",
        "channels",
        "full",
        "keys",
        "needs",
        "origins",
        "records",
        "urls",
        "versions",
        "wants",
    )

    def __init__(self, records: list[Record], channels: list[int], urls: list[str]) -> None:
        self.records = records
        self.channels = channels
        #: Which candidates come from each channel.
        self.origins: dict[int, int] = {}
        for place, channel in enumerate(channels):
            self.origins[channel] = self.origins.get(channel, 0) | 1 << place
        self.urls = urls
        self.full = (1 << len(records)) - 1
        #: See `Universe.needs`.
        self.needs: list[Need] | None = None
        self.wants: list[tuple[Want, ...]] = []
        self.alike: dict[tuple[Want, ...], int] = {}
        self.versions: dict[str, int] = {}
        same: dict[int, tuple[tuple[Want, ...], int]] = {}
        for place, record in enumerate(records):
            wants = wants_of(record.depends, record.constrains)
            self.wants.append(wants)
            known = same.get(id(wants))
            same[id(wants)] = (wants, (known[1] if known else 0) | 1 << place)
            self.versions[record.version] = self.versions.get(record.version, 0) | 1 << place
        for wants, mask in same.values():
            self.alike[wants] = self.alike.get(wants, 0) | mask
        self.keys = _sort_keys(records)


def _sort_keys(records: list[Record]) -> list[tuple[int, int, int, float, str]]:
    """Version (as its rank), build number, arch before noarch, timestamp, build string: conda's order but for the
    channel; higher is better.
    """
    known = {record.version for record in records}
    good = sorted(((v, t) for t in known if (v := rattler.version(t)) is not None), key=lambda pair: pair[0])
    ranks = dict.fromkeys(known, 0)
    rank = 0
    for place, (version, text) in enumerate(good):
        rank += place == 0 or good[place - 1][0] != version
        ranks[text] = rank
    return [
        (ranks[r.version], r.build_number, -int(r.subdir == "noarch"), float(r.timestamp or 0), r.build)
        for r in records
    ]


class Universe:
    """All candidates for one set of channels, platform and day."""

    def __init__(
        self,
        channels: tuple[Channel, ...],
        subdirs: tuple[str, ...],
        as_of: int | None,
        virtual: tuple[VirtualPackage, ...],
        add_pip: bool,
        installed: tuple[Installed, ...] = (),
    ) -> None:
        self.channels = channels
        self._installed = {package.record.name: package for package in installed}
        self._sources = [
            (number, channel.url, view(channel, subdir, as_of, add_pip))
            for number, channel in enumerate(channels)
            for subdir in subdirs
        ]
        self._virtual = {
            name: Record(name=name, version=version, build=build, channel="@") for name, version, build in virtual
        }
        self._groups: dict[str, Group] = {}
        self._masks: dict[Want, int] = {}

    def group(self, name: str) -> Group:
        """The candidates of a name; empty for a name that no channel has."""
        known = self._groups.get(name)
        if known is None:
            with _ONCE:
                known = self._groups.get(name)
                if known is None:
                    known = self._groups[name] = self._group(name)
        return known

    def _group(self, name: str) -> Group:
        records: list[Record] = []
        channels: list[int] = []
        urls: list[str] = []
        for number, url, shown in self._sources:
            found = shown.records(name)
            records.extend(found)
            channels.extend([number] * len(found))
            urls.extend([url] * len(found))
        kept = self._installed.get(name)
        if kept is not None and not any(is_same(record, kept.record) for record in records):
            # conda believes the channel where it still has the file, and the environment's own record where not.
            records.append(kept.record)
            channels.append(len(self.channels))
            urls.append(kept.channel_url)
        if name in self._virtual:
            records, channels, urls = [self._virtual[name]], [0], [""]
        return Group(records, channels, urls)

    def installed(self, name: str) -> int:
        """The candidate that is installed already, as a mask; 0 when none is."""
        kept = self._installed.get(name)
        if kept is None:
            return 0
        places = (place for place, r in enumerate(self.group(name).records) if is_same(r, kept.record))
        return 1 << next(places)

    def mask(self, want: Want) -> int:
        """The candidates that meet a want."""
        known = self._masks.get(want)
        if known is None:
            group = self.group(want.name)
            known = group.full
            for spec in want.specs:
                known &= _spec_mask(spec, group)
            self._masks[want] = known
        return known

    def needs(self, name: str) -> list[Need]:
        """What candidates of a name cannot do without, each need once."""
        group = self.group(name)
        if group.needs is None:
            found: dict[tuple[str, int], int] = {}
            for wants, members in group.alike.items():
                for want in wants:
                    if not want.optional:
                        key = (want.name, self.mask(want))
                        found[key] = found.get(key, 0) | members
            group.needs = [(needed, mask, members) for (needed, mask), members in found.items()]
        return group.needs

    def reachable(self, names: list[str]) -> Iterator[str]:
        """The names that can come in with the given ones, those included."""
        seen = set(names)
        waiting = list(seen)
        while waiting:
            name = waiting.pop()
            yield name
            for wants in self.group(name).alike:
                for want in wants:
                    if want.name not in seen:
                        seen.add(want.name)
                        waiting.append(want.name)


def _spec_mask(spec: Spec, group: Group) -> int:
    if spec.never:
        return 0
    if spec.anything:
        return group.full
    if spec.exactness == 2:
        assert spec.version is not None
        mask = 0
        for version, members in group.versions.items():
            if version_meets(spec.version, version):
                mask |= members
        return mask
    mask = 0
    for place, record in enumerate(group.records):
        if spec.matches(record, group.urls[place]):
            mask |= 1 << place
    return mask


def is_same(one: Record, other: Record) -> bool:
    """Whether two records speak of the same package file, whatever else they say of it."""
    return (one.name, one.version, one.build, one.channel) == (other.name, other.version, other.build, other.channel)


def universe_of(problem: Problem) -> tuple[Universe, tuple[int, ...]]:
    """The universe of a problem, shared by all that see the same records, and the rank of each of its channels in
    this problem.
    """
    ordered = tuple(sorted(set(problem.channels), key=lambda channel: (channel.url, id(channel))))
    with _ONCE:
        universe = _universe(
            ordered, subdirs_of(problem), problem.as_of, problem.virtual_packages, problem.add_pip, problem.installed
        )
    return universe, (*(problem.channels.index(channel) for channel in ordered), len(ordered))


@lru_cache(maxsize=16)
def _universe(
    channels: tuple[Channel, ...],
    subdirs: tuple[str, ...],
    as_of: int | None,
    virtual: tuple[VirtualPackage, ...],
    add_pip: bool,
    installed: tuple[Installed, ...],
) -> Universe:
    return Universe(channels, subdirs, as_of, virtual, add_pip, installed)


def bits(mask: int) -> Iterator[int]:
    """The places of the set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
