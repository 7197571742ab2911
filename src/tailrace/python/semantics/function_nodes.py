"""The syntax of functions that were resolved."""

from __future__ import annotations

import ast

from tailrace.python.semantics.entities import Function
from tailrace.python.semantics.resolver import Resolver


def function_node(resolver: Resolver, function: Function) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The syntax of a function."""
    surface = resolver.surface_of(function.module)
    facts = resolver.facts(function.module)
    if surface is None or facts is None:
        return None
    node = surface.function(facts.file, function.facts.line)
    return node if node is not None and node.name == function.facts.name else None
