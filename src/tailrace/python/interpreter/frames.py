"""Holds the variables of evaluated code, and joins them after branches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tailrace.python.interpreter.values import UNKNOWN, Function, Outcomes, Raised


class OutOfBudget(Exception):  # noqa: N818 - it ends an evaluation, and is no error
    """The evaluated code is too long to decide; never leaves this package."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The interpreter and platform that tests are evaluated for; `None` leaves such tests undecided."""

    python: tuple[int, int] | None = None
    platform: str | None = None


@dataclass(slots=True, eq=False)
class Frame:
    """One running function or module: its variables, the frame around it, and the outcomes collected so far."""

    module: str
    variables: dict[str, Any] = field(default_factory=dict, repr=False)
    parent: Frame | None = None
    outcomes: Outcomes = field(default_factory=Outcomes)
    is_module: bool = False
    tries: int = 0
    function: Function | None = None

    def doubt(self, *names: str) -> None:
        """What was just evaluated may raise, for all that is known."""
        self.outcomes.raised.append(Raised(frozenset({*names, "Exception", "BaseException"}), names[0], certain=False))

    def child(self) -> Frame:
        """A frame for a comprehension: own variables, the same everything else."""
        return Frame(self.module, {}, self, self.outcomes)

    def holder(self, name: str) -> Frame | None:
        """The frame in which a name is found from here."""
        frame: Frame | None = self
        while frame is not None and name not in frame.variables:
            frame = frame.parent
        return frame


def join(ends: list[dict[str, Any]], *, keep_single: bool) -> dict[str, Any]:
    """Variables after branches meet. In a module a name bound in one branch only is taken from there."""
    if len(ends) == 1:
        return ends[0]
    names = set().union(*ends)
    joined: dict[str, Any] = {}
    for name in names:
        values = [end[name] for end in ends if name in end] if keep_single else [end.get(name, UNKNOWN) for end in ends]
        first = values[0]
        same = all(
            v is first or (type(v) is type(first) and isinstance(v, str | int | bool | tuple) and v == first)
            for v in values
        )
        joined[name] = first if same else UNKNOWN
    return joined
