"""Lists the names that can be asked of an entity."""

from __future__ import annotations

import re

from tailrace.changes.files import is_test_module
from tailrace.changes.shapes import member_names
from tailrace.python import builtin_names
from tailrace.python.modules import STUB
from tailrace.python.semantics.entities import Class, Entity, Function, Instance, Module, Union
from tailrace.python.semantics.resolver import Resolver


class Names:
    """The names of modules and classes of one resolver, each computed once."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.children: dict[str, list[str]] = {}
        for surface in resolver.surfaces:
            for name in surface.sources:
                parent, _, last = name.rpartition(".")
                if parent and not name.endswith(STUB) and not is_test_module(surface, name):
                    self.children.setdefault(parent, []).append(last)
        self._modules: dict[str, frozenset[str]] = {}
        self._stars: dict[str, frozenset[str]] = {}

    def module(self, name: str) -> frozenset[str]:
        """What a module binds, what its star imports give it, and its submodules."""
        if name not in self._modules:
            facts = self.resolver.facts(name)
            bound = {n for n, found in facts.bindings.items() if any(b.runtime for b in found)} if facts else set()
            self._modules[name] = frozenset(bound | self.starred(name) | set(self.children.get(name, ())))
        return self._modules[name]

    def starred(self, name: str) -> frozenset[str]:
        """What a module gets through `from x import *`."""
        facts = self.resolver.facts(name)
        return frozenset().union(*(self.exports(star) for star in facts.stars)) if facts is not None else frozenset()

    def exports(self, name: str) -> frozenset[str]:
        """What `from name import *` gives."""
        if name in self._stars:
            return self._stars[name]
        self._stars[name] = frozenset()  # while running: circular star imports add nothing
        facts = self.resolver.facts(name)
        if facts is None:
            found = (
                frozenset(builtin_names.standard_module_names(name) or ())
                if not self.resolver.knows(name)
                else frozenset()
            )
        elif facts.all_names is not None and not facts.all_open:
            found = frozenset(facts.all_names)
        else:
            bound = {n for n, b in facts.bindings.items() if any(x.runtime for x in b)} | self.starred(name)
            found = frozenset({n for n in bound if not n.startswith("_")} | set(facts.all_names or ()))
        self._stars[name] = found
        return found

    def of(self, entity: Entity | None) -> frozenset[str]:
        """Everything that may be asked of an entity, inherited and standard names included."""
        match entity:
            case Module(name=name):
                return self.module(name)
            case Class() | Instance(of=_):
                cls = entity if isinstance(entity, Class) else entity.of
                line, _, standard = self.resolver.mro(cls)
                names = member_names(c.facts for c in line)
                for base in standard:
                    names |= standard_names(base)
                return frozenset(names)
            case Function():
                cached = any("cache" in d for d in entity.facts.decorators)
                return frozenset({*entity.facts.attributes, *(("cache_clear", "cache_info") if cached else ())})
            case Union(members=members):
                return frozenset().union(*(self.of(member) for member in members))
            case _:
                return frozenset()


def standard_names(base: str) -> set[str]:
    """The public names of a builtin or standard class."""
    if base.startswith("namedtuple:"):
        return {
            *builtin_names.namedtuple_fields(base),
            "_asdict",
            "_replace",
            "_fields",
            "_make",
            "count",
            "index",
        }
    cls = builtin_names.standard_class(base)
    return set() if cls is None else {n for n in cls.members if not re.fullmatch(r"__\w+__", n)}
