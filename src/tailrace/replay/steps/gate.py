"""What a gate would have said before the release went out: from the same verdicts. There is no gate here; text only."""

from __future__ import annotations

from tailrace.conda.timestamps import parse_moment
from tailrace.replay import view
from tailrace.replay.play import Play, state_of
from tailrace.replay.words import count, length, listed, when
from tailrace.replay.world import filter_records


def step(play: Play) -> view.Step:
    """The step."""
    candidate = play.scenario.candidate
    tagged = parse_moment(candidate.tagged)
    report = play.incident.report
    points: list[tuple[view.Tone, str]] = []
    if report.verdict == "breaks":
        points.append(
            ("bad", f"Check: {report.verdict}. {candidate.name} {candidate.version} is held on {when(tagged)} UTC.")
        )
    points += _tandem(play)
    points += _strict(play)
    points += _canary(play)
    held = report.verdict == "breaks"
    early = length(play.first_harm - tagged) if play.first_harm is not None else ""
    headline = (
        f"Held on the day of the tag, {early} before the first user was hit." if held and early else "Nothing to hold."
    )
    return view.Step(
        id="gate",
        title="What a gate would have said",
        verdict="hold" if held else "pass",
        tone="good" if held else "plain",
        headline=headline,
        blocks=(view.Points(title="Each rule, from the verdicts above", points=tuple(points)),),
    )


def _tandem(play: Play) -> list[tuple[view.Tone, str]]:
    """When the packages of the group could have gone out together, all of them repaired."""
    candidate, group = play.scenario.candidate, play.scenario.gate.tandem
    broken = {downstream.name for downstream in play.breaking}
    said: list[str] = []
    moments: list[int] = []
    for name in group:
        if name not in broken:
            continue
        clear = {d.version for d in play.incident.report.downstreams if d.name == name and d.status == "clear"}
        found = [
            (record.appeared or 0, record)
            for channel in play.world.bare.values()
            for record in channel.records()
            if record.name == name and record.version in clear
        ]
        if not found:
            said.append(f"{name}: no repaired release was known")
            continue
        moment, record = min(found, key=lambda item: item[0])
        moments.append(moment)
        said.append(f"{name} {record.version} from {when(moment)}")
    if not said:
        return []
    together = f"Tandem {' + '.join(group)}: {candidate.name} {candidate.version} waits for {listed(said)}"
    tagged = parse_moment(candidate.tagged)
    if moments and len(moments) == len(said):
        ready = max(moments)
        together += (
            f". All there on {when(ready)} UTC."
            if ready > tagged
            else ". It was there already: the pair goes out together, with the bound on older ones."
        )
    return [("warn", together)]


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
    """The same asks at the worst moment, with the candidate on a label that nobody is subscribed to."""
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
