"""The rule `skew`: a release reaches the channels in their order, and the last not long after the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.moments import HOUR, Duration, parse_time, show_duration
from tailrace.gate.names import channel_of
from tailrace.gate.policy import NAMES
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, listed, offered_text
from tailrace.toml.fields import Field


@dataclass(frozen=True, slots=True)
class Settings:
    """`at_most`: ms between the first channel and the last. `order`: the channels, first to last; empty for any order
    of the policy's targets.
    """

    at_most: int
    order: tuple[str, ...]


def problems(settings: Any, groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """An order of one."""
    if len(settings.order) == 1:
        yield "has an order of one channel: name two or more"


def judge(case: Case) -> Outcome:
    """Whether it is this channel's turn, and whether another one was left behind."""
    settings: Settings = case.rule.settings
    channels = [channel_of(one) for one in settings.order or case.policy.targets]
    channels = list(dict.fromkeys(channels))
    mine = channel_of(case.target)
    if mine not in channels or len(channels) < 2:
        return Outcome("not-applicable", f"{mine} is not one of several channels that go together")
    since: dict[str, int | None] = {}
    used: set[str] = set()
    gaps = []
    for channel in channels:
        target = next((one for one in case.policy.targets if channel_of(one) == channel), channel)
        found = case.state_of(target)
        if found is None:
            gaps.append(target)
            continue
        state, evidence = found
        used.add(evidence.sha256)
        offered = state.of(case.subject.name, case.subject.version)
        if offered:
            times = [parse_time(one.since) for one in offered if one.since is not None]
            since[channel] = min(times, default=evidence.made)
    evidence_used = tuple(sorted(used))
    if gaps:
        text = offered_text(sorted(gaps, key=lambda one: (one not in case.policy.targets, gaps.index(one))))
        step = case.step(f"record {text}", command=f"tailrace gate collect {case.named}")
        return Outcome("unknown", f"{text} is not known", next=(step,), evidence=evidence_used)
    lacking = [channel for channel in channels if channel not in since]
    first = min((moment for moment in since.values() if moment is not None), default=None)
    if first is not None and lacking:
        there = [channel for channel in channels if channel in since]
        waited = case.at - first
        others = [channel for channel in lacking if channel != mine]
        if waited > settings.at_most and others:
            text = f"on {listed(there)} for {show_duration(waited)} and not on {listed(lacking)}"
            finding = GateFinding(fingerprint=fingerprint_of("skew", *lacking), state="stop", message=text)
            step = case.step(f"bring {case.subject} to {listed(others)}, or take it back from {listed(there)}")
            return Outcome("stop", text, (finding,), next=(step,), evidence=evidence_used)
    earlier = [channel for channel in lacking if settings.order and channels.index(channel) < channels.index(mine)]
    if earlier and mine not in since:
        text = f"{listed(earlier)} comes first"
        finding = GateFinding(fingerprint=fingerprint_of("skew-order", *earlier), state="wait", message=text)
        step = case.step(f"bring {case.subject} to {listed(earlier)} first")
        return Outcome("wait", text, (finding,), next=(step,), evidence=evidence_used)
    if first is not None and mine in lacking:
        return Outcome("pass", f"on {listed(since)} for {show_duration(case.at - first)}", evidence=evidence_used)
    if lacking and since:
        left = settings.at_most - (case.at - (first or case.at))
        return Outcome("pass", f"{listed(lacking)} must follow within {show_duration(left)}", evidence=evidence_used)
    return Outcome("pass", f"on {listed(since)}" if since else "on no channel yet", evidence=evidence_used)


KIND = RuleKind(
    name="skew",
    summary="a release reaches the channels in their order, and the last not long after the first",
    settings=Settings,
    fields={"at-most": Field(Duration(), 24 * HOUR), "order": Field(NAMES, ())},
    judge=judge,
    problems=problems,
)
