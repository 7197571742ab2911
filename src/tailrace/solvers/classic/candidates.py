"""Numbers the records of one name, with bit masks over them. Knows nothing of other names.

A set of candidates is an `int` with one bit each, so that "does any candidate that is still in the running meet this
dependency?" is one `&`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tailrace.conda import rattler
from tailrace.conda.records import Record
from tailrace.conda.specs import Spec, version_meets
from tailrace.solvers.classic.dependencies import Dependency, wants_of

#: What candidates are sorted by, but for the channel: see `_sort_keys`.
SortKey = tuple[int, int, int, float, str]


class CandidateGroup:
    """The candidates of one name. `wants[i]` belongs to `records[i]`; `alike` maps equal wants to the mask of
    records that have them; `origins` says which candidates come from each channel; `names` are all that some candidate
    speaks of.

    `memo` is for what others work out about these candidates, under keys of their own: a group is shared by all
    days on which its name had the same records.
    """

    __slots__ = (
        "alike",
        "channels",
        "full",
        "keys",
        "masks",
        "memo",
        "names",
        "origins",
        "records",
        "urls",
        "versions",
        "wants",
    )

    def __init__(self, records: list[Record], channels: list[int], urls: list[str]) -> None:
        self.records = records
        self.channels = channels
        self.urls = urls
        self.full = (1 << len(records)) - 1
        self.memo: dict[Any, Any] = {}
        self.masks: dict[Dependency, int] = {}
        self.origins: dict[int, int] = {}
        self.wants: list[tuple[Dependency, ...]] = []
        self.alike: dict[tuple[Dependency, ...], int] = {}
        self.versions: dict[str, int] = {}
        same: dict[int, tuple[tuple[Dependency, ...], int]] = {}
        for place, (record, channel) in enumerate(zip(records, channels, strict=True)):
            self.origins[channel] = self.origins.get(channel, 0) | 1 << place
            wants = wants_of(record.depends, record.constrains)
            self.wants.append(wants)
            known = same.get(id(wants))
            same[id(wants)] = (wants, (known[1] if known else 0) | 1 << place)
            self.versions[record.version] = self.versions.get(record.version, 0) | 1 << place
        for wants, mask in same.values():
            self.alike[wants] = self.alike.get(wants, 0) | mask
        self.names = tuple(dict.fromkeys(want.name for wants in self.alike for want in wants))
        self.keys = _sort_keys(records)

    def mask(self, want: Dependency) -> int:
        """The candidates that meet a want on this name."""
        known = self.masks.get(want)
        if known is None:
            known = self.full
            for spec in want.specs:
                known &= self._meeting(spec)
            self.masks[want] = known
        return known

    def _meeting(self, spec: Spec) -> int:
        if spec.never:
            return 0
        if spec.anything:
            return self.full
        mask = 0
        if spec.exactness == 2:
            assert spec.version is not None
            for version, members in self.versions.items():
                if version_meets(spec.version, version):
                    mask |= members
            return mask
        for place, record in enumerate(self.records):
            if spec.matches(record, self.urls[place]):
                mask |= 1 << place
        return mask


def _sort_keys(records: list[Record]) -> list[SortKey]:
    """Version (as its rank), build number, arch before noarch, timestamp, build string: conda's order but for the
    channel; higher is better.
    """
    known = {record.version for record in records}
    good = sorted(((v, t) for t in known if (v := rattler.version(t)) is not None), key=lambda pair: pair[0])
    ranks = dict.fromkeys(known, 0)
    rank = 0
    for place, (version, text) in enumerate(good):
        rank += place == 0 or good[place - 1][0] != version
        ranks[text] = rank
    return [
        (ranks[r.version], r.build_number, -int(r.subdir == "noarch"), float(r.timestamp or 0), r.build)
        for r in records
    ]


def iterate_bits(mask: int) -> Iterator[int]:
    """The places of the set bits, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
