"""A reduction in, the candidates that can be part of conda's optimum out. Exact: never drops one that could be chosen.

A candidate is beaten by another of its name that conda ranks higher, that is at least as welcome (every want that the
first meets, the second meets too), and that asks for no more (whatever meets the first's wants meets the second's).
Putting the second in the first's place then keeps an environment valid and makes it better, so the first need not be
looked at. Old versions of packages with stable dependencies go this way, and the clauses with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.channels.clients.reduction import Reduction
from tailrace.channels.clients.universe import Group, Universe, Want

#: With how many higher ranked candidates one is compared; more finds little more.
LOOK_BACK = 6

Ranks = tuple[int, int, int, int, int]
#: Name → the candidates that would do, and whether none would do as well.
Asks = dict[str, tuple[int, bool]]


class Standing:
    """How welcome each candidate is and what it asks for; the same in every cell of a grid over one universe.

    `liked[name][place]`: one bit for every want on the name that the candidate meets.
    """

    def __init__(self, universe: Universe, names: frozenset[str]) -> None:
        self.asks: dict[str, list[Asks]] = {}
        welcome: dict[str, set[int]] = {name: set() for name in universe.reachable(sorted(names))}
        for name in welcome:
            self.asks[name] = self._asks(universe, universe.group(name), welcome)
        self.liked: dict[str, list[int]] = {}
        for name, masks in welcome.items():
            ordered = sorted(masks)
            places = range(len(universe.group(name).records))
            self.liked[name] = [
                sum(1 << bit for bit, mask in enumerate(ordered) if mask >> place & 1) for place in places
            ]

    @staticmethod
    def _asks(universe: Universe, group: Group, welcome: dict[str, set[int]]) -> list[Asks]:
        known: dict[tuple[Want, ...], Asks] = {}
        for wants in group.alike:
            mine: Asks = {}
            for want in wants:
                mask = universe.mask(want)
                mine[want.name] = (mask, want.optional)
                if not all(spec.anything for spec in want.specs):
                    welcome[want.name].add(mask)
            known[wants] = mine
        return [known[wants] for wants in group.wants]


def unbeaten(
    reduction: Reduction, requests: Sequence[Want], ranks: dict[str, dict[int, Ranks]]
) -> dict[str, list[int]]:
    """Name → places, favourite first."""
    universe = reduction.universe
    names = frozenset(request.name for request in requests)
    standing = universe.standings.get(names)
    if not isinstance(standing, Standing):
        standing = universe.standings[names] = Standing(universe, names)
    asked: dict[str, list[int]] = {}
    for request in requests:
        asked.setdefault(request.name, []).append(universe.mask(request))
    return {name: _of_name(reduction, name, standing, asked.get(name, []), ranks[name]) for name in reduction.kept}


def _of_name(
    reduction: Reduction, name: str, standing: Standing, asked: list[int], ranks: dict[int, Ranks]
) -> list[int]:
    records = reduction.universe.group(name).records
    asks, liked = standing.asks[name], standing.liked[name]
    # What is installed has a merit of its own: to be kept.
    kept = reduction.universe.installed(name)
    found: list[int] = []
    for place, rank in ranks.items():
        likes, mine = liked[place], asks[place]
        for better in found[: -LOOK_BACK - 1 : -1]:
            if (
                not likes & ~liked[better]
                and _asks_no_more(asks[better], mine)
                and ranks[better] != rank
                and not kept >> place & 1
                and all(mask >> better & 1 or not mask >> place & 1 for mask in asked)
                and set(records[better].tracked) <= set(records[place].tracked)
            ):
                break
        else:
            found.append(place)
    return found


def _asks_no_more(less: Asks, more: Asks) -> bool:
    """Whether every choice that meets `more` meets `less`."""
    if less is more:
        return True
    for name, (mask, optional) in less.items():
        other = more.get(name)
        if other is None or other[0] & ~mask or (other[1] and not optional):
            return False
    return True
