"""Finds the harmful region of the upstream for each release and build of one downstream. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tailrace.hotfix.suggest.evidence import Evidence, Fact, sorted_versions
from tailrace.hotfix.suggest.identity import Identity
from tailrace.hotfix.suggest.regions import HARMLESS, Region, fill_region


@dataclass(frozen=True, slots=True)
class Order:
    """Version texts with their places; equal versions have one place and show as their shortest text."""

    groups: tuple[tuple[str, ...], ...]
    places: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Order:
        """The order of these versions."""
        groups = tuple(tuple(group) for group in sorted_versions(texts))
        return cls(groups, {text: place for place, group in enumerate(groups) for text in group})

    def text(self, place: int) -> str:
        """How the version at a place is written."""
        return self.groups[place][0]

    def __len__(self) -> int:
        return len(self.groups)


@dataclass(frozen=True, slots=True)
class Slice:
    """Builds of one version that share a region: numbers `low` to `high` (both included, `None`: no end), without the
    build strings `but`, or only those in `only`.
    """

    region: Region
    low: int = 0
    high: int | None = None
    but: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is all builds."""
        return self.low == 0 and self.high is None and not self.but and not self.only


@dataclass(frozen=True, slots=True)
class Verdict:
    """One version of the downstream that something is known of: its slices, lowest builds first."""

    slices: tuple[Slice, ...]
    assumed: frozenset[int] = field(default_factory=frozenset)

    @property
    def entry(self) -> Region:
        """What its first builds are."""
        return self.slices[0].region

    @property
    def exit(self) -> Region:
        """What its last builds are."""
        return self.slices[-1].region


def find_harmful_regions(evidence: Evidence, upstream: str, downstream: str, order: Order) -> dict[str, Verdict]:
    """Version of the downstream → verdict, for versions of which something is known. `order`: of the upstream."""
    facts = [fact for fact in evidence.facts if (fact.upstream, fact.subject.name) == (upstream, downstream)]
    present = last_present(facts, order)
    by_version: dict[str, dict[tuple[int | None, str | None], list[Fact]]] = {}
    for fact in facts:
        by_version.setdefault(fact.subject.version, {}).setdefault(
            (fact.subject.number, fact.subject.build), []
        ).append(fact)
    for one in evidence.fixed:
        if one.name == downstream:
            by_version.setdefault(one.version, {}).setdefault((one.number, one.build), [])
    vouched = {one for one in evidence.fixed if one.name == downstream}
    found: dict[str, Verdict] = {}
    for version, groups in by_version.items():
        regions: dict[tuple[int | None, str | None], Region] = {}
        assumed: frozenset[int] = frozenset()
        for (number, build), group in groups.items():
            if Identity(downstream, version, build, number) in vouched:
                regions[number, build] = HARMLESS
                continue
            known = settle_facts(group, order)
            if known:
                region, more = fill_region(known, _present_for(group, present))
                regions[number, build] = region
                assumed |= more
        if regions:
            found[version] = Verdict(tuple(_slices(regions)), assumed)
    return found


def settle_facts(facts: Sequence[Fact], order: Order) -> dict[int, bool]:
    """Place of the upstream → broken, for what these facts on one subject show."""
    known = {order.places[fact.candidate]: True for fact in facts if fact.said == "broken"}
    for fact in facts:
        # The baseline of a break is where the break was not yet there.
        if fact.said == "broken":
            known.setdefault(order.places[fact.baseline], False)
    for fact in sorted(facts, key=lambda fact: (order.places[fact.candidate], order.places[fact.baseline])):
        if fact.said != "fine":
            continue
        baseline, candidate = order.places[fact.baseline], order.places[fact.candidate]
        before = [place for place in known if place <= baseline]
        if not (before and known[max(before)]):
            known.setdefault(baseline, False)
            known.setdefault(candidate, False)
    return known


def last_present(facts: Iterable[Fact], order: Order) -> dict[str, int]:
    """Symbol → the highest place of the upstream at which a finding shows that it was still there."""
    found: dict[str, int] = {}
    for fact in facts:
        for finding in fact.findings:
            place = order.places[fact.baseline]
            if place < order.places[fact.candidate]:
                found[finding.symbol] = max(place, found.get(finding.symbol, -1))
    return found


def _present_for(facts: Iterable[Fact], present: Mapping[str, int]) -> int:
    """The highest place at which everything that these facts miss was still there."""
    symbols = {finding.symbol for fact in facts for finding in fact.findings}
    return min((present.get(symbol, -1) for symbol in symbols), default=-1)


def _slices(regions: Mapping[tuple[int | None, str | None], Region]) -> Iterable[Slice]:
    """One version's builds, lowest first. A repair stays repaired: builds above a harmless one are harmless."""
    whole = regions.get((None, None))
    nameless = {build: region for (number, build), region in regions.items() if number is None and build is not None}
    numbered: dict[int, dict[str | None, Region]] = {}
    for (number, build), region in regions.items():
        if number is not None:
            numbered.setdefault(number, {})[build] = region
    pieces: list[Slice] = []
    special: list[Slice] = [Slice(region, only=(build,)) for build, region in sorted(nameless.items()) if region]
    numbers = sorted(numbered)
    general: dict[int, Region] = {}
    for number in numbers:
        builds = numbered[number]
        general[number] = builds[None] if None in builds else _union(builds.values())
    cut = 0
    below: Region | None = None
    for number in numbers:
        if cut < number:
            pieces.append(Slice(_between(whole, below, general[number]), cut, number - 1))
        odd = {b: r for b, r in numbered[number].items() if b is not None and r != general[number]}
        pieces.append(Slice(general[number], number, number, but=tuple(sorted(odd)) if general[number] else ()))
        special += [Slice(r, number, number, only=(b,)) for b, r in sorted(odd.items()) if r]
        cut, below = number + 1, general[number]
    pieces.append(Slice(_between(whole, below, None), cut, None, but=tuple(sorted(nameless)) if not numbers else ()))
    if nameless and numbers:
        pieces = [_without(piece, tuple(sorted(nameless))) for piece in pieces]
    return [*_merged(pieces[:-1]), *special, pieces[-1]] if special else _merged(pieces)


def _without(piece: Slice, builds: tuple[str, ...]) -> Slice:
    return Slice(piece.region, piece.low, piece.high, tuple(sorted({*piece.but, *builds})), piece.only)


def _between(whole: Region | None, below: Region | None, above: Region | None) -> Region:
    if below is not None and not below and (above is None or not above):
        return HARMLESS
    if whole is not None:
        return HARMLESS if below is not None and not below and not above else whole
    return (below or HARMLESS) | (above or HARMLESS)


def _union(regions: Iterable[Region]) -> Region:
    found = HARMLESS
    for region in regions:
        found = found | region
    return found


def _merged(pieces: Sequence[Slice]) -> list[Slice]:
    found: list[Slice] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last and not last.but and not piece.but and last.region == piece.region:
            found[-1] = Slice(last.region, last.low, piece.high)
        else:
            found.append(piece)
    return found
