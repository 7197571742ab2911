"""What running a downstream showed: the outcome of each program that was run with the baseline and the candidate."""

from __future__ import annotations

from typing import Literal

import msgspec

Outcome = Literal["reproduced", "refuted", "new", "broken-before", "spurious", "flaky", "not-run"]
Level = Literal["probe", "smoke", "test"]
Ecosystem = Literal["pypi", "conda"]


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One program, run in the environment of the baseline and in that of the candidate.

    `outcome`: `reproduced` (works with the baseline, fails with the candidate as the finding says), `refuted` (works
    with both), `new` (fails with the candidate, and no finding says so), `broken-before` (fails with the baseline
    already), `spurious` (a limit on memory, disk, time or processes, or the missing network), `flaky` (not the same
    each time), `not-run`. `reason`: one sentence, always given unless the outcome is `reproduced`. `program`: what was
    run, Python source or a command line. `traceback`: the last lines that it wrote with the candidate, paths relative
    to the environment. `runs`: how often it was run with the candidate.
    """

    outcome: Outcome
    level: Level = "probe"
    reason: str | None = None
    program: str | None = None
    traceback: tuple[str, ...] = ()
    runs: int = 1


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What running one downstream showed.

    `outcome`: the most serious of all outcomes (`reproduced` or `new` before all others; `not-run` with a `reason`
    where nothing could be run). `python`: the version of the interpreter (`3.10.13`). `platform`: `linux-x86_64`.
    `sandbox`: what the programs ran in. `moved`: other packages that differ between the two environments, as
    `NAME OLD -> NEW`. `notes`: how the environments differ from a plain installation. `observations`: what was run
    besides the findings (each finding carries its own). `log`: the file with the whole output.
    """

    outcome: Outcome
    level: Level = "probe"
    ecosystem: Ecosystem = "pypi"
    reason: str | None = None
    python: str | None = None
    platform: str | None = None
    sandbox: str | None = None
    moved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    log: str | None = None
