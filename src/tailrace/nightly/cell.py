"""Runs one cell of the matrix for each of the other projects, in two environments."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from tailrace.model import CheckReport, Release, TailraceError
from tailrace.nightly.bench import CellBench, OutOfTimeError
from tailrace.nightly.levels import level
from tailrace.nightly.values import LEVELS, Cell, CellResult, Failure, LevelName, LevelResult, Named
from tailrace.processes import find_program
from tailrace.verify import Feed
from tailrace.verify.environments import Pair, make_pair
from tailrace.verify.errors import PreparationError, ResolutionError
from tailrace.verify.installed import Distribution, normal, read_distribution, site_packages
from tailrace.verify.programs import Environment
from tailrace.verify.recipes import read_run_requirements
from tailrace.verify.sandbox import Command, Limits, Sandbox

# Programs of whole projects need more than a probe.
LIMITS = Limits(memory=3 << 30, processes=256, seconds=90.0, cpu_seconds=180, output=8 << 20, disk=1 << 30)
_RECIPES = ("recipe/meta.yaml", "conda.recipe/meta.yaml", "recipe.yaml", "recipe/recipe.yaml", "meta.yaml")
COMPILING = Limits(memory=2 << 30, processes=16, seconds=300.0, cpu_seconds=300, disk=1 << 30)

Checker = Callable[[str, str, str], CheckReport]


@dataclass(frozen=True)
class CellRunner:
    """Runs cells. `check(candidate, baseline, downstream)` returns the report of the static check. `time_limit`:
    seconds for one cell. `requires`: requirements that both environments hold besides.
    """

    feed: Feed
    sandbox: Sandbox
    check: Checker
    folder: Path
    levels: tuple[LevelName, ...] = LEVELS
    time_limit: float = 900.0
    repeat: int = 3
    python: str | None = None
    limits: Limits = LIMITS
    requires: tuple[str, ...] = ()

    def run(self, cell: Cell) -> CellResult:
        """What the cell showed. Whatever goes wrong is its own `not-run`, with the reason."""
        started = time.monotonic()
        parts: list[CellResult] = []
        for side, spec in (("candidate", cell.candidate), ("baseline", cell.baseline)):
            try:
                self.feed.resolve(spec)
            except TailraceError as error:
                reason = f"the {side}: {error.message}"
                return joined(
                    cell, [CellResult(cell=cell, outcome="not-run", reason=reason)], time.monotonic() - started
                )
        for other in cell.others:
            try:
                parts.append(self._run(cell, other, started + self.time_limit))
            except TailraceError as error:
                parts.append(CellResult(cell=cell, outcome="not-run", reason=f"{other}: {error.message}"))
            except OSError as error:
                parts.append(CellResult(cell=cell, outcome="not-run", reason=f"{other}: {error.strerror or error}"))
        return joined(cell, parts, time.monotonic() - started)

    def _run(self, cell: Cell, other: str, deadline: float) -> CellResult:
        candidate, baseline, release = (self.feed.resolve(spec) for spec in (cell.candidate, cell.baseline, other))
        report = self.check(cell.candidate, cell.baseline, other)
        wanted = self.feed.want(release)
        wanted_baseline, wanted_candidate = self.feed.want(baseline), self.feed.want(candidate)
        place = self.folder / "environments"
        if not self.sandbox.protects:
            place = self.folder / f"unprotected-{hashlib.sha256(repr((cell, other)).encode()).hexdigest()[:16]}"
        make = partial(
            make_pair,
            wanted,
            wanted_baseline,
            wanted_candidate,
            self.feed,
            self.sandbox,
            python=self.python,
            link_mode="hardlink" if self.sandbox.protects else "copy",
            place=place,
            stubs=self.folder / "stubs",
        )
        pair = self._pair(make, self._of_recipes(candidate, release))
        for environment in (pair.baseline, pair.candidate):
            _be_a_conda_prefix(environment.place)
            self._compile(environment)
        found = [_in_both(pair, candidate.name), read_distribution(pair.baseline.place, release.name)]
        bench = CellBench(
            sandbox=self.sandbox,
            limits=self.limits,
            pair=pair,
            project=release.name,
            candidate=candidate,
            artifact=self.feed.open(release),
            report=report,
            distributions=tuple(one for one in found if one is not None),
            sources=(*_pwsh_home(), *self._sources(release)),
            commands=cell.commands,
            deadline=deadline,
            repeat=self.repeat,
        )
        reason = self._run_levels(bench, found)
        self._keep_log(cell, other, bench)
        red = any(failure.kind != "flaky" for failure in bench.failures)
        reason = reason or blind_spot(bench.levels)
        return CellResult(
            cell=cell,
            outcome="red" if red else "not-run" if reason is not None else "green",
            reason=reason,
            candidate=named(candidate),
            baseline=named(baseline),
            others=(named(release),),
            failures=tuple(bench.failures),
            levels=tuple(bench.levels),
            python=pair.interpreter.text,
            sandbox=self.sandbox.name,
            notes=pair.notes,
            moved=tuple(
                f"{name} {wanted_baseline or 'none'} -> {wanted_candidate or 'none'}"
                for name, wanted_baseline, wanted_candidate in pair.moved
            ),
        )

    def _pair(self, make: Callable[..., Pair], recipes: tuple[str, ...]) -> Pair:
        """The pair with what recipes name: within their bounds, else in any version, else without it."""
        bare = tuple(map(_name, recipes))
        tries = dict.fromkeys((recipes, bare, ()))
        for more in list(tries)[:-1]:
            try:
                pair: Pair = make(more=(*self.requires, *more))
            except (ResolutionError, PreparationError):
                continue
            if not any(note.startswith("no other package was installed") for note in pair.notes):
                return pair
        found: Pair = make(more=self.requires)
        return found

    def _of_recipes(self, *releases: Release) -> tuple[str, ...]:
        """What the recipes in source trees name besides the metadata, as far as the index has it. A project that is
        released as a conda package often says only there what it needs.
        """
        found: dict[str, str] = {}
        for release in releases:
            if release.source not in ("git", "directory"):
                continue
            artifact = self.feed.open(release)
            known = {
                normal(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in artifact.metadata.requires_dist
            }
            folder = self.feed.source_files(release)
            for name in _RECIPES if folder is not None else ():
                try:
                    text = (folder / name).read_text("utf-8", "replace")  # type: ignore[operator]
                except OSError:
                    continue
                for line in read_run_requirements(text):
                    wanted = _name(line)
                    if wanted not in known and wanted not in {one.name for one in releases} and self._has(wanted):
                        found.setdefault(wanted, line)
                break
        return tuple(found.values())

    def _has(self, name: str) -> bool:
        try:
            return bool(self.feed.sources.versions(name))
        except TailraceError:
            return False

    def _compile(self, environment: Environment) -> None:
        """Writes the bytecode of everything once: programs see the environment read-only, and would compile each time.

        Without `site` and isolated, nothing of a package is run.
        """
        mark = environment.place / ".compiled"
        if mark.exists() or not self.sandbox.protects:
            return
        folder = site_packages(environment.place)
        python = environment.home / "bin" / "python3"
        arguments = (str(python), "-I", "-S", "-m", "compileall", "-q", str(folder))
        self.sandbox.run(Command(arguments, read_only=(environment.home,), writable=(folder,)), COMPILING)
        mark.touch()

    def _run_levels(self, bench: CellBench, found: Sequence[Distribution | None]) -> str | None:
        """Runs every level; why not all of it was run."""
        missing = [] if len(bench.distributions) == len(found) else ["it is not installed under its name"]
        for name in self.levels:
            if missing and name not in ("check", "commands"):
                bench.levels.append(LevelResult(level=name, reason=missing[0]))
                continue
            try:
                bench.levels.append(level(name)(bench))
            except OutOfTimeError:
                return f"the time for one cell ({self.time_limit:g} s) was over during the level {name}"
        return missing[0] if missing else None

    def _sources(self, release: Release) -> tuple[Path, ...]:
        if "commands" not in self.levels:
            return ()
        try:
            folder = self.feed.source_files(release)
        except TailraceError:
            return ()
        return (folder,) if folder is not None else ()

    def _keep_log(self, cell: Cell, other: str, bench: CellBench) -> None:
        key = hashlib.sha256("\0".join((cell.candidate, cell.baseline, other)).encode()).hexdigest()[:16]
        folder = self.folder / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(bench.log)
        (folder / f"{key}.log").write_text(text, encoding="utf-8", errors="backslashreplace")


def joined(cell: Cell, parts: Sequence[CellResult], seconds: float) -> CellResult:
    """The results with each of the other projects as the result of the cell: red before not run before green."""
    outcome = next((one for one in ("red", "not-run") if any(part.outcome == one for part in parts)), "green")
    first = next((part for part in parts if part.candidate is not None), parts[0])
    levels: dict[LevelName, LevelResult] = {}
    for part in parts:
        for one in part.levels:
            known = levels.get(one.level)
            levels[one.level] = one if known is None else _both(known, one)
    reasons = tuple(dict.fromkeys(part.reason for part in parts if part.reason))
    return msgspec.structs.replace(
        first,
        cell=cell,
        outcome=outcome,
        reason="; ".join(reasons) or None,
        others=tuple(other for part in parts for other in part.others),
        failures=tuple(failure for part in parts for failure in part.failures),
        levels=tuple(levels.values()),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        moved=tuple(dict.fromkeys(move for part in parts for move in part.moved)),
        seconds=round(seconds, 1),
    )


def _both(one: LevelResult, other: LevelResult) -> LevelResult:
    reasons = dict.fromkeys(reason for reason in (one.reason, other.reason) if reason)
    return LevelResult(
        level=one.level,
        tried=one.tried + other.tried,
        broken_before=one.broken_before + other.broken_before,
        reason="; ".join(reasons) or None,
    )


def _pwsh_home() -> tuple[Path, ...]:
    """The folder of PowerShell, where it lies outside of what every program sees."""
    program = find_program("pwsh")
    if program is None or program.resolve().is_relative_to("/usr"):
        return ()
    return tuple(dict.fromkeys((program.parent, program.resolve().parent)))


def _name(requirement: str) -> str:
    return normal(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def blind_spot(levels: Sequence[LevelResult]) -> str | None:
    """Why a cell says nothing although nothing failed: where no help, or less than half of the imports, works with the
    baseline, the environment is at fault. Other levels may well have nothing that works without arguments.
    """
    if sum(one.tried for one in levels) == 0:
        return "no program runs with the baseline"
    for one in levels:
        if one.level == "help" and one.broken_before and one.tried == 0:
            return "no command shows its help with the baseline"
        if one.level == "import" and one.broken_before > one.tried:
            return f"most imports fail with the baseline ({one.broken_before} of {one.tried + one.broken_before})"
    return None


def _in_both(pair: Pair, name: str) -> Distribution | None:
    """What both releases of the candidate have: what it took away on purpose is no failure of its own."""
    baseline, candidate = (
        read_distribution(environment.place, name) for environment in (pair.baseline, pair.candidate)
    )
    if baseline is None or candidate is None:
        return None
    return replace(
        baseline,
        modules=tuple(one for one in baseline.modules if one in candidate.modules),
        entry_points=tuple(one for one in baseline.entry_points if one in candidate.entry_points),
        scripts=tuple(one for one in baseline.scripts if one[0] in dict(candidate.scripts)),
    )


def named(release: Release) -> Named:
    """A release as a report names it."""
    return Named(name=release.name, version=release.version, spec=release.spec)


def _be_a_conda_prefix(place: Path) -> None:
    """What conda takes an environment for its own by. Others do not look at it."""
    history = place / "conda-meta" / "history"
    if not history.exists():
        history.parent.mkdir(exist_ok=True)
        history.touch()


def first_of(failures: Sequence[Failure]) -> Failure | None:
    """The failure that says most about its cause: one of a static finding, else the first that ran."""
    return next((one for one in failures if one.kind == "static"), failures[0] if failures else None)
