"""Collects the parameters that the overloads of a stub function accept."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tailrace.python.facts import FunctionFacts, Param
from tailrace.python.semantics.entities import Function
from tailrace.python.semantics.resolver import Resolver


def overloads_of(resolver: Resolver, function: Function) -> tuple[FunctionFacts, ...]:
    """All the `@overload`s of a function without an implementation; none where one is written."""
    if not _is_overload(function.facts):
        return ()
    if function.owner is not None:
        line, _, _ = resolver.mro(function.owner)
        bindings = next(
            (c.facts.members[function.facts.name] for c in line if function.facts.name in c.facts.members), ()
        )
    else:
        facts = resolver.facts(function.module)
        bindings = facts.bindings.get(function.facts.name, ()) if facts is not None else ()
    found = tuple(b.function for b in bindings if b.function is not None and _is_overload(b.function))
    return found if function.facts in found else (function.facts,)


def joined(overloads: Sequence[FunctionFacts]) -> tuple[Param, ...]:
    """One list of parameters that binds whatever one of the overloads binds: the longest, and what others add.

    A parameter is required where all of them have and require it.
    """
    if not overloads:
        return ()
    longest = max(overloads, key=lambda f: sum(p.kind in {"positional", "normal"} for p in f.params))
    params = {p.name: p for p in longest.params}
    for overload in overloads:
        for param in overload.params:
            known = params.get(param.name)
            if known is None:
                kind = "keyword" if param.kind in {"normal", "positional"} else param.kind
                params[param.name] = msgspec.structs.replace(param, kind=kind, default=param.default or "...")
            elif known.kind != param.kind and {known.kind, param.kind} <= {"positional", "normal", "keyword"}:
                params[param.name] = msgspec.structs.replace(known, kind="normal")
    optional = [p for p in params.values() if not all(_requires(f, p.name) for f in overloads)]
    for param in optional:
        if param.kind in {"positional", "normal", "keyword"}:
            params[param.name] = msgspec.structs.replace(param, default=param.default or "...")
    order = ("positional", "normal", "var-positional", "keyword", "var-keyword")
    return tuple(sorted(params.values(), key=lambda p: order.index(p.kind)))


def _requires(function: FunctionFacts, name: str) -> bool:
    return any(p.name == name and p.default is None for p in function.params)


def _is_overload(facts: FunctionFacts) -> bool:
    return any(d.rsplit(".", 1)[-1] == "overload" for d in facts.decorators)
