"""Derives what to request of every client from a harmful combination and the records that a patch changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tailrace.conda.records import Record
from tailrace.exposure.harmful import HarmfulCombination
from tailrace.hotfix.suggest.harmful_regions import Order

Request = tuple[str, ...]
COMBINATIONS = 20
RELEASES = 12


def parse_request(text: str) -> Request:
    """`conda-smithy & conda >=4.13` as the specs that are asked for together."""
    return tuple(part.strip() for part in text.split("&") if part.strip())


def default_requests(
    broken: HarmfulCombination, changed: Iterable[Record]
) -> tuple[tuple[Request, ...], tuple[str, ...]]:
    """Each package of the combination alone, all together, the harmful pairs by name, and each release that changes.

    Also notes on what was left out.
    """
    names = broken.names
    found: list[Request] = [(name,) for name in names]
    if len(names) > 1:
        found.append(names)
    notes: list[str] = []
    pairs = combinations(broken)
    found += pairs[:COMBINATIONS]
    if len(pairs) > COMBINATIONS:
        notes.append(f"Of {len(pairs)} harmful combinations the first {COMBINATIONS} were asked for by name.")
    versions: dict[str, set[str]] = {}
    for record in changed:
        versions.setdefault(record.name, set()).add(record.version)
    for name, texts in sorted(versions.items()):
        order = Order.of(texts)
        places = _spread(range(len(order)), RELEASES)
        found += [(f"{name} =={order.text(place)}",) for place in places]
        if len(places) < len(order):
            notes.append(f"Of {len(order)} releases of {name} that change, {len(places)} were asked for by name.")
    return tuple(dict.fromkeys(found)), tuple(notes)


def combinations(broken: HarmfulCombination) -> list[Request]:
    """The expression as alternatives, each the specs that are harmful together."""
    return list(dict.fromkeys(_alternatives(broken, 4 * COMBINATIONS)))


def _alternatives(broken: HarmfulCombination, most: int) -> list[Request]:
    if broken.spec is not None:
        return [(broken.spec.text,)]
    if broken.kind == "any":
        return [one for part in broken.parts for one in _alternatives(part, most)][:most]
    found: list[Request] = [()]
    for part in broken.parts:
        found = [(*one, *other) for one in found for other in _alternatives(part, most)][:most]
    return found


def _spread(places: Sequence[int], most: int) -> list[int]:
    """The lowest, the highest and some between."""
    if len(places) <= most:
        return list(places)
    return sorted({places[round(step * (len(places) - 1) / (most - 1))] for step in range(most)})
