"""Questions over many decisions: why a release waits, which releases need somebody, and what a waiver would cover.

Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tailrace.gate.decision import STATES, Decision, GateVerdict, RuleResult
from tailrace.gate.errors import WaiverError
from tailrace.gate.evaluate import Facts, evaluate
from tailrace.gate.moments import parse_time, show_duration
from tailrace.gate.names import (
    Subject,
    choose_target,
    name_key,
    parse_subject,
    same_release,
    same_target,
    version_key,
)
from tailrace.gate.waivers import Waiver, problems

WORST: tuple[GateVerdict, ...] = ("stop", "unknown", "wait", "go")


@dataclass(frozen=True, slots=True)
class GateExplanation:
    """Why a release may go somewhere or not, for each target. `since`: how long each has been asked for, in words."""

    decisions: tuple[Decision, ...]
    since: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateList:
    """The decision on each release and target of a ledger, those that need somebody first."""

    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class GateChecklist:
    """The decisions on one release, one for each target. `asks`: kind of rule → what it asks."""

    decisions: tuple[Decision, ...]
    asks: Mapping[str, str]


def worst_status(decisions: Sequence[Decision]) -> int:
    """The exit status of the worst decision; 3 where there is none."""
    found = sorted(decisions, key=lambda one: WORST.index(one.verdict))
    return found[0].exit_status if found else 3


def explain_targets(
    facts: Facts, subject: Subject, target: str | None, at: int, together: Sequence[Subject] = ()
) -> list[Decision]:
    """The decision for each target of the policy, or for one."""
    targets = facts.policy.targets if target is None else (choose_target(target, facts.policy.targets),)
    return [evaluate(facts, subject, one, at, together=together) for one in targets]


def root_blocker(decision: Decision) -> RuleResult | None:
    """The rule that must be settled first: what somebody must repair comes before what is not known or only waits, and
    what breaks before what waits for the repair of it.
    """
    found = [
        one
        for one in sorted(decision.rules, key=lambda one: -STATES.index(one.state))
        if one.state in ("stop", "unknown", "wait")
    ]
    return found[0] if found else None


def asked_since(decision: Decision, recorded: Sequence[Decision]) -> str:
    """`first asked 2 days ago, stop since 2022-05-19T17:30:00Z`; empty where no earlier decision is recorded."""
    earlier = [
        one
        for one in recorded
        if same_release(one.subject, decision.subject.name, decision.subject.version)
        and same_target(one.target, decision.target)
        and parse_time(one.at) <= parse_time(decision.at)
    ]
    if not earlier:
        return ""
    since = earlier[-1]
    for one in reversed(earlier):
        if one.verdict != earlier[-1].verdict:
            break
        since = one
    first = show_duration(parse_time(decision.at) - parse_time(earlier[0].at))
    return f"first asked {first} ago, {earlier[-1].verdict} since {since.at}"


def list_subjects(facts: Facts, recorded: Sequence[Decision], target: str | None, at: int) -> list[Decision]:
    """The decision on each release that evidence or a decision is about, those that need somebody first."""
    wanted: dict[tuple[str, str], Subject] = {}
    releases = [one.subject for one in facts.evidence if one.made <= at]
    releases += [Subject(name=one.subject.name, version=one.subject.version) for one in recorded]
    for one in sorted(releases, key=lambda one: (one.name, one.version)):
        if facts.policy.covers(one.name):
            wanted.setdefault((name_key(one.name), version_key(one.version)), one)
    targets = facts.policy.targets if target is None else (choose_target(target, facts.policy.targets),)
    found = [evaluate(facts, one, where, at, strict=False) for one in wanted.values() for where in targets]
    return sorted(found, key=lambda one: (WORST.index(one.verdict), one.subject.name, one.subject.version, one.target))


def make_waivers(
    facts: Facts,
    *,
    rule: str,
    subject: str,
    fingerprints: Sequence[str],
    target: str | None,
    reason: str,
    by: str,
    approved_by: str,
    expires: str,
    at: int,
) -> tuple[Waiver, ...]:
    """Waivers of findings that stand at this moment. Raises WaiverError with all that is wrong."""
    release = parse_subject(subject)
    where = choose_target(target, facts.policy.targets) if target is not None else None
    wrong: list[str] = []
    for option, text in (("--reason", reason), ("--by", by), ("--approved-by", approved_by)):
        if not text.strip():
            wrong.append(f"{option} is empty")
    waivers = tuple(
        Waiver(
            rule=rule,
            subject=release,
            fingerprint=fingerprint.strip().strip("[]"),
            reason=reason.strip(),
            by=by.strip(),
            approved_by=approved_by.strip(),
            expires=parse_time(expires, start=False),
            target=where,
            made_at=at,
            origin="waive",
        )
        for fingerprint in dict.fromkeys(fingerprints)
    )
    for waiver in waivers:
        if waiver.expires < at:
            wrong.append(f"--expires {expires} is past")
        # That it expires before it is made is the same.
        wrong += problems(replace(waiver, expires=max(waiver.expires, at)), facts.policy)
    if not wrong:
        live = _live(facts, release, where, rule, at)
        for waiver in waivers:
            if waiver.fingerprint not in live:
                known = ", ".join(sorted(live)) or "none"
                wrong.append(f"{rule} has no live finding {waiver.fingerprint!r} for {release}; it has {known}")
    if wrong:
        hint = "No waiver was written. `tailrace gate why` shows the findings and fingerprints."
        raise WaiverError(list(dict.fromkeys(wrong)), hint=hint, of="mistakes in the waiver")
    return waivers


def _live(facts: Facts, subject: Subject, target: str | None, rule: str, at: int) -> set[str]:
    """The fingerprints of what a rule holds against a release, on the target or on any."""
    targets = facts.policy.targets if target is None else (target,)
    found: set[str] = set()
    for where in targets:
        for result in evaluate(facts, subject, where, at, strict=False).rules:
            if result.id == rule:
                found |= {one.fingerprint for one in result.findings if one.state in ("stop", "wait")}
    return found
