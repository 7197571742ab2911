"""What a call must hold to be able to fail with the newer release: values only. Whoever knows calls makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tailrace.python.semantics.call_hazards import Need
from tailrace.python.semantics.entities import Function
from tailrace.python.semantics.world import World

#: Old world, old function, new world, new function → what a call needs to fail, one of several things; `None` when
#: that cannot be said, nothing when every call binds as before.
CompareCalls = Callable[[World, Function, World, Function], tuple[Need, ...] | None]


def any_call(_old: World, _before: Function, _new: World, _after: Function) -> tuple[Need, ...] | None:
    """The comparison of whoever cannot follow calls: every one of them may fail."""
    return None


@dataclass(frozen=True, slots=True)
class Impact:
    """What it means to users that a name leads elsewhere.

    `calls`: any use may fail. `shift`: names that lean on it are to be looked at. `needs`: a call may fail that meets
    one of these.
    """

    calls: bool = False
    shift: bool = False
    needs: frozenset[Need] = frozenset()

    def __or__(self, other: Impact) -> Impact:
        return Impact(self.calls or other.calls, self.shift or other.shift, self.needs | other.needs)

    def __bool__(self) -> bool:
        return self.calls or self.shift or bool(self.needs)


SAME = Impact()
SHIFTED = Impact(shift=True)
HURTS = Impact(calls=True, shift=True)


def needing(needs: tuple[Need, ...] | None) -> Impact:
    """The meaning of calls that may fail as said; `None` stands for any call."""
    return HURTS if needs is None else Impact(shift=True, needs=frozenset(needs))
