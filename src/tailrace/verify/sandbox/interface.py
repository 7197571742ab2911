"""What a sandbox is asked and what it answers. Values and one protocol; starts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

MIB = 1 << 20

# Why a program ended: on its own, or because a limit was reached.
Why = Literal["exited", "time", "output", "memory", "processes", "not-started"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use. Sizes in bytes, times in seconds.

    `memory`: of all its processes together where the system can count that, else of each. `processes`: alive at the
    same time, threads included. `seconds`: wall clock; `cpu_seconds`: of each process. `output`: of stdout and stderr
    together; what is beyond ends the program. `disk`: all it may write; `file`: one file.
    """

    memory: int = 2048 * MIB
    processes: int = 128
    seconds: float = 60.0
    cpu_seconds: int = 120
    output: int = 4 * MIB
    disk: int = 256 * MIB
    file: int = 128 * MIB


@dataclass(frozen=True, slots=True)
class Command:
    """One program. `read_only`: folders and files that it sees at their own place; `writable`: folders it may write.

    `environment`: its variables, nothing else is inherited. `folder`: where it starts (default: its empty HOME).
    """

    arguments: tuple[str, ...]
    read_only: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended. `status`: its exit status, minus the number of the signal that ended it."""

    status: int
    stdout: str
    stderr: str
    why: Why
    seconds: float

    @property
    def refused(self) -> str | None:
        """What the sandbox itself said where it could not start the program."""
        line = self.stderr.strip().splitlines()[-1:] or [""]
        at_fault = self.why == "not-started" or (self.status != 0 and line[0].startswith(("bwrap: ", "prlimit: ")))
        return line[0] or "it gave no reason" if at_fault else None

    @property
    def fine(self) -> bool:
        """It ended on its own with status 0."""
        return self.why == "exited" and self.status == 0


class Sandbox(Protocol):
    """A way to run foreign code. `name` is shown in reports. `protects`: installed files cannot be written."""

    @property
    def name(self) -> str:
        """As reports show it."""

    @property
    def protects(self) -> bool:
        """Whether installed files cannot be written."""

    def run(self, command: Command, limits: Limits) -> Ended:
        """Runs the program to its end, or to a limit; nothing of it is left afterwards."""
