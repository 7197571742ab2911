"""How a verification is run: plain options. Reads no configuration itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from tailrace.model import Ecosystem, Level
from tailrace.verify.sandbox import Kind, Limits


@dataclass(frozen=True, slots=True)
class CondaChoice:
    """`channels`: names, URLs or folders, the highest priority first. `as_of`: ms since the epoch, UTC."""

    channels: tuple[str, ...] = ()
    priority: Literal["strict", "flexible", "disabled"] = "flexible"
    as_of: int | None = None


class Progress(Protocol):
    """What a verification reports while it runs. Called from one thread at a time."""

    def start(self, total: int) -> None:
        """`total` downstreams will be run."""

    def step(self, name: str) -> None:
        """One downstream is done."""

    def say(self, text: str) -> None:
        """What is running now."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """`python`: the version (`3.9`) or the path of the interpreter, instead of one that fits. `timeout`: seconds that
    one program may run. `jobs`: downstreams at once, 0 for one a core. `keep`: leave the environments and logs in the
    work folder. `repeat`: how often a failure that no finding predicts must come before it counts. `test_commands`:
    shell commands that are the tests of every downstream, in place of those it ships. `recipe`: a recipe whose test
    section counts as its tests. `conda`: where packages come from with the ecosystem `conda`. `dask`: the address of a
    cluster that does the work.
    """

    level: Level = "probe"
    ecosystem: Ecosystem = "pypi"
    sandbox: Kind = "auto"
    python: str | None = None
    timeout: float = 120.0
    jobs: int = 0
    keep: bool = False
    repeat: int = 3
    test_commands: tuple[str, ...] = ()
    recipe: Path | None = None
    dask: str | None = None
    conda: CondaChoice = field(default_factory=CondaChoice)
    limits: Limits = field(default_factory=Limits)
    work: Path | None = None
    progress: Progress | None = field(default=None, compare=False)
