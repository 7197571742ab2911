"""Derives a hotfix for each of several channels from check reports. Writes no file.

Channels build the same release apart from each other: the same build number is another file there, and a repair on one
says nothing of the other's builds. So each channel gets a hotfix of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from packaging.utils import canonicalize_name

from tailrace.conda.records import Channel, Record
from tailrace.hotfix.suggest.errors import NoReportError, SameNameError
from tailrace.hotfix.suggest.identity import Identity, identify
from tailrace.hotfix.suggest.suggest import Suggestion, suggest
from tailrace.model import CheckReport
from tailrace.outcome import CommandOutcome, HasOutcome


@dataclass(frozen=True, slots=True)
class Suggestions(HasOutcome):
    """Channel name → its hotfix, only channels that need one; the name is empty where no channel was given.

    `harmful`: for `--broken`, over all of them, also where no channel has what breaks. `notes`,
    `unknown`: as of Suggestion.
    """

    by_channel: Mapping[str, Suggestion]
    harmful: str
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends: incomplete when nothing is shown broken and something could not be judged."""
        return CommandOutcome.INCOMPLETE if self.unknown and not self.by_channel else CommandOutcome.CLEAR


def suggest_by_channel(
    reports: Iterable[tuple[str, CheckReport]],
    channels: Sequence[Channel],
    *,
    fixed: Iterable[Identity] = (),
    names: Mapping[str, str] | None = None,
    before: int | None = None,
) -> Suggestions:
    """The hotfix of each channel, by the downstreams that it has; see `suggest`. A build in `fixed` counts where it
    is, and everywhere if no channel has it. Raises `NoReportError` and `SameNameError`.
    """
    reports, fixed = tuple(reports), tuple(fixed)
    if not reports:
        raise NoReportError
    called = Counter(channel.name for channel in channels)
    if (twice := next((name for name, count in called.items() if count > 1), None)) is not None:
        raise SameNameError(twice)
    everything = suggest(reports, channels, fixed=fixed, names=names, before=before)
    if len(channels) < 2:
        alone = {channel.name: everything for channel in channels} or {"": everything}
        made = alone if everything.documents else {}
        return Suggestions(made, everything.harmful, everything.notes, everything.unknown)

    def of(channel: Channel, of_channel: str = "") -> Suggestion:
        has: set[str] = {canonicalize_name(record.name) for record in channel.records()}
        mine = [(label, _about(report, has, names or {})) for label, report in reports]
        vouched = [one for one in fixed if _has(channel, one) or not any(_has(other, one) for other in channels)]
        return suggest(mine, [channel], fixed=vouched, names=names, before=before, of_channel=of_channel)

    made = {channel.name: of(channel) for channel in channels}
    harmful = list(dict.fromkeys(found.harmful for found in made.values() if found.documents))
    if len(harmful) > 1:
        # The same version and build is another file on each channel.
        harmful = [of(channel, channel.name).harmful for channel in channels if made[channel.name].documents]
    return Suggestions(
        {name: found for name, found in made.items() if found.documents},
        " | ".join(harmful) or everything.harmful,
        everything.notes,
        everything.unknown,
    )


def _about(report: CheckReport, has: set[str], names: Mapping[str, str]) -> CheckReport:
    """The report without the downstreams that a channel does not have."""

    def known(name: str, version: str, spec: str) -> bool:
        called = identify(name, version, spec).name
        return canonicalize_name(names.get(called, called)) in has

    kept = tuple(one for one in report.downstreams if known(one.name, one.version, one.spec))
    return msgspec.structs.replace(report, downstreams=kept)


def _has(channel: Channel, build: Identity) -> bool:
    return any(_is(record, build) for record in channel.records() if record.name == build.name)


def _is(record: Record, build: Identity) -> bool:
    return (
        record.version == build.version
        and (build.build is None or record.build == build.build)
        and (build.number is None or record.build_number == build.number)
    )
