"""The rule `approval`: different people, each in a role, have agreed to this very build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Literal

import msgspec

from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.evidence import Evidence
from tailrace.gate.moments import Duration
from tailrace.gate.policy import NAMES
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, listed
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Count


class ApprovalBody(msgspec.Struct, frozen=True, kw_only=True):
    """One person's word (`tailrace.approval/1`). `approved`: false for an objection."""

    schema: Literal["tailrace.approval/1"] = "tailrace.approval/1"
    by: str
    role: str
    approved: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """`roles`: each must have agreed. `distinct`: by so many different people. `max_age`: ms."""

    roles: tuple[str, ...]
    distinct: int
    max_age: int | None


def problems(settings: Any, groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What could never be met."""
    if not settings.roles:
        yield "has no roles: nobody could approve"
    elif settings.distinct > len(settings.roles):
        yield f"asks for {settings.distinct} different people in {len(settings.roles)} roles"


def judge(case: Case) -> Outcome:
    """The newest word of each person in each role."""
    settings: Settings = case.rule.settings
    evidence, others = case.of_build("approval")
    words: dict[tuple[str, str], tuple[ApprovalBody, Evidence]] = {}
    for one in evidence:
        body: ApprovalBody = case.decode(one, ApprovalBody)
        if body.role in settings.roles and _may(case, body):
            words[body.role, _person(body.by)] = (body, one)
    used = tuple(sorted({one.sha256 for _, one in words.values()}))
    objections = [body for body, _ in words.values() if not body.approved]
    if objections:
        findings = tuple(
            GateFinding(
                fingerprint=fingerprint_of("approval", body.role, _person(body.by), body.note),
                state="stop",
                message=f"{body.by} ({body.role}) objects{f': {body.note}' if body.note else ''}",
            )
            for body in sorted(objections, key=lambda body: (body.role, body.by))
        )
        step = case.step("settle the objection")
        return Outcome("stop", listed(one.message for one in findings), findings, next=(step,), evidence=used)
    by_role: dict[str, list[str]] = {role: [] for role in settings.roles}
    for (role, person), (_, one) in words.items():
        if not case.is_old(one, settings.max_age):
            by_role[role].append(person)
    lacking = [role for role in settings.roles if not by_role[role]]
    people = {person for persons in by_role.values() for person in persons}
    if not lacking and len(people) >= settings.distinct and _assignable(by_role, settings.distinct):
        return Outcome("pass", f"approved by {listed(sorted(people))}", evidence=used)
    wanted = lacking or [f"{settings.distinct} different people"]
    reason = f"not approved by {listed(wanted)}" if lacking else f"one person approved for {listed(settings.roles)}"
    if others:
        reason += f"; {others} for another build {'does' if others == 1 else 'do'} not count"
    steps = tuple(
        case.step(
            f"approve {case.subject}",
            who=_who(case, role),
            command=f"tailrace gate approve {case.named} --role {quote(role)} --by WHO",
        )
        for role in (lacking or settings.roles)
    )
    return Outcome("unknown", reason, next=steps, evidence=used)


def _assignable(by_role: Mapping[str, list[str]], distinct: int) -> bool:
    """Whether so many different people can be found for different roles."""

    def place(roles: list[str], taken: frozenset[str]) -> int:
        if not roles:
            return len(taken)
        best = place(roles[1:], taken)
        for person in by_role[roles[0]][:20]:
            if person not in taken:
                best = max(best, place(roles[1:], taken | {person}))
            if best >= distinct:
                return best
        return best

    return place(list(by_role)[:8], frozenset()) >= distinct


def _may(case: Case, body: ApprovalBody) -> bool:
    """Whether the policy lets this person speak in this role; where it names no one, anyone may."""
    people = case.policy.roles.get(body.role)
    return people is None or _person(body.by) in {_person(one) for one in people}


def _who(case: Case, role: str) -> str:
    people = case.policy.roles.get(role)
    return f"{role} ({listed(people)})" if people else role


def _person(text: str) -> str:
    return " ".join(text.split()).casefold()


KIND = RuleKind(
    name="approval",
    summary="different people, each in a role, have agreed to this very build",
    settings=Settings,
    fields={"roles": Field(NAMES), "distinct": Field(Count(1), 1), "max-age": Field(Duration(), None)},
    judge=judge,
    problems=problems,
)
