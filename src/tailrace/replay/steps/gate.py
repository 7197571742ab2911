"""What the gate says, computed: the same evaluation as `tailrace gate`, with the records and the report of the scenario
as its evidence, at the tag and at every moment at which something changed.
"""

from __future__ import annotations

import json
from functools import cache

import msgspec

from tailrace.conda.timestamps import parse_moment, show_moment
from tailrace.gate.channel_records import observe_channel
from tailrace.gate.decision import Decision
from tailrace.gate.evaluate import Facts, evaluate
from tailrace.gate.evidence import Evidence, hash_of, make_evidence, parse_evidence
from tailrace.gate.names import Subject
from tailrace.gate.policy import Policy, parse_policy
from tailrace.replay import view
from tailrace.replay.play import Play, state_of
from tailrace.replay.words import count, length, when
from tailrace.replay.world import filter_records

_TONES: dict[str, view.Tone] = {
    "go": "good", "pass": "good", "waived": "warn", "wait": "warn", "unknown": "warn", "stop": "bad",
    "not-applicable": "quiet",
}  # fmt: skip


def step(play: Play) -> view.Step:
    """The step."""
    tagged = parse_moment(play.scenario.candidate.tagged)
    moments = _moments(play)
    policy = _policy(play)
    decisions = {moment: _decide(play, policy, moment) for moment in moments}
    first = decisions[tagged]
    held = first.verdict != "go"
    early = length(play.first_harm - tagged) if play.first_harm is not None and play.first_harm > tagged else ""
    headline = "Nothing to hold."
    if held:
        headline = (
            f"Held on the day of the tag, {early} before the first user was hit." if early else "Held at the tag."
        )
    points: list[tuple[view.Tone, str]] = [
        (_TONES[rule.state], f"{rule.id}: {rule.state}: {rule.reason}")
        for rule in first.rules
        if rule.state != "not-applicable"
    ]
    return view.Step(
        id="gate",
        title="What the gate says",
        verdict="hold" if held else "pass",
        tone="good" if held else "plain",
        headline=headline,
        blocks=(
            view.Points(title=f"Each rule at the tag, for {first.target}", points=tuple(points)),
            view.Table(
                title="The decision as things changed",
                head=("when (UTC)", "decision", "why"),
                rows=tuple(
                    (("plain", when(moment)), (_TONES[one.verdict], one.verdict), ("plain", _why(one)))
                    for moment, one in decisions.items()
                ),
            ),
            view.Points(title="What other rules would have done", points=(*_strict(play), *_canary(play))),
        ),
    )


def _moments(play: Play) -> list[int]:
    """The tag, the moment of the first harm, each hotfix, and the end of what is looked at; each once, in order."""
    scenario = play.scenario
    tagged = parse_moment(scenario.candidate.tagged)
    found = {tagged, parse_moment(scenario.until)}
    found |= {parse_moment(hotfix.at) for hotfix in scenario.hotfixes}
    if play.first_harm is not None:
        found.add(play.first_harm)
    return sorted(moment for moment in found if moment >= tagged)


def _policy(play: Play) -> Policy:
    """The rules that can be decided from what a scenario holds."""
    scenario = play.scenario
    names = sorted({downstream.name for downstream in play.incident.report.downstreams})
    fixed = [build.build for build in scenario.fixed]
    rules: list[dict[str, object]] = [
        {"id": "no-new-breaks", "kind": "check", "orders": [list(order) for order in scenario.grid.orders],
         "downstreams": names, "fixed": fixed, "max-age": "900d"},
        {"id": "in-tandem", "kind": "tandem", "group": "tandem", "within": "48h"},
        {"id": "quiet-days", "kind": "calendar", "hours-before": 48, "quiet-days": 2,
         "calendars": list(scenario.gate.calendars)},
    ]  # fmt: skip
    if len(scenario.channels) > 1:
        rules.append({"id": "both-channels", "kind": "skew", "at-most": "24h", "order": list(scenario.grid.orders[0])})
    document: dict[str, object] = {
        "schema": "tailrace.policy/1", "id": "replay", "subjects": [scenario.candidate.name],
        "targets": [f"{name}/main" for name in _targets(play)],
    }  # fmt: skip
    lines = [f"{key} = {json.dumps(value)}" for key, value in document.items()]
    lines += ["[groups.tandem]", f"members = {json.dumps(list(scenario.gate.tandem))}"]
    for rule in rules:
        lines += ["[[rules]]", *(f"{key} = {json.dumps(value)}" for key, value in rule.items())]
    return parse_policy("\n".join(lines).encode(), "the policy of the replay")


def _targets(play: Play) -> list[str]:
    """The channels, the one first that had the candidate first."""
    candidate = play.scenario.candidate

    def since(name: str) -> int:
        records = play.world.bare[name].records()
        mine = [r.appeared or 0 for r in records if (r.name, r.version) == (candidate.name, candidate.version)]
        return min(mine, default=1 << 62)

    return sorted(play.scenario.channels, key=lambda name: (since(name), name))


def _decide(play: Play, policy: Policy, moment: int) -> Decision:
    subject = Subject(name=play.scenario.candidate.name, version=play.scenario.candidate.version)
    channels = play.world.on(moment)
    found = [_evidence(msgspec.json.encode(play.incident.report), parse_moment(play.scenario.candidate.tagged))]
    for target in policy.targets:
        state = observe_channel(channels[target.split("/")[0]], target, subject, play.scenario.gate.tandem, moment)
        found.append(_evidence(msgspec.json.encode(state), moment))
    return evaluate(Facts(policy, evidence=tuple(found)), subject, policy.targets[0], moment)


@cache
def _evidence(report: bytes, moment: int) -> Evidence:
    data = make_evidence(report, made_at=show_moment(moment))
    return parse_evidence(data, hash_of(data))


def _why(decision: Decision) -> str:
    """What speaks against it, in the order of its weight."""
    said = [f"{rule.reason}" for state in ("stop", "unknown", "wait") for rule in decision.rules if rule.state == state]
    return "; ".join(said) or "nothing speaks against it"


def _strict(play: Play) -> list[tuple[view.Tone, str]]:
    """How much of the harm one policy alone would have kept away."""
    first = play.scenario.grid.orders[0]
    if len(first) < 2 or "strict" not in play.scenario.grid.priorities:
        return []
    cells = [
        (key[1], any(stretch.state == "exposed" for stretch in stretches))
        for course in play.courses.values()
        for key, stretches in course.items()
        if key[0] == first
    ]
    strict = [hit for priority, hit in cells if priority == "strict"]
    other = [hit for priority, hit in cells if priority != "strict"]
    return [
        (
            "warn" if any(strict) else "good",
            f"Channel policy: strict priority with {first[0]} first. Exposed under it: {sum(strict) or 'none'} of "
            f"{len(strict)} courses; under the other priorities: {sum(other) or 'none'} of {len(other)}.",
        )
    ]


def _canary(play: Play) -> list[tuple[view.Tone, str]]:
    """The same asks at the worst moment, with the candidate on a label without subscribers."""
    candidate = play.scenario.candidate
    moment = parse_moment(play.scenario.grid.worst)
    release = candidate.name, candidate.version
    held = {name: filter_records(c, lambda r: (r.name, r.version) != release) for name, c in play.world.bare.items()}
    before = after = 0
    for ask in play.scenario.asks:
        before += sum(state_of(c) == "exposed" for c in play.cells(ask.specs, moment, play.world.bare).values())
        after += sum(state_of(c) == "exposed" for c in play.cells(ask.specs, moment, held).values())
    return [
        (
            "good" if not after else "warn",
            f"Canary label first: on {when(moment)} {after or 'none'} of the {count(before, 'exposed cell')} would "
            "have been so; building one real recipe there shows the break at no user's cost.",
        )
    ]
