"""Compares the bases and constructors of two classes of the same name. Members are compared elsewhere."""

from __future__ import annotations

import builtins

from tailrace.changes.causes import class_place, constructed, public_path
from tailrace.changes.files import last_word
from tailrace.changes.findings import Findings
from tailrace.changes.functions import forwards_otherwise, note_parameters, note_refused
from tailrace.changes.impact import HURTS, SAME, Impact, needing
from tailrace.changes.parameters import binds_like, takes, telling_decorators
from tailrace.python.builtin_names import namedtuple_fields
from tailrace.python.modules import STUB
from tailrace.python.semantics.call_hazards import compare_calls
from tailrace.python.semantics.entities import Class, Function, Resolution
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import signature_of

# Bases that give a class nothing that could be missed.
_NO_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})
Key = tuple[object, ...]


def compare_constructors(found: Findings, baseline: Class, candidate: Class) -> Impact:
    """What the ways to make an instance mean for callers."""
    _note_constructor(found, baseline, candidate)
    mine, theirs = constructors(found.baseline, baseline), constructors(found.candidate, candidate)
    if [digest for digest, _ in mine] != [digest for digest, _ in theirs]:
        return HURTS
    meaning = SAME
    for (_, in_baseline), (_, in_candidate) in zip(mine, theirs, strict=True):
        if in_baseline is None or in_candidate is None:
            continue
        if telling_decorators(in_baseline.facts) != telling_decorators(in_candidate.facts):
            return HURTS
        if in_candidate.facts.raises_unless not in {None, in_baseline.facts.raises_unless}:
            return HURTS
        if not binds_like(in_baseline.facts.params[1:], in_candidate.facts.params[1:]) or forwards_otherwise(
            found, in_baseline, in_candidate
        ):
            meaning |= needing(compare_calls(found.baseline, in_baseline, found.candidate, in_candidate))
    return meaning


def _note_constructor(found: Findings, baseline: Class, candidate: Class) -> None:
    """Note what a constructor no longer takes that is generated, or another function than before."""
    mine, theirs = signature_of(found.baseline, baseline), signature_of(found.candidate, candidate)
    if mine is None or theirs is None or mine.wrapped or theirs.wrapped:
        return
    if constructed(baseline, mine, theirs) is baseline:
        note_parameters(found, baseline, mine.params, theirs.params)
    if mine.takes_keywords and mine.function is not None and theirs.function is not None:
        note_refused(
            found, mine.function, compare_calls(found.baseline, mine.function, found.candidate, theirs.function) or ()
        )


def constructors(resolver: Resolver, cls: Class) -> list[tuple[Key, Function | None]]:
    """What decides how the class is called: each `__init__`/`__new__` as far as `**kwargs` reaches, and generated
    ones."""
    found: list[tuple[Key, Function | None]] = []
    line, doubt, standard = resolver.mro(cls)
    for owner in line:
        facts = owner.facts
        made: Key = ()
        if facts.decorators or facts.metaclass is not None or any(last_word(b) == "NamedTuple" for b in facts.bases):
            fields = tuple(
                (n, b[-1].annotation, b[-1].has_value, b[-1].keywords)
                for n, b in facts.members.items()
                if b[-1].annotation
            )
            made = (facts.decorators, facts.metaclass, fields)
        if made:
            found.append((made, None))
        for name in ("__init__", "__new__"):
            bound = [b.function for b in facts.members.get(name, ()) if b.function is not None and b.runtime]
            if bound and bound[-1] is not None:
                found.append(((name,), Function(owner.module, f"{owner.path}.{name}", bound[-1], cls, bound=True)))
                if not takes(bound[-1].params, "var-keyword"):
                    return found
    return [*found, ((doubt, standard), None)]


def note_bases(
    found: Findings,
    baseline: Class,
    line: tuple[Class, ...],
    standard: tuple[str, ...],
    new_line: tuple[Class, ...],
    candidate_standard: tuple[str, ...],
    lost: list[str],
) -> None:
    """Note the bases that are gone, with the members `lost` with them; lines and standard bases as `Resolver.mro` gives
    them."""
    kept = {last_word(c.path) for c in new_line} | {last_word(base) for base in candidate_standard}
    gone = [c.path for c in line[1:] if last_word(c.path) not in kept]
    fields = {name for base in candidate_standard for name in _fields(base)}
    gone_fields = [name for base in standard for name in _fields(base) if fields and name not in fields]
    gone += [
        base
        for base in standard
        if not (fields and _fields(base)) and last_word(base) not in kept and last_word(base) not in _NO_BASES
    ]
    for cls in (*line[1:], *new_line[1:]):  # hooks that only one of them calls
        for side in (False, True):
            found.words.update(found.bodies(cls.module, candidate=side).hooks.get(_inner(cls), {}))
    for name in gone_fields:
        found.harm(name)
        found.emit(
            "attribute-removed",
            f"{baseline.path}.{name}",
            class_place(found.baseline, baseline),
            "it was a field of the tuple",
        )
    if gone:
        shown = f"; without {', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''}" if lost else ""
        at = class_place(found.baseline, baseline)
        found.harm(last_word(baseline.path))
        if exception_names(standard):  # an `except` clause names what is caught, not what is raised
            found.harm(
                *(last_word(base) for base in gone), *(exception_names(standard) - exception_names(candidate_standard))
            )
        named = " and ".join(base.split(":", 1)[0] for base in gone)
        found.emit(
            "base-changed", baseline.path, at, f"it no longer derives from {named}{shown}", baseline.facts.deprecation
        )


def exception_names(standard: tuple[str, ...]) -> frozenset[str]:
    """The built-in exceptions that a class with these standard bases is; empty for what cannot be raised."""
    classes = (getattr(builtins, base.removeprefix("builtins."), None) for base in standard)
    raised = (cls for cls in classes if isinstance(cls, type) and issubclass(cls, BaseException))
    return frozenset(each.__name__ for cls in raised for each in cls.__mro__) - {"object"}


def _fields(base: str) -> list[str]:
    """The fields of a named tuple."""
    return list(namedtuple_fields(base)) if base.startswith("namedtuple:") else []


def note_deprecated_member(
    found: Findings, symbol: str, baseline: Class, candidate: Class, name: str, in_candidate: Resolution
) -> None:
    """Note a mark that only the candidate has on a member."""
    marks = [
        next((b.function.deprecation for b in c.facts.members[name] if b.function and b.function.deprecation), None)
        for c in (baseline, candidate)
    ]
    if marks[0] is None and marks[1] is not None and not name.startswith("__"):
        found.words.add(name)
        symbol = public_path(found.candidate, symbol, candidate.module.removesuffix(STUB))
        found.emit("now-deprecated", symbol, in_candidate, marks[1].message or "", marks[1], in_candidate=True)


def still_there(found: Findings, path: str, candidate: Class) -> bool:
    """Whether the candidate has another class than `candidate` at the old path."""
    there = found.candidate.path(path)
    return there.state == "present" and isinstance(there.entity, Class) and there.entity.facts is not candidate.facts


# What operators and statements ask for without naming it.
_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("enter", "exit", "aenter", "aexit", "iter", "aiter", "next", "anext", "await", "len", "contains", "call"),
        *("getitem", "setitem", "delitem", "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
        *("and", "or", "xor", "lshift", "rshift", "reversed"),
    )
)


def is_operator(name: str) -> bool:
    """Whether a member is asked for by operators and statements."""
    return name in _OPERATORS


def lost_operators(baseline: Resolver, candidate: Resolver, in_baseline: Class, in_candidate: Class) -> bool:
    """Whether instances of a class no longer answer to an operator or a statement that they answered to."""
    line, _, _ = baseline.mro(in_baseline)
    for name in sorted({name for cls in line for name in cls.facts.members if name in _OPERATORS}):
        if baseline.class_attribute(in_baseline, name, instance=True).state != "present":
            continue
        if candidate.class_attribute(in_candidate, name, instance=True).state != "present":
            return True
    return False


def telling_bases(bases: tuple[str, ...]) -> list[str]:
    """The bases that give a class something."""
    return [base for base in bases if last_word(base) not in _NO_BASES]


def _inner(cls: Class) -> str:
    return cls.path.removeprefix(f"{cls.module.removesuffix(STUB)}.")
