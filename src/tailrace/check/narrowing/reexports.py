"""Finds the names through which the files of a downstream reach the upstream indirectly.

A file that does not name the upstream can still be hurt: through a module alias, a subclass, a function or an
attribute that gives
an upstream object, a `**kwargs` that is passed on. Every such way goes through a name; a file that holds none of
them is out of reach.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tailrace.changes.names import Names
from tailrace.check.narrowing.mentions import Narrowed
from tailrace.check.release_pair import ReleasePair
from tailrace.python.facts import Binding, FunctionFacts, ModuleFacts
from tailrace.python.memo import Memo
from tailrace.python.modules import Surface
from tailrace.python.semantics.chains import owner_module
from tailrace.python.semantics.entities import Class, Entity, Function, Instance, Standard
from tailrace.python.semantics.forwarding import callee_entity
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, dotted

_MAX_DEPTH = 4
# By the identity of the class's facts, which live as long as the resolver's surfaces.
_CARRYING: Memo[Resolver, int, bool] = Memo()
# By the name of the module.
_NAMES: Memo[Resolver, str, frozenset[bytes]] = Memo()
_STAR = re.compile(rb"\bimport[\s\\(]*\*")


def within_reach(
    pair: ReleasePair, surface: Surface, narrowed: Narrowed, read: Callable[[str], object] | None = None
) -> Narrowed:
    """Of the files that do not name the upstream, only those that hold a name through which it is reached.

    `read`: called with each file that is kept, while its syntax tree is at hand.
    """
    waiting = {file: narrowed.words[file] for file in narrowed.reaching}
    kept: list[str] = []
    words: set[bytes] = set()
    starred: set[bytes] = set()
    opened: set[bytes] = set()
    names = Names(pair.baseline)
    frontier = list(narrowed.mentioning)
    while frontier:
        for file in frontier:
            if read is not None:
                read(file)
            module = surface.module_of_file(file)
            facts = surface.module(module) if module is not None else None
            if facts is None or module is None:
                continue
            found = set(_carrying_words(pair, facts))
            found |= {name.encode() for star in facts.stars if pair.upstream(star) for name in names.exports(star)}
            words |= found
            word = module.rsplit(".", 1)[-1].encode()
            if found or facts.stars:
                starred.add(word)
            if _gives_unlisted_names(pair, facts):
                opened.add(word)
        frontier = [
            file
            for file, held in waiting.items()
            if words & held or opened & held or (starred & held and _takes_all(surface, file))
        ]
        for file in frontier:
            kept.append(file)
            del waiting[file]
    return replace(narrowed, reaching=tuple(sorted(kept)))


def _takes_all(surface: Surface, file: str) -> bool:
    try:
        data = (surface.artifact.root / file).read_bytes()
    except OSError:
        return True
    if b"\0" not in data and not _STAR.search(data):
        return False
    module = surface.module_of_file(file)
    facts = surface.module(module) if module is not None else None
    return facts is None or bool(facts.stars)


def _gives_unlisted_names(pair: ReleasePair, facts: ModuleFacts) -> bool:
    """Whether a module may pass on names of the upstream that stand nowhere in it and that no list of names holds."""
    return (
        facts.open_names
        or facts.getattr_hook
        or facts.replaced
        or any(pair.upstream(star) and pair.baseline.facts(star) is None for star in facts.stars)
    )


def _carrying_words(pair: ReleasePair, facts: ModuleFacts) -> frozenset[bytes]:
    known = _NAMES.of(pair.baseline)
    if facts.name not in known:
        known[facts.name] = frozenset(name.encode() for name in carrying_names(pair, facts))
    return known[facts.name]


def carrying_names(pair: ReleasePair, facts: ModuleFacts) -> Iterator[str]:
    """Top-level names of a module that lead to the upstream, or whose instances do, with the baseline installed.

    What hangs on an object is reached through the name of its class, or of a function that gives one. A name that is
    only passed on from another module of the downstream carries there already, under the same word.
    """
    for name, bindings in facts.bindings.items():
        if any(
            _carries(pair, facts.name, name, binding) or _members_carry(pair, facts.name, name, binding)
            for binding in bindings
        ):
            yield name


def _carries(pair: ReleasePair, module: str, name: str, binding: Binding) -> bool:
    resolver = pair.baseline
    if binding.kind in {"import", "from"}:
        if pair.upstream(binding.target):
            return True
        if binding.kind == "import" or name == binding.attr:
            return False
    if binding.cls is not None and not binding.cls.bases:
        return False
    if binding.function is not None and not _may_carry(binding.function):
        return False
    if binding.kind == "value" and binding.target is None and binding.annotation is None:
        return False
    entity = resolver.scope(module, name).entity
    if isinstance(entity, Class) and not pair.upstream(owner_module(entity)):
        return any(pair.upstream(owner_module(base)) for base in resolver.mro(entity)[0])
    if isinstance(entity, Function) and not pair.upstream(owner_module(entity)):
        return _passes_on(pair, resolver, entity) or _is_upstream(pair, resolver.call(entity))
    if isinstance(entity, Instance) and not pair.upstream(owner_module(entity)):
        line, _, _ = resolver.mro(entity.of)
        return any(_class_carries(pair, cls) for cls in line)
    return _is_upstream(pair, entity)


def _may_carry(facts: FunctionFacts) -> bool:
    """Whether a function says at all what it returns, or takes `**kwargs`."""
    said = facts.returns is not None or facts.is_generator or any(text not in {"None", "?"} for text in facts.returned)
    return said or any(p.kind == "var-keyword" for p in facts.params)


def _members_carry(pair: ReleasePair, module: str, name: str, binding: Binding) -> bool:
    resolver = pair.baseline
    if binding.cls is None:
        return False
    entity = resolver.expression(name, module).entity
    return isinstance(entity, Class) and _class_carries(pair, entity)


def _class_carries(pair: ReleasePair, cls: Class) -> bool:
    """Whether the class is of the upstream, or one of the members that it defines leads there."""
    known = _CARRYING.of(pair.baseline)
    if id(cls.facts) not in known:
        known[id(cls.facts)] = _is_carrying(pair, cls)
    return known[id(cls.facts)]


def _is_carrying(pair: ReleasePair, cls: Class) -> bool:
    if pair.upstream(owner_module(cls)):
        return True
    for member, bindings in cls.facts.members.items():
        if member.startswith("__") or not any(b.function is None or _may_carry(b.function) for b in bindings):
            continue
        if _member_carries(pair, cls, member):
            return True
    return any(_member_carries(pair, cls, member) for member in cls.facts.instance)


def _member_carries(pair: ReleasePair, cls: Class, member: str) -> bool:
    found = pair.baseline.class_attribute(cls, member, instance=True).entity
    if isinstance(found, Function) and not pair.upstream(owner_module(found)):
        return _passes_on(pair, pair.baseline, found) or _is_upstream(pair, pair.baseline.call(found))
    return _is_upstream(pair, found)


def _passes_on(pair: ReleasePair, resolver: Resolver, function: Function, depth: int = 0) -> bool:
    """Whether a `**kwargs` of the function ends up in a call of the upstream, as far as calls can be followed."""
    if not any(p.kind == "var-keyword" for p in function.facts.params):
        return False
    node = function_node(resolver, function)
    if node is None or node.args.kwarg is None or depth > _MAX_DEPTH:
        return True
    for call in descendants(node):
        if not isinstance(call, ast.Call):
            continue
        if not any(k.arg is None and dotted(k.value) == node.args.kwarg.arg for k in call.keywords):
            continue
        callee = callee_entity(resolver, function, node, call)
        if isinstance(callee, Class):
            if any(pair.upstream(owner_module(base)) for base in resolver.mro(callee)[0]):
                return True
        elif isinstance(callee, Function) and not pair.upstream(owner_module(callee)):
            if _passes_on(pair, resolver, callee, depth + 1):
                return True
        elif _is_upstream(pair, callee):
            return True
    return False


def _is_upstream(pair: ReleasePair, entity: Entity | None) -> bool:
    if isinstance(entity, Standard):
        return any(_is_upstream(pair, item) for item in entity.items)
    return entity is not None and pair.upstream(owner_module(entity))
