"""What can be wrong with a scenario. Sentences for the user; never a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from tailrace.model.errors import TailraceError


class ReplayError(TailraceError):
    """The base of what goes wrong in a replay."""


class UnknownScenarioError(ReplayError):
    """No scenario of this name comes with the program, and no folder has this path."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        super().__init__(
            f"There is no scenario {name!r}.",
            hint=(f"Did you mean {near[0]}? " if near else "")
            + f"The scenarios are {', '.join(known)}; `tailrace replay --list` says what they are about, and a folder "
            "with a scenario.toml can be given too.",
        )
        self.name = name
        self.known = tuple(known)


class ScenarioError(ReplayError):
    """A scenario that cannot be replayed as it is written; every mistake at once."""

    def __init__(self, name: str, mistakes: Sequence[str]) -> None:
        count = "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"The scenario {name} has {count}:" + "".join(f"\n  {mistake}" for mistake in mistakes))
        self.name = name
        self.mistakes = tuple(mistakes)
