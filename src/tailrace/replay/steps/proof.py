"""Before and after the derived hotfix, in every cell: is the harm gone, and does all that worked still work?"""

from __future__ import annotations

from collections import Counter

from tailrace.channels.moments import parse_moment
from tailrace.hotfix.proving import FAILURES, MEANING, Outcome
from tailrace.hotfix.proving.prove import outcome_of, shifts
from tailrace.replay import view
from tailrace.replay.play import Play, state_of
from tailrace.replay.words import count, when

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
        f"{after_harmful or 'none'} does, and {counts['lost'] or 'nothing'} that worked cannot be solved any more."
    )
    blocks: list[view.AnyBlock] = [
        view.Table(
            title="What became of the cells",
            head=("cells", "outcome", "which means"),
            rows=tuple(
                ((TONES[outcome], str(counts[outcome])), (TONES[outcome], outcome), ("plain", meaning))
                for outcome, meaning in MEANING.items()
                if counts[outcome] or outcome in FAILURES
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
            ("plain", f"{kind}: {old or 'nothing'} → {new or 'nothing'} in {count(number, 'cell')}")
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
    """The rows in which somebody gets the harmful combination, clients together where they agree."""
    before = play.cells(specs, moment, play.world.bare)
    after = play.cells(specs, moment, play.healed)
    rows: list[tuple[tuple[view.Tone, str], ...]] = []
    for order in play.scenario.grid.orders:
        for priority in play.scenario.grid.priorities:
            keys = [(order, priority, client) for client in play.scenario.grid.clients]
            old, new = [state_of(before[key]) for key in keys], [state_of(after[key]) for key in keys]
            if "exposed" in old:
                rows.append(
                    (
                        ("plain", text),
                        ("plain", " > ".join(order)),
                        ("plain", priority),
                        ("bad", _together(play, old)),
                        ("bad" if "exposed" in new else "good", _together(play, new)),
                    )
                )
    return rows


def _together(play: Play, states: list[view.State]) -> str:
    if len(set(states)) == 1:
        return "refused" if states[0] == "unsolvable" else states[0]
    return ", ".join(f"{client} {state}" for client, state in zip(play.scenario.grid.clients, states, strict=True))
