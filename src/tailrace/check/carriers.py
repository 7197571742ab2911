"""A downstream's modules in, the names through which its other files get at the upstream out. Executes nothing.

A file that does not name the upstream can still be hurt: through a module alias, a subclass, a function or an
attribute that gives
an upstream object, a `**kwargs` that is passed on. Every such way goes through a name; a file that holds none of
them is out of reach.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from tailrace.check.forwarding import callee_entity, function_node
from tailrace.check.judge import Pair
from tailrace.check.narrow import Narrowed
from tailrace.check.walk import owner_module
from tailrace.surface.entities import Class, Entity, Function
from tailrace.surface.facts import Binding, ModuleFacts
from tailrace.surface.modules import Surface
from tailrace.surface.text import dotted
from tailrace.surface.world import World

_MAX_DEPTH = 4


def within_reach(pair: Pair, surface: Surface, narrowed: Narrowed) -> Narrowed:
    """Of the files that do not name the upstream, only those that hold a name through which it is reached."""
    waiting = {file: narrowed.words[file] for file in narrowed.reaching}
    kept: list[str] = []
    words: set[bytes] = set()
    starred: set[bytes] = set()
    frontier = list(narrowed.mentioning)
    while frontier:
        for file in frontier:
            module = surface.module_of_file(file)
            facts = surface.module(module) if module is not None else None
            if facts is None or module is None:
                continue
            found = {name.encode() for name in carrying_names(pair, facts)}
            words |= found
            if found or facts.stars:
                starred.add(module.rsplit(".", 1)[-1].encode())
        frontier = [f for f, held in waiting.items() if words & held or (starred & held and _takes_all(surface, f))]
        for file in frontier:
            kept.append(file)
            del waiting[file]
    return replace(narrowed, reaching=tuple(sorted(kept)))


def _takes_all(surface: Surface, file: str) -> bool:
    module = surface.module_of_file(file)
    facts = surface.module(module) if module is not None else None
    return facts is None or bool(facts.stars)


def carrying_names(pair: Pair, facts: ModuleFacts) -> Iterator[str]:
    """Top-level names of a module that lead to the upstream in either version, or whose instances do.

    What hangs on an object is reached through the name of its class, or of a function that gives one.
    """
    for name, bindings in facts.bindings.items():
        if any(
            _carries(pair, world, facts.name, name, binding) or _members_carry(pair, world, facts.name, name, binding)
            for binding in bindings
            for world in (pair.old, pair.new)
        ):
            yield name


def _carries(pair: Pair, world: World, module: str, name: str, binding: Binding) -> bool:
    if binding.kind in {"import", "from"} and pair.upstream(binding.target):
        return True
    entity = world.scope(module, name).entity
    if isinstance(entity, Class) and not pair.upstream(owner_module(entity)):
        return any(pair.upstream(owner_module(base)) for base in world.mro(entity)[0])
    if isinstance(entity, Function) and not pair.upstream(owner_module(entity)):
        return _passes_on(pair, world, entity) or _is_upstream(pair, world.call(entity))
    return _is_upstream(pair, entity)


def _members_carry(pair: Pair, world: World, module: str, name: str, binding: Binding) -> bool:
    if binding.cls is None:
        return False
    entity = world.expression(name, module).entity
    if not isinstance(entity, Class):
        return False
    for member in (*binding.cls.members, *binding.cls.instance):
        if member.startswith("__"):
            continue
        found = world.class_attribute(entity, member, instance=True).entity
        if isinstance(found, Function) and not pair.upstream(owner_module(found)):
            if _passes_on(pair, world, found) or _is_upstream(pair, world.call(found)):
                return True
        elif _is_upstream(pair, found):
            return True
    return False


def _passes_on(pair: Pair, world: World, function: Function, depth: int = 0) -> bool:
    """Whether a `**kwargs` of the function ends up in a call of the upstream, as far as calls can be followed."""
    if not any(p.kind == "var-keyword" for p in function.facts.params):
        return False
    node = function_node(world, function)
    if node is None or node.args.kwarg is None or depth > _MAX_DEPTH:
        return True
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        if not any(k.arg is None and dotted(k.value) == node.args.kwarg.arg for k in call.keywords):
            continue
        callee = callee_entity(world, function, node, call)
        if isinstance(callee, Class):
            if any(pair.upstream(owner_module(base)) for base in world.mro(callee)[0]):
                return True
        elif isinstance(callee, Function) and not pair.upstream(owner_module(callee)):
            if _passes_on(pair, world, callee, depth + 1):
                return True
        elif _is_upstream(pair, callee):
            return True
    return False


def _is_upstream(pair: Pair, entity: Entity | None) -> bool:
    return entity is not None and pair.upstream(owner_module(entity))
