"""The values of the members of an enumeration, where all of them are written out."""

from __future__ import annotations

import ast
from typing import Any

from tailrace.python.bindings import makes_member
from tailrace.python.semantics.entities import Class
from tailrace.python.semantics.resolver import Resolver

# What makes values, or finds members for values that none has.
_OWN_WAYS = frozenset({"_missing_", "__new__", "_generate_next_value_", "__init__"})


def enum_values(resolver: Resolver, cls: Class) -> dict[str, Any] | None:
    """The literal value of each member; `None` for what is not an enumeration, and where one of them is not known."""
    line, doubt, standard = resolver.mro(cls)
    kinds = {base for base in standard if base.startswith("enum.")}
    if doubt or not kinds or any("Flag" in kind for kind in kinds):
        return None
    found: dict[str, Any] = {}
    for owner in line:
        if owner.facts.metaclass is not None or not _OWN_WAYS.isdisjoint(owner.facts.members) or owner.facts.open_class:
            return None
        for name, bindings in owner.facts.members.items():
            if not makes_member(owner.facts, name):
                continue
            try:
                found[name] = ast.literal_eval(bindings[-1].literal or "")
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return None
    return found or None


def lost_values(
    baseline: Resolver, in_baseline: Class, candidate: Resolver, in_candidate: Class
) -> dict[str, Any] | None:
    """The members whose values no member of the candidate has; `None` where that is not known."""
    values = enum_values(baseline, in_baseline)
    values_now = enum_values(candidate, in_candidate) if values is not None else None
    if values is None or values_now is None:
        return None
    kept = [(type(value), value) for value in values_now.values()]
    return {name: value for name, value in values.items() if (type(value), value) not in kept}
