"""Reconstructs a channel as it was served on a day, from patch sets and the days they took effect. Pure.

A set takes the place of the one before it, as a commit of conda-forge's patches does; before the first the channel is
as its packages were published.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tailrace.conda.records import Channel
from tailrace.hotfix.apply.channel import Patches, patch_channel


@dataclass(frozen=True, slots=True)
class PatchSet:
    """`since`: ms since the epoch UTC, `None` for always."""

    patches: Patches
    since: int | None = None


@dataclass(frozen=True)
class PatchHistory:
    """`sets`: channel name → its patch sets. The channels it is asked about are those without hotfixes."""

    sets: Mapping[str, Sequence[PatchSet]]
    _known: dict[tuple[int, int], Channel] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def names(self) -> frozenset[str]:
        """The channels whose history is known."""
        return frozenset(self.sets)

    @property
    def moments(self) -> tuple[int, ...]:
        """When a set comes into force, ms since the epoch UTC, sorted."""
        return tuple(sorted({one.since for sets in self.sets.values() for one in sets if one.since is not None}))

    def at(self, channel: Channel, moment: int | None) -> Channel:
        """The channel as it was served at a moment, `None` for now; the same object for every moment of one set."""
        sets = sorted(self.sets.get(channel.name, ()), key=lambda one: -1 if one.since is None else one.since)
        place = sum(moment is None or one.since is None or one.since <= moment for one in sets) - 1
        if place < 0:
            return channel
        with self._lock:
            known = self._known.get((id(channel), place))
            if known is None:
                known = self._known[id(channel), place] = patch_channel(channel, sets[place].patches).channel
            return known
