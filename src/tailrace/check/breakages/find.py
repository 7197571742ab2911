"""Finds the breaks of one file: uses that resolve with the baseline and fail with the candidate.

Cause and effect come together here: a break is only reported where the baseline's surface has what the candidate's
lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from tailrace.changes.fallbacks import lost_member, only_fallback
from tailrace.check.breakage import Breakage
from tailrace.check.breakages.changed_results import by_place, concerns_result, find_changed_result, find_moved_fields
from tailrace.check.breakages.failing_calls import find_failing_calls, find_raising_property
from tailrace.check.breakages.finder import FileFinder, FileView
from tailrace.check.breakages.incompatible_calls import find_refused
from tailrace.check.breakages.removed_names import find_absent, find_star_name
from tailrace.check.breakages.unloaded_modules import find_unloaded
from tailrace.check.release_pair import ReleasePair
from tailrace.python.semantics.chains import Reached, owner_module, walk
from tailrace.python.semantics.entities import Class, Entity, Instance, Module, Union, absent
from tailrace.python.semantics.hazards import raising_property
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import FileUsage, Root, Use


def judge_use(pair: ReleasePair, usage: FileUsage, use: Use) -> Iterator[Breakage]:
    """The steps of a use that work with the baseline and fail with the candidate; what follows a name that is gone
    is not asked."""
    if use.how == "from-import" and use.root.name == "*":  # asks for the module alone
        use = msgspec.structs.replace(use, root=Root("import", use.root.module, use.root.module))
    candidate = list(walk(pair.candidate, usage.module, use.root, use.steps))
    interesting = any(
        r.found.state == "absent"
        or (r.step is not None and r.step.call is not None)
        or _may_be_fallback(r)
        or by_place(r)
        or _is_submodule(r)
        or raising_property(pair.candidate, r) is not None
        for r in candidate
    )
    if not interesting:
        return
    baseline = list(walk(pair.baseline, usage.module, use.root, use.steps))
    if use.root.kind == "parameter" and _named_class(baseline[0]) != _named_class(candidate[0]):
        return  # what the base asks for is said otherwise; what it is given need not be another thing
    for in_baseline, in_candidate in zip(baseline, candidate, strict=False):
        if in_candidate.found.state == "absent" and concerns_result(in_baseline, in_candidate):
            hit = find_changed_result(pair, usage, use, baseline, candidate, in_candidate)
            if hit is not None:
                yield hit
            return
        if in_candidate.found.state == "absent":
            plain = use.how == "attribute" or (use.how == "string" and use.root.kind == "name")
            hit = find_star_name(pair, usage, use, in_baseline) if in_candidate.index == -1 and plain else None
            # A name bound by an import statement is judged at that statement, not wherever it is used.
            if not (in_candidate.index == -1 and plain):
                hit = find_absent(pair, usage, use, in_baseline, in_candidate)
            if hit is not None:
                yield hit
            return
        if _may_be_fallback(in_candidate) and (
            hit := _find_lost_behind_fallback(pair, usage, use, in_baseline, in_candidate)
        ):
            yield hit
            return
        if (
            _is_submodule(in_candidate)
            and (hit := find_unloaded(pair, usage, use, in_baseline, in_candidate)) is not None
        ):
            yield hit
            return
        if (hit := find_moved_fields(pair, usage, use, in_baseline, in_candidate)) is not None:
            yield hit
        if (hit := find_raising_property(pair, usage, use, in_baseline, in_candidate)) is not None:
            yield hit
            return
        if in_candidate.step is not None and in_candidate.step.call is not None:
            yield from find_refused(pair, usage, use, in_baseline, in_candidate)
            yield from find_failing_calls(pair, usage, use, in_baseline, in_candidate)
    hit = _newly_typed(pair, usage, use, baseline, candidate)
    if hit is not None:
        yield hit


def _is_submodule(reached: Reached) -> bool:
    """Whether a module is asked for as an attribute of its package."""
    return reached.step is not None and isinstance(reached.source, Module) and isinstance(reached.found.entity, Module)


def _may_be_fallback(reached: Reached) -> bool:
    """Whether a name is not known of a class or module: it may be made there, or be gone."""
    step = reached.step
    named = step is not None and step.name is not None and not step.default
    if step is None and reached.found.dynamic:
        return reached.found.state == "unknown"
    return reached.found.state == "unknown" and named and isinstance(reached.source, Class | Instance | Module | Union)


def _find_lost_behind_fallback(
    pair: ReleasePair, usage: FileUsage, use: Use, baseline: Reached, candidate: Reached
) -> Breakage | None:
    """A name that the baseline defines, and for which the candidate has only what may answer to any name."""
    name = candidate.step.name if candidate.step is not None else None
    if candidate.step is None and use.root.kind == "from":
        name, module = use.root.name, Module(use.root.module)
        baseline, candidate = (Reached(r.index, None, module, r.found) for r in (baseline, candidate))
    if isinstance(baseline.source, Union) and isinstance(candidate.source, Union) and name is not None:
        lost = lost_member(pair.baseline, pair.candidate, baseline.source, candidate.source, name)
        if lost is None:
            return None
        found = pair.baseline.attribute(lost[0], name), pair.candidate.attribute(lost[1], name)
        baseline = Reached(baseline.index, baseline.step, lost[0], found[0])
        candidate = Reached(candidate.index, candidate.step, lost[1], found[1])
    if name is None:
        return None
    sides: tuple[Entity | None, Entity | None] = baseline.source, candidate.source
    if not pair.upstream(owner_module(baseline.source)):
        bases = _only_base(pair, pair.baseline, sides[0], name), _only_base(pair, pair.candidate, sides[1], name)
        if bases[0] is None or bases[1] is None or bases[0].path != bases[1].path:
            return None
        sides = Instance(bases[0]), Instance(bases[1])
    if not only_fallback(pair.baseline, pair.candidate, *sides, name, baseline.found, candidate.found):
        return None
    error = "ImportError" if candidate.step is None else "AttributeError"
    gone = Reached(candidate.index, candidate.step, candidate.source, absent(error, candidate.found.note))
    hit = find_absent(pair, usage, use, baseline, gone)
    return replace(hit, confidence="likely") if hit is not None else None


def _only_base(pair: ReleasePair, resolver: Resolver, entity: Entity | None, name: str) -> Class | None:
    """The class of the upstream from which alone a class of the downstream can have the name."""
    cls: Entity | None = entity.of if isinstance(entity, Instance) else entity
    while isinstance(cls, Class) and not pair.upstream(owner_module(cls)):
        facts = cls.facts
        if (
            facts.open_instance
            or facts.open_class
            or facts.open_decorators
            or facts.metaclass is not None
            or len(facts.bases) != 1
        ):
            return None
        if name in facts.members or name in facts.instance or "__getattr__" in facts.members:
            return None
        cls = resolver.expression(facts.bases[0], cls.module, within=cls).entity
    return cls if isinstance(cls, Class) else None


def _newly_typed(
    pair: ReleasePair, usage: FileUsage, use: Use, baseline: list[Reached], candidate: list[Reached]
) -> Breakage | None:
    """What the baseline does not say and the candidate does: the class of a result, which had the attribute before."""
    last, in_candidate = baseline[-1], candidate[-1]
    known = last.found.state == "absent" or last.found.entity is not None
    if in_candidate.found.state != "absent" or len(candidate) <= len(baseline) or known:
        return None
    if in_candidate.step is None or in_candidate.step.name is None or not isinstance(in_candidate.source, Instance):
        return None
    cls = pair.baseline.path(in_candidate.source.of.path).entity
    if not isinstance(cls, Class) or not pair.upstream(owner_module(cls)):
        return None
    found = pair.baseline.class_attribute(cls, in_candidate.step.name, instance=True)
    if found.state != "present":
        return None
    hit = find_absent(
        pair, usage, use, Reached(in_candidate.index, in_candidate.step, Instance(cls), found), in_candidate
    )
    return replace(hit, confidence="likely") if hit is not None else None


def _named_class(reached: Reached) -> str | None:
    entity = reached.found.entity
    return entity.of.path.rsplit(".", 1)[-1] if isinstance(entity, Instance) else None


def _find(view: FileView) -> Iterator[Breakage]:
    return view.each(lambda use: judge_use(view.pair, view.usage, use))


FINDER = FileFinder(
    frozenset(
        {
            *("module-removed", "name-removed", "attribute-removed", "parameter-removed", "parameter-now-required"),
            *("parameter-now-keyword-only", "arity-changed", "call-raises", "kind-changed", "result-changed"),
            *("base-changed", "now-abstract"),
        }
    ),
    _find,
    rank=10,
)
