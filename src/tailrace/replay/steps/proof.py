"""Before and after the derived hotfix, in every cell: is the harm gone, and does all that worked still work?"""

from __future__ import annotations

from collections import Counter

from tailrace.conda.timestamps import parse_moment
from tailrace.hotfix.prove import FAILURES, MEANING, Outcome
from tailrace.hotfix.prove.prove import outcome_of, shifts
from tailrace.replay import view
from tailrace.replay.play import Play, state_of
from tailrace.replay.words import count, when
from tailrace.solvers import Priority

TONES: dict[Outcome, view.Tone] = {
    "healed": "good",
    "refused": "good",
    "kept": "plain",
    "changed": "plain",
    "gained": "plain",
    "unsolvable": "quiet",
    "lost": "bad",
    "still-exposed": "bad",
    "newly-exposed": "bad",
}


def step(play: Play) -> view.Step:
    """The step."""
    plan = play.scenario.grid
    moments = sorted({parse_moment(text) for text in (*plan.moments, plan.worst)})
    worst = parse_moment(plan.worst)
    counts: Counter[Outcome] = Counter()
    harmful = after_harmful = 0
    moved: Counter[tuple[str, str, str]] = Counter()
    rows: list[tuple[tuple[view.Tone, str], ...]] = []
    for ask in play.scenario.asks:
        for moment in moments:
            before = play.cells(ask.specs, moment, play.world.bare)
            after = play.cells(ask.specs, moment, play.healed)
            for key, old in before.items():
                new = after[key]
                outcome = outcome_of(old, new)
                counts[outcome] += 1
                harmful += state_of(old) == "exposed"
                after_harmful += state_of(new) == "exposed"
                if old.status == new.status == "solved":
                    found = shifts(old.packages, new.packages)
                    moved.update((s.kind, s.before, s.after) for s in found if s.name in play.broken.names)
        rows += _worst(play, ask.text, ask.specs, worst)
    failed = sum(number for outcome, number in counts.items() if outcome in FAILURES)
    proven = harmful > 0 and not failed
    cells = sum(counts.values())
    headline = (
        f"Of {cells} cells {harmful} got the harmful combination without a hotfix; with the derived one "
        f"{after_harmful or 'none'} does, and "
        + (
            f"{counts['lost']} that worked cannot be solved any more."
            if counts["lost"]
            else "all that worked still can be solved."
        )
    )
    blocks: list[view.AnyBlock] = [
        view.Table(
            title="What became of the cells",
            head=("cells", "outcome", "which means"),
            rows=tuple(
                ((tone, str(counts[outcome])), (tone, outcome), ("plain", meaning))
                for outcome, meaning in MEANING.items()
                if counts[outcome] or outcome in FAILURES
                # What did not happen is nothing to be alarmed about.
                for tone in (TONES[outcome] if counts[outcome] else "quiet",)
            ),
        ),
        view.Table(
            title=f"At the worst, {when(worst)}",
            head=("asked for", "channels", "priority", "without", "with the hotfix"),
            rows=tuple(rows),
        ),
    ]
    if moved:
        points: tuple[tuple[view.Tone, str], ...] = tuple(
            ("plain", f"{count(number, 'cell')}: {_file(old)} → {_file(new)}, {kind}")
            for (kind, old, new), number in sorted(moved.items(), key=lambda item: (-item[1], item[0]))
        )
        blocks.append(view.Points(title="What users get instead", points=points))
    return view.Step(
        id="proof",
        title="The proof",
        verdict="proven" if proven else "not proven",
        tone="good" if proven else "bad",
        headline=headline,
        blocks=tuple(blocks),
    )


def _worst(play: Play, text: str, specs: tuple[str, ...], moment: int) -> list[tuple[tuple[view.Tone, str], ...]]:
    """What users got, priorities and clients together where they agree; only where somebody got the harmful
    combination.
    """
    before = play.cells(specs, moment, play.world.bare)
    after = play.cells(specs, moment, play.healed)
    plan = play.scenario.grid
    alike: dict[tuple[tuple[str, ...], tuple[view.State, ...], tuple[view.State, ...]], list[Priority]] = {}
    for order in plan.orders:
        for priority in plan.priorities:
            keys = [(order, priority, client) for client in plan.clients]
            old, new = tuple(state_of(before[key]) for key in keys), tuple(state_of(after[key]) for key in keys)
            if "exposed" in old:
                alike.setdefault((order, old, new), []).append(priority)
    return [
        (
            ("plain", text),
            ("plain", " > ".join(order)),
            ("plain", "every" if len(priorities) == len(plan.priorities) else ", ".join(priorities)),
            ("bad", _together(play, old)),
            ("bad" if "exposed" in new else "good", _together(play, new)),
        )
        for (order, old, new), priorities in alike.items()
    ]


def _together(play: Play, states: tuple[view.State, ...]) -> str:
    if len(set(states)) == 1:
        return states[0]
    return ", ".join(f"{client} {state}" for client, state in zip(play.scenario.grid.clients, states, strict=True))


def _file(label: str) -> str:
    """`defaults::conda-4.13.0-py39_0` → `conda 4.13.0 (py39_0, defaults)`."""
    channel, _, rest = label.rpartition("::")
    parts = rest.rsplit("-", 2)
    return f"{parts[0]} {parts[1]} ({parts[2]}, {channel})" if len(parts) == 3 else "nothing"
