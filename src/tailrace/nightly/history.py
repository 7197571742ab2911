"""Makes one report over all nights of a period from a ledger: what is red now, and what did not run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tailrace.gate.evidence import in_order
from tailrace.gate.ledger import Ledger
from tailrace.gate.moments import parse_time, show_duration
from tailrace.model import TailraceError
from tailrace.nightly.canaries import show_time
from tailrace.nightly.causes import make_report
from tailrace.nightly.config import NightlyConfig
from tailrace.nightly.plan import all_cells, cell_key
from tailrace.nightly.run import TOOL, NightFolder
from tailrace.nightly.values import CellResult, NightlyReport, Problem


def read_nights(ledger: Path, since: int | None = None) -> tuple[NightlyReport, ...]:
    """The reports in a ledger, oldest first; those made at `since` (ms) or later. Raises `TailraceError`."""
    found = []
    for one in in_order(Ledger(ledger).read_evidence()):
        if one.kind == "nightly" and (since is None or one.made >= since):
            found.append(one.decode(NightlyReport))
    return tuple(found)


def summarize(ledger: Path, config: NightlyConfig | None, now: datetime, since: int | None = None) -> NightlyReport:
    """The newest result of every cell since then, with a problem for each project whose cells did not run in time.

    Raises `TailraceError`.
    """
    nights = read_nights(ledger, since)
    newest: dict[str, CellResult] = {}
    problems: list[Problem] = []
    for night in nights:
        for result in night.cells:
            newest[cell_key(result.cell)] = result
    if nights:
        problems += [problem for problem in nights[-1].problems if problem.kind != "not-run"]
    if config is not None:
        current = {cell_key(cell) for cell in all_cells(config)}
        newest = {key: result for key, result in newest.items() if key in current}
        problems += find_silent(ledger, config, now)
    made = max([night.made_at for night in nights], default=show_time(now))
    return make_report(
        list(newest.values()),
        made_at=made,
        tool=TOOL,
        problems=tuple(dict.fromkeys(problems)),
        configured=True,
        label=config.label if config is not None else None,
    )


def find_silent(ledger: Path, config: NightlyConfig, now: datetime) -> tuple[Problem, ...]:
    """A problem for each project none of whose cells ran within its period, with the age of the last run and the
    owner.
    """
    state = NightFolder(ledger).read_state()
    problems = []
    for project in config.projects:
        cells = [cell for cell in all_cells(config) if cell.project == project.name]
        if not cells:
            continue
        last = max((state.last_run[key] for cell in cells if (key := cell_key(cell)) in state.last_run), default=None)
        if last is None:
            message = f"the nightly of {project.name} never ran"
            problems.append(Problem(kind="never-ran", project=project.name, message=message, owner=project.owner))
            continue
        try:
            age = int(now.timestamp() * 1000) - parse_time(last)
        except TailraceError:
            age = config.period + 1
        if age > config.period:
            message = f"the nightly of {project.name} has not run for {show_duration(age)} (since {last})"
            problems.append(
                Problem(
                    kind="never-ran",
                    project=project.name,
                    message=message,
                    owner=project.owner,
                    age=age // 1000,
                    since=last,
                )
            )
    return tuple(problems)
