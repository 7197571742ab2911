"""Runs programs in the two environments of a cell, and reports failures with the candidate alone that happen every
time.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tailrace.model import Artifact, CheckReport, Finding, Release
from tailrace.nightly.values import Failure, Kind, LevelName, LevelResult
from tailrace.verify.environments import Pair
from tailrace.verify.installed import Distribution, owner_of
from tailrace.verify.judging import shortage, shown
from tailrace.verify.programs import Environment, Result, command_for, read_result, read_traceback
from tailrace.verify.sandbox import Limits, Sandbox

_VOLATILE = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+")
_PLACES = re.compile(r"/(?:tmp|home)/[^\s'\":,)]{1,300}")


class OutOfTimeError(Exception):
    """The time of a cell is used up."""


@dataclass
class CellBench:
    """One downstream of a cell in both environments. `deadline`: on the monotonic clock.

    `distributions`: the candidate's and the project's, in that order. `sources`: folders of source files, where the
    release comes from a source tree.
    """

    sandbox: Sandbox
    limits: Limits
    pair: Pair
    project: str
    candidate: Release
    artifact: Artifact
    report: CheckReport
    distributions: tuple[Distribution, ...]
    sources: tuple[Path, ...]
    commands: tuple[str, ...]
    deadline: float
    repeat: int = 3
    failures: list[Failure] = field(default_factory=list)
    levels: list[LevelResult] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    _known: dict[tuple[str, Path], Result] = field(default_factory=dict)

    def run(self, source: str, environment: Environment, *, again: bool = False) -> Result:
        """What a program does there; run once, unless `again`. Raises `OutOfTimeError`."""
        key = (source, environment.place)
        if not again and key in self._known:
            return self._known[key]
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTimeError
        command, token = command_for(source, environment, None, self.sources)
        seconds = min(self.limits.seconds, max(1.0, left))
        limits = Limits(
            self.limits.memory,
            self.limits.processes,
            seconds,
            self.limits.cpu_seconds,
            self.limits.output,
            self.limits.disk,
            self.limits.file,
        )
        result = read_result(self.sandbox.run(command, limits), token, environment)
        which = "baseline" if environment.place == self.pair.baseline.place else "candidate"
        self.log.append(
            f"=== {which} ({result.why}, {result.status})\n{source[-1500:]}\n---\n{result.output[:20000]}\n"
        )
        self._known.setdefault(key, result)
        return result

    def both(self, source: str) -> tuple[Result, Result | None]:
        """With the baseline, and, where that got to its end, with the candidate."""
        baseline = self.run(source, self.pair.baseline)
        return baseline, self.run(source, self.pair.candidate) if baseline.completed else None

    def check(self, level: LevelName, what: str, source: str) -> bool | None:
        """Whether a program works with the candidate; a failure is noted. `None` where it fails with the baseline."""
        _, candidate = self.both(source)
        if candidate is None:
            return None
        if candidate.completed:
            return True
        self.confirm(level, what, source, candidate)
        return False

    def confirm(self, level: LevelName, what: str, source: str, candidate: Result) -> None:
        """Notes a failure with the candidate, as flaky where it does not come each time."""
        if not self._comes_again(source, lambda result: not result.completed):
            self.note(level, "flaky", what, f"`{what}` does not do the same each time", shown(candidate))
            return
        if candidate.limited:
            self.note(
                level,
                "runaway",
                what,
                shortage(candidate) or "it reached a limit of the sandbox",
                shown(candidate),
                candidate,
            )
            return
        inner = find_traceback(candidate.stdout)
        if inner is not None:  # of a program that was started
            error, lines = inner
            frames = read_traceback("\n".join(lines), self.pair.candidate)[2]
            candidate = replace(candidate, error=error, lines=lines, frames=frames)
        self.note(level, "fails", what, candidate.error or "it fails", shown(candidate), candidate)

    def confirm_output(self, level: LevelName, kind: Kind, what: str, source: str, message: str) -> None:
        """Notes what another output says, as flaky where the output differs from run to run."""
        first = self.run(source, self.pair.candidate)
        same = self._comes_again(source, lambda result: plain_lines(result.stdout) == plain_lines(first.stdout))
        lines = tuple(first.stdout.strip().splitlines()[-12:])
        self.note(level, kind if same else "flaky", what, message, lines)

    def _comes_again(self, source: str, fails: Callable[[Result], bool]) -> bool:
        times = max(0, self.repeat - 1)
        again = [self.run(source, self.pair.candidate, again=True) for _ in range(times)]
        return all(fails(result) for result in again) and self.run(source, self.pair.baseline, again=True).completed

    def note(
        self,
        level: LevelName,
        kind: Kind,
        what: str,
        message: str,
        lines: Sequence[str] = (),
        result: Result | None = None,
    ) -> None:
        """Keeps a failure, with the id of its cause."""
        moved = self._moved(result) if result is not None else None
        if moved is not None:
            message = f"{message} (it comes from {moved}, which had to move with {self.candidate.name})"
        found = self._finding(what, result)
        cause = cause_of(self.candidate.name, found.symbol if found is not None else message)
        failure = Failure(
            level=level,
            kind=kind,
            project=self.project,
            what=what,
            message=message[:500],
            cause=cause,
            lines=tuple(line[:400] for line in lines[-12:]),
            runs=self.repeat,
        )
        self.failures.append(failure)

    def _moved(self, result: Result) -> str | None:
        names = {name: f"{name} {candidate or 'none'}" for name, _, candidate in self.pair.moved}
        if not names or not result.frames:
            return None
        return names.get(
            owner_of(self.pair.candidate.place, result.frames[-1][0].rpartition("site-packages/")[2]) or ""
        )

    def _finding(self, what: str, result: Result | None) -> Finding | None:
        """The finding of the static check that a traceback passes through, or that stands where `what` says."""
        findings = [finding for one in self.report.downstreams for finding in one.findings]
        for finding in findings:
            if what.startswith(f"{finding.file}:{finding.line}:"):
                return finding
            if result is None:
                continue
            end = "/" + "/".join(finding.file.split("/")[-2:])
            if any(line == finding.line and file.endswith(end) for file, line in result.frames):
                return finding
        return None


def cause_of(candidate: str, message: str) -> str:
    """16 hex digits for what fails: the same from night to night, whatever the versions and places in the message."""
    plain = _VOLATILE.sub("N", _PLACES.sub("PATH", message))
    return hashlib.sha256(f"{candidate}\0{' '.join(plain.split())}".encode()).hexdigest()[:16]


def plain_lines(text: str) -> tuple[str, ...]:
    """The lines of an output without what differs from release to release: numbers, places, blanks, decoration."""
    lines = (_VOLATILE.sub("N", _PLACES.sub("PATH", line)).strip(" \t-=*|#") for line in text.splitlines())
    return tuple(" ".join(line.split()) for line in lines if line)


def find_traceback(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The error and the lines of the last traceback in an output, wherever it stands and however it is indented."""
    lines = text.splitlines()
    at = next(
        (n for n in reversed(range(len(lines))) if lines[n].strip() == "Traceback (most recent call last):"), None
    )
    if at is None:
        return None
    indent = len(lines[at]) - len(lines[at].lstrip())
    for number in range(at + 1, min(len(lines), at + 400)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return line.strip(), tuple(one[indent:].rstrip() for one in lines[at : number + 1])
    return None
