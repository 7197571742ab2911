"""Runs a nightly as the command line asks for it. Prints nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tailrace.config.values import Settings
from tailrace.model import CheckReport, TailraceError
from tailrace.nightly.bisect import find_first_bad
from tailrace.nightly.canaries import look_at_canaries, show_time
from tailrace.nightly.causes import make_report
from tailrace.nightly.cell import CellRunner
from tailrace.nightly.config import NightlyConfig
from tailrace.nightly.plan import Plan
from tailrace.nightly.run import TOOL, run_night
from tailrace.nightly.values import LEVELS, Cell, CellResult, LevelName, NightlyReport, Problem


def quiet(text: str) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class NightRequest:
    """What was asked for on the command line."""

    settings: Settings
    levels: tuple[LevelName, ...] | None = None
    requires: tuple[str, ...] = ()
    python: str | None = None
    sandbox: str = "auto"
    repeat: int | None = None
    jobs: int = 1
    dask: str | None = None
    bisect: bool = False
    say: Callable[[str], None] = quiet


def now() -> datetime:
    """The clock, UTC."""
    return datetime.now(UTC)


def make_runner(request: NightRequest, config: NightlyConfig | None = None) -> CellRunner:
    """What runs cells on this machine. Raises `NoSandboxError`."""
    from tailrace.cli.wiring import make_sources
    from tailrace.verify import Feed
    from tailrace.verify.sandbox import choose_sandbox

    feed = Feed(make_sources(request.settings), whole_trees=True)
    levels = request.levels or (config.levels if config is not None else LEVELS)
    runner = CellRunner(
        feed=feed,
        sandbox=choose_sandbox(request.sandbox),  # type: ignore[arg-type]  # one of the choices
        check=partial(_check, feed.sources),
        folder=feed.folder.parent / "nightly",
        levels=levels,
        python=request.python,
        requires=request.requires,
        repeat=request.repeat or (config.repeat if config is not None else 3),
    )
    return replace(runner, time_limit=config.cell_time / 1000) if config is not None else runner


def _check(sources: Any, candidate: str, baseline: str, downstream: str) -> CheckReport:
    from tailrace.check import check
    from tailrace.check.options import CheckOptions

    return check(candidate, baseline, (downstream,), sources=sources, options=CheckOptions(jobs=1))


def run_row(
    candidate: str, baseline: str, others: tuple[str, ...], commands: tuple[str, ...], request: NightRequest
) -> NightlyReport:
    """One row, shown and not kept."""
    begun = now()
    cells = [
        Cell(candidate=candidate, baseline=baseline, others=(other,), commands=commands, why="asked for")
        for other in others
    ]
    runner = make_runner(request)
    if request.dask:
        results = list(_on_cluster(request, None)(cells))
    else:
        results = []
        for cell in cells:
            request.say(f"running {cell.title}")
            results.append(runner.run(cell))
    if request.bisect:
        results = [_bisected(runner, result) for result in results]
    return make_report(results, made_at=show_time(begun), tool=TOOL, seconds=sum(result.seconds for result in results))


def missing_here(config: NightlyConfig, settings: Settings) -> Iterator[str]:
    """A sentence for each canary and release that should lie on this machine and does not; nothing else is asked."""
    from tailrace.cli.wiring import make_sources
    from tailrace.sources import parse_spec
    from tailrace.sources.spec import GitSpec, PathSpec

    sources = make_sources(settings)
    for project in config.projects:
        canary = [("canary", project.canary)] if project.canary is not None else []
        for what, text in (*canary, *(("release", release) for release in project.releases)):
            try:
                spec = parse_spec(text)
                local = isinstance(spec, PathSpec) or (
                    isinstance(spec, GitSpec) and re.match(r"file://|(?!\w+(?:@[\w.-]+)?:)", spec.repository.reveal())
                )
                if local:
                    sources.resolve(text)
            except TailraceError as error:
                yield f"the {what} of {project.name} is not there: {error.message}"


def widened(config: NightlyConfig, settings: Settings) -> tuple[NightlyConfig, tuple[Problem, ...]]:
    """The group with what channels and indexes offer of its projects."""
    if not any(project.offered_by for project in config.projects):
        return config, ()
    from tailrace.cli.channel.options import channel_cache
    from tailrace.cli.index_reader import AskedIndex
    from tailrace.cli.wiring import make_sources
    from tailrace.conda.loading import load_channel, served_platforms
    from tailrace.gate.channel_records import observe_channel
    from tailrace.gate.channel_state import ChannelState
    from tailrace.gate.index_records import observe_index
    from tailrace.gate.names import Subject
    from tailrace.nightly.offered import INDEX, with_offered

    sources = make_sources(settings)
    canaries: dict[str, str] = {}
    for project in config.projects:
        if project.canary is not None:
            with suppress(TailraceError):
                canaries[project.name] = sources.resolve(project.canary).version
    moment = int(now().timestamp() * 1000)

    def look(place: str, name: str, subject: Subject) -> ChannelState:
        if place == INDEX:
            return observe_index(AskedIndex(sources, subject.name), INDEX, subject, (name,), moment)
        channel = load_channel(place, served_platforms((place,)), cache=channel_cache())
        return observe_channel(channel, "nightly", subject, (name,), moment)

    return with_offered(config, look, canaries)


def run_plan(
    config: NightlyConfig, plan: Plan, ledger: Path, request: NightRequest, found: tuple[Problem, ...] = ()
) -> NightlyReport:
    """The plan, kept as evidence. `found`: what is wrong already."""
    runner = make_runner(request, config)
    canaries, problems = look_at_canaries(config, runner.feed, now())
    problems = (*found, *problems)
    lost = {problem.project for problem in problems if problem.kind == "canary-missing"}
    cells = tuple(cell for cell in plan.cells if cell.project not in lost)

    def run(cell: Cell) -> CellResult:
        result = runner.run(cell)
        return _bisected(runner, result) if config.bisect and result.outcome == "red" else result

    return run_night(
        Plan(cells, plan.left_out, plan.seconds),
        run,
        ledger,
        now,
        jobs=request.jobs,
        identities={name: built.identity for name, built in canaries.items()},
        problems=problems,
        label=config.label,
        settings=(runner.levels, runner.repeat, request.python),
        say=request.say,
        run_all=_on_cluster(request, config) if request.dask else None,
    )


def _on_cluster(
    request: NightRequest, config: NightlyConfig | None
) -> Callable[[Sequence[Cell]], Sequence[CellResult]]:
    from tailrace.verify.cluster import map_on_cluster

    def lost(cell: Cell, reason: str) -> CellResult:
        return CellResult(cell=cell, outcome="not-run", reason=reason)

    work = partial(run_there, replace(request, say=quiet), config)
    return lambda cells: map_on_cluster(request.dask or "", work, cells, lost)


def run_there(request: NightRequest, config: NightlyConfig | None, cell: Cell) -> CellResult:
    """One cell on the machine of a worker."""
    try:
        return make_runner(request, config).run(cell)
    except TailraceError as error:
        return CellResult(cell=cell, outcome="not-run", reason=error.message)


def _bisected(runner: CellRunner, result: CellResult) -> CellResult:
    """The result with its first bad canary, where both ends are commits of one repository."""
    if result.outcome != "red":
        return result
    levels = tuple(dict.fromkeys(failure.level for failure in result.failures if failure.kind != "flaky"))
    try:
        baseline, candidate = runner.feed.resolve(result.cell.baseline), runner.feed.resolve(result.cell.candidate)
        if baseline.source != "git" or candidate.source != "git":
            return result
        commits = runner.feed.sources.commits_between(baseline, candidate)
    except TailraceError:
        return result
    return find_first_bad(result, (result.cell.baseline, *commits), replace(runner, levels=levels, repeat=1).run)


def report_of(
    ledger: Path,
    config: NightlyConfig | None,
    since: str | None,
    settings: Settings,
    found: tuple[Problem, ...] = (),
) -> NightlyReport:
    """What the ledger holds, with the canaries as they are now. `found`: what is wrong already.

    Raises `TailraceError`.
    """
    import msgspec

    from tailrace.cli.wiring import make_sources
    from tailrace.gate.moments import parse_time
    from tailrace.nightly.history import summarize
    from tailrace.verify import Feed

    moment = now()
    report = summarize(ledger, config, moment, parse_time(since) if since else None)
    if config is None:
        return report
    _, problems = look_at_canaries(config, Feed(make_sources(settings)), moment)
    kept = [problem for problem in report.problems if problem.kind not in ("canary-old", "canary-missing")]
    every = tuple(dict.fromkeys((*found, *problems, *kept)))
    return msgspec.structs.replace(report, problems=every, verdict="red" if every else report.verdict)
