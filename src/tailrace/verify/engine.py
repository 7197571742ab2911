"""A check report in, the same report with what running the downstreams showed out. Prints nothing."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace.check.verdict import count, status_of, verdict_of
from tailrace.model import CheckReport, DownstreamReport, Finding, Observation, TailraceError, Verification
from tailrace.verify.environments import Pair, make_pair
from tailrace.verify.feed import Feed, Wanted
from tailrace.verify.judging import judge, worst
from tailrace.verify.options import VerifyOptions
from tailrace.verify.probes import Probe, is_probed, probes_for
from tailrace.verify.programs import Environment, Result, Trace, command_for, read_result
from tailrace.verify.sandbox import Limits, Sandbox, choose_sandbox


def verify_report(report: CheckReport, feed: Feed, options: VerifyOptions) -> CheckReport:
    """The report with a `verification` for every downstream, statuses and verdict accordingly.

    A refuted finding no longer counts as a break. Raises `NoSandboxError` where foreign code could not be run safely.
    """
    sandbox = choose_sandbox(options.sandbox)
    with ExitStack() as stack:
        work = options.work or feed.folder
        place = work / "environments"
        if not sandbox.protects:  # a program may change what it runs in: nothing of it is used again
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tailrace-verify-")))
        run = Run(report, feed, options, sandbox, place, work / "logs")
        if options.progress is not None:
            options.progress.start(len(report.downstreams))
        jobs = max(1, min(options.jobs or os.cpu_count() or 1, len(report.downstreams)))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        downstreams = tuple(pool.map(run.verify, report.downstreams))
    return with_downstreams(report, downstreams)


def with_downstreams(report: CheckReport, downstreams: Sequence[DownstreamReport]) -> CheckReport:
    """The report with other downstreams in it; counts and verdict follow."""
    settled = tuple(
        d if d.status == "not-checked" else msgspec.structs.replace(d, status=status_of(d.findings, d.admits_candidate))
        for d in downstreams
    )
    counts = count(settled)
    return msgspec.structs.replace(report, downstreams=settled, counts=counts, verdict=verdict_of(counts))


@dataclass(frozen=True)
class Run:
    """One verification on its way."""

    report: CheckReport
    feed: Feed
    options: VerifyOptions
    sandbox: Sandbox
    place: Path
    logs: Path

    def verify(self, downstream: DownstreamReport) -> DownstreamReport:
        """The downstream with what running it showed. Whatever goes wrong is its own `not-run`."""
        if self.options.progress is not None:
            self.options.progress.say(f"running {downstream.name} {downstream.version}")
        try:
            verified = self._verify(downstream)
        except TailraceError as error:
            verified = not_run(downstream, str(error))
        except OSError as error:
            verified = not_run(downstream, f"{error.strerror or error}")
        if self.options.progress is not None:
            self.options.progress.step(downstream.name)
        return verified

    def _verify(self, downstream: DownstreamReport) -> DownstreamReport:
        if downstream.status == "not-checked":
            return not_run(downstream, "it was not checked")
        if not any(is_probed(finding) for finding in downstream.findings):
            return not_run(downstream, "there is no finding to reproduce")
        wanted = self.feed.want(self.feed.resolve(downstream.spec))
        pair = make_pair(
            wanted,
            self._upstream("old"),
            self._upstream("new"),
            self.feed,
            python=self.options.python,
            link_mode="hardlink" if self.sandbox.protects else "copy",
            place=self.place,
        )
        return Prober(self, downstream, wanted, pair).probe_all()

    def _upstream(self, which: str) -> Wanted:
        return self.feed.want(self.report.baseline if which == "old" else self.report.candidate)

    @property
    def limits(self) -> Limits:
        """The limits of one program."""
        limits = self.options.limits
        return Limits(
            limits.memory,
            limits.processes,
            self.options.timeout,
            max(1, int(self.options.timeout * 2)),
            limits.output,
            limits.disk,
            limits.file,
        )


class Prober:
    """Runs the probes of one downstream; the same program is run once in each environment."""

    def __init__(self, run: Run, downstream: DownstreamReport, wanted: Wanted, pair: Pair) -> None:
        self.run = run
        self.downstream = downstream
        self.wanted = wanted
        self.pair = pair
        self.search_paths = run.feed.open(wanted.release).search_paths
        self.log = Log(run.logs, downstream, run.report)
        self._results: dict[tuple[str, Path], Result] = {}

    def probe_all(self) -> DownstreamReport:
        """The downstream with an observation at each finding that could be run."""
        findings = tuple(
            msgspec.structs.replace(finding, verification=self.probe(finding)) if is_probed(finding) else finding
            for finding in self.downstream.findings
        )
        outcomes = [f.verification.outcome for f in findings if f.verification is not None]
        outcome = worst(outcomes)
        reasons = [f.verification.reason for f in findings if f.verification and f.verification.outcome == outcome]
        verification = Verification(
            outcome=outcome,
            level="probe",
            reason=None if outcome == "reproduced" else next(iter(reasons), None),
            python=self.pair.interpreter.text,
            platform=f"{sys.platform}-{platform.machine()}",
            sandbox=self.run.sandbox.name,
            moved=tuple(f"{name} {old or 'none'} -> {new or 'none'}" for name, old, new in self.pair.moved),
            notes=self.pair.notes,
            log=self.log.write(),
        )
        return msgspec.structs.replace(self.downstream, findings=findings, verification=verification)

    def probe(self, finding: Finding) -> Observation:
        """What running one finding showed."""
        probes = probes_for(finding, self.search_paths)
        if not probes:
            return Observation(outcome="not-run", reason="no program is known that shows it")
        module = next((probe for probe in probes if probe.kind == "module"), None)
        seen = self._observe(module) if module is not None else None
        if seen is not None and seen.outcome == "reproduced" and self._is_at(finding, module):
            return seen
        statement = next((probe for probe in probes if probe.kind == "statement"), None)
        if statement is None:
            return seen or Observation(outcome="not-run", reason="no program is known that shows it")
        alone = self._observe(statement)
        if alone.outcome == "reproduced" and module is not None and seen is not None and seen.outcome == "refuted":
            return self._not_reached(finding, module, alone)
        if alone.outcome == "broken-before" and seen is not None and seen.outcome in ("refuted", "spurious"):
            return seen
        return alone

    def _not_reached(self, finding: Finding, module: Probe, alone: Observation) -> Observation:
        """The statement fails, and the module that holds it can be imported all the same."""
        trace = Trace(finding.file.rpartition("/")[2], (finding.line,))
        result = self._run(module.source, self.pair.new, trace)
        if finding.line in result.reached:
            reason = "the line runs with the candidate, and what it raises is caught"
        elif finding.condition is not None or finding.platforms:
            reason = "the line does not run here: its condition or its platform is another"
            return msgspec.structs.replace(alone, outcome="not-run", reason=reason, traceback=())
        else:
            reason = "the module is imported with the candidate without running the line"
        return msgspec.structs.replace(alone, outcome="refuted", reason=reason, program=module.source, traceback=())

    def _is_at(self, finding: Finding, module: Probe | None) -> bool:
        """Whether the failure of the import passes through the very line of the finding."""
        if module is None:
            return False
        result = self._run(module.source, self.pair.new)
        return any(line == finding.line and file.endswith(f"/{_tail(finding.file)}") for file, line in result.frames)

    def _observe(self, probe: Probe) -> Observation:
        old = self._run(probe.source, self.pair.old)
        return judge(probe.source, old, self._run(probe.source, self.pair.new) if old.completed else None)

    def _run(self, source: str, environment: Environment, trace: Trace | None = None) -> Result:
        key = (source, environment.place)
        if trace is None and key in self._results:
            return self._results[key]
        command, token = command_for(source, environment, trace)
        ended = self.run.sandbox.run(command, self.run.limits)
        result = read_result(ended, token, environment)
        self.log.add("baseline" if environment == self.pair.old else "candidate", source, ended.status, result)
        if trace is None:
            self._results[key] = result
        return result


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


def not_run(downstream: DownstreamReport, reason: str) -> DownstreamReport:
    """The downstream, with the reason why nothing of it was run."""
    return msgspec.structs.replace(downstream, verification=Verification(outcome="not-run", reason=reason))


def _tail(file: str) -> str:
    """The last two parts of a path: enough to tell files apart, wherever the package is installed."""
    return "/".join(file.split("/")[-2:])
