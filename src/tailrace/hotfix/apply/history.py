"""Reconstructs a channel as it was served on a day, from patch sets and the days they took effect.

A set takes the place of the one before it, as a commit of conda-forge's patches does; before the first the channel is
as its packages were published.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tailrace.conda.loading import channel_name
from tailrace.conda.records import Channel
from tailrace.conda.timestamps import MomentError, parse_moment
from tailrace.hotfix.apply.channel import Patches, load_channel_patches, patch_channel
from tailrace.hotfix.errors import PatchHistoryError


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


def read_patch_history(texts: Sequence[str], channels: Sequence[str]) -> PatchHistory | None:
    """The history that `CHANNEL=PATCHES[@DATE]` say, by the names of the channels; `None` when there is none.

    `channels`: as they are given to load them; CHANNEL is one of them, or the name of one. PATCHES hold from the
    beginning of the DATE on, or always. Raises `PatchHistoryError`, and as `load_channel_patches` and `parse_moment`.
    """
    if not texts:
        return None
    names = {text: channel_name(text) for text in channels}
    sets: dict[str, list[PatchSet]] = {}
    for text in texts:
        channel, found, rest = text.partition("=")
        if not found or not rest:
            raise PatchHistoryError(
                f"{text!r} does not name patches of a channel: write CHANNEL=PATCHES or CHANNEL=PATCHES@DATE."
            )
        name = names.get(channel) or next((one for one in names.values() if one == channel), None)
        if name is None:
            raise PatchHistoryError(
                f"{text!r} names {channel!r}, which is not among the channels.", hint="Name it as a channel too."
            )
        path, at, day = rest.rpartition("@")
        try:
            since = parse_moment(day, start=True) if at else None
        except MomentError:
            if not Path(rest).exists():
                raise
            at, since = "", None
        sets.setdefault(name, []).append(PatchSet(load_channel_patches(Path(path if at else rest)), since))
    return PatchHistory({name: tuple(found) for name, found in sets.items()})
