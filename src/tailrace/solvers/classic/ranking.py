"""Ranks the candidates of a name as conda prefers them, for an order of channels.

A name's order depends on the channels only as far as its candidates come from several of them, so most of what is
worked out here for one cell of a grid serves the others too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tailrace.solvers.classic.candidates import CandidateGroup
from tailrace.solvers.classic.universe import Universe

#: How many steps a candidate is behind the best: see `Ranking.ranks`.
Ranks = tuple[int, int, int, int, int]
#: What candidates are sorted by; see `_key`.
Key = tuple[int, int, int, int, float, str]
#: Candidates of one name, and all that decides their order: `(name, mask, whether the version comes first, channels)`.
Situation = tuple[str, int, bool, tuple[int, ...]]


class Ranking:
    """conda's order in one cell. `channels`: the rank of each of the universe's channels, 0 the best. `disabled`:
    the version comes before the channel.
    """

    def __init__(self, universe: Universe, channels: Sequence[int], *, disabled: bool) -> None:
        self._universe = universe
        self._channels = channels
        self._disabled = disabled

    def situation(self, name: str, mask: int) -> Situation:
        """What decides the order of some candidates of a name."""
        origins = self._universe.group(name).origins
        if len(origins) > 1:
            found = [channel for channel, members in origins.items() if members & mask]
            if len(found) > 1:
                return name, mask, self._disabled, tuple(sorted(found, key=self._channels.__getitem__))
        return name, mask, self._disabled, ()

    def order(self, name: str) -> list[int]:
        """The places of a group, conda's favourite first."""
        _, _, disabled, channels = self.situation(name, self._universe.group(name).full)
        return self._order(name, disabled, channels)[0]

    def _order(self, name: str, disabled: bool, channels: tuple[int, ...]) -> tuple[list[int], list[Key]]:
        group = self._universe.group(name)
        known: tuple[list[int], list[Key]] | None = group.memo.get(("order", disabled, channels))
        if known is None:
            worse = {channel: -place for place, channel in enumerate(channels)}
            keys = [_key(group, place, disabled, worse) for place in range(len(group.records))]
            known = sorted(range(len(keys)), key=keys.__getitem__, reverse=True), keys
            group.memo["order", disabled, channels] = known
        return known

    def ranks(self, situation: Situation) -> dict[int, Ranks]:
        """How many steps each candidate is behind the best: in the first sort key, then, within equals, in the
        second, and so on. The favourite comes first.
        """
        name, mask, disabled, channels = situation
        memo = self._universe.group(name).memo
        known: dict[int, Ranks] | None = memo.get(("ranks", situation))
        if known is None:
            known = {}
            first = second = third = fourth = fifth = 0
            last: tuple[int, int, int, int, float] | None = None
            order, keys = self._order(name, disabled, channels)
            for place in order:
                if mask >> place & 1:
                    key = keys[place][:5]
                    if last is None or key == last:
                        pass
                    elif key[0] != last[0]:
                        first, second, third, fourth, fifth = first + 1, 0, 0, 0, 0
                    elif key[1] != last[1]:
                        second, third, fourth, fifth = second + 1, 0, 0, 0
                    elif key[2] != last[2]:
                        third, fourth, fifth = third + 1, 0, 0
                    elif key[3] != last[3]:
                        fourth, fifth = fourth + 1, 0
                    else:
                        fifth += 1
                    known[place] = (first, second, third, fourth, fifth)
                    last = key
            memo["ranks", situation] = known
        return known


def _key(group: CandidateGroup, place: int, disabled: bool, channels: Mapping[int, int]) -> Key:
    """What conda sorts by: channel, version, build number, arch, timestamp, build; without channel priority the
    version comes first. Candidates of channels that are not asked about get any place.
    """
    version, number, arch, moment, build = group.keys[place]
    channel = channels.get(group.channels[place], 0)
    first = (version, channel) if disabled else (channel, version)
    return *first, number, arch, moment, build
