"""Decides whether a function is translated by a compiler, which brings methods of its own for known types."""

from __future__ import annotations

from tailrace.python.semantics.entities import External, Function
from tailrace.python.semantics.resolver import Resolver

# Packages whose decorators compile what they decorate and never run it as Python.
_COMPILERS = frozenset({"numba", "taichi", "triton", "warp"})


def is_translated(resolver: Resolver, module: str, inside: str) -> bool:
    """Whether the code at a dotted path in a module stands in a function that a compiler's decorator translates."""
    parts = inside.removeprefix(module).lstrip(".").split(".")
    for count in range(len(parts), 0, -1):
        entity = resolver.path(f"{module}.{'.'.join(parts[:count])}").entity
        if not isinstance(entity, Function):
            continue
        for text in entity.facts.decorators:
            made_by = resolver.expression(text.partition("(")[0], entity.module).entity
            if isinstance(made_by, External) and made_by.path.partition(".")[0] in _COMPILERS:
                return True
    return False
