"""Whom the hotfix misses: an environment made before the harm, changed after every channel was patched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tailrace.channels.clients import Client, Installed, Priority, Problem, Solution, solve
from tailrace.channels.exposure import is_exposed
from tailrace.channels.moments import parse_moment
from tailrace.channels.specs import parse_spec
from tailrace.hotfix.reaching import CLIENT_NAMES, FACTS, KINDS
from tailrace.replay import view
from tailrace.replay.play import Play
from tailrace.replay.words import count, length, when
from tailrace.replay.world import Channels, ordered

SHOWN = ("installed", "cached", "current-repodata", "shards", "lock")


def step(play: Play) -> view.Step:
    """The step."""
    plan = play.scenario.missed
    installed, changed = parse_moment(plan.installed), parse_moment(plan.changed)
    rows = list(_rows(play, installed, changed))
    hurt = [row for row in rows if row[2] == "exposed"]
    by_old = [row for row in hurt if row[3] != "exposed"]
    clients = list(dict.fromkeys(client for client, *_ in by_old))
    headline = (
        f"An environment of {when(installed)} that keeps its old records is broken by its next change in "
        f"{len(hurt)} of {len(rows)} configurations"
        + (f"; only by clients of the {' and '.join(clients)} family." if by_old else ".")
    )
    blocks: list[view.AnyBlock] = [
        view.Prose(
            text=f"Made on {when(installed)} with {' '.join(plan.specs)}; on {when(changed)}, with every channel "
            f"patched, `{' '.join(plan.change)}` is asked for. Old records: as installed. Fresh: as the channel has "
            "them now."
        ),
        view.Table(
            title="The next change",
            head=("client", "channels and priority", "old records", "fresh records", "gets"),
            rows=tuple(
                (
                    ("plain", client),
                    ("plain", where),
                    (_tone(old), "refused" if old == "unsolvable" else old),
                    (_tone(new), "refused" if new == "unsolvable" else new),
                    ("quiet", got),
                )
                for client, where, old, new, got in rows
            ),
        ),
        _trust(),
    ]
    late = _late(play)
    if late:
        blocks.append(view.Points(title="Between the channels", points=tuple(late)))
    if hurt:
        blocks.append(
            view.Command(title="What mends such an environment", command=f"mamba install '{plan.repair}' --freeze-installed")
        )
    return view.Step(
        id="missed",
        title="Whom it missed",
        verdict="missed" if hurt else "reached",
        tone="warn" if hurt else "good",
        headline=headline,
        blocks=tuple(blocks),
    )


def _rows(play: Play, installed: int, changed: int) -> Iterator[tuple[Client, str, view.State, view.State, str]]:
    """Client, configuration, state with old and with fresh records, and the packages that it ends up with."""
    plan, grid = play.scenario.missed, play.scenario.grid
    then, now = play.world.on(installed), play.world.on(changed)
    for client in grid.clients:
        for order in grid.orders:
            for priority in grid.priorities:
                problem = Problem(plan.specs, ordered(then, order), play.scenario.subdir, installed)
                made = solve(problem, client, priority)
                where = f"{' > '.join(order)}, {priority}"
                if made.status != "solved":
                    yield client, where, "unsolvable", "unsolvable", "could not be made"
                    continue
                old = _change(play, made, order, now, client, priority, changed, fresh=False)
                new = _change(play, made, order, now, client, priority, changed, fresh=True)
                names = play.broken.names
                got = ", ".join(f"{r.name} {r.version} {r.build}" for r in old.records if r.name in names)
                yield client, where, _state(play, old), _state(play, new), got or "nothing changes"


def _change(
    play: Play,
    made: Solution,
    order: tuple[str, ...],
    now: Channels,
    client: Client,
    priority: Priority,
    moment: int,
    *,
    fresh: bool,
) -> Solution:
    """What the change makes of the environment, by its own records or by the channels'."""
    channels = ordered(now, order)
    urls = {channel.name: channel.url for channel in channels}
    current = {(r.channel, r.subdir, r.file_name): r for channel in channels for r in channel.records()}
    asked_for = {parse_spec(text).name: text for text in play.scenario.missed.specs}
    packages = tuple(
        Installed(
            current.get((r.channel, r.subdir, r.file_name), r) if fresh else r, urls[r.channel], asked_for.get(r.name)
        )
        for r in made.records
    )
    # What the environment was made of is asked for again, as clients do: else nothing would hold on to it.
    changed = {parse_spec(text).name for text in play.scenario.missed.change}
    kept = tuple(text for name, text in asked_for.items() if name not in changed)
    problem = Problem((*play.scenario.missed.change, *kept), channels, play.scenario.subdir, moment)
    return solve(replace(problem, installed=packages), client, priority)


def _state(play: Play, solution: Solution) -> view.State:
    return "unsolvable" if solution.status != "solved" else "exposed" if is_exposed(solution, play.broken) else "safe"


def _tone(state: view.State) -> view.Tone:
    return {"safe": "good", "exposed": "bad", "unsolvable": "warn"}[state]  # type: ignore[return-value]


def _trust() -> view.Table:
    """Which old records each client believes: statements with their sources, not computed."""
    known = {(fact.client, fact.kind): fact for fact in FACTS}
    said: dict[str, tuple[view.Tone, str]] = {
        "trusts": ("bad", "believed"),
        "ignores": ("good", "ignored"),
        "unknown": ("warn", "unknown"),
    }
    return view.Table(
        title="Which old records each client believes (observed, not computed)",
        head=("old record", *CLIENT_NAMES),
        rows=tuple(
            (("plain", KINDS[kind]), *(said[known[client, kind].trust] for client in CLIENT_NAMES)) for kind in SHOWN
        ),
    )


def _late(play: Play) -> Iterator[tuple[view.Tone, str]]:
    """Channels that were patched after the first one, and who got the harmful combination in between."""
    first: dict[str, int] = {}
    for hotfix in play.scenario.hotfixes:
        first.setdefault(hotfix.channel, parse_moment(hotfix.at))
    if len(first) < 2:
        return
    lead, *rest = sorted(first, key=lambda name: first[name])
    for channel in rest:
        low, high = first[lead], first[channel]
        hit = {
            (ask.text, key)
            for ask in play.scenario.asks
            for key, cell in play.cells(ask.specs, high - 1, play.world.on(high - 1)).items()
            if cell.exposed
        }
        after = {
            (ask.text, key)
            for ask in play.scenario.asks
            for key, cell in play.cells(ask.specs, high, play.world.on(high)).items()
            if cell.exposed
        }
        ended = len(hit - after)
        yield (
            "warn" if ended else "plain",
            f"{channel} was patched {length(high - low)} after {lead}. {count(ended, 'cell')} of {len(play.scenario.asks)} "
            f"asks stayed exposed until then.",
        )
