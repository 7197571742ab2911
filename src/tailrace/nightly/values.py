"""What a nightly run is made of: cells, failures, causes, the report (`tailrace.nightly/1`). Values only."""

from __future__ import annotations

from typing import Literal

import msgspec

LevelName = Literal["check", "import", "help", "call", "plugins", "shell", "build", "hidden", "commands"]
LEVELS: tuple[LevelName, ...] = ("check", "import", "help", "call", "plugins", "shell", "build", "hidden", "commands")
Kind = Literal["static", "fails", "silent", "other-output", "lost", "runaway", "flaky"]
Outcome = Literal["green", "red", "not-run"]
SCHEMA: Literal["tailrace.nightly/1"] = "tailrace.nightly/1"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One release. `spec` leads to it again."""

    name: str
    version: str
    spec: str


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the matrix: the candidate in place of the baseline, with these other projects. Texts are specs.

    `commands`: shell commands that are run besides. `why`: why the plan holds it.
    """

    candidate: str
    baseline: str
    others: tuple[str, ...]
    project: str = ""
    owner: str | None = None
    commands: tuple[str, ...] = ()
    why: str = ""

    @property
    def title(self) -> str:
        """One line that names the cell."""
        return f"{short(self.candidate)} instead of {short(self.baseline)}, with {', '.join(map(short, self.others))}"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Something that works with the baseline and does not with the candidate. `what`: the program or the place.

    `cause`: the id of its cause. `runs`: how often it was seen with the candidate. `lines`: the last lines it wrote.
    """

    level: LevelName
    kind: Kind
    project: str
    what: str
    message: str
    cause: str = ""
    lines: tuple[str, ...] = ()
    runs: int = 1


class LevelResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one level did. `tried`: programs that ran to their end with the baseline. `reason`: why it was not run, or
    what of it was not.
    """

    level: LevelName
    tried: int = 0
    broken_before: int = 0
    reason: str | None = None


class CellResult(msgspec.Struct, frozen=True, kw_only=True):
    """One cell, run. `reason`: why it was not run. `notes`: how its environments differ from a plain installation.

    `seconds`: how long it took. `moved`: other packages that differ between the environments.
    """

    cell: Cell
    outcome: Outcome
    reason: str | None = None
    candidate: Named | None = None
    baseline: Named | None = None
    others: tuple[Named, ...] = ()
    failures: tuple[Failure, ...] = ()
    levels: tuple[LevelResult, ...] = ()
    python: str | None = None
    sandbox: str | None = None
    notes: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    seconds: float = 0.0
    first_bad: str | None = None
    last_good: str | None = None


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What several failures have in common. `id`: stable from night to night. `message`: one line.

    `first_bad`: the first canary or commit with it, where that was looked for.
    """

    id: str
    project: str
    message: str
    levels: tuple[LevelName, ...] = ()
    failures: int = 1
    cells: tuple[str, ...] = ()
    owner: str | None = None
    first_bad: str | None = None
    lines: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a run from being green although no program failed: a canary that is old or missing, a job that did not
    run, a clock that went back. `age`: seconds. `since`: ISO 8601, UTC.
    """

    kind: Literal["canary-old", "canary-missing", "never-ran", "not-run", "clock", "disk", "budget"]
    project: str
    message: str
    owner: str | None = None
    age: int | None = None
    since: str | None = None


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """What made a report."""

    name: str
    version: str


class NightlyReport(msgspec.Struct, frozen=True, kw_only=True):
    """`tailrace.nightly/1`. `verdict`: `red` when anything failed or a canary is not as it should be, `not-run` when
    nothing could be run. `made_at`: ISO 8601, UTC. `candidate`: where all cells have the same.
    """

    schema: Literal["tailrace.nightly/1"] = SCHEMA
    tool: Tool
    made_at: str
    verdict: Outcome
    counts: Counts
    candidate: Named | None = None
    label: str | None = None
    causes: tuple[Cause, ...] = ()
    problems: tuple[Problem, ...] = ()
    cells: tuple[CellResult, ...] = ()
    left_out: tuple[Cell, ...] = ()
    seconds: float = 0.0


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """`green + red + not_run = cells`."""

    cells: int
    green: int
    red: int
    not_run: int
    failures: int
    causes: int


class NightlyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`tailrace.nightly-plan/1`: what a nightly will run, in this order. `seconds`: expected; `budget`: allowed."""

    schema: Literal["tailrace.nightly-plan/1"] = "tailrace.nightly-plan/1"
    tool: Tool
    cells: tuple[Cell, ...]
    left_out: tuple[Cell, ...] = ()
    seconds: float = 0.0
    budget: float = 0.0
    jobs: int = 1


def short(spec: str) -> str:
    """A spec as a title shows it: the repository and the ref of a git tree, without the path to it."""
    if spec.startswith("git+"):
        place, _, ref = spec[4:].rpartition("@")
        ref, _, folder = ref.partition("#subdirectory=")
        parts = [part for part in place.removesuffix(".git").rstrip("/").replace("\\", "/").split("/") if part]
        name = folder.rpartition("/")[2] or (parts[-1] if parts else place)
        if name in ("repo", ".git") and len(parts) > 1:
            name = parts[-2]
        return f"{name}@{ref}"
    return spec
