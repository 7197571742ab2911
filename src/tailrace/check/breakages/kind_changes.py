"""Finds breaks where a name leads to another kind of thing with the candidate.

A method that is now a property and is called, a value that is now a function and is not, a function that is now a
coroutine function (or no longer is one) under an `await` or without: all resolve in both versions, and fail with one.
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tailrace.changes.kinds import kind_of, member_kind
from tailrace.model import Confidence
from tailrace.python.builtin_names import FUNCTION_ATTRIBUTES, METHOD_ATTRIBUTES
from tailrace.python.facts import Binding
from tailrace.python.semantics.chains import Reached
from tailrace.python.semantics.entities import Class, Function, Instance, Value
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, source_of, union_parts
from tailrace.python.usages import Condition, Step, Use

_CALLABLES = frozenset({"function", "method", "class"})
_ASYNC = frozenset({"async function", "async method"})
_VALUES = frozenset({"property", "attribute"})
# A test that asks which kind it is serves both versions.
_ASKS = re.compile(r"\b(callable|isawaitable|iscoroutine\w*|isfunction|ismethod|isroutine|isinstance|hasattr)\(")
_COROUTINE_ATTRIBUTES = frozenset(dir(types.CoroutineType))
_PLAIN = frozenset(
    {"str", "int", "float", "bool", "bytes", "bytearray", "list", "dict", "tuple", "set", "frozenset", "None"}
)
_LITERALS = (
    ast.Constant,
    ast.JoinedStr,
    ast.List,
    ast.Dict,
    ast.Tuple,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.Compare,
)


@dataclass(frozen=True, slots=True, eq=False)
class ChangedKind:
    """The name, what it was and is, the step that fails for it, the exception (`""` for none), and how sure that is."""

    in_baseline: Reached
    in_candidate: Reached
    baseline: str
    candidate: str
    step: Step
    error: str
    confidence: Confidence


def find_changed_kind(
    baseline_resolver: Resolver,
    candidate_resolver: Resolver,
    use: Use,
    baseline: Sequence[Reached],
    candidate: Sequence[Reached],
) -> ChangedKind | None:
    """The first name of the use whose new kind breaks what the use does with it."""
    resolvers = baseline_resolver, candidate_resolver
    for in_baseline, in_candidate in zip(baseline, candidate, strict=False):
        if (
            in_baseline.found.state != "present"
            or in_candidate.found.state != "present"
            or in_candidate.index + 1 >= len(use.steps)
        ):
            return None
        if in_candidate.step is not None and in_candidate.step.name is None:
            continue
        kinds = _kind(baseline_resolver, in_baseline), _kind(candidate_resolver, in_candidate)
        failed = _fails(
            resolvers, in_baseline, in_candidate, kinds, use.steps[in_candidate.index + 1 :], discarded=use.discarded
        )
        if failed is not None:
            asked = any(isinstance(a, Condition) and _ASKS.search(source_of(a.test)) for a in use.around)
            step, error, confidence = failed
            return None if asked else ChangedKind(in_baseline, in_candidate, *kinds, step, error, confidence)
    return None


def _fails(
    resolvers: tuple[Resolver, Resolver],
    in_baseline: Reached,
    in_candidate: Reached,
    kinds: tuple[str, str],
    following: Sequence[Step],
    *,
    discarded: bool,
) -> tuple[Step, str, Confidence] | None:
    baseline_resolver, candidate_resolver = resolvers
    step, after_it = following[0], following[1] if len(following) > 1 else None
    match kinds:
        case (baseline, candidate) if baseline in _CALLABLES and candidate in _VALUES and step.call is not None:
            confidence: Confidence | None = (
                "certain" if candidate == "attribute" else _called_property(candidate_resolver, in_candidate)
            )
            return (step, "TypeError", confidence) if confidence is not None else None
        case ("class", "function") if step.name == "__instancecheck__":
            return step, "TypeError", "certain"
        case (baseline, candidate) if baseline in _VALUES and candidate in _CALLABLES | _ASYNC and candidate != "class":
            gone = (
                step.name is not None and not step.default and step.name not in FUNCTION_ATTRIBUTES | METHOD_ATTRIBUTES
            )
            return (step, "AttributeError", "certain") if gone else None
        case ("function" | "method", candidate) if candidate in _ASYNC and step.call is not None and not step.awaited:
            if _function(candidate_resolver, in_candidate) is None or _is_generator(
                resolvers, in_baseline, in_candidate
            ):
                return None
            if after_it is not None and after_it.name is not None:
                gone = not after_it.default and after_it.name not in _COROUTINE_ATTRIBUTES
                return (after_it, "AttributeError", "certain") if gone else None
            never = (
                discarded and after_it is None and _plain(baseline_resolver, _function(baseline_resolver, in_baseline))
            )
            return (step, "", "certain") if never else None
        case (baseline, "function" | "method") if baseline in _ASYNC and step.call is not None and step.awaited:
            now = _function(candidate_resolver, in_candidate)
            if _is_generator(resolvers, in_baseline, in_candidate) or now is None:
                return None
            if _plain(candidate_resolver, now):
                return step, "TypeError", "certain"
            calls = any(text.endswith("()") or text == "?" for text in now.facts.returned)
            return None if calls or now.facts.returns is not None else (step, "TypeError", "likely")
        case _:
            return None


def _kind(resolver: Resolver, reached: Reached) -> str:
    """The kind of what a name leads to; `""` where that is not known for sure."""
    source = reached.source.of if isinstance(reached.source, Instance) else reached.source
    if not isinstance(source, Class):
        entity = reached.found.entity
        if isinstance(entity, Value) and (entity.binding is None or _may_differ((entity.binding,))):
            return ""
        return kind_of(entity)
    name = reached.step.name if reached.step is not None else None
    line, _, _ = resolver.mro(source)
    holder = next((c for c in line if name in c.facts.members), None)
    if holder is None or name is None or _may_differ(holder.facts.members[name]):
        return ""
    return member_kind(holder.facts, name)


def _may_differ(bindings: Iterable[Binding]) -> bool:
    """Whether the name may be bound otherwise at run time: in some branches only, or as a `None` to be filled in."""
    return any(b.conditional or b.literal == "None" for b in bindings)


def _function(resolver: Resolver, reached: Reached) -> Function | None:
    if isinstance(reached.found.entity, Function):
        return reached.found.entity
    source = reached.source.of if isinstance(reached.source, Instance) else reached.source
    name = reached.step.name if reached.step is not None else None
    if not isinstance(source, Class) or name is None:
        return None
    for owner in resolver.mro(source)[0]:
        found = [b.function for b in owner.facts.members.get(name, ()) if b.function is not None]
        if found:
            return Function(owner.module, f"{owner.path}.{name}", found[-1], source, bound=True)
    return None


def _is_generator(resolvers: tuple[Resolver, Resolver], baseline: Reached, candidate: Reached) -> bool:
    both = _function(resolvers[0], baseline), _function(resolvers[1], candidate)
    return any(f is not None and f.facts.is_generator for f in both)


def _called_property(resolver: Resolver, reached: Reached) -> Confidence | None:
    """How sure it is that calling the value of a property fails; `None` when it may well be callable."""
    function = _function(resolver, reached)
    if function is None:
        return None
    if _plain(resolver, function):
        return "certain"
    if resolver.call(function) is not None or function.facts.returns is not None:
        return None
    return None if any(text.endswith("()") for text in function.facts.returned) else "likely"


def _plain(resolver: Resolver, function: Function | None) -> bool:
    """Whether the result is surely a plain value, which can be neither called nor awaited."""
    if function is None:
        return False
    returns = function.facts.returns
    if returns is not None:
        parts = union_parts(returns)
        return parts is not None and all(p in _PLAIN or _plain_class(resolver, p, function.module) for p in parts)
    if not function.facts.returned:
        return not function.facts.is_generator
    node = function_node(resolver, function)
    if node is None:
        return False
    values = [n.value for n in descendants(node) if isinstance(n, ast.Return) and n.value is not None]
    return all(isinstance(value, _LITERALS) for value in values)


def _plain_class(resolver: Resolver, text: str, module: str) -> bool:
    cls = resolver.expression(text, module).entity
    if not isinstance(cls, Class):
        return False
    line, doubt, standard = resolver.mro(cls)
    return not doubt and not standard and not any(n in c.facts.members for c in line for n in ("__call__", "__await__"))
