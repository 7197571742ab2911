"""A reduction in, the candidates that can be part of conda's optimum out. Exact: never drops one that could be chosen.

A candidate is beaten by another of its name that conda ranks higher, that is at least as welcome (every want that the
first meets, the second meets too), and that asks for no more (whatever meets the first's wants meets the second's).
Putting the second in the first's place then keeps an environment valid and makes it better, so the first need not be
looked at. Old versions of packages with stable dependencies go this way, and the clauses with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from tailrace.channels.clients.ranking import Ranks, Situation
from tailrace.channels.clients.reduction import Reduction
from tailrace.channels.clients.universe import Group, Universe, Want

#: With how many higher ranked candidates one is compared; more finds little more.
LOOK_BACK = 6

#: Name → the candidates that would do, and whether none would do as well.
Asks = dict[str, tuple[int, bool]]
#: By whom a candidate is liked (a bit for every want on its name), what it asks for, the features it tracks.
Kind = tuple[int, Asks, frozenset[str]]


class Standing:
    """How welcome each candidate is and what it asks for; the same in every cell of a grid over one universe.

    Candidates of a name that are as welcome and ask for the same are of one kind. `kinds[name][place]` numbers it.
    """

    def __init__(self, universe: Universe, requests: frozenset[Want]) -> None:
        self._universe = universe
        self._kinds: dict[str, list[int]] = {}
        self._known: list[Kind] = []
        self._replaced: dict[tuple[int, int], bool] = {}
        self._unbeaten: dict[Situation, list[int]] = {}
        welcome: dict[str, set[int]] = {
            name: set() for name in universe.reachable(sorted({request.name for request in requests}))
        }
        for request in requests:
            welcome[request.name].add(universe.mask(request))
        asks = {name: _asks(universe, universe.group(name), welcome) for name in welcome}
        for name, masks in welcome.items():
            self._kinds[name] = self._number(universe.group(name), asks[name], sorted(masks))

    def _number(self, group: Group, asks: list[Asks], masks: list[int]) -> list[int]:
        numbers: dict[tuple[object, ...], int] = {}
        found = []
        for record, mine, liked in zip(group.records, asks, _columns(masks, len(group.records)), strict=True):
            key = (liked, tuple(mine.items()), record.tracked)
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = len(self._known)
                self._known.append((int(liked or "0", 2), mine, frozenset(record.tracked)))
            found.append(number)
        return found

    def unbeaten(self, situation: Situation, ranks: dict[int, Ranks]) -> list[int]:
        """The places of one name, favourite first."""
        known = self._unbeaten.get(situation)
        if known is None:
            name = situation[0]
            # What is installed has a merit of its own: to be kept.
            kept = self._universe.installed(name)
            known = self._unbeaten[situation] = list(self._survivors(self._kinds[name], ranks, kept))
        return known

    def _survivors(self, kinds: list[int], ranks: dict[int, Ranks], kept: int) -> Iterator[int]:
        best: dict[int, Ranks] = {}
        recent: list[int] = []
        for place, rank in ranks.items():
            kind = kinds[place]
            winner = kind
            if kept >> place & 1:
                yield place
            elif kind not in best or best[kind] == rank:
                for better in recent:
                    if best[better] != rank and self._replaces(better, kind):
                        winner = better
                        break
                else:
                    yield place
            best.setdefault(winner, rank)
            if winner in recent:
                recent.remove(winner)
            recent.insert(0, winner)
            del recent[LOOK_BACK:]

    def _replaces(self, better: int, kind: int) -> bool:
        """Whether a candidate of one kind does wherever one of another kind does."""
        known = self._replaced.get((better, kind))
        if known is None:
            liked, asks, tracked = self._known[better]
            other_liked, other_asks, other_tracked = self._known[kind]
            known = not other_liked & ~liked and _asks_no_more(asks, other_asks) and tracked <= other_tracked
            self._replaced[better, kind] = known
        return known


def _columns(masks: list[int], count: int) -> Iterator[str]:
    """For each candidate, which of the masks it is in, as a text of 0 and 1."""
    if not masks or not count:
        return iter([""] * count)
    rows = [f"{mask:0{count}b}"[::-1] for mask in masks]
    return map("".join, zip(*rows, strict=True))


@lru_cache(maxsize=16)
def _standing(universe: Universe, requests: frozenset[Want]) -> Standing:
    return Standing(universe, requests)


def unbeaten(
    reduction: Reduction, requests: Sequence[Want], situations: Mapping[str, Situation]
) -> dict[str, list[int]]:
    """Name → places, favourite first."""
    standing = _standing(reduction.universe, frozenset(requests))
    return {
        name: standing.unbeaten(situation, reduction.ranking.ranks(situation)) for name, situation in situations.items()
    }


def _asks(universe: Universe, group: Group, welcome: dict[str, set[int]]) -> list[Asks]:
    known: dict[tuple[Want, ...], Asks] = {}
    for wants in group.alike:
        mine: Asks = {}
        for want in wants:
            mask = universe.mask(want)
            mine[want.name] = (mask, want.optional)
            if want.exactness > 1:
                welcome[want.name].add(mask)
        known[wants] = mine
    return [known[wants] for wants in group.wants]


def _asks_no_more(less: Asks, more: Asks) -> bool:
    """Whether every choice that meets `more` meets `less`."""
    if less is more:
        return True
    for name, (mask, optional) in less.items():
        other = more.get(name)
        if other is None or other[0] & ~mask or (other[1] and not optional):
            return False
    return True
