"""Drops candidates that cannot be part of conda's optimum. Exact: never drops one of those.

A candidate is beaten by another of its name that conda ranks higher, that is at least as welcome (every want that the
first meets, the second meets too), and that asks for no more (whatever meets the first's wants meets the second's).
Putting the second in the first's place then keeps an environment valid and makes it better, so the first need not be
looked at. Old versions of packages with stable dependencies go this way, and the clauses with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from tailrace.solvers.classic.candidates import CandidateGroup
from tailrace.solvers.classic.dependencies import Dependency
from tailrace.solvers.classic.ranking import Ranks, Situation
from tailrace.solvers.classic.universe import Universe

#: With how many higher ranked candidates one is compared; more finds little more.
LOOK_BACK = 6

#: Name → the candidates that would do, and whether none would do as well.
Asks = dict[str, tuple[int, bool]]
#: By whom a candidate is liked (a bit for every want on its name), what it asks for, the features it tracks.
Kind = tuple[int, Asks, frozenset[str]]


class Kinds:
    """The candidates of one name by kind: those of a kind are as welcome and ask for the same. `of[place]` numbers
    it.
    """

    def __init__(self, group: CandidateGroup, asks: list[Asks], masks: tuple[int, ...]) -> None:
        self.of: list[int] = []
        self._known: list[Kind] = []
        self._replaced: dict[tuple[int, int], bool] = {}
        self._unbeaten: dict[tuple[Situation, int], list[int]] = {}
        numbers: dict[tuple[object, ...], int] = {}
        for record, mine, liked in zip(group.records, asks, _columns(masks, len(group.records)), strict=True):
            key = (liked, tuple(mine.items()), record.tracked)
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = len(self._known)
                self._known.append((int(liked or "0", 2), mine, frozenset(record.tracked)))
            self.of.append(number)

    def drop_dominated(self, situation: Situation, ranks: dict[int, Ranks], kept: int) -> list[int]:
        """The places that can be chosen, favourite first. `kept`: what is installed, which has a merit of its own:
        to be kept.
        """
        known = self._unbeaten.get((situation, kept))
        if known is None:
            known = self._unbeaten[situation, kept] = list(self._survivors(ranks, kept))
        return known

    def _survivors(self, ranks: dict[int, Ranks], kept: int) -> Iterator[int]:
        best: dict[int, Ranks] = {}
        recent: list[int] = []
        for place, rank in ranks.items():
            kind = self.of[place]
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


def drop_dominated(
    universe: Universe,
    requests: Sequence[Dependency],
    situations: Mapping[str, Situation],
    ranks: Mapping[str, dict[int, Ranks]],
) -> dict[str, list[int]]:
    """Name → places, favourite first."""
    kinds = _kinds(universe, frozenset(requests))
    return {
        name: kinds[name].drop_dominated(situation, ranks[name], universe.installed(name))
        for name, situation in situations.items()
    }


@lru_cache(maxsize=16)
def _kinds(universe: Universe, requests: frozenset[Dependency]) -> dict[str, Kinds]:
    """The kinds of every name that the requests can reach; the same in every cell of a grid over one universe."""
    welcome: dict[str, set[int]] = {
        name: set() for name in universe.reachable(sorted({request.name for request in requests}))
    }
    for request in requests:
        welcome[request.name].add(universe.mask(request))
    asks: dict[str, tuple[tuple[int, ...], list[Asks]]] = {}
    for name in welcome:
        around, mine, wishes = _asks(universe, name)
        asks[name] = around, mine
        for wanted, mask in wishes:
            welcome[wanted].add(mask)
    found: dict[str, Kinds] = {}
    for name, masks in welcome.items():
        around, mine = asks[name]
        group = universe.group(name)
        likes = tuple(sorted(masks))
        known = group.memo.get(("kinds", around, likes))
        if known is None:
            known = group.memo["kinds", around, likes] = Kinds(group, mine, likes)
        found[name] = known
    return found


def _asks(universe: Universe, name: str) -> tuple[tuple[int, ...], list[Asks], list[tuple[str, int]]]:
    """What decides it, what each candidate asks for, and the wants that tell candidates of other names apart."""
    group, around = universe.group(name), universe.around(name)
    known = group.memo.get(("asks", around))
    if known is None:
        made: dict[tuple[Dependency, ...], Asks] = {}
        wishes: dict[tuple[str, int], None] = {}
        for wants in group.alike:
            mine: Asks = {}
            for want in wants:
                mask = universe.mask(want)
                mine[want.name] = (mask, want.optional)
                if want.exactness > 1:
                    wishes[want.name, mask] = None
            made[wants] = mine
        known = group.memo["asks", around] = [made[wants] for wants in group.wants], list(wishes)
    return around, *known


def _columns(masks: tuple[int, ...], count: int) -> Iterator[str]:
    """For each candidate, which of the masks it is in, as a text of 0 and 1."""
    if not masks or not count:
        return iter([""] * count)
    rows = [f"{mask:0{count}b}"[::-1] for mask in masks]
    return map("".join, zip(*rows, strict=True))


def _asks_no_more(less: Asks, more: Asks) -> bool:
    """Whether every choice that meets `more` meets `less`."""
    if less is more:
        return True
    for name, (mask, optional) in less.items():
        other = more.get(name)
        if other is None or other[0] & ~mask or (other[1] and not optional):
            return False
    return True
