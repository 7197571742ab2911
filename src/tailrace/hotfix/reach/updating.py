"""Simulates what each client's next update makes of an environment. Simulated; runs no client.

conda's classic solver believes the channel's records, every other client the environment's own. All are asked
with the records as they are and with the channel's in their place: the difference is what old records do.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tailrace.conda import rattler
from tailrace.conda.records import Channel, Record
from tailrace.exposure.grid import is_exposed
from tailrace.exposure.harmful import HarmfulCombination
from tailrace.hotfix.reach.records import Expected, compare_records
from tailrace.hotfix.reach.values import Update
from tailrace.solvers import Client, Installed, Priority, Problem, Solution, solve

Request = tuple[str, ...]


def refresh_records(installed: Iterable[Installed], expected: Expected) -> tuple[Installed, ...]:
    """The environment as if its records were those of the channels; what no channel has stays as it is."""
    return tuple(
        replace(one, record=new) if (new := expected.of(one.record, _url(one))) is not None else one
        for one in installed
    )


def find_stale(
    installed: Iterable[Installed], expected: Expected
) -> Iterator[tuple[Installed, tuple[str, ...], tuple[str, ...]]]:
    """The packages whose own record differs from the channel's: what it lacks, and what it has instead."""
    for one in installed:
        new = expected.of(one.record, _url(one))
        found = compare_records(one.record, new) if new is not None else None
        if found is not None:
            yield one, *found


def _url(one: Installed) -> str:
    return f"{one.channel_url.rstrip('/')}/{one.record.subdir}/"


def update_requests(
    installed: Sequence[Installed], broken: HarmfulCombination, channels: Sequence[Channel], as_of: int | None = None
) -> tuple[Request, ...]:
    """The next updates that matter: each package of the harmful combination to something newer, where there is any.

    `as_of`: records that appeared later (ms since the epoch UTC) are not there yet.
    """
    versions = {one.record.name: one.record.version for one in installed}
    offered: dict[str, set[str]] = {}
    for channel in channels:
        for record in channel.records():
            if record.name in broken.names and (as_of is None or (record.appeared or 0) <= as_of):
                offered.setdefault(record.name, set()).add(record.version)
    found: list[Request] = []
    for name in broken.names:
        if name not in versions:
            found += [(name,)] if name in offered else []
        elif any(_newer(version, versions[name]) for version in offered.get(name, ())):
            found.append((f"{name} >{versions[name]}",))
    return tuple(found)


def _newer(one: str, other: str) -> bool:
    a, b = rattler.version(one), rattler.version(other)
    return a is not None and b is not None and a > b


def simulate(
    problem: Problem,
    fresh: tuple[Installed, ...],
    broken: HarmfulCombination,
    clients: Sequence[Client],
    priorities: Sequence[Priority],
    requests: Sequence[Request],
) -> Iterator[Update]:
    """Each request by each client. `problem.installed`: the environment as its own records describe it."""
    for request in requests:
        for priority in priorities:
            for client in clients:
                old = solve(replace(problem, specs=request), client, priority)
                new = solve(replace(problem, specs=request, installed=fresh), client, priority)
                yield Update(
                    request=request,
                    client=client,
                    priority=priority,
                    status=old.status,
                    exposed=_exposed(old, broken),
                    status_if_fresh=new.status,
                    exposed_if_fresh=_exposed(new, broken),
                    packages=old.packages,
                )


def _exposed(solution: Solution, broken: HarmfulCombination) -> bool | None:
    return is_exposed(solution, broken)


def repair_commands(
    prefix: Path,
    problem: Problem,
    fresh: tuple[Installed, ...],
    broken: HarmfulCombination,
    harmful_now: bool,
    old: Sequence[tuple[Installed, tuple[str, ...], tuple[str, ...]]],
) -> tuple[str, ...]:
    """What puts the environment right: other packages where it is broken already, then records that are up to date."""
    commands: list[str] = []
    place = shlex.quote(str(prefix))
    replaced: set[str] = set()
    if harmful_now:
        names = tuple(name for name in broken.names if any(one.record.name == name for one in fresh))
        others = tuple(one for one in fresh if one.record.name not in names)
        solution = solve(replace(problem, specs=names, installed=others), "conda", "strict")
        if solution.status == "solved" and not broken.harmful(solution.records):
            had = {(one.record.name, one.record.version, one.record.build) for one in fresh}
            wanted = [r for r in solution.records if r.name in names and (r.name, r.version, r.build) not in had]
            replaced = {record.name for record in wanted}
            if wanted:
                commands.append(f"conda install --prefix {place} {_pins(wanted)}")
    again = [one.record for one, _, _ in old if one.record.name not in replaced]
    if again:
        # A client that trusts its package cache would take the old record from there once more.
        commands.append("conda clean --packages --yes")
        commands.append(f"conda install --prefix {place} --force-reinstall --no-deps {_pins(again)}")
    return tuple(commands)


def _pins(records: Iterable[Record]) -> str:
    return " ".join(shlex.quote(f"{record.name}={record.version}={record.build}") for record in records)
