"""What a call must hold to be able to fail with the newer release: values only. Whoever knows calls makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tailrace.surface.entities import Function
from tailrace.surface.world import World


class Need(msgspec.Struct, frozen=True):
    """A call is in danger that gives one of `keywords` (empty: whatever it gives) and more than `positions` positional
    arguments (`None`: however many)."""

    keywords: frozenset[str] = frozenset()
    positions: int | None = None


#: Old world, old function, new world, new function → what a call needs to fail, one of several things; `None` when
#: that cannot be said, nothing when every call binds as before.
CompareCalls = Callable[[World, Function, World, Function], tuple[Need, ...] | None]


def any_call(_old: World, _before: Function, _new: World, _after: Function) -> tuple[Need, ...] | None:
    """The comparison of whoever cannot follow calls: every one of them may fail."""
    return None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What it means to users that a name leads elsewhere.

    `calls`: any use may fail. `shift`: names that lean on it are to be looked at. `needs`: a call may fail that meets
    one of these.
    """

    calls: bool = False
    shift: bool = False
    needs: frozenset[Need] = frozenset()

    def __or__(self, other: Meaning) -> Meaning:
        return Meaning(self.calls or other.calls, self.shift or other.shift, self.needs | other.needs)

    def __bool__(self) -> bool:
        return self.calls or self.shift or bool(self.needs)


SAME = Meaning()
SHIFTED = Meaning(shift=True)
HURTS = Meaning(calls=True, shift=True)


def needing(needs: tuple[Need, ...] | None) -> Meaning:
    """The meaning of calls that may fail as said; `None` stands for any call."""
    return HURTS if needs is None else Meaning(shift=True, needs=frozenset(needs))
