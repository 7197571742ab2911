"""Follows what own classes keep from their constructor, and reports what fails on the kept value.

Only where every call in the downstream gives the same kind of thing, and that is the upstream's. Executes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.release_pair import ReleasePair
from tailrace.python.semantics.chains import owner_module, walk
from tailrace.python.semantics.entities import Class, Instance
from tailrace.python.usages import Construction, FileUsage, Kept, Root, Step, Use

_MOST_CALLS = 8
_Chain = tuple[Root, tuple[Step, ...]]
_Calls = dict[str, list[tuple[FileUsage, Construction]]]


@dataclass(frozen=True, slots=True)
class _Given:
    """One call of an own class: where it stands, and what the kept parameter is there."""

    usage: FileUsage
    call: Construction
    chain: _Chain
    cls: Class


def find_kept(pair: ReleasePair, usages: Sequence[FileUsage], lost: frozenset[str]) -> Iterator[Breakage]:
    """A break where the kept value is used, and one where it is given. `lost`: names that fewer classes have."""
    calls: _Calls | None = None
    for usage in usages:
        for kept in usage.kept:
            uses = [use for use in usage.uses if _asks(use, kept, lost)]
            if uses and calls is None:
                calls = _calls_by_constructor(pair, usages)
            given = _given(pair, calls, usage, kept) if uses and calls is not None else []
            if not given or len({one.cls.path for one in given}) != 1:
                continue
            for use in uses:
                yield from _judge(pair, usage, use, given)


def constructed_elsewhere(pair: ReleasePair, usages: Sequence[FileUsage]) -> frozenset[str]:
    """The files that were not read, with own classes that are given something of the upstream."""
    known = {usage.file for usage in usages}
    downstream = pair.baseline.surfaces[-1]
    found: set[str] = set()
    for usage in usages:
        for call in usage.constructions:
            made = pair.baseline.expression(call.use.root.name, usage.module).entity
            if made is None or pair.upstream(owner_module(made)):
                continue
            last = list(walk(pair.baseline, usage.module, call.use.root, call.use.steps))[-1]
            source = downstream.source(last.source.module) if isinstance(last.source, Class) else None
            if source is None or source.form != "py" or source.file in known | found:
                continue
            if any(given_instance(pair, usage, chain) for _, chains in call.arguments for chain in chains):
                found.add(source.file)
    return frozenset(found)


def _asks(use: Use, kept: Kept, lost: frozenset[str]) -> bool:
    """Whether a use asks the kept value for something that may be gone."""
    first, *rest = use.steps or (None,)
    if use.root.kind != "self" or use.root.name != kept.cls or first is None or first.name != kept.attribute:
        return False
    return any(step.name in lost and not step.default for step in rest)


def _given(pair: ReleasePair, calls: _Calls, home: FileUsage, kept: Kept) -> list[_Given]:
    """Every call of the class; nothing where one of them gives something else, or it is not known what."""
    cls = pair.baseline.expression(kept.cls, home.module).entity
    if not isinstance(cls, Class) or cls.module != home.module:
        return []
    if len({t for t in cls.facts.instance_values.get(kept.attribute, ()) if t != "None"}) > 1:
        return []
    found: list[_Given] = []
    for usage, call in calls.get(cls.path, ()):
        chains = [chains for place, chains in call.arguments if place in {kept.position, kept.parameter}]
        if not chains and not any(place in {"*", "**"} for place, _ in call.arguments):
            continue  # left out, or `None`
        for chain in chains[0] if chains else ():
            instance = given_instance(pair, usage, chain)
            if instance is None:
                return []
            found.append(_Given(usage, call, chain, instance))
        if not chains or not chains[0]:
            return []
    return found if len(found) <= _MOST_CALLS else []


def _calls_by_constructor(pair: ReleasePair, usages: Sequence[FileUsage]) -> _Calls:
    """The calls that make instances, by the path of the class whose constructor they run."""
    found: _Calls = {}
    for usage in usages:
        for call in usage.constructions:
            reached = list(walk(pair.baseline, usage.module, call.use.root, call.use.steps))[-1]
            made = reached.source if reached.index == len(call.use.steps) - 1 else None
            if not isinstance(made, Class):
                continue
            holder = next((c for c in pair.baseline.mro(made)[0] if "__init__" in c.facts.members), None)
            if holder is not None:
                found.setdefault(holder.path, []).append((usage, call))
    return found


def given_instance(pair: ReleasePair, usage: FileUsage, chain: _Chain) -> Class | None:
    """The class of the upstream that a chain gives an instance of."""
    reached = list(walk(pair.baseline, usage.module, *chain))[-1]
    entity = reached.found.entity if reached.index == len(chain[1]) - 1 else None
    if not isinstance(entity, Instance) or entity.maybe or not pair.upstream(owner_module(entity)):
        return None
    return entity.of


def _judge(pair: ReleasePair, usage: FileUsage, use: Use, given: Sequence[_Given]) -> Iterator[Breakage]:
    asked = use.steps[1:]
    places = {(step.line, step.column) for step in asked}
    for one in given:
        root, steps = one.chain
        imagined = Use(root, (*steps, *asked), "attribute", use.line, use.column, use.inside, use.scope, use.around)
        call = one.call.use
        for hit in judge_use(pair, one.usage, imagined):
            if (hit.line, hit.column) not in places:
                continue
            yield from at_both_places(hit, usage.file, use, one.usage.file, call, "class")


def at_both_places(hit: Breakage, file: str, use: Use, given_in: str, call: Use, taker: str) -> Iterator[Breakage]:
    """A break where a value is asked for something, and where the value is given. `taker`: `class` or `function`."""
    yield replace(
        hit,
        file=file,
        use=use,
        confidence="possible",
        detail=f"the value is what {given_in}:{call.line} gives to the {taker}",
    )
    yield replace(
        hit,
        file=given_in,
        line=call.line,
        column=call.column,
        use=call,
        confidence="possible",
        detail=f"it is asked for in {file}:{hit.line}",
    )
