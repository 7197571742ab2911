"""How a command can end, and the exit status of each end. Imports nothing, so that `--help` is quick."""

from __future__ import annotations

from enum import Enum
from typing import assert_never


class CommandOutcome(Enum):
    """How a command ended.

    `CLEAR`: it did what was asked, and nothing stands against going on. `BREAKS`: something breaks, is exposed, missed
    or forbidden. `USAGE`: the user has to correct the call or the configuration. `INCOMPLETE`: something could not be
    checked, or Tailrace failed. `WAIT`: what was asked about has to wait for the next gate. `INTERRUPTED`: by Ctrl-C.
    `TERMINATED`: by SIGTERM.
    """

    CLEAR = "clear"
    BREAKS = "breaks"
    USAGE = "usage"
    INCOMPLETE = "incomplete"
    WAIT = "wait"
    INTERRUPTED = "interrupted"
    TERMINATED = "terminated"


def exit_status(outcome: CommandOutcome) -> int:
    """The exit status of the process."""
    match outcome:
        case CommandOutcome.CLEAR:
            return 0
        case CommandOutcome.BREAKS:
            return 1
        case CommandOutcome.USAGE:
            return 2
        case CommandOutcome.INCOMPLETE:
            return 3
        case CommandOutcome.WAIT:
            return 4
        case CommandOutcome.INTERRUPTED:
            return 130
        case CommandOutcome.TERMINATED:
            return 143
        case _:
            assert_never(outcome)


class HasOutcome:
    """A report that decides how its command ends."""

    __slots__ = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends."""
        raise NotImplementedError

    @property
    def exit_status(self) -> int:
        """The exit status of the command."""
        return exit_status(self.outcome)
