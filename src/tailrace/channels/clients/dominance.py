"""A reduction in, the candidates that can be part of conda's optimum out. Exact: never drops a candidate that could
be chosen.

A candidate is beaten by another of its name that conda ranks higher, that is at least as welcome (every want that
the first meets, the second meets too), and that asks for no more (whatever meets the first's wants meets the
second's). Putting the second in the first's place then keeps an environment valid and makes it better, so the first
need not be looked at. Old versions of packages with stable dependencies go this way, and the clauses with them.
"""

from __future__ import annotations

from tailrace.channels.clients.reduction import Reduction
from tailrace.channels.clients.universe import Want

#: With how many higher ranked candidates one is compared; more finds little more.
LOOK_BACK = 6

Ranks = tuple[int, int, int, int, int]
Asks = dict[str, tuple[int, bool]]


def unbeaten(reduction: Reduction, requests: list[Want], ranks: dict[str, dict[int, Ranks]]) -> dict[str, list[int]]:
    """Name → places, favourite first."""
    universe, kept = reduction.universe, reduction.kept
    asks: dict[int, Asks] = {}
    welcome: dict[str, set[int]] = {}
    for request in requests:
        welcome.setdefault(request.name, set()).add(reduction.left(request))
    for name, mask in kept.items():
        for wants, members in universe.group(name).alike.items():
            if members & mask:
                mine: Asks = {}
                for want in wants:
                    left = reduction.left(want)
                    mine[want.name] = (left, want.optional)
                    if left != kept.get(want.name):
                        welcome.setdefault(want.name, set()).add(left)
                asks[id(wants)] = mine
    return {name: _of_name(reduction, name, sorted(welcome.get(name, ())), asks, ranks[name]) for name in kept}


def _of_name(
    reduction: Reduction, name: str, welcome: list[int], asks: dict[int, Asks], ranks: dict[int, Ranks]
) -> list[int]:
    group = reduction.universe.group(name)
    # What is installed has a merit of its own: to be kept.
    kept = reduction.universe.installed(name)
    canonical = {wants: asks[id(wants)] for wants in group.alike if id(wants) in asks}
    found: list[int] = []
    before: list[tuple[int, int, Asks, frozenset[str]]] = []
    for place in reduction.ordered(name):
        bit = 1 << place
        liked = sum(1 << number for number, mask in enumerate(welcome) if mask & bit)
        mine, tracked = canonical[group.wants[place]], frozenset(group.records[place].tracked)
        for better, likes, wanted, features in reversed(before[-LOOK_BACK:]):
            if (
                not kept & bit
                and not liked & ~likes
                and features <= tracked
                and ranks[better] != ranks[place]
                and _asks_no_more(wanted, mine)
            ):
                break
        else:
            found.append(place)
            before.append((place, liked, mine, tracked))
    return found


def _asks_no_more(less: Asks, more: Asks) -> bool:
    """Whether every choice that meets `more` meets `less`."""
    if less is more:
        return True
    for name, (mask, optional) in less.items():
        other = more.get(name)
        if other is None:
            return False
        other_mask, other_optional = other
        if other_mask & ~mask or (other_optional and not optional):
            return False
    return True
