"""Runs a plan and always returns a report. Each cell is stored as soon as it is done."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from tailrace import __version__, disk
from tailrace.gate.evidence import Producer, make_evidence
from tailrace.gate.ledger import Ledger
from tailrace.gate.moments import parse_time
from tailrace.gate.names import Subject
from tailrace.model import TailraceError
from tailrace.nightly.canaries import show_time
from tailrace.nightly.causes import make_report
from tailrace.nightly.errors import NightlyRunningError
from tailrace.nightly.plan import Plan, cell_key
from tailrace.nightly.values import Cell, CellResult, NightlyReport, Problem, Tool

FOLDER = "nightly"
TOOL = Tool(name="tailrace", version=__version__)
RunCell = Callable[[Cell], CellResult]
Clock = Callable[[], datetime]


class State(msgspec.Struct, kw_only=True):
    """What is remembered from night to night. `seconds`: key of a cell → how long it took. `last_run`: key → when."""

    seconds: dict[str, float] = {}
    last_run: dict[str, str] = {}
    made_at: str | None = None


@dataclass(frozen=True)
class NightFolder:
    """Where a ledger keeps what nights need besides evidence: the state, and the cells of an unfinished run."""

    ledger: Path

    @property
    def folder(self) -> Path:
        """Below the ledger."""
        return self.ledger / FOLDER

    def read_state(self) -> State:
        """What is known; nothing where the file is missing or spoiled."""
        try:
            return msgspec.json.decode((self.folder / "state.json").read_bytes(), type=State)
        except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return State()

    def write_state(self, state: State) -> None:
        """Keeps it, in one step. Raises OSError."""
        disk.make_folder(self.folder)
        disk.write_whole(self.folder / "state.json", msgspec.json.encode(state) + b"\n")

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """One nightly at a time. Raises `NightlyRunningError` and OSError."""
        disk.make_folder(self.folder)
        try:
            with disk.lock(self.folder / ".lock", wait=0.2):
                yield
        except disk.LockedError:
            raise NightlyRunningError(str(self.folder)) from None


@dataclass(frozen=True)
class Unfinished:
    """The cells of one run that are done, each in a file; a run with other canaries has another folder."""

    folder: Path

    @staticmethod
    def of(night: NightFolder, cells: Sequence[Cell], identities: Mapping[str, str], settings: object) -> Unfinished:
        """Those of a run of these cells with these canaries."""
        named = (sorted(map(cell_key, cells)), sorted(identities.items()), settings)
        key = hashlib.sha256(msgspec.json.encode(named)).hexdigest()[:16]
        return Unfinished(night.folder / f"run-{key}")

    def read(self, cell: Cell) -> CellResult | None:
        """A cell that is done, `None` for one that is not."""
        try:
            return msgspec.json.decode((self.folder / f"{cell_key(cell)}.json").read_bytes(), type=CellResult)
        except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return None

    def write(self, result: CellResult) -> None:
        """Keeps a cell, in one step. Raises OSError."""
        disk.make_folder(self.folder)
        disk.write_whole(self.folder / f"{cell_key(result.cell)}.json", msgspec.json.encode(result))

    def forget(self) -> None:
        """Removes what was kept, and what older runs left."""
        for baseline in self.folder.parent.glob("run-*"):
            with contextlib.suppress(OSError):
                disk.remove_tree(baseline)


def run_night(
    plan: Plan,
    run_cell: RunCell,
    ledger: Path,
    now: Clock,
    *,
    jobs: int = 1,
    identities: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    label: str | None = None,
    settings: object = None,
    say: Callable[[str], None] = lambda text: None,
    run_all: Callable[[Sequence[Cell]], Sequence[CellResult]] | None = None,
) -> NightlyReport:
    """Runs the plan and keeps the report as evidence. `run_all`: runs cells elsewhere, in place of `run_cell`.

    Raises `NightlyRunningError`. A full disk, a clock that went back and a cell that fails in any way are problems of
    the report.
    """
    night = NightFolder(ledger)
    trouble = list(problems)
    begun = now()
    try:
        with night.running():
            state = night.read_state()
            if (went_back := _clock(state, begun)) is not None:
                trouble.append(went_back)
            kept = Unfinished.of(night, plan.cells, identities or {}, settings)
            results = _run_cells(plan.cells, run_cell, kept, jobs, trouble, say, run_all)
            ended = now()
            report = make_report(
                results,
                made_at=show_time(max(begun, ended)),
                tool=TOOL,
                problems=trouble,
                configured=True,
                label=label,
                left_out=plan.left_out,
                seconds=sum(result.seconds for result in results),
            )
            try:
                keep_evidence(ledger, report)
                _remember(night, state, report)
                kept.forget()
            except (OSError, TailraceError) as error:
                return _with_problem(report, _disk(error))
            return report
    except OSError as error:
        report = make_report([], made_at=show_time(begun), tool=TOOL, problems=trouble, configured=True, label=label)
        return _with_problem(report, _disk(error))


def _run_cells(
    cells: Sequence[Cell],
    run_cell: RunCell,
    kept: Unfinished,
    jobs: int,
    trouble: list[Problem],
    say: Callable[[str], None],
    run_all: Callable[[Sequence[Cell]], Sequence[CellResult]] | None,
) -> list[CellResult]:
    done = {cell_key(cell): found for cell in cells if (found := kept.read(cell)) is not None}
    waiting = [cell for cell in cells if cell_key(cell) not in done]

    def keep(result: CellResult) -> CellResult:
        try:
            kept.write(result)
        except OSError as error:
            problem = _disk(error)
            if problem not in trouble:
                trouble.append(problem)
        say(f"{result.outcome}: {result.cell.title}")
        return result

    def work(cell: Cell) -> CellResult:
        say(f"running {cell.title}")
        try:
            result = run_cell(cell)
        except Exception as error:  # whatever goes wrong in a cell is its own; the others go on
            said = error.message if isinstance(error, TailraceError) else f"{type(error).__name__}: {error}"
            result = CellResult(cell=cell, outcome="not-run", reason=said[:500])
        return keep(result)

    if run_all is not None and waiting:
        fresh = [keep(result) for result in run_all(waiting)]
    else:
        with ThreadPoolExecutor(max(1, min(jobs or os.cpu_count() or 1, len(waiting) or 1))) as pool:
            try:
                fresh = list(pool.map(work, waiting))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    done |= {cell_key(result.cell): result for result in fresh}
    return [done[cell_key(cell)] for cell in cells]


def keep_evidence(ledger: Path, report: NightlyReport) -> tuple[str, ...]:
    """Keeps the report as evidence, for each candidate its own part of it; the hashes. Raises `TailraceError`."""
    groups: dict[tuple[str, str], list[CellResult]] = {}
    for result in report.cells:
        if result.candidate is not None:
            groups.setdefault((result.candidate.name, result.candidate.version), []).append(result)
    hashes = []
    for (name, version), results in groups.items():
        projects = {result.cell.project for result in results}
        part = make_report(
            results,
            made_at=report.made_at,
            tool=report.tool,
            problems=[p for p in report.problems if p.kind in ("clock", "disk") or p.project in projects],
            label=report.label,
        )
        data = make_evidence(
            msgspec.json.encode(part),
            made_at=report.made_at,
            kind="nightly",
            subject=Subject(name=name, version=version),
            producer=Producer(name=TOOL.name, version=TOOL.version),
        )
        hashes.append(Ledger(ledger).add_evidence(data)[0])
    lost = [problem for problem in report.problems if problem.kind in ("canary-missing", "canary-old")]
    for problem in lost:
        if not any(problem.project == result.cell.project for result in report.cells):
            part = make_report([], made_at=report.made_at, tool=report.tool, problems=[problem], label=report.label)
            data = make_evidence(
                msgspec.json.encode(part),
                made_at=report.made_at,
                kind="nightly",
                subject=Subject(name=problem.project, version="canary"),
                producer=Producer(name=TOOL.name, version=TOOL.version),
            )
            hashes.append(Ledger(ledger).add_evidence(data)[0])
    return tuple(hashes)


def _remember(night: NightFolder, state: State, report: NightlyReport) -> None:
    for result in report.cells:
        key = cell_key(result.cell)
        state.last_run[key] = report.made_at
        if result.outcome != "not-run":
            state.seconds[key] = result.seconds
    state.made_at = max(filter(None, (state.made_at, report.made_at)))
    night.write_state(state)


def _clock(state: State, now: datetime) -> Problem | None:
    try:
        last = parse_time(state.made_at) if state.made_at else 0
    except TailraceError:
        return None
    if last <= now.timestamp() * 1000 + 1000:
        return None
    message = f"the clock went back: the last nightly ended at {state.made_at}, and now it is {show_time(now)}"
    return Problem(kind="clock", project="", message=message, since=state.made_at)


def _disk(error: Exception) -> Problem:
    said = error.message if isinstance(error, TailraceError) else str(getattr(error, "strerror", None) or error)
    return Problem(kind="disk", project="", message=f"results could not be kept: {said}")


def _with_problem(report: NightlyReport, problem: Problem) -> NightlyReport:
    problems = report.problems if problem in report.problems else (*report.problems, problem)
    return msgspec.structs.replace(report, problems=problems, verdict="red")
