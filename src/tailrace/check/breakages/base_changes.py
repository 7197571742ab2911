"""Finds breaks where the base of a subclass is another kind of thing with the candidate."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.changes.kinds import is_frozen_dataclass
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.breakages.finder import FileFinder, FileView
from tailrace.check.breakages.kind_changes import ChangedKind, find_changed_kind
from tailrace.check.breakages.removed_names import root_path
from tailrace.check.release_pair import ReleasePair
from tailrace.python.modules import STUB
from tailrace.python.semantics.chains import owner_module, walk
from tailrace.python.semantics.entities import Class, Function, Instance, Module, Value
from tailrace.python.usages import FileUsage, OwnClass, Root, Use
from tailrace.rules.interface import BreakFacts


def find_changed_kinds(pair: ReleasePair, usage: FileUsage, use: Use) -> Iterator[Breakage]:
    """A call of what is now a value, a value that is now a function, a coroutine that is not awaited, and the other
    way."""
    if not use.steps or use.how != "attribute":
        return
    candidate = walk(pair.candidate, usage.module, use.root, use.steps)
    asks = any(step.call is not None or step.name == "__instancecheck__" for step in use.steps)
    if not asks and not any(reached.found.state == "absent" for reached in candidate):
        return
    baseline = walk(pair.baseline, usage.module, use.root, use.steps)
    changed = find_changed_kind(pair.baseline, pair.candidate, use, baseline, candidate)
    named = _named(pair, usage, use, changed) if changed is not None else None
    if changed is not None and named is not None:
        yield _kind_hit(usage, use, changed, *named)


def find_changed_bases(pair: ReleasePair, usage: FileUsage) -> Iterator[Breakage]:
    """Own classes whose upstream base is no class any more, or is a dataclass that theirs can no longer derive from."""
    for own in usage.classes:
        cls = pair.baseline.expression(own.name, usage.module).entity
        for text in cls.facts.bases if isinstance(cls, Class) else ():
            baseline, candidate = (
                pair.baseline.expression(text, usage.module).entity,
                pair.candidate.expression(text, usage.module).entity,
            )
            if (
                not isinstance(cls, Class)
                or not isinstance(baseline, Class)
                or not pair.upstream(owner_module(baseline))
            ):
                continue
            if isinstance(candidate, Function):
                facts: BreakFacts = {"old_kind": "class", "new_kind": "function"}
                yield _base_hit(pair, usage, own, "kind-changed", baseline, "", facts)
            elif isinstance(candidate, Class):
                own_frozen, was_frozen, now_frozen = map(is_frozen_dataclass, (cls, baseline, candidate))
                if {own_frozen, was_frozen, now_frozen} != {True, False} or was_frozen != own_frozen:
                    continue  # did not work before either, or works
                now = "frozen" if now_frozen else "not frozen"
                detail = f"it is a dataclass that is {now}, and the one that derives from it is otherwise"
                yield _base_hit(pair, usage, own, "base-changed", baseline, detail, {})


def _named(pair: ReleasePair, usage: FileUsage, use: Use, changed: ChangedKind) -> tuple[str, str] | None:
    """Symbol and module of the name, `None` when it is not the upstream's."""
    baseline = changed.in_baseline
    name = baseline.step.name if baseline.step is not None else None
    source = baseline.source.of if isinstance(baseline.source, Instance) else baseline.source
    if isinstance(source, Class):
        holders = (c for c in pair.baseline.mro(source)[0] if name in c.facts.members)
        holder = next((c for c in holders if pair.upstream(owner_module(c))), None)
        return (f"{holder.path}.{name}", owner_module(holder) or "") if holder is not None else None
    if isinstance(source, Module):
        return (f"{source.name}.{name}", source.name) if pair.upstream(source.name) else None
    entity = baseline.found.entity
    if isinstance(entity, Class | Function | Value) and pair.upstream(owner_module(entity)):
        root = root_path(pair, usage, use) if baseline.index == -1 else None
        if root is not None and pair.upstream(root.split(".", 1)[0]) and root != entity.path:
            there, leads = pair.candidate.path(entity.path).entity, changed.in_candidate.found.entity
            if getattr(there, "path", None) != getattr(leads, "path", None):
                return root, root.rpartition(".")[0]  # the name leads to another thing
        return entity.path, owner_module(entity) or ""
    return None


def _kind_hit(usage: FileUsage, use: Use, changed: ChangedKind, symbol: str, module: str) -> Breakage:
    return Breakage(
        rule="kind-changed",
        symbol=symbol,
        module=module,
        name=symbol.removeprefix(module).lstrip("."),
        how="call" if changed.step.call is not None else "attribute",
        file=usage.file,
        line=changed.step.line,
        column=changed.step.column,
        use=use,
        confidence=changed.confidence,
        raises=LINEAGES.get(changed.error, frozenset()),
        detail="" if changed.error else "nothing awaits it, so it never runs",
        facts={"old_kind": changed.baseline, "new_kind": changed.candidate},
        cause_file=changed.in_baseline.found.file,
        cause_line=changed.in_baseline.found.line,
    )


def _base_hit(
    pair: ReleasePair, usage: FileUsage, own: OwnClass, rule: str, base: Class, detail: str, facts: BreakFacts
) -> Breakage:
    module = base.module.removesuffix(STUB)
    place = pair.baseline.facts(base.module)
    use = Use(Root("name", own.name), (), "attribute", own.line, 1, f"{usage.module}.{own.name}", "import", own.around)
    return Breakage(
        rule=rule,
        symbol=base.path,
        module=module,
        name=base.path.removeprefix(module).lstrip("."),
        how="subclass",
        file=usage.file,
        line=own.line,
        column=1,
        use=use,
        raises=LINEAGES["TypeError"],
        detail=detail,
        facts=facts,
        cause_file=place.file if place is not None else None,
        cause_line=base.facts.line,
    )


def _find(view: FileView) -> Iterator[Breakage]:
    yield from view.each(lambda use: find_changed_kinds(view.pair, view.usage, use))
    yield from find_changed_bases(view.pair, view.usage)


FINDER = FileFinder(frozenset({"kind-changed", "base-changed"}), _find, rank=30)
