"""Verifies the downstreams of a check report, and adds the results to it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from tailrace.check.verdict import count, status_after, verdict_of
from tailrace.model import CheckReport, DownstreamReport, TailraceError, Verification
from tailrace.sources.tidy import limit_environments
from tailrace.verify.downstream import Runner
from tailrace.verify.environments import Pair, make_interpreter_pair, make_pair
from tailrace.verify.errors import VerifyError
from tailrace.verify.feed import Feed, Wanted
from tailrace.verify.interpreters import InterpreterCache, find_interpreters
from tailrace.verify.options import VerifyOptions
from tailrace.verify.probes import is_probed
from tailrace.verify.sandbox import Limits, Sandbox, choose_sandbox
from tailrace.verify.uv import LinkMode


def verify_report(report: CheckReport, feed: Feed, options: VerifyOptions) -> CheckReport:
    """The report with a `verification` for every downstream, statuses and verdict accordingly.

    A refuted finding no longer counts as a break. Raises `NoSandboxError` where foreign code could not be run safely.
    """
    if options.dask is not None:
        downstreams = _on_cluster(report, feed, options, options.dask)
        return with_downstreams(report, downstreams)
    sandbox = choose_sandbox(options.sandbox)
    with ExitStack() as stack:
        run = _begin(report, feed, options, sandbox, stack)
        if options.progress is not None:
            options.progress.start(len(report.downstreams))
        jobs = max(1, min(options.jobs or os.cpu_count() or 1, len(report.downstreams)))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        downstreams = tuple(pool.map(run.verify, report.downstreams))
    if not options.keep:
        run.finished.forget()
    limit_environments(run.place, now=time.time())
    return with_downstreams(report, downstreams)


def _begin(report: CheckReport, feed: Feed, options: VerifyOptions, sandbox: Sandbox, stack: ExitStack) -> Run:
    work = options.work or feed.folder
    place = work / "environments"
    if not sandbox.protects:  # a program may change what it runs in: nothing of it is used again
        if options.keep:
            place = Path(tempfile.mkdtemp(prefix="tailrace-verify-"))
        else:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tailrace-verify-")))
    finished = Finished(work / "runs", report, options, sandbox.name)
    return Run(report, feed, options, sandbox, place, work / "logs", finished)


def _on_cluster(report: CheckReport, feed: Feed, options: VerifyOptions, address: str) -> tuple[DownstreamReport, ...]:
    """Each downstream on a worker, in the sandbox of the worker's machine."""
    from tailrace.verify.cluster import map_on_cluster

    alone = replace(options, dask=None, progress=None, jobs=1)
    work = partial(verify_one, msgspec.structs.replace(report, downstreams=()), feed, alone)
    return map_on_cluster(address, work, report.downstreams, not_run)


def verify_one(
    report: CheckReport, feed: Feed, options: VerifyOptions, downstream: DownstreamReport
) -> DownstreamReport:
    """One downstream of a report, on this machine."""
    try:
        sandbox = choose_sandbox(options.sandbox)
    except TailraceError as error:
        return not_run(downstream, error.message)
    with ExitStack() as stack:
        return _begin(report, feed, options, sandbox, stack).verify(downstream)


def with_downstreams(report: CheckReport, downstreams: Sequence[DownstreamReport]) -> CheckReport:
    """The report with other downstreams in it; counts and verdict follow."""
    settled = tuple(
        verified
        if verified.status == "not-checked"
        else msgspec.structs.replace(
            verified, status=status_after(checked, verified.findings, verified.admits_candidate)
        )
        for checked, verified in zip(report.downstreams, downstreams, strict=True)
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
    finished: Finished

    def verify(self, downstream: DownstreamReport) -> DownstreamReport:
        """The downstream with what running it showed. Whatever goes wrong is its own `not-run`."""
        if self.options.progress is not None:
            self.options.progress.say(f"running {downstream.name} {downstream.version}")
        known = self.finished.read(downstream)
        if known is not None:
            verified = known
        else:
            verified = self._try(downstream)
            self.finished.write(downstream, verified)
        if self.options.progress is not None:
            self.options.progress.step(downstream.name)
        return verified

    def _try(self, downstream: DownstreamReport) -> DownstreamReport:
        try:
            return self._verify(downstream)
        except TailraceError as error:
            return not_run(downstream, str(error))
        except OSError as error:
            return not_run(downstream, f"{error.strerror or error}")

    def _verify(self, downstream: DownstreamReport) -> DownstreamReport:
        if downstream.status == "not-checked":
            return not_run(downstream, "it was not checked")
        if self.options.level == "probe" and not any(is_probed(finding) for finding in downstream.findings):
            return not_run(downstream, "there is no finding to reproduce")
        if self.options.ecosystem == "conda":
            return self._verify_conda(downstream)
        wanted = self.feed.want(self.feed.resolve(downstream.spec))
        link_mode: LinkMode = "hardlink" if self.sandbox.protects else "copy"
        runner = Runner(self.sandbox, self.limits, self.options, self.report, self.logs, self.feed)
        if self.report.candidate.source == "interpreter":

            def exchange(more: Sequence[str] = (), python: str | None = None) -> Pair:
                if python is not None or self.options.python is not None:
                    raise VerifyError("the interpreter is what is exchanged, so none can be chosen.")
                return make_interpreter_pair(
                    wanted,
                    self.report.baseline,
                    self.report.candidate,
                    self.feed,
                    link_mode=link_mode,
                    place=self.place,
                    more=more,
                )

            return runner.run(downstream, wanted, exchange(), exchange)
        baseline, candidate = self._upstream("old"), self._upstream("new")

        def make(more: Sequence[str] = (), python: str | None = None) -> Pair:
            return make_pair(
                wanted,
                baseline,
                candidate,
                self.feed,
                self.sandbox,
                python=python or self.options.python,
                link_mode=link_mode,
                place=self.place,
                more=more,
            )

        return runner.run(downstream, wanted, make(), make)

    def _verify_conda(self, downstream: DownstreamReport) -> DownstreamReport:
        from tailrace.verify.conda_pair import CondaEnvironments

        release = self.feed.resolve(downstream.spec)
        baseline, candidate = self.report.baseline, self.report.candidate
        choice = self.options.conda
        if not choice.channels:  # those that the releases come from
            choice = replace(choice, channels=self.feed.channels(candidate, baseline, release))
        # An environment that a program may change must not share its files with others.
        cache = self.feed.folder / "conda" if self.sandbox.protects else self.place / "conda"
        homes = find_interpreters(InterpreterCache(self.feed.folder / "interpreters.json"))
        environments = CondaEnvironments(choice, cache, self.place, homes)

        def make(more: Sequence[str] = (), python: str | None = None) -> Pair:
            chosen = python or self.options.python
            return environments.make(release, baseline, candidate, (*more, *([f"python {chosen}.*"] if chosen else [])))

        runner = Runner(self.sandbox, self.limits, self.options, self.report, self.logs, self.feed)
        return runner.run(downstream, Wanted(release, "", None), make(), make)

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


class Finished:
    """The downstreams of a run that are done, each in a file, so that a run that was killed goes on where it was."""

    def __init__(self, folder: Path, report: CheckReport, options: VerifyOptions, sandbox: str) -> None:
        choices = (options.level, options.ecosystem, options.python, options.timeout, options.repeat, sandbox)
        tests = (options.test_commands, str(options.recipe), options.conda)
        parts = (report.candidate, report.baseline, report.tool, choices, tests)
        self.folder = folder / hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:24]

    def read(self, downstream: DownstreamReport) -> DownstreamReport | None:
        """The downstream as it was verified, `None` where it was not or the file is spoiled."""
        try:
            return msgspec.json.decode(self._file(downstream).read_bytes(), type=DownstreamReport)
        except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return None

    def write(self, downstream: DownstreamReport, verified: DownstreamReport) -> None:
        """Keeps it, in one step."""
        file = self._file(downstream)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = file.with_suffix(f".{os.getpid()}.part")
            beside.write_bytes(msgspec.json.encode(verified))
            beside.replace(file)

    def forget(self) -> None:
        """Removes what was kept: the run is complete, and the next one starts afresh."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, downstream: DownstreamReport) -> Path:
        return self.folder / f"{hashlib.sha256(msgspec.json.encode(downstream)).hexdigest()[:24]}.json"


def not_run(downstream: DownstreamReport, reason: str) -> DownstreamReport:
    """The downstream, with the reason why nothing of it was run."""
    return msgspec.structs.replace(downstream, verification=Verification(outcome="not-run", reason=reason))
