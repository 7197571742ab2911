"""Drops breaks of attributes that the downstream sets itself, unless they are read before they are set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.guards.context import Surroundings
from tailrace.check.release_pair import ReleasePair
from tailrace.python.modules import is_test_file
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import Instance
from tailrace.python.usages import FileUsage, Step, Use

_SET_BY_NAME = frozenset({"name-removed", "attribute-removed", "base-changed"})


@dataclass(frozen=True, slots=True, eq=False)
class _Store:
    """One attribute that the downstream sets and the candidate lacks. `on_instance`: of one object only."""

    usage: FileUsage
    use: Use
    on_instance: bool


def without_supplied(
    pair: ReleasePair, hits: Iterable[Breakage], usages: Sequence[FileUsage], surroundings: Surroundings
) -> tuple[Breakage, ...]:
    """Leave out what the downstream puts there itself before it is used: `upstream.name = …`, `setattr(…)`."""
    hits = tuple(hits)
    wanted = {_last(h.path) for h in hits if h.rule in _SET_BY_NAME}
    stores: dict[str, list[_Store]] = {}
    for usage in usages:
        for use in usage.stores:
            if use.steps[-1].name in wanted and not surroundings.judge(usage, use, frozenset(), is_import=False).dead:
                for hit in judge_use(pair, usage, use):
                    stores.setdefault(hit.path, []).append(_Store(usage, use, _on_instance(pair, usage, use)))
    return tuple(h for h in hits if not any(_supplies(store, h) for store in stores.get(h.path, ())))


def _supplies(store: _Store, hit: Breakage) -> bool:
    """Whether the attribute is there when the hit's line runs."""
    use = hit.use
    if use is None or hit.rule not in _SET_BY_NAME:
        return False
    same_file = store.usage.file == hit.file
    if store.on_instance:
        return same_file and _same_object(store.use, use) and _earlier(store.use, use)
    if same_file:
        return _earlier(store.use, use)
    return store.use.scope == "import" and use.how == "attribute" and not is_test_file(store.usage.file)


def _earlier(store: Use, use: Use) -> bool:
    """What a module does when it is imported comes before what its functions do."""
    if store.scope == "import" and use.scope == "function":
        return True
    if use.root.kind == "self" and store.root.kind == "self" and store.inside.endswith(".__init__"):
        return True
    return store.inside == use.inside and store.line < use.line


def _same_object(store: Use, use: Use) -> bool:
    """Whether both go through one name: the same steps, and the same places unless they start from `self`."""
    baseline, candidate = store.steps[:-1], use.steps[: len(store.steps) - 1]
    if store.root != use.root or len(baseline) != len(candidate):
        return False
    if store.root.kind == "self":
        return [_kind(s) for s in baseline] == [_kind(s) for s in candidate]
    places = [(s.line, s.column) for s in baseline if s.call is not None or s.instance]
    return [_kind(s) for s in baseline] == [_kind(s) for s in candidate] and places == [
        (s.line, s.column) for s in candidate if s.call is not None or s.instance
    ]


def _kind(step: Step) -> tuple[str | None, bool, bool]:
    return step.name, step.call is None, step.instance


def _on_instance(pair: ReleasePair, usage: FileUsage, use: Use) -> bool:
    return any(
        isinstance(r.source, Instance) for r in list(walk(pair.baseline, usage.module, use.root, use.steps))[-1:]
    )


def _last(symbol: str) -> str:
    return symbol.rsplit(".", 1)[-1]
