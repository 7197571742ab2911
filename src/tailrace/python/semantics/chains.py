"""Follows a chain of attributes and calls step by step with a resolver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tailrace.python import builtin_names
from tailrace.python.memo import Memo
from tailrace.python.modules import STUB
from tailrace.python.semantics import types
from tailrace.python.semantics.entities import (
    UNKNOWN,
    Class,
    Entity,
    External,
    Function,
    Instance,
    Module,
    Resolution,
    Standard,
    Union,
)
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import Root, Step


class Reached(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One step taken: from `source` by `step` to `found`. `index` is -1 for the root."""

    index: int
    step: Step | None
    source: Entity | None
    found: Resolution


def resolve_root(resolver: Resolver, module: str, root: Root) -> Resolution:
    """What the first name of a chain is, in a file that is importable as `module`."""
    match root.kind:
        case "name":
            return resolver.scope(module, root.name)
        case "import":
            return resolver.import_module(root.name)
        case "from":
            return resolver.from_import(root.module, root.name)
        case "self" | "class" | "super":
            found = resolver.expression(root.name, module)
            cls = found.entity
            if not isinstance(cls, Class) or cls.module.removesuffix(STUB) != module:
                return UNKNOWN  # another branch imports a class of this name
            if root.kind == "class":
                return found
            return Resolution("present", Instance(cls), file=found.file, line=found.line)
        case "parameter":
            return _inherited_parameter(resolver, module, root)


def _inherited_parameter(resolver: Resolver, module: str, root: Root) -> Resolution:
    """What the nearest base that annotates the parameter of an overridden method says it is given."""
    cls = resolver.expression(root.name, module).entity
    if not isinstance(cls, Class) or cls.module.removesuffix(STUB) != module:
        return UNKNOWN
    for base in resolver.mro(cls)[0][1:]:
        for binding in reversed(base.facts.members.get(root.method, ())):
            for param in binding.function.params if binding.function is not None and binding.runtime else ():
                if param.name == root.parameter and param.annotation is not None:
                    given = resolver.annotated(param.annotation, base.module)
                    return UNKNOWN if given is None else Resolution("present", given)
    return UNKNOWN


# What the chains of the module that was asked about last lead to; a chain is known by itself, not by its value.
_Walks = dict[tuple[int, int], tuple[Root, tuple[Step, ...], list[Reached]]]
_WALKS: Memo[Resolver, str, _Walks] = Memo()


def walk(resolver: Resolver, module: str, root: Root, steps: tuple[Step, ...]) -> Sequence[Reached]:
    """Follow the chain as far as it is known; the last item is the first that is not present.

    Each kind of break asks for the same chains of one file: they are followed once.
    """
    if resolver.is_running:  # an answer may lean on what is not known yet
        return list(_follow(resolver, module, root, steps))
    walks = _WALKS.of(resolver)
    if module not in walks:
        walks.clear()
        walks[module] = {}
    known, key = walks[module], (id(root), id(steps))
    if key not in known:
        known[key] = (root, steps, list(_follow(resolver, module, root, steps)))
    return known[key][2]


def _follow(resolver: Resolver, module: str, root: Root, steps: tuple[Step, ...]) -> Iterator[Reached]:
    found = resolve_root(resolver, module, root)
    yield Reached(-1, None, None, found)
    if found.state != "absent" and found.entity is not None:
        yield from _steps(resolver, found.entity, steps, is_super=root.kind == "super", to_the_end=False)


def follow_from(
    resolver: Resolver, entity: Entity, steps: tuple[Step, ...], *, is_super: bool = False
) -> Sequence[Reached]:
    """Follow the steps from something that is known. `is_super`: it is what `super()` gives."""
    return list(_steps(resolver, entity, steps, is_super=is_super, to_the_end=True))


def _steps(
    resolver: Resolver, first: Entity, steps: tuple[Step, ...], *, is_super: bool, to_the_end: bool
) -> Iterator[Reached]:
    """`to_the_end`: whether what the last call gives is worked out too; a use that ends there asks nothing of it."""
    entity: Entity | None = first
    for index, step in enumerate(steps):
        if entity is None:
            return
        source = entity
        if step.name is not None:
            if is_super and index == 0 and isinstance(entity, Instance):
                found = super_attribute(resolver, entity.of, step.name)
            else:
                found = resolver.special(entity, step) if step.implicit else resolver.attribute(entity, step.name)
            entity = found.entity
        elif step.call is not None:
            entity = resolver.call(entity, awaited=step.awaited, infer=to_the_end or index + 1 < len(steps))
            found = Resolution("unknown", entity) if entity is None else Resolution("present", entity)
        elif step.element:
            entity = resolver.element(entity, step.element)
            found = UNKNOWN if entity is None else Resolution("present", entity)
        else:
            entity = _promised(resolver, entity)
            found = UNKNOWN if entity is None else Resolution("present", entity)
        yield Reached(index, step, source, found)
        if found.state == "absent" or (found.state == "unknown" and not isinstance(entity, External)):
            return


def _promised(resolver: Resolver, entity: Entity) -> Entity | None:
    if isinstance(entity, Class):
        return Instance(entity)
    if isinstance(entity, Function):  # the result of __enter__, or what awaiting __aenter__ gives
        return resolver.call(entity, awaited=entity.facts.is_async) or (
            Instance(entity.owner) if entity.owner is not None else None
        )
    if isinstance(entity, Standard) and entity.type == types.ENTERED:
        return entity.items[0]
    return entity if isinstance(entity, Instance) else None


def super_attribute(resolver: Resolver, cls: Class, name: str) -> Resolution:
    """`super().name` in a method of `cls`: what the classes after it define, never an instance's own names."""
    line, doubt, standard = resolver.mro(cls)
    for base in line[1:]:
        if name in base.facts.members:
            found = resolver.class_attribute(base, name, instance=True)
            entity = found.entity
            if isinstance(entity, Function):
                entity = Function(entity.module, entity.path, entity.facts, cls, entity.bound)
            return Resolution(found.state, entity, file=found.file, line=found.line)
    if doubt or len(line) < 2 or hasattr(object, name) or any(resolver.is_open(c, name) for c in line):
        return UNKNOWN
    if any(base.startswith("namedtuple:") or builtin_names.standard_class_has(base, name) for base in standard):
        return UNKNOWN
    if any(c.facts.metaclass not in builtin_names.PLAIN_METACLASSES for c in line):
        return UNKNOWN
    return Resolution("absent", error="AttributeError", note=line[1].path)


def owner_module(entity: Entity | None) -> str | None:
    """The module that an entity belongs to."""
    module = _owner_module(entity)
    return None if module is None else module.removesuffix(STUB)


def _owner_module(entity: Entity | None) -> str | None:
    match entity:
        case Module(name=name):
            return name
        case Class(module=module) | Function(module=module):
            return module
        case Instance(of=cls):
            return cls.module
        case External(path=path):
            return path
        case Union(members=members):
            return _owner_module(members[0])
        case None | Standard():
            return None
        case _:
            return entity.module
