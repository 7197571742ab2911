"""Two functions of the same name in, what differs for their callers out. Never asks what they return."""

from __future__ import annotations

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
from tailrace.python.facts import FunctionFacts
from tailrace.python.semantics.call_hazards import compare_calls
from tailrace.python.semantics.entities import Function, Resolution


def compare_functions(found: Findings, old: Function, new: Function) -> Impact:
    """What two functions mean for their callers; what they return, and their attributes, are asked elsewhere."""
    before, after = callers_params(old.facts, bound=old.bound), callers_params(new.facts, bound=new.bound)
    decorated = telling_decorators(old.facts) == telling_decorators(new.facts)
    meaning = SAME if decorated and old.bound == new.bound else HURTS
    # A name taken out of **kwargs or by a decorator is asked for by name all the same.
    found.words.update(keywords_of(before) - keywords_of(after))
    binds = binds_like(before, after)
    if not binds and decorated and not _forgiving(new):
        _parameters(found, old, before, after)
    if not binds or forwards_otherwise(found, old, new):
        meaning |= needing(compare_calls(found.old, old, found.new, new))
    if _hurts_always(old.facts, new.facts):
        meaning |= HURTS
    return meaning


def _forgiving(function: Function) -> bool:
    """A decorator may keep old parameters alive."""
    words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in telling_decorators(function.facts)}
    return not words <= {"staticmethod", "classmethod", "contextmanager", "asynccontextmanager", "property"}


def _parameters(found: Findings, old: Function, before: tuple[object, ...], after: tuple[object, ...]) -> None:
    facts = found.old.facts(old.module)
    at = Resolution("present", file=facts.file if facts is not None else None, line=old.facts.line)
    path = old.path.removesuffix(".__init__").removesuffix(".__new__")
    if last_word(path).startswith("__") and last_word(path) != "__call__":
        return  # Python calls these, with what it always gives
    for change in parameter_changes(
        callers_params(old.facts, bound=old.bound),
        after,  # type: ignore[arg-type]
    ):
        symbol = f"{path}({change.parameter}=)" if change.parameter else path
        found.emit(change.rule, symbol, at, change.detail, old.facts.deprecation)


def forwards_otherwise(found: Findings, old: Function, new: Function) -> bool:
    """Whether what they do with their `**kwargs` differs."""
    if not takes(new.facts.params, "var-keyword") or not takes(old.facts.params, "var-keyword"):
        return False
    return not found.same_forwarding(old.module, old.facts, new.module, new.facts)


def _hurts_always(old: FunctionFacts, new: FunctionFacts) -> bool:
    """Whether something else than the parameters differs, so that any call may go otherwise."""
    return (
        old.raises_always != new.raises_always
        or (old.deprecation is None and new.deprecation is not None)
        or old.is_async != new.is_async
        or old.is_generator != new.is_generator
    )
