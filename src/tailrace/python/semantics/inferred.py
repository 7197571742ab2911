"""Infers what functions without annotations give, from the expressions that they return and the variables in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tailrace.python.memo import Memo, remembered
from tailrace.python.modules import STUB
from tailrace.python.semantics import types
from tailrace.python.semantics.chains import Reached, follow_from, resolve_root
from tailrace.python.semantics.entities import Class, Entity, Function, Instance, Module, Standard, Union
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, text_result
from tailrace.python.usages.chains import Chain, Owner, chains_of
from tailrace.python.usages.results import Given, collect_results, owner_of

_DEEPEST = 4
_NOT_CUT = 1 << 30
_MOST_VALUES = 8
_Key = tuple[str, int, str, str]
_KNOWN: Memo[Resolver, _Key, Entity | None] = Memo()
_GIVEN: Memo[Resolver, tuple[str, int, str], tuple[Given, ...]] = Memo()
_STORED: Memo[Resolver, tuple[str, int], frozenset[str]] = Memo()


@dataclass(slots=True)
class _Running:
    """The questions that are open, with their depth, and the least depth of those that an answer leaned on."""

    open: dict[_Key, int] = field(default_factory=dict)
    cut: int = _NOT_CUT


@remembered
def _running(_resolver: Resolver) -> _Running:
    return _Running()


def infer_result(resolver: Resolver, function: Function, how: str = "return") -> Entity | None:
    """What calling a function gives, or what a generator yields (`how`: `yield`); `None` where some of it is unknown.

    An instance is marked as one that may be another: a subclass may override what the function calls.
    """
    owner = function.owner.path if function.owner is not None else ""
    key = function.path, function.facts.line, owner, how
    return _remember(resolver, key, lambda: _results(resolver, function, how))


def infer_attribute(resolver: Resolver, owner: Class, name: str) -> Entity | None:
    """What the methods of a class set an attribute of their own object to; `None` where some of it is unknown."""

    def read() -> Entity | None:
        found: list[Entity | None] = []
        for member, bindings in owner.facts.members.items():
            facts = next((b.function for b in reversed(bindings) if b.function is not None and b.runtime), None)
            if facts is None:
                continue
            method = Function(owner.module, f"{owner.path}.{member}", facts, owner, bound=True)
            for given in _given(resolver, method) if name in _stored(resolver, method) else ():
                if given.how == "attribute" and given.name == name and not _is_none(given.value):
                    found.append(_entity(resolver, method, given))
        return _united(found)

    return _remember(resolver, (owner.path, owner.facts.line, owner.path, f".{name}"), read)


def _stored(resolver: Resolver, method: Function) -> frozenset[str]:
    """The attributes that a method sets, of whatever object: the others need not be read for one of them."""
    known, key = _STORED.of(resolver), (method.module, method.facts.line)
    if key not in known:
        node = function_node(resolver, method)
        parts = descendants(node) if node is not None else ()
        known[key] = frozenset(p.attr for p in parts if isinstance(p, ast.Attribute) and isinstance(p.ctx, ast.Store))
    return known[key]


def given_by(resolver: Resolver, function: Function) -> Sequence[Reached]:
    """The steps to what a function returns, where that is one chain of names and calls; none else."""
    values = [g.value for g in _given(resolver, function) if g.how == "return" and not _is_none(g.value)]
    given = next((g for g in _given(resolver, function) if g.how == "return" and not _is_none(g.value)), None)
    if len(values) != 1 or given is None or given.value is None:
        return ()
    chains = _chains(resolver, function, given, given.value)
    return _follow(resolver, function, chains[0]) if len(chains) == 1 else ()


def _remember(resolver: Resolver, key: _Key, read: Callable[[], Entity | None]) -> Entity | None:
    """The answer to a question, asked once. An unknown answer is kept only where it leaned on no question that is still
    open further out, and on none that was left out for its depth: else the order of questions would decide.
    """
    known, running = _KNOWN.of(resolver), _running(resolver)
    if key in known:
        return known[key]
    depth = len(running.open)
    if key in running.open:
        running.cut = min(running.cut, running.open[key])
        return None
    if depth >= _DEEPEST:
        running.cut = -1
        return None
    outer, running.cut = running.cut, _NOT_CUT
    running.open[key] = depth
    found: Entity | None = None
    try:
        found = read()
    except RecursionError:
        pass
    finally:
        del running.open[key]
    if found is not None or depth == 0 or running.cut >= depth:
        known[key] = found
    running.cut = min(outer, running.cut if running.cut < depth else _NOT_CUT)
    return found


def _results(resolver: Resolver, function: Function, how: str) -> Entity | None:
    values = [given for given in _given(resolver, function) if given.how == how]
    return _united(_entity(resolver, function, given) for given in values if not _is_none(given.value))


def _given(resolver: Resolver, function: Function) -> tuple[Given, ...]:
    holder = function.path.removeprefix(function.module.removesuffix(STUB)).lstrip(".").rpartition(".")[0]
    known, key = _GIVEN.of(resolver), (function.module, function.facts.line, holder)
    if key not in known:
        node = function_node(resolver, function)
        surface, facts = resolver.surface_of(function.module), resolver.facts(function.module)
        parsed = surface.tree(facts.file) if surface is not None and facts is not None and node is not None else None
        if node is None or parsed is None or facts is None:
            known[key] = ()
        else:
            owner = owner_of(node, holder) if holder else None
            known[key] = collect_results(parsed, function.module, node, owner, is_package=facts.is_package)
    return known[key]


def _united(found: Iterable[Entity | None]) -> Entity | None:
    """One of several values; `None` where one of them is not known, or they are too many."""
    each: list[Entity] = []
    for entity in found:
        if entity is None:
            return None
        if not any(_same(entity, other) for other in each):
            each.append(entity)
    if not each or len(each) > _MOST_VALUES:
        return None
    return each[0] if len(each) == 1 else Union(tuple(each))


def _same(one: Entity, other: Entity) -> bool:
    if isinstance(one, Instance) and isinstance(other, Instance):
        return one.of.path == other.of.path
    return one == other


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _entity(resolver: Resolver, function: Function, given: Given) -> Entity | None:
    return None if given.value is None else _value(resolver, function, given, given.value)


def _value(resolver: Resolver, function: Function, given: Given, node: ast.expr) -> Entity | None:
    match node:
        case ast.Tuple(elts=elts) if not any(isinstance(item, ast.Starred) for item in elts):
            return Standard("builtins.tuple", tuple(_value(resolver, function, given, item) for item in elts), True)
        case ast.List(elts=elts) | ast.Set(elts=elts):
            held = [_value(resolver, function, given, item) for item in elts[: _MOST_VALUES + 1]]
            kind = "list" if isinstance(node, ast.List) else "set"
            return Standard(f"builtins.{kind}", (_united(held),))
        case ast.IfExp(body=body, orelse=orelse):
            parts = [part for part in (body, orelse) if not _is_none(part)]
            return _united(_value(resolver, function, given, part) for part in parts)
        case ast.Constant(value=str() | bytes() | float() as found):
            return types.literal(f"<{type(found).__name__}>")
        case ast.JoinedStr():
            return types.literal("<str>")
        case ast.Dict() | ast.DictComp():
            return types.literal("<dict>")
        case ast.ListComp():
            return types.literal("<list>")
        case ast.Call(func=ast.Attribute()):
            text = text_result(node)
            chained = _chained(resolver, function, given, node)
            return chained if chained is not None or text is None else types.literal(f"<{text}>")
        case ast.Name() | ast.Attribute() | ast.Call() | ast.Await() | ast.Subscript():
            return _chained(resolver, function, given, node)
        case _:
            return None


def _chains(resolver: Resolver, function: Function, given: Given, node: ast.expr) -> tuple[Chain, ...]:
    holder = function.path.removeprefix(function.module.removesuffix(STUB)).lstrip(".").rpartition(".")[0]
    syntax = function_node(resolver, function)
    owner: Owner | None = owner_of(syntax, holder) if holder and syntax is not None else None
    return chains_of(node, given.variables, owner)


def _chained(resolver: Resolver, function: Function, given: Given, node: ast.expr) -> Entity | None:
    return _united(_reached(resolver, function, chain) for chain in _chains(resolver, function, given, node))


def _start(resolver: Resolver, function: Function, chain: Chain) -> Entity | None:
    """What a chain starts from; the own object is one of the class that the method was reached through."""
    if chain.root.kind in {"self", "class"} and function.owner is not None:
        return Instance(function.owner) if chain.root.kind == "self" else function.owner
    found = resolve_root(resolver, function.module, chain.root)
    return found.entity if found.state == "present" else None


def _follow(resolver: Resolver, function: Function, chain: Chain) -> Sequence[Reached]:
    start = _start(resolver, function, chain)
    return () if start is None else follow_from(resolver, start, chain.steps, is_super=chain.root.kind == "super")


def _reached(resolver: Resolver, function: Function, chain: Chain) -> Entity | None:
    start = _start(resolver, function, chain)
    reached = _follow(resolver, function, chain)
    if start is None or len(reached) != len(chain.steps):
        return None
    found = reached[-1].found if reached else None
    entity = found.entity if found is not None and found.state == "present" else start if not reached else None
    match entity:
        case Instance(of=cls, maybe=maybe):
            return Instance(cls, maybe, inferred=True)
        case Standard() | Module():
            return entity
        case _:
            return None
