"""What is asked of a result that is of another type with the candidate: unpacking, operators, `with`, attributes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tailrace.changes.causes import callable_path, class_place
from tailrace.changes.results import fields_change, giver_of, result_change
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.python.modules import STUB
from tailrace.python.semantics.chains import Reached, owner_module
from tailrace.python.semantics.entities import Class, Entity, Function, Instance, Standard, Union
from tailrace.python.semantics.inferred import given_by
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import source_of
from tailrace.python.usages import Condition, FileUsage, Step, Use

_MOST_FUNCTIONS = 4
_ASKS = re.compile(r"\b(isinstance|issubclass|hasattr|type|len|callable|isawaitable|iscoroutine\w*)\(")


def concerns_result(baseline: Reached, candidate: Reached) -> bool:
    """Whether a step asks something of a value of a standard type, or for a number of values."""
    return candidate.found.error == "ValueError" or any(map(_is_standard, (baseline.source, candidate.source)))


def _is_standard(entity: Entity | None) -> bool:
    if isinstance(entity, Union):
        return any(map(_is_standard, entity.members))
    return isinstance(entity, Standard)


def find_changed_result(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    baseline: Sequence[Reached],
    candidate: Sequence[Reached],
    in_candidate: Reached,
) -> Breakage | None:
    """The break at a step that fails because of what a function of the upstream gives now."""
    in_baseline = next((r for r in baseline if r.index == in_candidate.index), None)
    if in_baseline is None or in_baseline.found.state != "present" or in_candidate.step is None:
        return None
    if any(isinstance(item, Condition) and _ASKS.search(source_of(item.test)) for item in use.around):
        return None  # a test that asks for the type serves both releases
    if isinstance(in_baseline.source, Instance) and isinstance(in_candidate.source, Instance):
        mine, theirs = in_baseline.source.of, in_candidate.source.of
        counts = fields_change(pair.baseline, pair.candidate, mine, theirs)
        if counts is None or mine.path != theirs.path or not pair.upstream(owner_module(mine)):
            return None
        detail = f"it had {counts[0]} and has {counts[1]}"
        return _hit(pair, usage, use, in_candidate.step, mine, callable_path(pair.baseline, mine), detail, in_candidate)
    for earlier, later in reversed(
        [(a, b) for a, b in zip(baseline, candidate, strict=False) if a.index < in_candidate.index]
    ):
        function, now = giver_of(pair.baseline, earlier), giver_of(pair.candidate, later)
        if function is None or now is None:
            continue
        if not pair.upstream(owner_module(function)):
            function, now = _behind(pair.baseline, function), _behind(pair.candidate, now)
            if function is None or now is None:
                return None
        if not pair.upstream(owner_module(function)):
            return None
        changed = result_change(pair.baseline, pair.candidate, function, now)
        if changed is None:
            return None
        detail = f"it gave {changed[0]} and now gives {changed[1]}"
        return _hit(
            pair, usage, use, in_candidate.step, function, callable_path(pair.baseline, function), detail, in_candidate
        )
    return None


def _behind(resolver: Resolver, function: Function) -> Function | None:
    """The function whose result an own function gives on: that of the last call in what it returns."""
    for _ in range(_MOST_FUNCTIONS):
        reached = given_by(resolver, function)
        giver = giver_of(resolver, reached[-1]) if reached else None
        if giver is None or resolver.surface_of(giver.module) is resolver.surfaces[0]:
            return giver
        function = giver
    return None


def by_place(reached: Reached) -> bool:
    """Whether a step takes the fields of an instance by their places: `a, b = x`, `x[0]`."""
    step = reached.step
    return step is not None and isinstance(reached.source, Instance) and (step.count > 0 or step.element.isdigit())


def find_moved_fields(
    pair: ReleasePair, usage: FileUsage, use: Use, in_baseline: Reached, in_candidate: Reached
) -> Breakage | None:
    """A named tuple whose fields are taken by place, where they stand in other places with the candidate."""
    if (
        not by_place(in_candidate)
        or not isinstance(in_baseline.source, Instance)
        or not isinstance(in_candidate.source, Instance)
    ):
        return None
    mine, theirs = in_baseline.source.of, in_candidate.source.of
    changed = fields_change(pair.baseline, pair.candidate, mine, theirs)
    if (
        changed is None
        or mine.path != theirs.path
        or not pair.upstream(owner_module(mine))
        or in_candidate.step is None
    ):
        return None
    place = in_candidate.step.element
    baseline, candidate = pair.baseline.fields(mine) or (), pair.candidate.fields(theirs) or ()
    if place and (not int(place) < min(len(baseline), len(candidate)) or baseline[int(place)] == candidate[int(place)]):
        return None
    if not place and len(baseline) != len(candidate):
        return None  # that fails, and is found there
    detail = f"it had {changed[0]} and has {changed[1]}"
    hit = _hit(pair, usage, use, in_candidate.step, mine, callable_path(pair.baseline, mine), detail, in_candidate)
    if not in_candidate.step.line:
        hit = replace(hit, line=use.line, column=use.column)
    return replace(hit, confidence="possible", raises=frozenset(), facts={"asked": "", "moved": "fields"})


def _hit(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    step: Step,
    giver: Class | Function,
    symbol: str,
    detail: str,
    candidate: Reached,
) -> Breakage:
    module = giver.module.removesuffix(STUB)
    facts = pair.baseline.facts(giver.module)
    place = class_place(pair.baseline, giver) if isinstance(giver, Class) else None
    name = giver.path.removeprefix(module).lstrip(".")
    if symbol.endswith(f".{name}"):
        module = symbol.removesuffix(f".{name}")
    error = candidate.found.error
    return Breakage(
        rule="result-changed",
        symbol=symbol,
        module=module,
        name=name,
        how="call",
        file=usage.file,
        line=step.line,
        column=step.column,
        use=use,
        confidence="likely",
        raises=LINEAGES.get(error, frozenset({error, "Exception", "BaseException"})),
        detail=detail,
        facts={"raises": error, "asked": step.name or ""},
        cause_file=place.file if place is not None else facts.file if facts is not None else None,
        cause_line=giver.facts.line,
    )
