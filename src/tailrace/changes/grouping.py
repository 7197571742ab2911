"""Drops changes that only repeat another one, or that name an import from another distribution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from tailrace.model import Change
from tailrace.python.builtin_names import BUILTINS
from tailrace.python.facts import Binding
from tailrace.python.semantics.resolver import Resolver

_SHOWN = 3


def grouped(
    changes: Mapping[tuple[str, str], Change], sources: Mapping[str, str], resolver: Resolver, candidate: Resolver
) -> tuple[Change, ...]:
    """Changes for readers. `sources`: symbol of a removed name that was imported there → the path it came from.

    An import of the standard library that a module no longer does is left out, unless the module offered the name: in
    `__all__`, under another name, or chosen by a test (`try: from io import StringIO`), as compatibility modules do.
    A name that is gone where it stood is said once, with the modules that had imported it; packages' own re-exports
    stay.
    """
    kept: list[Change] = []
    also: dict[str, list[str]] = {}
    for key in sorted(changes):
        change = changes[key]
        origin = sources.get(change.symbol) if change.rule == "name-removed" else None
        if origin is None:
            kept.append(change)
        elif not resolver.knows(origin):
            if offered(resolver, change.symbol):
                kept.append(change)
        elif (
            (change.rule, origin) in changes
            and _repeats(resolver, change.symbol, origin)
            and candidate.path(origin).state == "absent"  # else only `import *` no longer gives it from there
        ):
            also.setdefault(origin, []).append(change.symbol.rpartition(".")[0])
        else:
            marked = changes.get((change.rule, origin)) or _marked(changes, change)
            kept.append(_with_mark(change, marked))
    return tuple(
        _with_places(change, also.get(change.symbol, [])) if change.rule == "name-removed" else change
        for change in kept
    )


def _repeats(resolver: Resolver, symbol: str, origin: str) -> bool:
    same_name = symbol.rpartition(".")[2] == origin.rpartition(".")[2]
    return same_name and not offered(resolver, symbol, by_package=True)


def offered(resolver: Resolver, symbol: str, *, by_package: bool = False) -> bool:
    """Whether a module means to offer a name that it imports."""
    module, _, name = symbol.rpartition(".")
    facts = resolver.facts(module)
    if facts is None:
        return True
    if facts.all_names is not None and name in facts.all_names:
        return True
    if by_package:
        # What comes by `import *` is named where it stands.
        return facts.is_package and facts.all_names is None and name in facts.bindings
    return any(_chosen(binding, name) for binding in facts.bindings.get(name, ()) if binding.runtime)


def _chosen(binding: Binding, name: str) -> bool:
    if binding.kind == "value":
        return True
    return binding.conditional or (binding.attr or binding.target) not in {name, None} or name in BUILTINS


def _marked(changes: Mapping[tuple[str, str], Change], change: Change) -> Change | None:
    """The same name, gone elsewhere in the same package, with a mark: a stub beside a compiled module carries none."""
    name = change.symbol.rpartition(".")[2]
    root = change.symbol.partition(".")[0]
    same = (c for c in changes.values() if c.rule == change.rule and c.deprecation is not None)
    return next((c for c in same if c.symbol.endswith(f".{name}") and c.symbol.startswith(f"{root}.")), None)


def _with_mark(change: Change, marked: Change | None) -> Change:
    if marked is None or change.deprecation is not None:
        return change
    return msgspec.structs.replace(change, deprecation=marked.deprecation, deprecated_in=marked.deprecated_in)


def _with_places(change: Change, places: Iterable[str]) -> Change:
    where = list(places)
    if not where:
        return change
    more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
    text = f"also gone from {', '.join(where[:_SHOWN])}{more}, which imported it"
    return msgspec.structs.replace(change, detail="; ".join(filter(None, (change.detail, text))))
