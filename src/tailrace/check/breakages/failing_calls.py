"""Calls that bind with both releases and always fail with the candidate: removal stubs, abstract classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tailrace.changes.causes import callable_path
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.breakages.witnesses import literal_call
from tailrace.check.release_pair import ReleasePair
from tailrace.python.interpreter.raising import lineage
from tailrace.python.modules import STUB
from tailrace.python.semantics.chains import Reached, owner_module
from tailrace.python.semantics.entities import Class, Function, Instance
from tailrace.python.semantics.enumerations import lost_values
from tailrace.python.semantics.hazards import abstract_left, newly_raising, raising_property
from tailrace.python.usages import FileUsage, Step, Use


def find_failing_calls(
    pair: ReleasePair, usage: FileUsage, use: Use, in_baseline: Reached, in_candidate: Reached
) -> Iterator[Breakage]:
    """The breaks at one call."""
    step, baseline, candidate = in_candidate.step, in_baseline.source, in_candidate.source
    if step is None or step.call is None or not isinstance(baseline, Class | Function):
        return
    if not isinstance(candidate, Class | Function | Instance):
        return
    raising = newly_raising(pair.baseline, baseline, pair.candidate, candidate)
    if raising is not None and pair.upstream(owner_module(raising[0])):
        function, raised = raising
        name = raised.rsplit(".", 1)[-1]
        # A method may be overridden in the object that is really there.
        likely = function.owner is not None and not isinstance(candidate, Class)
        yield Breakage(
            rule="call-raises",
            symbol=callable_path(pair.candidate, function),
            detail=f"it only raises {name}",
            facts={"raises": name, "call": literal_call(pair.baseline.surfaces[-1], usage.file, step, baseline)},
            confidence="likely" if likely else "certain",
            raises=lineage(pair.candidate, raised, function.module),
            **_place(pair, usage, use, step, function.module, function.path, function.facts.line),
        )
    if isinstance(baseline, Class) and isinstance(candidate, Class):
        yield from _find_lost_value(pair, usage, use, step, baseline, candidate)
    if not isinstance(baseline, Class) or not isinstance(candidate, Class) or abstract_left(pair.baseline, baseline):
        return
    for name, owner in abstract_left(pair.candidate, candidate).items():
        if pair.upstream(owner_module(owner)):
            line = owner.facts.members[name][-1].line
            yield Breakage(
                rule="now-abstract",
                symbol=f"{owner.path}.{name}",
                detail=f"`{candidate.facts.name}` does not define it",
                facts={"raises": "TypeError"},
                raises=LINEAGES["TypeError"],
                **_place(pair, usage, use, step, owner.module, f"{owner.path}.{name}", line),
            )


def _find_lost_value(
    pair: ReleasePair, usage: FileUsage, use: Use, step: Step, baseline: Class, candidate: Class
) -> Iterator[Breakage]:
    """`Color("red")`, of an enumeration in which no member has that value any more."""
    shape = step.call
    if shape is None or shape.positional != 1 or shape.keywords or shape.star or shape.double_star:
        return
    if not pair.upstream(owner_module(baseline)) or not pair.upstream(owner_module(candidate)):
        return
    lost = lost_values(pair.baseline, baseline, pair.candidate, candidate)
    call = literal_call(pair.baseline.surfaces[-1], usage.file, step, baseline) if lost else ""
    if not lost or not call:
        return
    given = ast.literal_eval(call[len(baseline.path) + 1 : -1])
    if any(type(value) is type(given) and value == given for value in lost.values()):
        facts = pair.baseline.facts(baseline.module)
        hit = Breakage(
            rule="call-raises",
            symbol=callable_path(pair.baseline, baseline),
            detail=f"no member has the value {given!r} any more",
            facts={"raises": "ValueError", "call": call},
            raises=LINEAGES["ValueError"],
            **_place(pair, usage, use, step, baseline.module, baseline.path, baseline.facts.line),
        )
        file = facts.file if facts is not None else None
        yield replace(hit, cause_file=file, cause_in_candidate=False)


def find_raising_property(
    pair: ReleasePair, usage: FileUsage, use: Use, baseline: Reached, candidate: Reached
) -> Breakage | None:
    """A property that the baseline gives and that only raises with the candidate."""
    raising = raising_property(pair.candidate, candidate)
    if raising is None or candidate.step is None or baseline.found.state != "present":
        return None
    function, raised = raising
    if not pair.upstream(owner_module(function)) or raising_property(pair.baseline, baseline) is not None:
        return None
    name = raised.rsplit(".", 1)[-1]
    return Breakage(
        rule="call-raises",
        symbol=callable_path(pair.candidate, function),
        detail=f"it only raises {name}",
        facts={"raises": name, "call": ""},
        confidence="likely",
        raises=lineage(pair.candidate, raised, function.module),
        **_place(pair, usage, use, candidate.step, function.module, function.path, function.facts.line),
    )


def _place(
    pair: ReleasePair, usage: FileUsage, use: Use, step: Step, module: str, path: str, line: int
) -> dict[str, Any]:
    """What is the same for both: where the call stands, and where its cause."""
    facts = pair.candidate.facts(module)
    module = module.removesuffix(STUB)
    return {
        "module": module,
        "name": path.removeprefix(module).lstrip(".").removesuffix(".__init__"),
        "how": "call",
        "file": usage.file,
        "line": step.line,
        "column": step.column,
        "use": use,
        "cause_file": facts.file if facts is not None else None,
        "cause_line": line,
        "cause_in_candidate": True,
    }
