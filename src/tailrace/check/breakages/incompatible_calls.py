"""Calls that bind with the baseline and that the candidate refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tailrace.changes.causes import call_cause, parameter_symbol, public_path
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.breakages.witnesses import literal_call
from tailrace.check.release_pair import ReleasePair
from tailrace.python.semantics.call_hazards import moved_arguments
from tailrace.python.semantics.chains import Reached, owner_module
from tailrace.python.semantics.entities import Class, Entity, Function, Instance, Module
from tailrace.python.semantics.forwarding import call_fails, further_faults
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import signature_of
from tailrace.python.usages import CallShape, FileUsage, Step, Use
from tailrace.rules.interface import BreakFacts


def _is_callable(resolver: Resolver, value: Instance) -> bool:
    return any("__call__" in cls.facts.members for cls in resolver.mro(value.of)[0])


def _may_be_callable(resolver: Resolver, value: Instance) -> bool:
    line, doubt, standard = resolver.mro(value.of)
    return (
        doubt
        or bool(standard)
        or _is_callable(resolver, value)
        or any(cls.facts.open_class or cls.facts.open_decorators for cls in line)
    )


def find_refused(
    pair: ReleasePair, usage: FileUsage, use: Use, in_baseline: Reached, in_candidate: Reached
) -> Iterator[Breakage]:
    """The faults of a call that the baseline takes and the candidate does not."""
    step = in_candidate.step
    if step is None or step.call is None or in_baseline.source is None:
        return
    baseline, candidate = in_baseline.source, in_candidate.source
    if isinstance(candidate, Module) and isinstance(baseline, Class | Function):
        path = baseline.path
        hit = _call_hit(
            pair,
            usage,
            use,
            step,
            "kind-changed",
            path,
            "",
            "it is now a module",
            baseline,
            {"old_kind": "function", "new_kind": "module"},
        )
        if hit is not None:
            yield hit
        return
    if isinstance(baseline, Instance) and not isinstance(candidate, Instance):
        return
    if isinstance(baseline, Instance) and isinstance(candidate, Instance):
        if _is_callable(pair.baseline, baseline) and not _may_be_callable(pair.candidate, candidate):
            kinds: BreakFacts = {"old_kind": "callable object", "new_kind": "object"}
            hit = _call_hit(
                pair,
                usage,
                use,
                step,
                "kind-changed",
                baseline.of.path,
                "",
                "it can no longer be called",
                baseline,
                kinds,
            )
            if hit is not None:
                yield hit
            return
    if not _can_reach_upstream(pair, baseline, step.call):
        return
    failed = call_fails(pair.candidate, candidate, step.call)
    if failed is None:
        hit = _moved_hit(pair, usage, use, step, baseline, candidate)
        if hit is not None:
            yield hit
        return
    if failed == "unknown":
        return
    if call_fails(pair.baseline, baseline, step.call) is not None:
        return
    for fault in (failed, *further_faults(pair.candidate, candidate, step.call, failed)):
        hit = _fault_hit(pair, usage, use, step, baseline, candidate, fault)
        if hit is not None:
            yield hit


def _moved_hit(
    pair: ReleasePair, usage: FileUsage, use: Use, step: Step, baseline: Entity, candidate: Entity | None
) -> Breakage | None:
    """A call that binds with both releases and whose positional arguments go to other parameters with the candidate."""
    mine, theirs = signature_of(pair.baseline, baseline), signature_of(pair.candidate, candidate)
    if (
        step.call is None
        or mine is None
        or theirs is None
        or call_fails(pair.baseline, baseline, step.call) is not None
    ):
        return None
    moved = moved_arguments(mine, theirs, step.call.positional)
    if not moved or not isinstance(baseline, Class | Function):
        return None
    names = ", ".join(f"`{name}`" for name in moved[:3])
    path = baseline.path.removesuffix(".__init__")
    facts: BreakFacts = {"moved": names, "call": ""}
    hit = _call_hit(pair, usage, use, step, "arity-changed", path, "", "", baseline, facts)
    return replace(hit, confidence="possible", raises=frozenset()) if hit is not None else None


def _fault_hit(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    step: Step,
    baseline: Entity,
    candidate: Entity | None,
    fault: tuple[str, str, str],
) -> Breakage | None:
    rule, parameter, detail = fault
    path = (
        baseline.path
        if isinstance(baseline, Class | Function)
        else baseline.of.path
        if isinstance(baseline, Instance)
        else ""
    )
    path = path.removesuffix(".__init__")
    if rule == "arity-changed" and parameter and _keyword_only_now(pair, baseline, candidate, parameter):
        rule = "parameter-now-keyword-only"
    facts: BreakFacts = {
        "parameter": parameter,
        "call": literal_call(pair.baseline.surfaces[-1], usage.file, step, baseline),
    }
    if "passes it on" in detail:
        facts["forwarded"] = "yes"
    hit = _call_hit(pair, usage, use, step, rule, path, parameter, detail, baseline, facts)
    signature = signature_of(pair.candidate, candidate) if hit is not None else None
    if hit is not None and signature is not None and signature.guessed:
        hit = replace(hit, confidence="likely")
    cause = call_cause(pair.baseline, pair.candidate, baseline, candidate, rule, parameter)
    if hit is None or cause is None or cause == (hit.rule, hit.symbol):
        return hit
    return replace(hit, rule=cause[0], symbol=cause[1], used=hit.symbol if cause[1] != hit.symbol else "")


def _can_reach_upstream(pair: ReleasePair, callee: Entity, shape: CallShape) -> bool:
    """Whether the call binds to parameters of the upstream: its own, inherited, or behind a `**kwargs`."""
    if pair.upstream(owner_module(callee)) or _upstream_base(pair, callee) is not None:
        return True
    if not isinstance(callee, Function) or not shape.keywords:
        return False
    named = {p.name for p in callee.facts.params}
    return any(p.kind == "var-keyword" for p in callee.facts.params) and any(k not in named for k in shape.keywords)


def _keyword_only_now(pair: ReleasePair, baseline: Entity, candidate: Entity | None, parameter: str) -> bool:
    """Whether the parameter could be given by position with the baseline: not where `*args` took it."""
    earlier, signature = signature_of(pair.baseline, baseline), signature_of(pair.candidate, candidate)
    return (
        signature is not None
        and any(p.name == parameter and p.kind == "keyword" for p in signature.params)
        and (
            earlier is None
            or earlier.any_position
            or not any(p.name == parameter and p.kind == "keyword" for p in earlier.params)
        )
    )


def _call_hit(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    step: Step,
    rule: str,
    path: str,
    parameter: str,
    detail: str,
    baseline: Entity,
    facts: BreakFacts,
) -> Breakage | None:
    module = owner_module(baseline) or ""
    if not pair.upstream(module):
        base = _upstream_base(pair, baseline)
        if base is None:
            return None
        path, module = base.path, base.module
    file, line = _place(pair.baseline, baseline)
    name = path.removeprefix(module).lstrip(".")
    path = public_path(pair.baseline, path, module)
    if name and path.endswith(f".{name}"):
        module = path.removesuffix(f".{name}")  # where users find it, not where it is defined
    symbol = parameter_symbol(path, parameter)
    return Breakage(
        rule=rule,
        symbol=symbol,
        module=module,
        name=name,
        how="call",
        file=usage.file,
        line=step.line,
        column=step.column,
        use=use,
        raises=LINEAGES["TypeError"],
        detail=detail,
        facts={"raises": "TypeError", **facts},
        cause_file=file,
        cause_line=line,
    )


def _upstream_base(pair: ReleasePair, entity: Entity) -> Class | None:
    """The upstream class that an own subclass (or a method of one) passes the call on to."""
    cls = entity if isinstance(entity, Class) else entity.owner if isinstance(entity, Function) else None
    if cls is None:
        return None
    line, _, _ = pair.baseline.mro(cls)
    return next((c for c in line if pair.upstream(owner_module(c))), None)


def _place(resolver: Resolver, entity: Entity) -> tuple[str | None, int | None]:
    module = owner_module(entity)
    facts = resolver.facts(module) if module is not None else None
    if facts is None:
        return None, None
    if isinstance(entity, Class):
        init = entity.facts.members.get("__init__", ())
        return facts.file, init[-1].line if init else entity.facts.line
    if isinstance(entity, Function):
        return facts.file, entity.facts.line
    return facts.file, 1
