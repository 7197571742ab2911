"""Plans the cells of a night: the most informative first, as many as the time allows."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tailrace.nightly.config import NightlyConfig, Project
from tailrace.nightly.values import Cell

#: Seconds that a cell is expected to take where nothing is known of it.
GUESS = 180.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`cells`: what is run, in this order. `left_out`: what the time does not allow. `seconds`: expected."""

    cells: tuple[Cell, ...]
    left_out: tuple[Cell, ...]
    seconds: float


def make_plan(
    config: NightlyConfig, *, jobs: int = 1, known: Mapping[str, float] | None = None, only: Sequence[str] = ()
) -> Plan:
    """The plan. `known`: key of a cell → seconds it took last. `only`: globs on names of projects."""
    cells = [cell for cell in all_cells(config) if not only or _is_wanted(cell, only)]
    left = config.budget / 1000 * jobs
    chosen: list[Cell] = []
    others: list[Cell] = []
    spent = 0.0
    for cell in cells:
        cost = (known or {}).get(cell_key(cell), GUESS * len(cell.others))
        # One cell is always run: a budget that is too small must not look like a night without failures.
        if chosen and spent + cost > left:
            others.append(cell)
        else:
            chosen.append(cell)
            spent += cost
    return Plan(tuple(chosen), tuple(others), spent / jobs)


def all_cells(config: NightlyConfig) -> list[Cell]:
    """Each project's canary with the others' newest releases, then with their canaries, then with older releases."""
    newest: list[Cell] = []
    together: list[Cell] = []
    older: list[Cell] = []
    for project in config.projects:
        if project.canary is None or not project.releases:
            continue
        partners = [
            other
            for other in config.projects
            if other.name != project.name and (project.partners is None or other.name in project.partners)
        ]
        for other in partners:
            paired = [spec for spec in other.releases if (spec, project.name) not in other.apart]
            for number, spec in enumerate(paired):
                why = f"the canary of {project.name} with a release of {other.name}"
                (older if number else newest).append(_cell(project, (spec,), why, other))
        canaries = tuple(other.canary for other in partners if other.canary is not None)
        if canaries:
            together.append(_cell(project, canaries, "all canaries together", project))
    return [*newest, *together, *older]


def _cell(project: Project, others: tuple[str, ...], why: str, other: Project) -> Cell:
    assert project.canary is not None
    return Cell(
        candidate=project.canary,
        baseline=project.releases[0],
        others=others,
        project=project.name,
        owner=project.owner,
        commands=other.commands if other is not project else (),
        why=why,
    )


def _is_wanted(cell: Cell, only: Sequence[str]) -> bool:
    texts = (cell.project, cell.title, *cell.others)
    return any(fnmatch.fnmatch(text, glob) or glob in text for glob in only for text in texts)


def cell_key(cell: Cell) -> str:
    """16 hex digits that name a cell from night to night."""
    named = (cell.candidate, cell.baseline, cell.others, cell.commands)
    return hashlib.sha256(msgspec.json.encode(named)).hexdigest()[:16]
