"""Runs programs in the two environments of a downstream: outcomes, findings, one log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import msgspec

from tailrace.model import CheckReport, DownstreamReport, Finding, Level, Observation
from tailrace.verify.environments import Pair
from tailrace.verify.installed import owner_of, read_distribution
from tailrace.verify.judging import judge
from tailrace.verify.options import VerifyOptions
from tailrace.verify.programs import Environment, Result, Trace, command_for, read_result
from tailrace.verify.sandbox import Limits, Sandbox


class Setting(Protocol):
    """What every program of a verification shares."""

    @property
    def sandbox(self) -> Sandbox:
        """Where programs run."""

    @property
    def limits(self) -> Limits:
        """What one program may use."""

    @property
    def options(self) -> VerifyOptions:
        """How the verification is run."""

    @property
    def report(self) -> CheckReport:
        """What was checked."""


class Bench:
    """Runs programs in the two environments; the same program is run once in each."""

    def __init__(
        self, runner: Setting, pair: Pair, log: Log, limits: Limits | None = None, seen: tuple[Path, ...] = ()
    ) -> None:
        self.runner = runner
        self.pair = pair
        self.log = log
        self.limits = limits or runner.limits
        self.seen = seen
        self._results: dict[tuple[str, Path], Result] = {}

    def run(self, source: str, environment: Environment, trace: Trace | None = None, *, again: bool = False) -> Result:
        """What the program did there."""
        key = (source, environment.place)
        if trace is None and not again and key in self._results:
            return self._results[key]
        command, token = command_for(source, environment, trace, self.seen)
        ended = self.runner.sandbox.run(command, self.limits)
        result = read_result(ended, token, environment)
        which = "baseline" if environment.place == self.pair.baseline.place else "candidate"
        self.log.add(which, source, ended.status, result)
        if trace is None and not again:
            self._results[key] = result
        return result

    def observe(self, source: str, level: Level = "probe") -> Observation:
        """The outcome of one program, which runs in both environments at once."""
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self.run, source, self.pair.candidate)
            baseline = self.run(source, self.pair.baseline)
            candidate = other.result()
        return judge(source, baseline, candidate if baseline.completed else None, level)

    def moved_owner(self, result: Result) -> str | None:
        """The package besides the upstream whose file raised, where it is another one in the two environments."""
        names = {name: f"{name} {candidate or 'none'}" for name, _, candidate in self.pair.moved}
        if not names or not result.frames:
            return None
        owner = owner_of(self.pair.candidate.place, in_site_packages(result.frames[-1][0]))
        return names.get(owner or "")


class Failures:
    """What failed with the candidate alone: each failure is a finding's, a new finding, or somebody else's fault."""

    level: Level = "smoke"

    def __init__(self, bench: Bench, downstream: DownstreamReport, findings: Sequence[Finding]) -> None:
        self.bench = bench
        self.downstream = downstream
        self.findings = list(findings)
        self.observations: list[Observation] = []
        self.distribution = read_distribution(bench.pair.baseline.place, downstream.name)

    def _fails(self, program: str, shown: str | None = None) -> bool:
        """Whether a program fails with the candidate alone, every time; what was seen is noted."""
        observation = self.bench.observe(program, self.level)
        if observation.outcome != "reproduced":
            if observation.outcome == "spurious":
                self.observations.append(observation)
            return False
        result = self.bench.run(program, self.bench.pair.candidate)
        for number, finding in enumerate(self.findings):
            if passes(result, finding) or same_error(finding, result):
                if finding.verification is None or finding.verification.outcome not in ("reproduced", "new"):
                    self.findings[number] = msgspec.structs.replace(finding, verification=observation)
                return True
        times = max(1, self.bench.runner.options.repeat)
        again = [self.bench.run(program, self.bench.pair.candidate, again=True) for _ in range(times - 1)]
        control = self.bench.run(program, self.bench.pair.baseline, again=True)
        said = shown or program
        if not control.completed or any(one.completed for one in again):
            reason = f"`{said}` does not do the same each time ({times} runs with the candidate)"
            observation = msgspec.structs.replace(observation, outcome="flaky", reason=reason, runs=times)
            self.observations.append(observation)
            return False
        reason = f"`{said}` fails with the candidate alone: {result.error[:300]}"
        observation = msgspec.structs.replace(observation, outcome="new", reason=reason, runs=times, program=said)
        self._add(observation, result)
        return True

    def _add(self, observation: Observation, result: Result) -> None:
        """Notes a failure that no finding predicts: as a finding, unless another package is at fault."""
        moved = self.bench.moved_owner(result)
        if moved is not None:
            reason = f"{observation.reason} (it comes from {moved}, which had to move with the upstream)"
            self.observations.append(msgspec.structs.replace(observation, reason=reason))
            return
        self.findings.append(self._finding(observation, result))

    def _finding(self, observation: Observation, result: Result) -> Finding:
        """A finding for what only running shows, at the last line of the downstream that was on the way."""
        own = self.distribution.files if self.distribution is not None else frozenset()
        places = [(in_site_packages(file), line) for file, line in result.frames]
        file, line = next((place for place in reversed(places) if place[0] in own), (self._metadata(own), 1))
        upstream = self.bench.runner.report.candidate
        key = "\0".join((self.downstream.name, "smoke", observation.program or "", file, _plain(result.error)))
        return Finding(
            rule="unexplained",
            confidence="certain",
            severity="error",
            symbol=upstream.name,
            file=file,
            line=line,
            scope="import" if (observation.program or "").startswith("import ") else "function",
            message=f"with {upstream.name} {upstream.version} alone, {observation.reason}",
            witness=observation.program,
            fingerprint=hashlib.sha256(key.encode()).hexdigest()[:16],
            verification=observation,
        )

    def _metadata(self, own: frozenset[str]) -> str:
        return next((file for file in sorted(own) if file.endswith(".dist-info/METADATA")), self.downstream.name)


class Log:
    """Everything that the programs of one downstream wrote."""

    def __init__(self, folder: Path, downstream: DownstreamReport, report: CheckReport) -> None:
        named = (report.baseline.spec, report.candidate.spec, downstream.spec)
        key = hashlib.sha256("\0".join(named).encode()).hexdigest()[:8]
        name = re.sub(r"[^A-Za-z0-9.+-]+", "_", f"{downstream.name}-{downstream.version}")[:80]
        self.file = folder / f"{name}-{key}.log"
        self.parts: list[str] = []

    def add(self, which: str, program: str, status: int, result: Result) -> None:
        """Notes one program."""
        self.parts.append(f"=== {which}, exit status {status} ({result.why})\n{program}\n---\n{result.output}\n")

    def write(self) -> str:
        """Writes the file; its path."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("".join(self.parts), encoding="utf-8", errors="backslashreplace")
        return str(self.file)


def passes(result: Result, finding: Finding) -> bool:
    """Whether a traceback passes through the line of a finding."""
    return any(line == finding.line and file.endswith(f"/{tail_of(finding.file)}") for file, line in result.frames)


def same_error(finding: Finding, result: Result) -> bool:
    """Whether a finding was reproduced with the very error that a program ends with."""
    seen = finding.verification
    return bool(seen and seen.outcome == "reproduced" and seen.traceback and seen.traceback[-1] == result.error)


def _plain(error: str) -> str:
    return re.sub(r"0x[0-9a-f]+|\d+", "N", error)


def in_site_packages(file: str) -> str:
    """The path of a file relative to site-packages."""
    return file.rpartition("site-packages/")[2]


def tail_of(file: str) -> str:
    """The last two parts of a path: enough to tell files apart, wherever the package is installed."""
    return "/".join(file.split("/")[-2:])
