"""Compares two functions of the same name as their callers see them. Results are compared elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tailrace.changes.causes import callable_path, parameter_symbol
from tailrace.changes.files import last_word
from tailrace.changes.findings import Findings
from tailrace.changes.impact import HURTS, SAME, Impact, needing
from tailrace.changes.parameters import (
    binds_like,
    callers_params,
    keywords_of,
    parameter_changes,
    takes,
    telling_decorators,
)
from tailrace.python.facts import FunctionFacts, Param
from tailrace.python.semantics.call_hazards import Need, compare_calls
from tailrace.python.semantics.decorators import effect_of
from tailrace.python.semantics.entities import Class, Function, Resolution
from tailrace.python.semantics.hazards import newly_raising
from tailrace.python.semantics.overloads import joined, overloads_of
from tailrace.python.semantics.resolver import Resolver

_PLAIN = frozenset({"staticmethod", "classmethod", "contextmanager", "asynccontextmanager", "property", "overload"})


def compare_functions(found: Findings, old: Function, new: Function) -> Impact:
    """What two functions mean for their callers; what they return, and their attributes, are asked elsewhere."""
    before, after = _params(found.old, old), _params(found.new, new)
    decorated = telling_decorators(old.facts) == telling_decorators(new.facts)
    meaning = SAME if decorated and old.bound == new.bound else HURTS
    # A name taken out of **kwargs or by a decorator is asked for by name all the same.
    found.words.update(keywords_of(before) - keywords_of(after))
    binds = binds_like(before, after)
    if not binds and (decorated or not _forgiving(found.old, old)) and not _forgiving(found.new, new):
        note_parameters(found, old, before, after)
    if not decorated:
        meaning |= _note_decorated(found, old, new)
    if not binds or forwards_otherwise(found, old, new):
        needs = compare_calls(found.old, old, found.new, new)
        meaning |= needing(needs)
        note_refused(found, old, needs or ())
    refused = [p for p, _ in new.facts.refuses if p not in {name for name, _ in old.facts.refuses}]
    for parameter in refused:
        found.words.add(parameter)
        note_parameters(found, old, (Param(parameter, "keyword", "..."),), ())
    if refused:
        meaning |= HURTS
    if note_raising(found, old, new) or _hurts_always(old.facts, new.facts):
        meaning |= HURTS
    return meaning


def _params(resolver: Resolver, function: Function) -> tuple[Param, ...]:
    """What a caller gives; of a function with overloads only, what some overload takes."""
    params = joined(overloads_of(resolver, function))
    return callers_params(
        msgspec.structs.replace(function.facts, params=params) if params else function.facts, bound=function.bound
    )


def _forgiving(resolver: Resolver, function: Function) -> bool:
    """A decorator may keep old parameters alive."""
    for text in telling_decorators(function.facts):
        effect = effect_of(resolver, text, function.module)
        plain = effect.known and not effect.any_position and not effect.keywords
        if text.split("(", 1)[0].rsplit(".", 1)[-1] not in _PLAIN and not plain:
            return True
    return False


def _note_decorated(found: Findings, old: Function, new: Function) -> Impact:
    """Note what only a decorator of the baseline took: keywords that it translates, positions that it names."""
    effects = [effect_of(found.old, text, old.module) for text in telling_decorators(old.facts)]
    now = [effect_of(found.new, text, new.module) for text in telling_decorators(new.facts)]
    if not all(effect.known for effect in now):
        return SAME
    taken = keywords_of(new.facts.params).union(*(effect.keywords for effect in now))
    gone = sorted(frozenset().union(*(effect.keywords for effect in effects)) - taken)
    if takes(new.facts.params, "var-keyword"):
        gone = []
    for keyword in gone:
        found.words.add(keyword)
        note_parameters(found, old, (Param(keyword, "keyword", "..."),), ())
    positions = any(e.any_position for e in effects) and not any(e.any_position for e in now)
    if positions:
        for param in new.facts.params:
            if param.kind == "keyword":
                was = msgspec.structs.replace(param, kind="normal")
                note_parameters(found, old, (was,), (param,))
    return HURTS if gone or positions else SAME


def note_refused(found: Findings, old: Function, needs: Iterable[Need]) -> None:
    """Note the keywords that a `**kwargs` no longer lets through."""
    if takes(old.facts.params, "var-keyword"):
        for keyword in sorted({word for need in needs if need.positions is None for word in need.keywords}):
            note_parameters(found, old, (Param(keyword, "keyword", "..."),), ())


def note_parameters(
    found: Findings, old: Class | Function, before: tuple[Param, ...], after: tuple[Param, ...]
) -> None:
    """Note what callers of a function, or of a class's constructor, can no longer give."""
    facts = found.old.facts(old.module)
    at = Resolution("present", file=facts.file if facts is not None else None, line=old.facts.line)
    path = callable_path(found.old, old)
    if last_word(path).startswith("__") and last_word(path) != "__call__":
        return  # Python calls these, with what it always gives
    for change in parameter_changes(before, after):
        symbol = parameter_symbol(path, change.parameter)
        found.emit(change.rule, symbol, at, change.detail, old.facts.deprecation)


def forwards_otherwise(found: Findings, old: Function, new: Function) -> bool:
    """Whether what they do with their `**kwargs` differs."""
    if not takes(new.facts.params, "var-keyword") or not takes(old.facts.params, "var-keyword"):
        return False
    return not found.same_forwarding(old.module, old.facts, new.module, new.facts)


def note_raising(found: Findings, old: Function | Class, new: Function | Class) -> bool:
    """Note that every call raises now."""
    raising = newly_raising(found.old, old, found.new, new)
    if raising is None:
        return False
    function, raised = raising
    facts = found.new.facts(function.module)
    at = Resolution("present", file=facts.file if facts is not None else None, line=function.facts.line)
    detail = f"it only raises {raised.rsplit('.', 1)[-1]}"
    found.emit("call-raises", callable_path(found.new, function), at, detail, old.facts.deprecation, in_candidate=True)
    return True


def _hurts_always(old: FunctionFacts, new: FunctionFacts) -> bool:
    """Whether something else than the parameters differs, so that any call may go otherwise."""
    return (
        old.raises_always != new.raises_always
        or (old.deprecation is None and new.deprecation is not None)
        or old.is_async != new.is_async
        or old.is_generator != new.is_generator
    )
