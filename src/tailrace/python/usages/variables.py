"""Tracks what local variables stand for, before, in and after a branch."""

from __future__ import annotations

import ast

from tailrace.python.usages.chains import Chain, Locals, annotation_chains


def merge(variables: Locals, ends: list[Locals]) -> None:
    """Variables after branches meet: what each of the `ends` that can be reached says of them."""
    if not ends:
        return
    merged: Locals = {}
    for name in set().union(*ends):
        found: dict[Chain, None] = {}
        for end in ends:
            found.update(dict.fromkeys(end.get(name, ())))
        merged[name] = tuple(found)[:4]
    variables.clear()
    variables.update(merged)


def narrowed(test: ast.expr, variables: Locals) -> Locals:
    """`if isinstance(x, C)`: what `x` is below it, where nothing was known of it before."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), cls]) if name in variables and not known(
            variables[name]
        ):
            return {name: annotation_chains(cls, variables)}
        case _:
            return {}


def known(chains: tuple[Chain, ...] | None) -> bool:
    """Whether the code itself says what a variable is."""
    return any(chain.root.kind != "parameter" for chain in chains or ())
