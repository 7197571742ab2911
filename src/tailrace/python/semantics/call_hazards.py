"""What a call must give to bind to a function of the baseline and fail with that of the candidate."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tailrace.python.facts import Param
from tailrace.python.semantics.entities import Function
from tailrace.python.semantics.forwarding import accepts_keyword, possible_keywords
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import Signature, signature_of


class Need(msgspec.Struct, frozen=True):
    """A call is in danger that gives one of `keywords` (empty: whatever it gives) and more than `positions` positional
    arguments (`None`: however many)."""

    keywords: frozenset[str] = frozenset()
    positions: int | None = None


# No function names it: who takes it takes anything.
_ANYTHING = "any keyword at all"


def compare_calls(
    baseline: Resolver, before: Function, candidate: Resolver, after: Function
) -> tuple[Need, ...] | None:
    """What calls need to fail; `None` where any call may. The reasons are those for which `signature.bind` refuses."""
    mine, theirs = signature_of(baseline, before), signature_of(candidate, after)
    if mine is None or theirs is None or mine.wrapped or theirs.wrapped:
        return None
    if _asks_for_more(mine, theirs) or after.facts.raises_unless not in {None, before.facts.raises_unless}:
        return None
    refused = _refused(baseline, mine, candidate, theirs)
    if refused is None:
        return None
    found = [Need(refused)] if refused else []
    return (*found, *_fewer_positions(mine, theirs), *_given_twice(mine, theirs))


def moved_arguments(before: Signature, after: Signature, positional: int) -> tuple[str, ...]:
    """The fields that the first positional arguments go to before, and that stand in another place after, of
    constructors that are made of the fields of a class."""
    if before.function is not None or after.function is not None:
        return ()
    mine, theirs = _plain(before), [p.name for p in _plain(after)]
    return tuple(
        p.name
        for place, p in enumerate(mine[: min(positional, len(theirs))])
        if p.kind == "normal" and p.name in theirs and theirs.index(p.name) != place
    )


def _plain(signature: Signature) -> list[Param]:
    return [p for p in signature.params if p.kind in {"positional", "normal"}]


def _asks_for_more(baseline: Signature, candidate: Signature) -> bool:
    """Whether a call that gives everything needed before may lack something now."""
    before = {p.name: p for p in baseline.params if p.kind in {"positional", "normal", "keyword"} and p.default is None}
    places = {p.name: index for index, p in enumerate(_plain(baseline))}
    for index, param in enumerate(_plain(candidate)):
        if param.default is None and (param.name not in before or places.get(param.name, -1) < index):
            return True
    return any(p.kind == "keyword" and p.default is None and p.name not in before for p in candidate.params) or any(
        p.kind == "keyword" and p.default is None and before[p.name].kind != "keyword" for p in candidate.params
    )


def _fewer_positions(baseline: Signature, candidate: Signature) -> Iterator[Need]:
    if any(p.kind == "var-positional" for p in candidate.params):
        return
    if any(p.kind == "var-positional" for p in baseline.params) or len(_plain(baseline)) > len(_plain(candidate)):
        yield Need(positions=len(_plain(candidate)))


def _given_twice(baseline: Signature, candidate: Signature) -> Iterator[Need]:
    """Parameters that a position reaches earlier than before: given by keyword too, they are there twice."""
    places = {p.name: index for index, p in enumerate(_plain(baseline))}
    named = {p.name for p in baseline.params if p.kind in {"normal", "keyword"}}
    for index, param in enumerate(_plain(candidate)):
        taken = param.name in named or baseline.takes_keywords
        if param.kind == "normal" and taken and (param.name not in places or places[param.name] > index):
            yield Need(frozenset({param.name}), index)


def _refused(baseline: Resolver, before: Signature, candidate: Resolver, after: Signature) -> frozenset[str] | None:
    """Keywords that the old function takes and the new one refuses; `None` when they cannot be listed."""
    if accepts_keyword(baseline, before, _ANYTHING) == "yes" and accepts_keyword(candidate, after, _ANYTHING) == "no":
        return None
    known = possible_keywords(baseline, before)
    return frozenset(
        k
        for k in known
        if accepts_keyword(candidate, after, k) == "no" and accepts_keyword(baseline, before, k) == "yes"
    )
