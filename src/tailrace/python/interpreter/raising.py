"""Resolves exceptions to the names of their classes and bases, and finds the clause that catches them."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from tailrace.python.text import dotted

if TYPE_CHECKING:
    from tailrace.python.semantics.resolver import Resolver


def catches(handler: ast.ExceptHandler, raised: frozenset[str]) -> bool:
    """Whether an `except` clause catches an exception with these class names in its lineage."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any((dotted(kind) or "?").rsplit(".", 1)[-1] in raised for kind in kinds)


def lineage(world: Resolver, text: str, module: str) -> frozenset[str]:
    """The last names of an exception class and of all its bases, as far as they are known."""
    from tailrace.python.semantics.entities import Class

    last = text.rsplit(".", 1)[-1]
    own = getattr(builtins, text, None)
    if isinstance(own, type) and issubclass(own, BaseException):
        return frozenset(c.__name__ for c in own.__mro__) - {"object"}
    found = world.expression(text, module)
    names = {last, "Exception", "BaseException"}
    if isinstance(found.entity, Class):
        classes, _, standard = world.mro(found.entity)
        names.update(c.facts.name for c in classes)
        for base in standard:
            cls = getattr(builtins, base.removeprefix("builtins."), None)
            if isinstance(cls, type) and issubclass(cls, BaseException):
                names.update(c.__name__ for c in cls.__mro__)
    return frozenset(names - {"object"})
