"""What a proof says: every cell before and after, and the verdict over all of them. Values only."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.outcome import CommandOutcome, HasOutcome
from tailrace.solvers import Client, Priority, Status

Outcome = Literal[
    "healed", "refused", "kept", "changed", "gained", "unsolvable", "lost", "still-exposed", "newly-exposed"
]
Verdict = Literal["proven", "not-proven", "nothing-to-prove", "incomplete"]

FAILURES: frozenset[Outcome] = frozenset({"lost", "still-exposed", "newly-exposed"})
MEANING: dict[Outcome, str] = {
    "healed": "got the harmful combination, gets a harmless one now",
    "refused": "got the harmful combination, is refused now",
    "kept": "gets what it got",
    "changed": "got something harmless, gets something else that is harmless",
    "gained": "could not be solved, can be now",
    "unsolvable": "could not be solved and cannot be now",
    "lost": "worked, cannot be solved any more",
    "still-exposed": "gets the harmful combination still",
    "newly-exposed": "did not get the harmful combination, does now",
}


class Shift(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One package of one cell that is another one afterwards. `before`, `after`: `channel::name-version-build`, empty
    when it is not there; `kind` by conda's order of versions.
    """

    name: str
    before: str
    after: str
    kind: Literal["downgraded", "upgraded", "rebuilt", "moved", "added", "removed"]


class ProofCell(msgspec.Struct, frozen=True, kw_only=True):
    """One request in one configuration. `channels`: highest priority first; `as_of`: ISO 8601 UTC, null for now.

    `explanation`: why it is unsolvable afterwards.
    """

    request: tuple[str, ...]
    client: Client
    priority: Priority
    channels: tuple[str, ...]
    subdir: str
    as_of: str | None
    outcome: Outcome
    before: Status
    after: Status
    shifts: tuple[Shift, ...] = ()
    explanation: str = ""


class HotfixProof(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """Whether patches remove the harm, for each cell that was solved with and without them.

    `counts`: cells by outcome, they add up to the cells. `records`: how many the patch changes.
    """

    schema: Literal["tailrace.hotfix-proof/1"] = "tailrace.hotfix-proof/1"
    verdict: Verdict
    broken: str
    records: int
    counts: dict[str, int]
    cells: tuple[ProofCell, ...]
    unanswered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends. Where nothing was harmful before, nothing is proven."""
        return _OUTCOMES[self.verdict]


_OUTCOMES: dict[Verdict, CommandOutcome] = {
    "proven": CommandOutcome.CLEAR,
    "not-proven": CommandOutcome.BREAKS,
    "nothing-to-prove": CommandOutcome.INCOMPLETE,
    "incomplete": CommandOutcome.INCOMPLETE,
}
