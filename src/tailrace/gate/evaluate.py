"""Makes a decision from policy, calendar, waivers, evidence, subject, target and moment. A pure function.

The order in which evidence comes does not matter, and evidence from after the moment is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from tailrace.gate.calendar import Calendar
from tailrace.gate.decision import (
    STATES,
    Decision,
    GateFinding,
    GateVerdict,
    NextStep,
    PolicyNote,
    Rota,
    RuleResult,
    State,
    WaiverNote,
    sealed,
)
from tailrace.gate.errors import EvidenceError, SubjectError, WaiverError
from tailrace.gate.evidence import Evidence, in_order
from tailrace.gate.moments import day_of, show_moment
from tailrace.gate.names import Subject, choose_target, name_key
from tailrace.gate.policy import Policy, Rule
from tailrace.gate.rules import RULE_KINDS
from tailrace.gate.rules.interface import Case, Outcome
from tailrace.gate.waivers import Waiver
from tailrace.model.address import redact_all

#: So often the gate is asked again whether it opens by itself.
MOST = 40


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ledger holds, as values. `cache`: bodies of evidence that were decoded, by hash."""

    policy: Policy
    calendar: Calendar | None = None
    waivers: tuple[Waiver, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    cache: dict[tuple[str, type], Any] = field(default_factory=dict, compare=False)


def evaluate(
    facts: Facts, subject: Subject, target: str, at: int, *, together: Sequence[Subject] = (), strict: bool = True
) -> Decision:
    """The decision on a release for a target at a moment (ms).

    `together`: releases that go out in the same step. `strict`: waivers that match nothing are an error; without it
    they are passed over (for listings). Raises SubjectError for what the policy does not cover, and WaiverError.
    """
    target = choose_target(target, facts.policy.targets)
    if not facts.policy.covers(subject.name):
        raise SubjectError(
            f"the policy {facts.policy.id!r} says nothing about {subject.name}.",
            hint=f"Its subjects are {', '.join(facts.policy.subjects)}.",
        )
    outcomes = _outcomes(facts, subject, target, at, together)
    waivers = [one for one in facts.waivers if one.is_about(subject, target) and one.existed(at)]
    results, used = _results(outcomes, waivers, at)
    if strict:
        _refuse_idle(facts, waivers, used, results, subject, target, at, together)
    return _decision(facts, subject, target, at, together, outcomes, results)


def _outcomes(
    facts: Facts, subject: Subject, target: str, at: int, together: Sequence[Subject]
) -> list[tuple[Rule, Outcome]]:
    evidence = in_order(one for one in facts.evidence if one.made <= at)
    later = tuple(one for one in facts.evidence if one.made > at)
    others = tuple(
        sorted((one for one in together if one != subject), key=lambda one: (name_key(one.name), one.version))
    )
    found = []
    for rule in facts.policy.rules_at(at):
        case = Case(facts.policy, facts.calendar, rule, subject, target, at, evidence, later, others, facts.cache)
        found.append((rule, _judge(case)))
    return found


def _judge(case: Case) -> Outcome:
    from tailrace.gate.names import matches

    rule = case.rule
    if rule.subjects is not None and not matches(rule.subjects, case.subject.name):
        return Outcome("not-applicable", f"it is not for {case.subject.name}")
    if rule.targets is not None and not matches(rule.targets, case.target):
        return Outcome("not-applicable", f"it is not for {case.target}")
    try:
        return RULE_KINDS[rule.kind].judge(case)
    except EvidenceError as error:
        step = case.step("make the evidence anew: it cannot be read")
        return Outcome("unknown", error.message.rstrip("."), next=(step,))


def _results(
    outcomes: Sequence[tuple[Rule, Outcome]], waivers: Sequence[Waiver], at: int
) -> tuple[list[RuleResult], set[Waiver]]:
    """What each rule says with the waivers that are in force, and which of them cover something."""
    used: set[Waiver] = set()
    results = []
    for rule, outcome in outcomes:
        findings = []
        for finding in outcome.findings:
            covering = _waivers_for(rule, finding, waivers, at)
            used.update(covering)
            if covering:
                finding = _waived(finding, max(covering, key=lambda one: (one.expires, one.by, one.reason)))
            findings.append(finding)
        state, reason = outcome.state, outcome.reason
        blocking = [one for one in outcome.findings if one.state in ("stop", "wait")]
        if state in ("stop", "wait") and blocking and all(one.state not in ("stop", "wait") for one in findings):
            state = "waived"
            reason = f"waived: {reason}"
        results.append(
            RuleResult(
                id=rule.id,
                kind=rule.kind,
                state=state,
                reason=reason,
                findings=tuple(findings),
                opens_at=show_moment(outcome.opens_at) if outcome.opens_at is not None and state == "wait" else None,
                evidence=tuple(sorted(set(outcome.evidence))),
            )
        )
    return results, used


def _waivers_for(rule: Rule, finding: GateFinding, waivers: Sequence[Waiver], at: int) -> list[Waiver]:
    """The waivers that cover a finding and have not expired; two may have been written for the same."""
    if finding.state not in ("stop", "wait"):
        return []
    found = [one for one in waivers if one.rule == rule.id and one.fingerprint == finding.fingerprint]
    return [one for one in found if one.expires >= at]


def _waived(finding: GateFinding, waiver: Waiver) -> GateFinding:
    note = WaiverNote(
        reason=waiver.reason, by=waiver.by, approved_by=waiver.approved_by, expires=day_of(waiver.expires)
    )
    return msgspec.structs.replace(finding, state="waived", waiver=note)


def _refuse_idle(
    facts: Facts,
    waivers: Sequence[Waiver],
    used: set[Waiver],
    results: Sequence[RuleResult],
    subject: Subject,
    target: str,
    at: int,
    together: Sequence[Subject],
) -> None:
    """Raise WaiverError for waivers of this subject that have expired or cover nothing.

    One of a rule that could not be decided is left alone: what it covers is not known. One without a target may cover
    something on another target of the policy.
    """
    undecided = {result.id for result in results if result.state == "unknown"}
    in_force = {rule.id for rule in facts.policy.rules_at(at)}
    problems = []
    for one in waivers:
        if one.expires < at:
            problems.append(f"{one} expired on {day_of(one.expires)}")
        elif one not in used and one.rule not in undecided and one.rule in in_force:
            if one.target is None and _covers_elsewhere(facts, one, subject, target, at, together):
                continue
            problems.append(f"{one} matches no finding")
    if problems:
        raise WaiverError(
            sorted(problems),
            hint="Remove what is no longer needed; a finding that changed needs a waiver of its own "
            "(`tailrace gate why` shows the fingerprints).",
        )


def _covers_elsewhere(
    facts: Facts, waiver: Waiver, subject: Subject, target: str, at: int, together: Sequence[Subject]
) -> bool:
    for other in facts.policy.targets:
        if other == target:
            continue
        results, used = _results(_outcomes(facts, subject, other, at, together), [waiver], at)
        if used or any(result.id == waiver.rule and result.state == "unknown" for result in results):
            return True
    return False


def _verdict(results: Iterable[RuleResult]) -> GateVerdict:
    """The worst of all. Where no rule had anything to say, nothing is known."""
    worst: State = max((result.state for result in results), key=STATES.index, default="not-applicable")
    verdicts: dict[State, GateVerdict] = {
        "not-applicable": "unknown", "pass": "go", "waived": "go", "wait": "wait", "unknown": "unknown", "stop": "stop",
    }  # fmt: skip
    return verdicts[worst]


def _decision(
    facts: Facts,
    subject: Subject,
    target: str,
    at: int,
    together: Sequence[Subject],
    outcomes: Sequence[tuple[Rule, Outcome]],
    results: Sequence[RuleResult],
) -> Decision:
    verdict = _verdict(results)
    steps = [
        step
        for (_, outcome), result in zip(outcomes, results, strict=True)
        if result.state in ("stop", "unknown", "wait")
        for step in outcome.next
    ]
    opens = _opens_at(facts, subject, target, together, outcomes, results, at) if verdict == "wait" else None
    if verdict == "unknown" and not results:
        steps.append(NextStep(rule="", who=facts.policy.owner, what="write rules that are in force at this moment"))
    known = subject.files
    decision = Decision(
        subject=msgspec.structs.replace(subject, files=tuple(sorted(known))),
        together=tuple(sorted(str(one) for one in together if one != subject)),
        target=target,
        at=show_moment(at),
        verdict=verdict,
        opens_at=show_moment(opens) if opens is not None else None,
        rules=tuple(results),
        next=_each_once(steps),
        evidence=tuple(sorted({one for result in results for one in result.evidence})),
        policy=PolicyNote(id=facts.policy.id, sha256=facts.policy.sha256_at(at)),
        calendar=facts.calendar.sha256 if facts.calendar is not None else None,
        rota=_rota(facts.calendar, at),
    )
    return sealed(msgspec.convert(redact_all(msgspec.to_builtins(decision)), Decision))


def _each_once(steps: Iterable[NextStep]) -> tuple[NextStep, ...]:
    """Without what another step asks of the same people as well: in the same words, with the same command, or with an
    alternative."""
    found = list({(one.who, one.what, one.command): one for one in reversed(list(steps))}.values())[::-1]
    for one in found[:]:
        # `gate collect` without a target does what it does with one.
        wider = re.sub(r" --target \S+\Z", "", one.command)
        if wider != one.command and (other := next((o for o in found if (o.who, o.command) == (one.who, wider)), None)):
            found[found.index(one)] = msgspec.structs.replace(one, what=f"{one.what}, and {other.what}", command=wider)
            found.remove(other)
    return tuple(
        one
        for one in found
        if not any(
            other is not one and other.who == one.who and other.what.startswith(f"{one.what}, or ") for other in found
        )
    )


def _opens_at(
    facts: Facts,
    subject: Subject,
    target: str,
    together: Sequence[Subject],
    outcomes: Sequence[tuple[Rule, Outcome]],
    results: Sequence[RuleResult],
    at: int,
) -> int | None:
    """The first moment at which the same facts open the gate; None where time alone never does."""
    known = replace(facts, evidence=tuple(one for one in facts.evidence if one.made <= at))
    moment = at
    for _ in range(MOST):
        waits = [
            outcome.opens_at for (_, outcome), result in zip(outcomes, results, strict=True) if result.state == "wait"
        ]
        if not waits or any(one is None for one in waits):
            return None
        moment = max(moment + 1, *(one for one in waits if one is not None))
        outcomes = _outcomes(known, subject, target, moment, together)
        waivers = [one for one in known.waivers if one.is_about(subject, target) and one.existed(at)]
        results, _ = _results(outcomes, waivers, moment)
        match _verdict(results):
            case "go":
                return moment
            case "wait":
                continue
            case _:
                return None
    return None


def _rota(calendar: Calendar | None, at: int) -> Rota | None:
    if calendar is None or calendar.rota is None or calendar.regular is None:
        return None
    from tailrace.gate.windows import next_window, rota_of

    window = next_window(calendar, at)
    return rota_of(calendar, window) if window is not None else None


__all__ = ["Facts", "evaluate"]
