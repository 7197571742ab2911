"""Counts the uses that a check looked at and could not decide, by reason."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import Literal

from tailrace.check.breakage import Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.check.upstream import Upstream
from tailrace.model.report import UndecidedReasons, UseCounts
from tailrace.python.facts import FunctionFacts
from tailrace.python.parsing import parse_python
from tailrace.python.semantics.chains import Reached, owner_module, walk
from tailrace.python.semantics.entities import Class, External, Instance, Module, Value
from tailrace.python.semantics.resolver import UNREADABLE, Resolver
from tailrace.python.usages import FileUsage, Use, number_alike
from tailrace.python.usages.escapes import find_escapes

Reason = Literal["dynamic", "unparsable", "no_stub", "type_unknown"]
# A place in a downstream: file, line and column.
Place = tuple[str, int, int]


# No module has a name like this: what answers to it answers to anything.
_NO_NAME = "tailrace_no_such_name"


@dataclass(frozen=True, slots=True)
class Undecided:
    """A use for which it is not known whether the candidate has it. `names`: what of it is not known. `since`: the
    step from which on it is not known; `None` where a fallback answers."""

    reason: Reason
    names: tuple[str, ...]
    since: int | None = None


def count_uses(
    pair: ReleasePair,
    uses: Iterable[tuple[FileUsage, tuple[Use, ...]]],
    hits: Iterable[Breakage],
    answered: Set[Place],
    upstream: Upstream,
) -> UseCounts:
    """The uses of the upstream among `uses`.

    `hits`: what is reported is decided. `answered`: attributes that the type checker knows on both sides.
    """
    told = {(hit.file, hit.line) for hit in hits}
    total = undecided_changed = 0
    reasons: Counter[Reason] = Counter()
    for usage, each in uses:
        judged: dict[int, Undecided | Literal["decided"] | None] = {}
        for use, number in zip(each, number_alike(each), strict=True):
            if any(step.implicit for step in use.steps):
                continue  # what is asked of a value whose own use counts already
            if number not in judged:
                judged[number] = _judge(pair, usage, use)
            found = judged[number]
            if found is None:
                continue
            total += 1
            if (
                isinstance(found, Undecided)
                and not _is_told(usage, use, told)
                and not _is_known(usage, use, found, answered)
            ):
                reasons[found.reason] += 1
                undecided_changed += found.reason == "unparsable" or not upstream.changed_names.isdisjoint(found.names)
        for use in usage.computed:
            owner = _asked_by_name(pair, usage, use)
            if owner is None:
                continue
            total += 1
            if not _is_told(usage, use, told):
                reasons["dynamic"] += 1
                undecided_changed += _loses_names(pair, owner)
        for use in _escapes(pair, usage):
            owner = _asked_by_name(pair, usage, use)
            if isinstance(owner, Module) and _loses_names(pair, owner) and not _is_told(usage, use, told):
                total += 1
                reasons["dynamic"] += 1
                undecided_changed += 1
        for use in usage.tests:
            if _may_refuse_a_test(pair, usage, use) and not _is_told(usage, use, told):
                total += 1
                reasons["dynamic"] += 1
                undecided_changed += 1
    undecided = sum(reasons.values())
    return UseCounts(
        total=total,
        decided=total - undecided,
        undecided=undecided,
        undecided_changed=undecided_changed,
        reasons=UndecidedReasons(
            dynamic=reasons["dynamic"],
            unparsable=reasons["unparsable"],
            no_stub=reasons["no_stub"],
            type_unknown=reasons["type_unknown"],
        ),
    )


def lost_members(pair: ReleasePair, usage: FileUsage, use: Use) -> frozenset[str]:
    """The members that the module or class which is asked for a computed name has with the baseline alone; none where
    it is not the upstream's."""
    owner = _asked_by_name(pair, usage, use)
    return _names(pair.baseline, owner) - _names(pair.candidate, owner) if owner is not None else frozenset()


def _asked_by_name(pair: ReleasePair, usage: FileUsage, use: Use) -> Module | Class | None:
    """The module or class of the upstream that is asked for a name which only running the code shows."""
    last = list(walk(pair.baseline, usage.module, use.root, use.steps))[-1]
    entity = last.found.entity if last.index == len(use.steps) - 1 else None
    owner = entity.of if isinstance(entity, Instance) else entity
    return owner if isinstance(owner, Module | Class) and pair.upstream(owner_module(owner)) else None


def _escapes(pair: ReleasePair, usage: FileUsage) -> list[Use]:
    """Where the file keeps a module of the upstream, or hands it on, so that its uses are not followed."""

    def parse() -> ast.Module | None:
        parsed = parse_python(usage.text.encode())
        return parsed.tree if parsed is not None else None

    return find_escapes(usage.text, usage.module, pair.baseline.surfaces[0].sources, parse)


def _may_refuse_a_test(pair: ReleasePair, usage: FileUsage, use: Use) -> bool:
    """Whether what decides if a value is true is new in the candidate, or only raises there."""
    candidate = _truth(pair, pair.candidate, usage, use)
    if candidate is None:
        return False
    baseline = _truth(pair, pair.baseline, usage, use)
    return baseline is None or (candidate.raises_always is not None and baseline.raises_always is None)


def _truth(pair: ReleasePair, resolver: Resolver, usage: FileUsage, use: Use) -> FunctionFacts | None:
    """The method of the upstream that says whether a value is true; `None` where there is none."""
    last = list(walk(resolver, usage.module, use.root, use.steps))[-1]
    entity = last.found.entity if last.index == len(use.steps) - 1 else None
    if not isinstance(entity, Instance) or not isinstance(entity.of, Class):
        return None
    for owner in resolver.mro(entity.of)[0]:
        if bindings := owner.facts.members.get("__bool__"):
            return bindings[-1].function if pair.upstream(owner_module(owner)) else None
    return None


def _loses_names(pair: ReleasePair, owner: Module | Class) -> bool:
    """Whether a module or class has fewer public names with the candidate: any of them may be the one."""
    mine, theirs = _names(pair.baseline, owner), _names(pair.candidate, owner)
    return any(not name.startswith("_") for name in mine - theirs)


def _names(resolver: Resolver, owner: Module | Class) -> frozenset[str]:
    if isinstance(owner, Module):
        facts, inner = resolver.facts(owner.name), f"{owner.name}."
        modules = (name.removeprefix(inner) for name in resolver.surfaces[0].sources if name.startswith(inner))
        return frozenset((*(facts.bindings if facts is not None else ()), *modules))
    cls = resolver.path(owner.path).entity
    if not isinstance(cls, Class):
        return frozenset()
    return frozenset(name for each in resolver.mro(cls)[0] for name in (*each.facts.members, *each.facts.instance))


def _is_told(usage: FileUsage, use: Use, told: Set[tuple[str, int]]) -> bool:
    return any((usage.file, line) in told for line in {use.line, *(step.line for step in use.steps)})


def _is_known(usage: FileUsage, use: Use, found: Undecided, answered: Set[Place]) -> bool:
    """Whether the type checker knows every attribute that names do not lead to."""
    if found.since is None:
        return False
    named = [step for step in use.steps[max(found.since, 0) :] if step.name is not None]
    return bool(named) and all((usage.file, s.line, s.column) in answered or s.default for s in named)


def _judge(pair: ReleasePair, usage: FileUsage, use: Use) -> Undecided | Literal["decided"] | None:
    """`None` for a use that does not lead to the upstream."""
    if use.root.kind == "parameter" or (use.how == "from-import" and use.root.name == "*"):
        return None
    candidate = list(walk(pair.candidate, usage.module, use.root, use.steps))
    if not _leads_upstream(pair, use, candidate):
        return None
    baseline = list(walk(pair.baseline, usage.module, use.root, use.steps))
    open_baseline = _open(pair, pair.baseline, use, baseline)
    if open_baseline is not None and open_baseline.reason == "unparsable":
        return open_baseline  # what the baseline has there is not known
    open_candidate = _open(pair, pair.candidate, use, candidate)
    computed = next((each for each in candidate if each.found.dynamic and each.found.state == "present"), None)
    if open_candidate is None and computed is None:
        return "decided"
    last = baseline[-1]
    if last.found.state == "absent":
        return "decided"  # fails with the baseline already
    if open_candidate is None and computed is not None:
        return _only_a_fallback(pair, use, baseline, computed) or "decided"
    assert open_candidate is not None
    return replace(open_candidate, since=_stop(candidate).index)


def _only_a_fallback(pair: ReleasePair, use: Use, baseline: list[Reached], after: Reached) -> Undecided | None:
    """A name that the baseline defines, and for which the candidate has nothing but a hook that answers to any name."""
    before = next((each for each in baseline if each.index == after.index), None)
    if before is None or before.found.state != "present" or before.found.dynamic:
        return None
    module = after.source.name if isinstance(after.source, Module) else use.root.module
    name = after.step.name if after.step is not None else use.root.name
    if not module or name is None or not isinstance(after.found.entity, Value):
        return None
    answers = pair.candidate.member(module, _NO_NAME)
    return Undecided("dynamic", (name,)) if answers.state == "present" and answers.dynamic else None


def _leads_upstream(pair: ReleasePair, use: Use, reached: list[Reached]) -> bool:
    if use.root.kind == "import" and pair.upstream(use.root.name):
        return True
    if use.root.kind == "from" and pair.upstream(use.root.module):
        return True
    if any(each.found.entity is not None and pair.upstream(owner_module(each.found.entity)) for each in reached):
        return True
    return reached[-1].found.state == "unknown" and _passes_on_anything(pair, _module_of(use, reached[-1]))


def _passes_on_anything(pair: ReleasePair, module: str | None) -> bool:
    """Whether a module of the downstream names the upstream and has names that only running it shows."""
    facts = pair.baseline.facts(module) if module else None
    if facts is None or not (facts.open_names or facts.replaced or facts.getattr_hook):
        return False
    return any(pair.upstream(one.target) for found in facts.bindings.values() for one in found if one.target)


def _stop(reached: list[Reached]) -> Reached:
    """The first step that is not known, else the last one."""
    return next((each for each in reached if each.found.state == "unknown"), reached[-1])


def _open(pair: ReleasePair, resolver: Resolver, use: Use, reached: list[Reached]) -> Undecided | None:
    """What of a use is not known in one resolver; `None` when all of it is."""
    last = _stop(reached)
    found = last.found
    starred = found.state == "unknown" and found.note.startswith("from ")  # another distribution may give the name
    foreign = isinstance(found.entity, External) and not pair.upstream(found.entity.path)
    if found.state == "absent" or (foreign and not starred):
        return None
    at = last.index
    taken = found.state == "present" or (last.step is not None and last.step.name is None)
    rest = use.steps[at + 1 :] if taken else use.steps[max(at, 0) :]
    names = tuple(step.name for step in rest if step.name is not None and not step.default)
    if not taken and at == -1:
        names = (use.root.name.rsplit(".", 1)[-1], *names)
    if not names:
        return None
    if starred or found.dynamic or "run time" in found.note or "metaclass" in found.note:
        return Undecided("dynamic", names)
    if found is UNREADABLE or found.note == UNREADABLE.note:
        return Undecided("unparsable", names)
    module = _module_of(use, last)
    form = _form(resolver, module) if module is not None else ""
    if form == "unparsable":
        return Undecided("unparsable", names)
    if form == "compiled":
        return Undecided("no_stub", names)
    return Undecided("type_unknown", names)


def _module_of(use: Use, last: Reached) -> str | None:
    """The module in which the unknown thing would be defined."""
    for entity in (last.source, last.found.entity):
        if isinstance(entity, Module):
            return entity.name
        if isinstance(entity, Value | External):
            return entity.path if isinstance(entity, External) else entity.module
    return use.root.module or (use.root.name if use.root.kind == "import" else None)


def _form(resolver: Resolver, path: str) -> str:
    """How the module in which a path begins can be read: `unparsable`, `compiled`, or empty when it is plain."""
    parts = path.split(".")
    for depth in range(len(parts), 0, -1):
        module = ".".join(parts[:depth])
        surface = resolver.surface_of(module)
        source = surface.source(module) if surface is not None else None
        if surface is None or source is None:
            continue
        if source.form == "py" and surface.module(module) is None:
            return "unparsable"
        return "compiled" if source.form in {"binary", "pyx"} else ""
    return ""
