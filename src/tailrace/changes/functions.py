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


def compare_functions(found: Findings, baseline: Function, candidate: Function) -> Impact:
    """What two functions mean for their callers; what they return, and their attributes, are asked elsewhere."""
    in_baseline, in_candidate = _params(found.baseline, baseline), _params(found.candidate, candidate)
    decorated = telling_decorators(baseline.facts) == telling_decorators(candidate.facts)
    meaning = SAME if decorated and baseline.bound == candidate.bound else HURTS
    # A name taken out of **kwargs or by a decorator is asked for by name all the same.
    found.words.update(keywords_of(in_baseline) - keywords_of(in_candidate))
    binds = binds_like(in_baseline, in_candidate)
    if (
        not binds
        and (decorated or not _forgiving(found.baseline, baseline))
        and not _forgiving(found.candidate, candidate)
    ):
        note_parameters(found, baseline, in_baseline, in_candidate)
    if not decorated:
        meaning |= _note_decorated(found, baseline, candidate)
    if not binds or forwards_otherwise(found, baseline, candidate):
        needs = compare_calls(found.baseline, baseline, found.candidate, candidate)
        meaning |= needing(needs)
        note_refused(found, baseline, needs or ())
    refused = [p for p, _ in candidate.facts.refuses if p not in {name for name, _ in baseline.facts.refuses}]
    for parameter in refused:
        found.words.add(parameter)
        note_parameters(found, baseline, (Param(parameter, "keyword", "..."),), ())
    if refused:
        meaning |= HURTS
    if _note_left_out(found, baseline, candidate):
        meaning |= HURTS
    if note_raising(found, baseline, candidate) or _hurts_always(baseline.facts, candidate.facts):
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


def _note_decorated(found: Findings, baseline: Function, candidate: Function) -> Impact:
    """Note what only a decorator of the baseline took: keywords that it translates, positions that it names."""
    effects = [effect_of(found.baseline, text, baseline.module) for text in telling_decorators(baseline.facts)]
    now = [effect_of(found.candidate, text, candidate.module) for text in telling_decorators(candidate.facts)]
    if not all(effect.known for effect in now):
        return SAME
    taken = keywords_of(candidate.facts.params).union(*(effect.keywords for effect in now))
    gone = sorted(frozenset().union(*(effect.keywords for effect in effects)) - taken)
    if takes(candidate.facts.params, "var-keyword"):
        gone = []
    for keyword in gone:
        found.words.add(keyword)
        note_parameters(found, baseline, (Param(keyword, "keyword", "..."),), ())
    positions = any(e.any_position for e in effects) and not any(e.any_position for e in now)
    if positions:
        for param in candidate.facts.params:
            if param.kind == "keyword":
                was = msgspec.structs.replace(param, kind="normal")
                note_parameters(found, baseline, (was,), (param,))
    return HURTS if gone or positions else SAME


def note_refused(found: Findings, baseline: Function, needs: Iterable[Need]) -> None:
    """Note the keywords that a `**kwargs` no longer lets through."""
    if takes(baseline.facts.params, "var-keyword"):
        for keyword in sorted({word for need in needs if need.positions is None for word in need.keywords}):
            note_parameters(found, baseline, (Param(keyword, "keyword", "..."),), ())


def note_parameters(
    found: Findings, baseline: Class | Function, in_baseline: tuple[Param, ...], in_candidate: tuple[Param, ...]
) -> None:
    """Note what callers of a function, or of a class's constructor, can no longer give."""
    facts = found.baseline.facts(baseline.module)
    at = Resolution("present", file=facts.file if facts is not None else None, line=baseline.facts.line)
    path = callable_path(found.baseline, baseline)
    if last_word(path).startswith("__") and last_word(path) not in {"__call__", "__init_subclass__"}:
        return  # Python calls these, with what it always gives
    for change in parameter_changes(in_baseline, in_candidate):
        if last_word(path) == "__init_subclass__":  # the class statement gives its arguments, not a call
            said = f"`{change.parameter}`: {change.detail}" if change.parameter else change.detail
            found.emit("arity-changed", path, at, said, baseline.facts.deprecation)
            continue
        symbol = parameter_symbol(path, change.parameter)
        found.emit(change.rule, symbol, at, change.detail, baseline.facts.deprecation)


def forwards_otherwise(found: Findings, baseline: Function, candidate: Function) -> bool:
    """Whether what they do with their `**kwargs` differs."""
    if not takes(candidate.facts.params, "var-keyword") or not takes(baseline.facts.params, "var-keyword"):
        return False
    return not found.same_forwarding(baseline.module, baseline.facts, candidate.module, candidate.facts)


def note_raising(found: Findings, baseline: Function | Class, candidate: Function | Class) -> bool:
    """Note that every call raises now."""
    raising = newly_raising(found.baseline, baseline, found.candidate, candidate)
    if raising is None:
        return False
    function, raised = raising
    facts = found.candidate.facts(function.module)
    at = Resolution("present", file=facts.file if facts is not None else None, line=function.facts.line)
    detail = f"it only raises {raised.rsplit('.', 1)[-1]}"
    found.emit(
        "call-raises",
        callable_path(found.candidate, function),
        at,
        detail,
        baseline.facts.deprecation,
        in_candidate=True,
    )
    return True


def _note_left_out(found: Findings, baseline: Function, candidate: Function) -> bool:
    """Note that a call which gives none of some parameters raises now, though each has a default."""
    now = candidate.facts.raises_unless
    if now is None or now == baseline.facts.raises_unless:
        return False
    for name in now[0]:
        if not name.startswith("*"):
            required = Param(name, "keyword", "..."), Param(name, "keyword", None)
            note_parameters(found, baseline, (required[0],), (required[1],))
            break
    return True


def _hurts_always(baseline: FunctionFacts, candidate: FunctionFacts) -> bool:
    """Whether something else than the parameters differs, so that any call may go otherwise."""
    return (
        baseline.raises_always != candidate.raises_always
        or (baseline.deprecation is None and candidate.deprecation is not None)
        or baseline.is_async != candidate.is_async
        or baseline.is_generator != candidate.is_generator
    )
