"""Finds attributes that the downstream sets and that can no longer be set: of a frozen dataclass, or a property without
a setter."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.changes.kinds import READ_ONLY, is_frozen_dataclass, settable_kind
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.breakages.finder import FileFinder, FileView
from tailrace.check.release_pair import ReleasePair
from tailrace.python.modules import STUB
from tailrace.python.semantics.chains import owner_module, walk
from tailrace.python.semantics.entities import Class, Instance
from tailrace.python.usages import FileUsage, OwnClass, Root, Use
from tailrace.rules.interface import BreakFacts


def find_failing_stores(pair: ReleasePair, usage: FileUsage) -> Iterator[Breakage]:
    """Attributes that are set on instances of a class of the upstream."""
    for use in usage.stores:
        baseline, candidate = (
            list(walk(side, usage.module, use.root, use.steps))[-1] for side in (pair.baseline, pair.candidate)
        )
        step = baseline.step
        if step is None or baseline.index != len(use.steps) - 1 or candidate.index != baseline.index:
            continue
        if (
            not isinstance(baseline.source, Instance)
            or not isinstance(candidate.source, Instance)
            or baseline.source.maybe
        ):
            continue
        in_baseline, in_candidate = baseline.source.of, candidate.source.of
        if in_baseline.path != in_candidate.path or not pair.upstream(owner_module(in_baseline)):
            continue
        line, column = step.line or use.line, step.column or use.column
        if is_frozen_dataclass(in_candidate) and not is_frozen_dataclass(in_baseline):
            detail = f"it is frozen now, so that `.{step.name} = …` raises FrozenInstanceError"
            raises = frozenset({"FrozenInstanceError", *LINEAGES["AttributeError"]})
            facts: BreakFacts = {"frozen": "yes"}
            yield _hit(
                pair, usage, use, "base-changed", in_baseline, in_baseline.path, detail, facts, raises, line, column
            )
        elif step.name is not None and _is_read_only(pair, in_baseline, in_candidate, step.name):
            yield _read_only(pair, usage, use, in_baseline, step.name, line, column)


def find_own_stores(pair: ReleasePair, usage: FileUsage) -> Iterator[Breakage]:
    """Attributes that a class of the downstream sets on `self`, for which its base has a property now."""
    for own in usage.classes:
        in_baseline = pair.baseline.expression(own.name, usage.module).entity
        in_candidate = pair.candidate.expression(own.name, usage.module).entity
        if not isinstance(in_baseline, Class) or not isinstance(in_candidate, Class) or not in_baseline.facts.bases:
            continue
        for name, line in in_baseline.facts.instance.items():
            if name not in in_baseline.facts.members and _is_read_only(pair, in_baseline, in_candidate, name):
                yield _read_only(pair, usage, _use(usage, own, line), in_baseline, name, line, 1)


def _is_read_only(pair: ReleasePair, in_baseline: Class, in_candidate: Class, name: str) -> bool:
    """Whether a property of the upstream without a setter stands there now, and did not in the baseline."""
    kind, holder = settable_kind(pair.candidate, in_candidate, name)
    if kind != READ_ONLY or holder is None or not pair.upstream(owner_module(holder)):
        return False
    was, _ = settable_kind(pair.baseline, in_baseline, name)
    return was not in {READ_ONLY, ""}


def _read_only(
    pair: ReleasePair, usage: FileUsage, use: Use, cls: Class, name: str, line: int, column: int
) -> Breakage:
    was, holder = settable_kind(pair.baseline, cls, name)
    owner = holder if holder is not None and pair.upstream(owner_module(holder)) else None
    owner = owner or next(c for c in pair.baseline.mro(cls)[0] if pair.upstream(owner_module(c)))
    facts: BreakFacts = {"old_kind": was, "new_kind": READ_ONLY}
    raises = LINEAGES["AttributeError"]
    return _hit(pair, usage, use, "kind-changed", owner, f"{owner.path}.{name}", "", facts, raises, line, column)


def _use(usage: FileUsage, own: OwnClass, line: int) -> Use:
    return Use(Root("name", own.name), (), "attribute", line, 1, f"{usage.module}.{own.name}", "function", own.around)


def _hit(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    rule: str,
    cls: Class,
    symbol: str,
    detail: str,
    facts: BreakFacts,
    raises: frozenset[str],
    line: int,
    column: int,
) -> Breakage:
    place = pair.baseline.facts(cls.module)
    module = cls.module.removesuffix(STUB)
    return Breakage(
        rule=rule,
        symbol=symbol,
        module=module,
        name=symbol.removeprefix(module).lstrip("."),
        how="attribute",
        file=usage.file,
        line=line,
        column=column,
        use=use,
        confidence="likely",
        raises=raises,
        detail=detail,
        facts=facts,
        cause_file=place.file if place is not None else None,
        cause_line=cls.facts.line,
    )


def _find(view: FileView) -> Iterator[Breakage]:
    yield from find_failing_stores(view.pair, view.usage)
    yield from find_own_stores(view.pair, view.usage)


FINDER = FileFinder(frozenset({"kind-changed", "base-changed"}), _find, rank=31)
