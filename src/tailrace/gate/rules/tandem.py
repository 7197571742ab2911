"""The rule `tandem`: the packages of a group go out together, on each channel.

A release waits for every other member of its group until that member has a version which works with it, and that
version is on the channel already, or goes out in the same step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tailrace.gate.channel_state import ChannelState
from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.moments import HOUR, Duration, parse_time, show_duration
from tailrace.gate.names import channel_of, name_key, same_name, same_release, same_version, version_order
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, listed, offered_text
from tailrace.model.report import CheckReport
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Choice, Text


@dataclass(frozen=True, slots=True)
class Settings:
    """`group`: of the policy. `within`: ms between the first and the last member. `channels`: `each` looks at every
    target of the policy, `target` at the one that is decided on.
    """

    group: str
    within: int
    channels: str


def problems(settings: Any, groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """A group that is not there."""
    if settings.group not in groups:
        from tailrace.toml.kinds import nearest

        near = nearest(settings.group, tuple(groups))
        hint = f"; did you mean {near}?" if near else "; make it with [groups.NAME]"
        yield f"names the group {settings.group!r}, which is not there{hint}"


def judge(case: Case) -> Outcome:
    """Who the release waits for."""
    settings: Settings = case.rule.settings
    members = case.policy.groups[settings.group]
    if not any(same_name(name, case.subject.name) for name in members):
        return Outcome("not-applicable", f"{case.subject.name} is not in the group {settings.group}")
    others = [name for name in members if not same_name(name, case.subject.name)]
    works, used = _working(case)
    targets = [case.target]
    if settings.channels == "each":
        targets += [one for one in case.policy.targets if channel_of(one) != channel_of(case.target)]
    findings: list[GateFinding] = []
    steps = []
    states = {target: case.state_of(target) for target in targets}
    gaps = [target for target, state in states.items() if state is None]
    used |= {state[1].sha256 for state in states.values() if state is not None}
    known = {target: state[0] for target, state in states.items() if state is not None}
    for name in others:
        good = works.get(name_key(name), {})
        # A channel that does not carry a member at all is not waited for.
        carrying = {target: state for target, state in known.items() if state.of(name)} or known
        missing = [target for target, state in carrying.items() if not _ready(case, name, good, state)]
        if not missing:
            continue
        text = _missing_text(case, name, good, missing)
        findings.append(
            GateFinding(
                fingerprint=fingerprint_of("tandem", settings.group, text),
                state="wait",
                message=text,
                releases=tuple(f"{name} {version}" for version in sorted(good, key=version_order)),
            )
        )
        steps.append(_step(case, name, good, missing))
    evidence = tuple(sorted(used))
    if gaps and not findings:
        missing_states = list(dict.fromkeys(gaps))
        offered = offered_text(missing_states)
        step = case.step(f"record {offered}", command=f"tailrace gate collect {case.named}")
        reason = f"{offered} is not known"
        return Outcome("unknown", reason, next=(step,), evidence=evidence)
    if findings:
        late = _late(case, settings)
        reason = f"waits for {_waited_for(case, [one.message for one in findings])}"
        if late is not None:
            stops = tuple(_as_stop(one) for one in findings)
            reason = f"{reason}; {case.subject} has been on {late[0]} for {show_duration(late[1])}"
            return Outcome("stop", reason, stops, next=tuple(steps), evidence=evidence)
        return Outcome("wait", reason, tuple(findings), next=tuple(steps), evidence=evidence)
    return Outcome("pass", f"{listed(others)} can go out with it", evidence=evidence)


def _working(case: Case) -> tuple[dict[str, dict[str, str]], set[str]]:
    """Package → version → status in the newest report, for those that do not break with the release."""
    reports, _ = case.of_build("check", "verification")
    newest: dict[str, dict[str, str]] = {}
    used = set()
    for evidence in reports:
        report: CheckReport = case.decode(evidence, CheckReport)
        used.add(evidence.sha256)
        for one in report.downstreams:
            newest.setdefault(name_key(one.name), {})[one.version] = one.status
    # A check of another member that has the subject among its downstreams says whether the two go together, too.
    members = {name_key(name) for name in case.policy.groups[case.rule.settings.group]} - {name_key(case.subject.name)}
    for evidence in case.evidence:
        if evidence.kind not in ("check", "verification") or name_key(evidence.subject.name) not in members:
            continue
        report = case.decode(evidence, CheckReport)
        for one in report.downstreams:
            if same_release(case.subject, one.name, one.version):
                used.add(evidence.sha256)
                newest.setdefault(name_key(evidence.subject.name), {})[evidence.subject.version] = one.status
    good = {
        name: {version: status for version, status in versions.items() if status in ("clear", "possible")}
        for name, versions in newest.items()
    }
    return good, used


def _ready(case: Case, name: str, good: Mapping[str, str], state: ChannelState) -> bool:
    """Whether a working version that lets the release in is on the target, or goes out with the release."""
    together = [one.version for one in case.together if same_name(one.name, name)]
    offered = [one.version for one in state.of(name) if one.admits is not False]
    return any(same_version(version, works) for version in (*offered, *together) for works in good)


def _missing_text(case: Case, name: str, good: Mapping[str, str], missing: list[str]) -> str:
    where = listed(missing)
    if not good:
        return f"a {name} that works with {case.subject}"
    newest = max(good, key=version_order)
    return f"{name} {newest} on {where}"


def _waited_for(case: Case, texts: list[str]) -> str:
    """`a mill and a wheel that work with river 2.0`: said once where it is the same for all."""
    ends = f" that works with {case.subject}"
    if len(texts) > 1 and all(text.endswith(ends) for text in texts):
        return f"{listed(text.removesuffix(ends) for text in texts)} that work with {case.subject}"
    return listed(texts)


def _step(case: Case, name: str, good: Mapping[str, str], missing: list[str]) -> Any:
    who = case.policy.owner_of(name)
    if not good:
        return case.step(f"release a {name} that works with {case.subject}", who=who)
    newest = max(good, key=version_order)
    return case.step(f"bring {name} {newest} to {listed(missing)} with {case.subject}", who=who)


def _late(case: Case, settings: Settings) -> tuple[str, int] | None:
    """A target on which the release has been alone for longer than the group may take."""
    for target in (case.target, *case.policy.targets):
        state = case.state_of(target)
        if state is None:
            continue
        times = [
            parse_time(one.since)
            for one in state[0].of(case.subject.name, case.subject.version)
            if one.since is not None
        ]
        if times and case.at - min(times) > settings.within:
            return target, case.at - min(times)
    return None


def _as_stop(finding: GateFinding) -> GateFinding:
    import msgspec

    return msgspec.structs.replace(finding, state="stop")


KIND = RuleKind(
    name="tandem",
    summary="the packages of a group go out together, on each channel",
    settings=Settings,
    fields={
        "group": Field(Text("the name of a group")),
        "within": Field(Duration(), 48 * HOUR),
        "channels": Field(Choice(("each", "target")), "each"),
    },
    judge=judge,
    problems=problems,
)
