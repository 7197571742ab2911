"""The options of a check, used by every step. Reads no configuration itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AllowEntry:
    """One `[[tool.tailrace.allow]]` entry: an accepted break.

    `rule`, `symbol` (exact, or an fnmatch pattern), `downstream` (normalised name, `None` for any), `reason`
    (required),
    `expires` (ISO date, the last day on which it works, or `None`).
    """

    rule: str
    symbol: str
    reason: str
    downstream: str | None = None
    expires: str | None = None


class Progress(Protocol):
    """What a check reports while it runs. Called from one thread only."""

    def start(self, total: int) -> None:
        """`total` downstreams will be looked at."""

    def step(self, name: str) -> None:
        """One downstream is done."""

    def say(self, text: str) -> None:
        """A phase begins ("fetching numpy 2.0.0")."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """`jobs`: processes, 0 for one a core. `time_limit`: seconds that one downstream may take in all: fetching,
    unpacking, reading and type checking. `memory_limit`: bytes that each process which works on one may hold.
    `in_process`: work in the calling process, one downstream after the other; then nothing but the type checker is
    held to the limits.

    `strict`: a downstream that would be clear is `possible` where uses of changed names could not be decided.
    `python_version`: check at this version (`3.11`) instead of one that the downstream supports. `today`: ISO date
    against which allow-list entries expire (default: today, UTC). `baseline_from`: how the caller chose the baseline,
    for the report. `ignore_bounds`: what a downstream's requirement keeps out breaks all the same.
    """

    jobs: int = 0
    time_limit: float = 300.0
    memory_limit: int = 4 << 30
    in_process: bool = False
    strict: bool = False
    python_version: str | None = None
    allow: tuple[AllowEntry, ...] = ()
    today: str | None = None
    baseline_from: str = ""
    ignore_bounds: bool = False
    progress: Progress | None = field(default=None, compare=False)
