"""What a name that leads elsewhere means to its users."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.python.semantics.call_hazards import Need


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
