"""Finds who a hotfix does not reach, given channels, patches, environments, caches and lock files. Changes nothing
anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tailrace.channel.index_formats.places import IndexLocation
from tailrace.conda.errors import ChannelError
from tailrace.conda.prefixes import load_prefix, read_pins, readable_pins
from tailrace.conda.records import Channel
from tailrace.conda.virtual_packages import virtual_packages
from tailrace.exposure.harmful import HarmfulCombination
from tailrace.hotfix.apply.channel import Patches, patch_channel
from tailrace.hotfix.reach.clients import FACTS, clients_that_trust
from tailrace.hotfix.reach.forms import stale_forms
from tailrace.hotfix.reach.locks import LockFileError, read_lock
from tailrace.hotfix.reach.records import Expected, compare_records, read_cache
from tailrace.hotfix.reach.updating import (
    Request,
    find_stale,
    refresh_records,
    repair_commands,
    simulate,
    update_requests,
)
from tailrace.hotfix.reach.values import Miss, PrefixFindings, ReachReport
from tailrace.solvers import CLIENTS, PRIORITIES, Client, Priority, Problem


@dataclass(frozen=True, slots=True)
class ReachQuestion:
    """What is looked at. `channels`: highest priority first; `places`: where their served forms can be
    read, one for each channel, `None` where they are not looked at.

    `patches`: by channel name, to be applied first, `None` when they are served patched already. `subdir`: the platform
    of the environments. `as_of`: updates on a past day, ms since the epoch UTC.
    """

    channels: tuple[Channel, ...] = ()
    places: tuple[IndexLocation | None, ...] = ()
    patches: Mapping[str, Patches] | None = None
    broken: HarmfulCombination | None = None
    prefixes: tuple[Path, ...] = ()
    caches: tuple[Path, ...] = ()
    locks: tuple[Path, ...] = ()
    requests: tuple[Request, ...] = ()
    clients: tuple[Client, ...] = CLIENTS
    priorities: tuple[Priority, ...] = PRIORITIES
    subdir: str = "linux-64"
    as_of: int | None = None
    virtual: str = "auto"
    add_pip: bool = True
    environ: Mapping[str, str] = field(default_factory=dict)


def reach(question: ReachQuestion) -> ReachReport:
    """Every place that keeps something older than the hotfix. What cannot be read is named, and is never "reached"."""
    channels, only, notes = _as_patched(question)
    expected = Expected(channels)
    misses: list[Miss] = []
    environments: list[PrefixFindings] = []
    looked_at: list[str] = []
    failed: list[str] = []
    matter = frozenset(question.broken.names) if question.broken else frozenset[str]()
    for place, channel in zip(question.places, channels, strict=False):
        if place is None:
            continue
        wanted = {
            (record.subdir, record.file_name): record
            for record in channel.records()
            if only is None or (channel.name, record.subdir, record.file_name) in only
        }
        try:
            found, read, unreadable = stale_forms(place, [subdir.name for subdir in channel.subdirs], wanted, matter)
        except ChannelError as error:
            failed.append(error.message)
            continue
        misses += found
        looked_at += read
        failed += unreadable
    for prefix in question.prefixes:
        try:
            environments.append(_environment(question, channels, expected, prefix, misses))
            looked_at.append(str(prefix))
        except ChannelError as error:
            failed.append(error.message)
    for folder in question.caches:
        try:
            kept, unreadable = read_cache(folder)
        except ChannelError as error:
            failed.append(error.message)
            continue
        looked_at.append(f"{folder} ({len(kept)} packages)")
        failed += unreadable
        for one in kept:
            new = expected.of(one.record, one.url)
            change = compare_records(one.record, new) if new is not None else None
            if change is not None:
                misses.append(
                    Miss(
                        kind="cached",
                        where=str(one.path),
                        package=f"{one.record.name}-{one.record.version}-{one.record.build}",
                        lacks=change[0],
                        has=change[1],
                        trusted_by=clients_that_trust("cached"),
                    )
                )
    misses += _locks(question, looked_at, failed)
    hurt = any(one.harmful_now or one.would_be_hurt for one in environments)
    return ReachReport(
        status="missed" if misses or hurt else "incomplete" if failed or not looked_at else "reached",
        broken=question.broken.text if question.broken else None,
        misses=tuple(sorted(misses)),
        environments=tuple(environments),
        clients=FACTS,
        looked_at=tuple(looked_at),
        not_checked=tuple(failed),
        notes=tuple(notes),
    )


def _as_patched(
    question: ReachQuestion,
) -> tuple[tuple[Channel, ...], frozenset[tuple[str, str, str]] | None, list[str]]:
    """The channels with the patches applied, and the records they change (`None`: it is not known what is patched)."""
    if question.patches is None:
        return question.channels, None, []
    done = [patch_channel(channel, question.patches.get(channel.name, ())) for channel in question.channels]
    changed = frozenset((one.channel.name, new.subdir, new.file_name) for one in done for _, new in one.changed)
    notes = [f"Not decided: {one}" for patched in done for one in patched.unanswered[:5]]
    if question.channels and not changed:
        notes.append("The patches change no record of these channels: they may be applied there already.")
    # Where they are applied already, the served forms are compared with each other.
    return tuple(one.channel for one in done), changed or None, notes


def _environment(
    question: ReachQuestion, channels: Sequence[Channel], expected: Expected, prefix: Path, misses: list[Miss]
) -> PrefixFindings:
    installed = load_prefix(prefix)
    old = list(find_stale(installed, expected))
    for one, lacks, has in old:
        misses.append(
            Miss(
                kind="installed",
                where=str(prefix),
                package=f"{one.record.name}-{one.record.version}-{one.record.build}",
                lacks=lacks,
                has=has,
                trusted_by=clients_that_trust("installed"),
            )
        )
    unknown = sum(expected.of(one.record) is None for one in installed)
    broken = question.broken
    if broken is None:
        return PrefixFindings(prefix=str(prefix), packages=len(installed), unknown=unknown, harmful_now=None)
    harmful = broken.harmful([one.record for one in installed])
    fresh = refresh_records(installed, expected)
    problem = Problem(
        specs=(),
        channels=tuple(channels),
        subdir=question.subdir,
        as_of=question.as_of,
        virtual_packages=virtual_packages(question.virtual, question.subdir),
        installed=installed,
        add_pip=question.add_pip,
        pins=tuple(pin.spec for pin in readable_pins(read_pins(prefix, question.environ))[0]),
    )
    requests = dict.fromkeys((*question.requests, *update_requests(installed, broken, channels, question.as_of)))
    updates = tuple(simulate(problem, fresh, broken, question.clients, question.priorities, tuple(requests)))
    needed = harmful or any(update.hurt for update in updates) or bool(old)
    return PrefixFindings(
        prefix=str(prefix),
        packages=len(installed),
        unknown=unknown,
        harmful_now=harmful,
        updates=updates,
        repair=repair_commands(prefix, problem, fresh, broken, harmful, old) if needed else (),
    )


def _locks(question: ReachQuestion, looked_at: list[str], failed: list[str]) -> list[Miss]:
    misses: list[Miss] = []
    for path in question.locks:
        try:
            parts = read_lock(path)
        except LockFileError as error:
            failed.append(error.message)
            continue
        if question.broken is None:
            failed.append(f"{path}: give --broken to check its pins.")
            continue
        looked_at.append(str(path))
        for part in parts:
            if not question.broken.harmful(part.records):
                continue
            pair = [r for r in part.records if r.name in question.broken.names]
            misses.append(
                Miss(
                    kind="lock",
                    where=f"{path}{f' ({part.part})' if part.part else ''}",
                    package=", ".join(sorted(f"{r.name}-{r.version}-{r.build}" for r in pair)),
                    trusted_by=clients_that_trust("lock"),
                )
            )
    return misses
