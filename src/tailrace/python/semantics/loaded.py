"""Follows what importing a package imports in turn: only then are its submodules attributes of it."""

from __future__ import annotations

from tailrace.python.memo import Memo
from tailrace.python.semantics.resolver import Resolver

_LOADED: Memo[Resolver, str, frozenset[str]] = Memo()


def loaded_by(resolver: Resolver, module: str) -> frozenset[str]:
    """The modules of the upstream that run when `module` is imported, itself and the packages above included.

    What is imported in some cases only counts; what functions import does not.
    """
    known = _LOADED.of(resolver)
    if module not in known:
        known[module] = _closure(resolver, module)
    return known[module]


def _closure(resolver: Resolver, module: str) -> frozenset[str]:
    sources = resolver.surfaces[0].sources
    found: set[str] = set()
    waiting = [module]
    while waiting:
        parts = waiting.pop().split(".")
        for depth in range(1, len(parts) + 1):
            name = ".".join(parts[:depth])
            if name in found or name not in sources:
                continue
            found.add(name)
            facts = resolver.facts(name)
            if facts is None:
                continue
            waiting += facts.imports
            waiting += facts.stars
            for bindings in facts.bindings.values():
                waiting += (f"{b.target}.{b.attr}" for b in bindings if b.kind == "from" and b.runtime)
    return frozenset(found)


def no_longer_loaded(baseline: Resolver, candidate: Resolver, package: str, name: str) -> bool:
    """Whether a package has a submodule in both releases, and importing the package loads it in the baseline only."""
    path = f"{package}.{name}"
    if candidate.import_module(path).state != "present" or baseline.import_module(path).state != "present":
        return False
    if candidate.member(package, name).state != "absent":
        return False
    return path in loaded_by(baseline, package) and path not in loaded_by(candidate, package)
