"""Finds the class that lost the base which a missing attribute came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tailrace.python.builtin_names import standard_class_has
from tailrace.python.semantics.chains import Reached, owner_module
from tailrace.python.semantics.entities import Class, Instance
from tailrace.python.semantics.resolver import Resolver


@dataclass(frozen=True, slots=True, eq=False)
class LostBase:
    """`cls`: the upstream class, as the baseline has it. `base`: dotted path of the base that gave the attribute."""

    cls: Class
    base: str


def find_lost_base(
    baseline: Resolver,
    candidate: Resolver,
    in_baseline: Reached,
    in_candidate: Reached,
    upstream: Callable[[str | None], bool],
) -> LostBase | None:
    """The class that no longer derives from where the attribute came from; `None` when the attribute itself is gone."""
    name = in_baseline.step.name if in_baseline.step is not None else None
    cls, now = _class_of(in_baseline), _class_of(in_candidate)
    if cls is None or now is None or name is None:
        return None
    line, _, standard = baseline.mro(cls)
    new_line, _, candidate_standard = candidate.mro(now)
    giver = next((c for c in line if name in c.facts.members or name in c.facts.instance), None)
    if giver is None:
        base = next((s for s in standard if not s.startswith("namedtuple:") and standard_class_has(s, name)), None)
        if base is None or base in candidate_standard:
            return None
        losers = [c for c in line if upstream(owner_module(c)) and base in baseline.mro(c)[2]]
        return LostBase(losers[-1], base if "." in base else f"builtins.{base}") if losers else None
    still = candidate.path(giver.path).entity
    if not isinstance(still, Class) or not (name in still.facts.members or name in still.facts.instance):
        return None
    if any(c.path == giver.path for c in new_line):
        return None
    losers = [c for c in line if c is not giver and upstream(owner_module(c)) and giver in baseline.mro(c)[0]]
    return LostBase(losers[-1], giver.path) if losers else None


def _class_of(reached: Reached) -> Class | None:
    source = reached.source.of if isinstance(reached.source, Instance) else reached.source
    return source if isinstance(source, Class) else None
