"""Runs a downstream's own tests in its environments: level `test`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from tailrace import disk
from tailrace.model import DownstreamReport, Finding, Observation, TailraceError
from tailrace.verify.bench import Bench, Failures, Log, Setting, passes, same_error
from tailrace.verify.environments import Pair
from tailrace.verify.errors import PreparationError, ResolutionError
from tailrace.verify.installed import Distribution
from tailrace.verify.judging import shortage, shown
from tailrace.verify.owntests import (
    MOST_SHOWN,
    Suite,
    Tested,
    command_line_program,
    find_suite,
    read_tested,
    suite_program,
)
from tailrace.verify.programs import Result, read_traceback
from tailrace.verify.recipes import LARGEST_RECIPE, RecipeTests, read_packaged_tests, read_recipe_tests
from tailrace.verify.sandbox import Limits

#: A test suite runs longer than one program, and needs more.
_TIMES = 5
_MOST_PROCESSES = 512
_DISK = 1 << 30
_OUTPUT = 32 << 20
_MOST_CAUSES = 12


class Make(Protocol):
    """Makes the two environments of a downstream."""

    def __call__(self, more: Sequence[str] = (), python: str | None = None) -> Pair:
        """With more requirements in both, with another interpreter. Raises `VerifyError`."""


class OwnTests(Failures):
    """Runs a downstream's tests with the baseline first; only tests that pass there count.

    `make`: makes the two environments with more requirements in them. `source`: the downstream's source files, `None`
    where there are none.
    """

    level = "test"

    def __init__(
        self,
        setting: Setting,
        pair: Pair,
        make: Make,
        source: Path | None,
        log: Log,
        downstream: DownstreamReport,
        findings: Sequence[Finding],
    ) -> None:
        seen = (source,) if source is not None else ()
        super().__init__(Bench(setting, pair, log, limits_of_tests(setting.limits), seen), downstream, findings)
        self.setting = setting
        self.make = make
        self.source = source
        self.log = log
        self.seen = seen

    def run_all(self) -> tuple[tuple[Finding, ...], tuple[Observation, ...]]:
        """The findings, those that only the tests show among them, and what was seen besides."""
        options = self.setting.options
        info = self.bench.pair.info
        if options.recipe is not None:
            self._recipe(options.recipe)
        if options.test_commands:
            self._commands(options.test_commands)
        elif options.recipe is None and (info is None or not self._packaged(info)):
            self._suite()
        return tuple(self.findings), tuple(self.observations)

    def _suite(self) -> None:
        if self.source is None or self.distribution is None:
            self._not_run("it ships no tests: it has no source distribution")
            return
        suite = find_suite(self.source, roots_of(self.distribution), self.distribution.files)
        if suite is None:
            self._not_run("its source distribution holds no tests")
            return
        try:
            self._with(("pytest", *suite.requirements))
        except TailraceError as error:
            self._not_run(f"what its tests need cannot be installed: {error.message}")
            return
        program = suite_program(suite)
        baseline = self.bench.run(program, self.bench.pair.baseline)
        tested_baseline = read_tested(baseline)
        if tested_baseline is None or not tested_baseline.passed:
            self._control_failed(baseline, tested_baseline)
            return
        candidate = self.bench.run(program, self.bench.pair.candidate)
        tested_candidate = read_tested(candidate)
        if tested_candidate is None:
            if not self._fails(program, "pytest"):
                self._not_run(shortage(candidate) or "the tests did not run to their end with the candidate")
            return
        self._compare(suite, tested_baseline, tested_candidate)

    def _with(self, requirements: Sequence[str]) -> None:
        """Goes on in environments that hold these too; in ones with the first alone where not all can be had."""
        try:
            pair = self.make(requirements)
        except (ResolutionError, PreparationError):
            pair = self.make(requirements[:1])
        self.bench = Bench(self.setting, pair, self.log, self.bench.limits, self.seen)

    def _control_failed(self, result: Result, baseline: Tested | None) -> None:
        why = shortage(result) if baseline is None else None
        lines = (
            shown(result) if baseline is None else tuple(next(iter(baseline.errors.values()), "").splitlines()[-12:])
        )
        said = why or (
            f"pytest ended with status {baseline.status}, no test passed" if baseline is not None else result.error
        )
        self.observations.append(
            Observation(
                outcome="spurious" if why else "broken-before",
                level="test",
                reason=f"its tests do not run with the baseline: {said or 'they wrote nothing'}",
                program="pytest",
                traceback=lines,
            )
        )

    def _compare(self, suite: Suite, baseline: Tested, candidate: Tested) -> None:
        broken = [name for name in candidate.failed if baseline.outcomes.get(name) != "failed"]
        kept, unsure = self._repeated(suite, broken[:MOST_SHOWN], candidate)
        if unsure:
            reason = f"{len(unsure)} tests do not do the same each time, such as {unsure[0]}"
            times = max(2, self.setting.options.repeat)
            self.observations.append(
                Observation(outcome="flaky", level="test", reason=reason, program=f"pytest {unsure[0]}", runs=times)
            )
        causes: dict[str, list[str]] = {}
        for name in kept:
            error, _, _ = read_traceback(candidate.errors.get(name, ""), self.bench.pair.candidate)
            causes.setdefault(error, []).append(name)
        for names in list(causes.values())[:_MOST_CAUSES]:
            self._note(names, candidate)
        said = f"{len(candidate.passed)} tests pass with the candidate, {len(baseline.passed)} with the baseline"
        if len(broken) > MOST_SHOWN:
            said += f"; {len(broken)} fail with the candidate alone, {MOST_SHOWN} of them were looked into"
        self.observations.append(Observation(outcome="refuted", level="test", reason=said, program="pytest"))

    def _repeated(self, suite: Suite, broken: Sequence[str], candidate: Tested) -> tuple[list[str], list[str]]:
        """Those that fail every time and pass with the baseline every time, and the others."""
        # What failed as it was collected names a file.
        wanted = list(
            dict.fromkeys(name.partition("::")[0] if name not in candidate.outcomes else name for name in broken)
        )
        if not broken:
            return [], []
        program = suite_program(suite, wanted)
        times = max(1, self.setting.options.repeat - 1)
        failed = [read_tested(self.bench.run(program, self.bench.pair.candidate, again=True)) for _ in range(times)]
        control = read_tested(self.bench.run(program, self.bench.pair.baseline, again=True))

        def certain(name: str) -> bool:
            again = all(one is not None and one.outcomes.get(name) == "failed" for one in failed)
            return again and control is not None and control.outcomes.get(name) != "failed"

        kept = [name for name in broken if certain(name)]
        return kept, [name for name in broken if name not in kept]

    def _note(self, names: Sequence[str], candidate: Tested) -> None:
        """One cause of failing tests: a finding's, or a new one."""
        error, lines, frames = read_traceback(candidate.errors.get(names[0], ""), self.bench.pair.candidate)
        result = Result(False, "exited", 1, error or "the test fails", lines, frames)
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        seen = Observation(
            outcome="reproduced",
            level="test",
            program=f"pytest {names[0]}{others}",
            traceback=shown(result),
            runs=max(2, self.setting.options.repeat),
        )
        for number, finding in enumerate(self.findings):
            if passes(result, finding) or same_error(finding, result):
                if finding.verification is None or finding.verification.outcome not in ("reproduced", "new"):
                    self.findings[number] = msgspec.structs.replace(finding, verification=seen)
                return
        reason = f"{names[0]}{others} fails with the candidate alone: {result.error[:300]}"
        self._add(msgspec.structs.replace(seen, outcome="new", reason=reason), result)

    def _commands(self, commands: Sequence[str]) -> None:
        for command in commands:
            program = command_line_program(command, self.source)
            control = self.bench.run(program, self.bench.pair.baseline)
            if not control.completed:
                why = shortage(control)
                self.observations.append(
                    Observation(
                        outcome="spurious" if why else "broken-before",
                        level="test",
                        reason=f"`{command}` fails with the baseline already: {why or control.error[:300]}",
                        program=command,
                        traceback=shown(control),
                    )
                )
            elif not self._fails(program, command):
                self.observations.append(
                    Observation(outcome="refuted", level="test", reason=f"`{command}` works with both", program=command)
                )

    def _recipe(self, path: Path) -> None:
        try:
            tests = read_recipe_tests(disk.read_bounded(path, LARGEST_RECIPE).decode("utf-8", "replace"))
        except OSError as error:
            self._not_run(f"{path.name} cannot be read: {error.strerror or error}")
            return
        except TailraceError as error:
            self._not_run(error.message)
            return
        if tests == RecipeTests():
            self._not_run(f"{path.name} has no test section")
            return
        self._section(tests, path.name)

    def _packaged(self, info: Path) -> bool:
        """Runs the tests that the downstream's package carries; whether it carries any."""
        try:
            tests = read_packaged_tests(info)
        except TailraceError as error:
            self._not_run(error.message)
            return True
        if tests == RecipeTests():
            return False
        files = info / "test"
        if files.is_dir() and not files.is_symlink():
            self.source, self.seen = files, (*self.seen, files)
            self.bench.seen = self.seen
        self._section(tests, "the package")
        return True

    def _section(self, tests: RecipeTests, name: str) -> None:
        """Runs a test section. `name`: whose it is, for messages."""
        names = dict.fromkeys(one.split()[0] for one in tests.requires)
        if needed := tuple(one for one in names if one not in ("python", "pip")):
            try:
                self._with(needed)
            except TailraceError as error:
                self._not_run(f"what the tests of {name} need cannot be installed: {error.message}")
        for module in tests.imports:
            self._fails(f"import {module}" if all(p.isidentifier() for p in module.split(".")) else "pass")
        self._commands(tests.commands)
        if tests.unread:
            self._not_run(f"{tests.unread} entries of the test section of {name} need the recipe to be rendered")

    def _not_run(self, reason: str) -> None:
        self.observations.append(Observation(outcome="not-run", level="test", reason=reason))


def limits_of_tests(limits: Limits) -> Limits:
    """What a test suite may use, from what one program may."""
    return Limits(
        limits.memory * 2,
        max(limits.processes, _MOST_PROCESSES),
        limits.seconds * _TIMES,
        limits.cpu_seconds * _TIMES,
        max(limits.output, _OUTPUT),
        max(limits.disk, _DISK),
        limits.file,
    )


def roots_of(distribution: Distribution) -> frozenset[str]:
    """The top-level modules that a distribution installs."""
    return frozenset(module.partition(".")[0] for module in distribution.modules)
