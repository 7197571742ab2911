"""Finds uses of what the candidate newly marks as deprecated. They are notes, never breaks."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.changes.causes import public_path
from tailrace.check.breakage import Breakage
from tailrace.check.breakages.finder import FileFinder, FileView
from tailrace.check.release_pair import ReleasePair
from tailrace.model import Deprecation
from tailrace.python.semantics.chains import Reached, owner_module, walk
from tailrace.python.semantics.entities import Class, Entity, Function, Module
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import FileUsage, Step, Use


def find_deprecated(pair: ReleasePair, usage: FileUsage, use: Use) -> Iterator[Breakage]:
    """A call of a function or class, or an import of a module, that warns with the candidate and did not before."""
    if use.how in {"import", "from-import"} or use.root.kind == "import":
        yield from _imported(pair, usage, use)
    if any(step.call is not None for step in use.steps):
        yield from _called(pair, usage, use)


def deprecation_of(resolver: Resolver, entity: Entity | None) -> Deprecation | None:
    """The mark on a function, class or module."""
    if isinstance(entity, Class | Function):
        return entity.facts.deprecation
    facts = resolver.facts(entity.name) if isinstance(entity, Module) else None
    return facts.deprecation if facts is not None else None


def _called(pair: ReleasePair, usage: FileUsage, use: Use) -> Iterator[Breakage]:
    for reached in walk(pair.candidate, usage.module, use.root, use.steps):
        step, callee = reached.step, reached.source
        if step is None or step.call is None or not isinstance(callee, Class | Function):
            continue
        mark = callee.facts.deprecation
        if mark is None or not pair.upstream(owner_module(callee)) or _marked_before(pair, usage, use, reached):
            continue
        yield _hit(pair, usage, use, callee, mark, step)


def _marked_before(pair: ReleasePair, usage: FileUsage, use: Use, candidate: Reached) -> bool:
    """Whether the baseline has the mark already, or what is called there is not known."""
    baseline = next(
        (r for r in walk(pair.baseline, usage.module, use.root, use.steps) if r.index == candidate.index), None
    )
    source = baseline.source if baseline is not None else None
    return not isinstance(source, Class | Function) or source.facts.deprecation is not None


def _imported(pair: ReleasePair, usage: FileUsage, use: Use) -> Iterator[Breakage]:
    dotted = use.root.module if use.root.kind == "from" else use.root.name
    names = [dotted, f"{dotted}.{use.root.name}"] if use.root.kind == "from" else [dotted]
    for name in names:
        mark = deprecation_of(pair.candidate, Module(name)) if pair.upstream(name) else None
        if (
            mark is not None
            and pair.baseline.facts(name) is not None
            and deprecation_of(pair.baseline, Module(name)) is None
        ):
            yield _hit(pair, usage, use, Module(name), mark, None)


def _hit(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    entity: Class | Function | Module,
    mark: Deprecation,
    step: Step | None,
) -> Breakage:
    module = owner_module(entity) or ""
    path = entity.name if isinstance(entity, Module) else public_path(pair.candidate, entity.path, module)
    facts = pair.candidate.facts(module)
    return Breakage(
        rule="now-deprecated",
        symbol=path,
        module=module,
        name=(path if isinstance(entity, Module) else entity.path).removeprefix(module).lstrip("."),
        how="call" if step is not None else "import",
        file=usage.file,
        line=step.line if step is not None else use.line,
        column=step.column if step is not None else use.column,
        use=use,
        detail=mark.message or "",
        facts={"removed_in": mark.removed_in} if mark.removed_in else {},
        cause_file=facts.file if facts is not None else None,
        cause_line=1 if isinstance(entity, Module) else entity.facts.line,
        cause_in_candidate=True,
    )


def _find(view: FileView) -> Iterator[Breakage]:
    return view.each(lambda use: find_deprecated(view.pair, view.usage, use))


FINDER = FileFinder(frozenset({"now-deprecated"}), _find, rank=50)
