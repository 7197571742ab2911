"""What functions give in two releases: whether the type of a result changed when it runs, not only its annotation."""

from __future__ import annotations

import ast

from tailrace.python.modules import STUB
from tailrace.python.semantics.chains import Reached
from tailrace.python.semantics.entities import Class, Entity, Function, Instance, Standard, Union
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.inferred import given_by
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, dotted

_PROPERTIES = frozenset({"property", "cached_property", "reify", "lazyproperty"})
_DEEPEST = 3


def result_change(
    baseline: Resolver, candidate: Resolver, in_baseline: Function, in_candidate: Function, depth: int = 0
) -> tuple[str, str] | None:
    """The types that a function gave and gives, as texts; `None` where they are the same, or not known for sure.

    A result that only its annotation describes otherwise is the same: the bodies must differ, or those of what they
    return.
    """
    awaited = in_baseline.facts.is_async and in_candidate.facts.is_async
    baseline_result, candidate_result = (
        baseline.call(in_baseline, awaited=awaited),
        candidate.call(in_candidate, awaited=awaited),
    )
    if baseline_result is None or candidate_result is None:
        return None
    mine, theirs = type_text(baseline_result), type_text(candidate_result)
    if not mine or not theirs or set(mine) & set(theirs):
        return None
    declared = _of_other_lengths(baseline_result, candidate_result) and all(
        _is_compiled(resolver, function) for resolver, function in ((baseline, in_baseline), (candidate, in_candidate))
    )
    if not declared and not _does_otherwise(baseline, candidate, in_baseline, in_candidate, depth):
        return None
    return " or ".join(mine), " or ".join(theirs)


def fields_change(
    baseline: Resolver, candidate: Resolver, in_baseline: Class, in_candidate: Class
) -> tuple[str, str] | None:
    """The fields that a named tuple had and has, as texts, where their number or their places differ."""
    mine, theirs = baseline.fields(in_baseline), candidate.fields(in_candidate)
    if mine is None or theirs is None:
        return None
    if len(mine) != len(theirs):
        return f"{len(mine)} fields", f"{len(theirs)} fields"
    moved = any(name in theirs and theirs.index(name) != place for place, name in enumerate(mine))
    return (f"the fields {', '.join(mine)}", f"{', '.join(theirs)}") if moved else None


def functions_naming(resolver: Resolver, name: str) -> frozenset[str]:
    """The names of the release's functions and methods whose bodies or annotations name a class: they may give it."""
    found: set[str] = set()
    surface = resolver.surfaces[0]
    for source in surface.sources.values():
        if source.form != "py" or name.encode() not in surface.artifact.root.joinpath(source.file).read_bytes():
            continue
        parsed = surface.tree(source.file)
        for node in descendants(parsed.tree) if parsed is not None else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                parts = descendants(node)
                if any(isinstance(p, ast.Name | ast.Attribute) and (dotted(p) or "").endswith(name) for p in parts):
                    found.add(node.name)
    return frozenset(found)


def giver_of(resolver: Resolver, reached: Reached) -> Function | None:
    """The function whose result a step leads to: the one that is called, or that of a property."""
    step, source = reached.step, reached.source
    if step is None:
        return None
    if step.call is not None:
        called = (
            resolver.class_attribute(source.of, "__call__", instance=True).entity
            if isinstance(source, Instance)
            else source
        )
        return called if isinstance(called, Function) else None
    if step.name is None or not isinstance(source, Instance):
        return None
    for owner in resolver.mro(source.of)[0]:
        for binding in reversed(owner.facts.members.get(step.name, ())):
            if binding.function is None:
                return None
            words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in binding.function.decorators}
            path = f"{owner.path}.{step.name}"
            return Function(owner.module, path, binding.function, source.of, True) if words & _PROPERTIES else None
    return None


def type_text(entity: Entity | None) -> tuple[str, ...]:
    """The types that an entity may be an instance of, as texts; empty where one of them is not known."""
    match entity:
        case Standard(type=kind, items=items, fixed=fixed):
            held = [" or ".join(type_text(item)) or "?" for item in items]
            name = kind.removeprefix("builtins.")
            if fixed or any(text != "?" for text in held):
                name = f"{name}[{', '.join(held)}]"
            return (name,)
        case Instance(of=cls, maybe=False):
            return (cls.path,)
        case Union(members=members):
            texts = [type_text(member) for member in members]
            return tuple(text for each in texts for text in each) if all(texts) else ()
        case _:
            return ()


def _of_other_lengths(baseline: Entity, candidate: Entity) -> bool:
    """Whether both are tuples with a number of values each, and not the same."""
    return (
        isinstance(baseline, Standard)
        and isinstance(candidate, Standard)
        and baseline.fixed
        and candidate.fixed
        and len(baseline.items) != len(candidate.items)
    )


def _is_compiled(resolver: Resolver, function: Function) -> bool:
    """Whether nothing but a stub says what a function gives, since its code is compiled."""
    facts, module = resolver.facts(function.module), function.module.removesuffix(STUB)
    surface = resolver.surface_of(module)
    return (
        facts is not None and facts.file.endswith(".pyi") and surface is not None and "binary" in surface.forms(module)
    )


def _does_otherwise(
    baseline: Resolver, candidate: Resolver, in_baseline: Function, in_candidate: Function, depth: int
) -> bool:
    if (
        in_baseline.facts.is_async != in_candidate.facts.is_async
        or in_baseline.facts.decorators != in_candidate.facts.decorators
    ):
        return True
    mine, theirs = _body(baseline, in_baseline), _body(candidate, in_candidate)
    if mine is None or theirs is None:
        return False
    if mine != theirs:
        return True
    if depth >= _DEEPEST:
        return False
    for text in in_baseline.facts.returned:
        baseline_callee = (
            baseline.expression(text.removesuffix("()"), in_baseline.module).entity if text.endswith("()") else None
        )
        candidate_callee = (
            candidate.expression(text.removesuffix("()"), in_candidate.module).entity
            if baseline_callee is not None
            else None
        )
        if isinstance(baseline_callee, Function) and isinstance(candidate_callee, Function):
            if result_change(baseline, candidate, baseline_callee, candidate_callee, depth + 1) is not None:
                return True
    giver, giver_now = _last_giver(baseline, in_baseline), _last_giver(candidate, in_candidate)
    if giver is None or giver_now is None or giver.path == in_baseline.path:
        return False
    return result_change(baseline, candidate, giver, giver_now, depth + 1) is not None


def _last_giver(resolver: Resolver, function: Function) -> Function | None:
    """The function or property whose result a function gives on, at the end of `a().b.c()`."""
    reached = given_by(resolver, function)
    return giver_of(resolver, reached[-1]) if reached else None


def _body(resolver: Resolver, function: Function) -> list[str] | None:
    """What a function does, without its documentation and its annotations."""
    node = function_node(resolver, function)
    if node is None:
        return None
    statements = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    try:
        return [ast.dump(_plain(statement)) for statement in statements]
    except RecursionError:
        return None


def _plain(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.Assign([node.target], node.value)
    return node
