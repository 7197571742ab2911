"""Whom the hotfix misses: an environment made before the harm, changed after every channel was patched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tailrace.conda.records import Record
from tailrace.conda.specs import parse_spec
from tailrace.conda.timestamps import parse_moment
from tailrace.exposure.grid import is_exposed
from tailrace.hotfix.reach import CLIENT_NAMES, FACTS, Kind
from tailrace.replay import view
from tailrace.replay.play import Play
from tailrace.replay.words import count, length, listed, when
from tailrace.replay.world import Channels, order_channels, time_span
from tailrace.solvers import Client, Installed, Priority, Problem, Solution, solve

TONES: dict[view.State, view.Tone] = {"safe": "good", "exposed": "bad", "unsolvable": "warn"}
SHOWN: dict[Kind, str] = {
    "installed": "installed (conda-meta)",
    "cached": "in the package cache",
    "current-repodata": "current_repodata.json",
    "shards": "unpatched shards",
    "lock": "lock file",
}


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """One configuration: the environment as it was made, and what its next change gives with the records that it
    keeps (`old`) and with those that the channels have now (`fresh`).
    """

    client: Client
    order: tuple[str, ...]
    priority: Priority
    made: Solution
    old: Solution
    fresh: Solution


def step(play: Play) -> view.Step:
    """The step."""
    plan = play.scenario.missed
    installed, changed = parse_moment(plan.installed), parse_moment(plan.changed)
    changes = list(_changes(play, installed, changed))
    hurt = [change for change in changes if _state(play, change.old) == "exposed"]
    by_old = [change for change in hurt if _state(play, change.fresh) != "exposed"]
    families = list(dict.fromkeys(change.client for change in hurt))
    headline = (
        f"An environment of {when(installed)} that keeps its old records is broken by its next change in "
        f"{len(hurt)} of {count(len(changes), 'configuration')}"
        + (f"; only where the client is of the {listed(families)} family." if len(families) == 1 else ".")
    )
    blocks: list[view.AnyBlock] = [
        view.Prose(
            text=f"Made on {when(installed)} with {' '.join(plan.specs)}. On {when(changed)}, with every channel "
            f"patched, `{' '.join(plan.change)}` is asked for. Old: by the records that were installed. Fresh: by "
            "those that the channels have now."
        ),
        _table(play, changes),
        *_example(play, by_old),
        _trust(),
    ]
    late = tuple(_late(play))
    if late:
        blocks.append(view.Points(title="Between the channels", points=late))
    if hurt:
        blocks += _repair(play, hurt)
    return view.Step(
        id="missed",
        title="Whom it missed",
        verdict="missed" if hurt else "reached",
        tone="warn" if hurt else "good",
        headline=headline,
        blocks=tuple(blocks),
    )


def _changes(play: Play, installed: int, changed: int) -> Iterator[EnvironmentChange]:
    plan, grid = play.scenario.missed, play.scenario.grid
    then, now = play.world.on(installed), play.world.on(changed)
    for order in grid.orders:
        for priority in grid.priorities:
            for client in grid.clients:
                problem = Problem(plan.specs, order_channels(then, order), play.scenario.subdir, installed)
                made = solve(problem, client, priority)
                if made.status != "solved":
                    yield EnvironmentChange(client, order, priority, made, made, made)
                    continue
                current = {(r.channel, r.subdir, r.file_name): r for name in order for r in now[name].records()}
                fresh = tuple(current.get((r.channel, r.subdir, r.file_name), r) for r in made.records)
                asked = Problem(plan.change, order_channels(now, order), play.scenario.subdir, changed)
                yield EnvironmentChange(
                    client,
                    order,
                    priority,
                    made,
                    _change(play, asked, made.records, now, client, priority),
                    _change(play, asked, fresh, now, client, priority),
                )


def _change(
    play: Play, asked: Problem, records: tuple[Record, ...], now: Channels, client: Client, priority: Priority
) -> Solution:
    """What a request makes of an environment of these records."""
    specs = {parse_spec(text).name: text for text in play.scenario.missed.specs}
    packages = tuple(Installed(r, now[r.channel].url, specs.get(r.name)) for r in records)
    return solve(replace(asked, installed=packages), client, priority)


def _state(play: Play, solution: Solution) -> view.State:
    return "unsolvable" if solution.status != "solved" else "exposed" if is_exposed(solution, play.broken) else "safe"


def _table(play: Play, changes: list[EnvironmentChange]) -> view.Table:
    clients = play.scenario.grid.clients
    by_row: dict[tuple[tuple[str, ...], Priority], dict[Client, EnvironmentChange]] = {}
    for change in changes:
        by_row.setdefault((change.order, change.priority), {})[change.client] = change
    rows: list[tuple[tuple[view.Tone, str], ...]] = []
    for (order, priority), of in by_row.items():
        states = [
            state for client in clients for state in (_state(play, of[client].old), _state(play, of[client].fresh))
        ]
        rows.append((("plain", " > ".join(order)), ("plain", priority), *((TONES[state], state) for state in states)))
    heads = [f"{client}, {kind}" for client in clients for kind in ("old", "fresh")]
    return view.Table(title="The next change", head=("channels", "priority", *heads), rows=tuple(rows))


def _example(play: Play, by_old: list[EnvironmentChange]) -> Iterator[view.Prose]:
    if by_old:
        first = by_old[0]
        got = listed(f"{r.name} {r.version} ({r.build})" for r in first.old.records if r.name in play.broken.names)
        where = f"{' > '.join(first.order)}, {first.priority}"
        yield view.Prose(text=f"So {first.client} ends up with {got} ({where}).")


def _trust() -> view.Table:
    """Which old records each client believes: statements with their sources, not computed."""
    known = {(fact.client, fact.kind): fact for fact in FACTS}
    said: dict[str, tuple[view.Tone, str]] = {
        "trusts": ("bad", "believes"),
        "ignores": ("good", "ignores"),
        "unknown": ("warn", "unknown"),
    }
    return view.Table(
        title="Which old records each client believes (observed, not computed)",
        head=("old record", *CLIENT_NAMES),
        rows=tuple(
            (("plain", title), *(said[known[client, kind].trust] for client in CLIENT_NAMES))
            for kind, title in SHOWN.items()
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
        ended = cells = 0
        for ask in play.scenario.asks:
            before = play.cells(ask.specs, high - 1, play.world.on(high - 1))
            after = play.cells(ask.specs, high, play.world.on(high))
            cells += len(before)
            ended += sum(bool(cell.exposed) and not after[key].exposed for key, cell in before.items())
        yield (
            "warn" if ended else "plain",
            f"{channel} was patched {length(high - low)} after {lead}; until then {ended} of {cells} cells "
            f"({len(play.scenario.asks)} asks in every configuration) stayed exposed.",
        )


def _repair(play: Play, hurt: list[EnvironmentChange]) -> Iterator[view.AnyBlock]:
    """The command that fixes what was broken, tried on every environment that was."""
    repair = play.scenario.missed.repair
    _, end = time_span(play.scenario)
    now = play.world.on(end)
    safe = 0
    for change in hurt:
        asked = Problem((repair,), order_channels(now, change.order), play.scenario.subdir, end)
        safe += _state(play, _change(play, asked, change.old.records, now, change.client, change.priority)) == "safe"
    clients = listed(dict.fromkeys(change.client for change in hurt))
    yield view.Command(title="What repairs a broken one", command=f"{clients.split()[0]} install '{repair}'")
    yield view.Prose(
        text=f"Tried on {when(end)}: {safe} of {count(len(hurt), 'broken environment')} safe afterwards.",
        tone="good" if safe == len(hurt) else "warn",
    )
