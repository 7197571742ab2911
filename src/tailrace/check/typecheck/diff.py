"""Compares two runs over the same files by meaning: neither wording nor the spelling of types counts.

Two diagnostics are the same when place, kind and name agree (and, where one call has several, the callee). For
attributes of a union it also matters on which members they are missing: "some" in the baseline and "all" in the
candidate is new; a union that merely became smaller, larger or differently printed is not, unless `arbitrate` can
show whose member has gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from tailrace.check.typecheck.messages import class_name
from tailrace.check.typecheck.values import Diagnostic, TypecheckRun

# (file, line, column of the end, kind, name): what makes two diagnostics talk about one thing.
Key = tuple[str, int, int, str, str]
Arbiter = Callable[[Diagnostic, Diagnostic], bool]

# One broken call can be told in several ways, and differently in the two runs.
_OF_A_CALL = {
    "no-overload",
    "missing-argument",
    "too-many-positional",
    "unknown-argument",
    "positional-only-as-keyword",
}


def key(diagnostic: Diagnostic) -> Key:
    """What `diagnostic` is about. Possibly missing and missing are one matter, told with more or less certainty."""
    kind = "missing-attribute" if diagnostic.kind in ("possibly-missing", "missing-member") else diagnostic.kind
    return (diagnostic.file, diagnostic.end_line, diagnostic.end_column, kind, diagnostic.name)


def new_diagnostics(
    baseline: TypecheckRun, candidate: TypecheckRun, *, arbitrate: Arbiter | None = None
) -> tuple[Diagnostic, ...]:
    """The diagnostics of `candidate` that mean something which `baseline` did not say already.

    Files unchecked on either side are left out.

    `arbitrate(before, after)` decides the pairs that the texts leave open; without it they count as not new.
    """
    unknown = {entry.file for run in (baseline, candidate) for entry in run.unchecked}
    if "" in unknown:
        return ()
    before: dict[Key, list[Diagnostic]] = defaultdict(list)
    for one in baseline.diagnostics:
        before[key(one)].append(one)
    fresh = [
        one
        for one in candidate.diagnostics
        if one.file not in unknown and _is_new(one, before.get(key(one), ()), arbitrate) and not _says_nothing(one)
    ]
    return tuple(dict.fromkeys(fresh))


def _is_new(one: Diagnostic, before: Iterable[Diagnostic], arbitrate: Arbiter | None) -> bool:
    same = list(before)
    if not same:
        return True
    if any(other.message == one.message for other in same):
        return False
    if key(one)[3] != "missing-attribute":
        # The call was wrong already, in the same way.
        return False
    if one.kind == "possibly-missing":
        return False
    if all(other.kind == "possibly-missing" for other in same):
        return True
    # It was missing on some members only; now no member is left that has it.
    had, has = _members(same) - _lacking(same), _members([one]) - _lacking([one])
    if had and not has:
        return True
    return arbitrate is not None and _members([one]) != _members(same) and arbitrate(same[0], one)


def _members(diagnostics: Iterable[Diagnostic]) -> frozenset[str]:
    return frozenset(name for one in diagnostics for text in one.receiver if (name := class_name(text)))


def _lacking(diagnostics: Iterable[Diagnostic]) -> frozenset[str]:
    return frozenset(name for one in diagnostics for text in one.lacking if (name := class_name(text)))


def _says_nothing(one: Diagnostic) -> bool:
    """True when the sentence, new or not, says nothing about a running program.

    Missing on `None` alone: the candidate's annotations admit it now. About an `object`: that is what the checker
    calls a thing of which it knows nothing but the attribute that `hasattr` has found.
    """
    receiver, lacking = set(one.receiver), set(one.lacking)
    if receiver == {"object"}:
        return True
    return one.kind == "missing-attribute" and lacking == {"None"} and receiver != {"None"}
