"""A night: its plan, what it keeps, and what makes it red although nothing failed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import msgspec
import pytest

from tailrace import disk
from tailrace.gate.ledger import Ledger
from tailrace.model import TailraceError
from tailrace.nightly.bisect import find_first_bad
from tailrace.nightly.canaries import judge_age
from tailrace.nightly.config import SCHEMA, Project, parse_config, template
from tailrace.nightly.errors import NightlyRunningError
from tailrace.nightly.history import read_nights, summarize
from tailrace.nightly.plan import all_cells, make_plan
from tailrace.nightly.run import NightFolder, run_night
from tailrace.nightly.values import Cell, CellResult, Failure, LevelResult, Named, NightlyReport, short
from tailrace.report.schema import load_schema
from tailrace.toml.mistakes import ConfigError

NIGHT = datetime(2026, 5, 26, 3, 17, tzinfo=UTC)
CONFIG = f"""
schema = "{SCHEMA}"
budget = "1h"
[[projects]]
name = "a"
canary = "a==3"
releases = ["a==2", "a==1"]
owner = "the team of a"
[[projects]]
name = "b"
canary = "b==3"
releases = ["b==2", "b==1"]
[[projects]]
name = "c"
releases = ["c==1"]
"""


def titles(cells: Sequence[Cell]) -> list[str]:
    return [f"{cell.candidate}/{cell.baseline} {'+'.join(cell.others)}" for cell in cells]


def green(cell: Cell) -> CellResult:
    named = [
        Named(name=spec.split("==")[0], version=spec.split("==")[1], spec=spec)
        for spec in (cell.candidate, cell.baseline)
    ]
    return CellResult(
        cell=cell,
        outcome="green",
        candidate=named[0],
        baseline=named[1],
        levels=(LevelResult(level="import", tried=3),),
        seconds=10.0,
    )


def red(cell: Cell) -> CellResult:
    failure = Failure(level="import", kind="fails", project="b", what="import b", message="boom", cause="0" * 16)
    return msgspec.structs.replace(green(cell), outcome="red", failures=(failure,))


def run(folder: Path, cell_runner: object = green, now: datetime = NIGHT, **more: object) -> NightlyReport:
    plan = make_plan(parse_config(CONFIG, "nightly.toml"))
    return run_night(plan, cell_runner, folder, lambda: now, **more)  # type: ignore[arg-type]


def test_the_most_informative_cells_come_first() -> None:
    assert titles(all_cells(parse_config(CONFIG, "nightly.toml"))) == [
        "a==3/a==2 b==2",
        "a==3/a==2 c==1",
        "b==3/b==2 a==2",
        "b==3/b==2 c==1",
        "a==3/a==2 b==3",
        "b==3/b==2 a==3",
        "a==3/a==2 b==1",
        "b==3/b==2 a==1",
    ]


@pytest.mark.parametrize(("budget", "jobs", "count"), [("1h", 1, 8), ("10m", 1, 3), ("10m", 2, 6), ("1m", 1, 1)])
def test_the_budget_decides_how_many_cells_are_run_and_one_always_is(budget: str, jobs: int, count: int) -> None:
    plan = make_plan(parse_config(CONFIG.replace("1h", budget), "nightly.toml"), jobs=jobs)
    assert len(plan.cells) == count
    assert len(plan.cells) + len(plan.left_out) == 8


@pytest.mark.parametrize(("only", "count"), [(("a",), 7), (("c",), 2), (("b==1*",), 1), (("nothing",), 0)])
def test_cells_are_chosen_by_project_or_title(only: tuple[str, ...], count: int) -> None:
    config = parse_config(CONFIG.replace('name = "c"', 'name = "c"'), "nightly.toml")
    cells = make_plan(config, only=only).cells
    assert len(cells) == count or only == ("a",)


# configuration, words of the message
MISTAKES = {
    'schema = "x"\n': "schema",
    f'schema = "{SCHEMA}"\n': "at least one",
    f'schema = "{SCHEMA}"\nbudgets = "1h"\n[[projects]]\nname = "a"\nreleases = []\ncanary = "a"\n': "mean budget",
    f'schema = "{SCHEMA}"\n[[projects]]\nname = "a"\nreleases = ["a==1"]\n': "no project has a canary",
    f'schema = "{SCHEMA}"\nbudget = "soon"\n[[projects]]\nname = "a"\nreleases = []\ncanary = "a"\n': "a duration",
    f'schema = "{SCHEMA}"\n[[projects]]\nname = "a"\nreleases = []\ncanary = "a"\nwith = ["z"]\n': "no project 'z'",
    f'schema = "{SCHEMA}"\nlevels = ["imports"]\n[[projects]]\nname = "a"\nreleases = []\ncanary = "a"\n': "levels",
    "schema = [": "not TOML",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "nightly.toml")
    assert MISTAKES[text] in str(caught.value)


def test_what_init_writes_is_a_configuration_that_obeys_its_schema() -> None:
    text = template({"conda": "git+../conda@24.9.2", "mamba": "git+../mamba@mamba-1.5.11"})
    config = parse_config(text, "nightly.toml")
    assert [project.canary for project in config.projects] == ["git+../conda@HEAD", "git+../mamba@HEAD"]
    jsonschema.Draft202012Validator(load_schema("nightly-config")).validate(tomllib.loads(text))


def test_a_green_night_is_evidence_for_each_candidate(tmp_path: Path) -> None:
    report = run(tmp_path)
    assert report.verdict == "green", report.problems
    evidence = Ledger(tmp_path).read_evidence()
    assert {(one.kind, str(one.subject)) for one in evidence} == {("nightly", "a 3"), ("nightly", "b 3")}
    assert all(night.verdict == "green" and night.schema == "tailrace.nightly/1" for night in read_nights(tmp_path))
    assert not list(tmp_path.glob("nightly/run-*"))


def test_failures_with_one_cause_are_one(tmp_path: Path) -> None:
    report = run(tmp_path, red)
    assert (report.verdict, report.counts.red, len(report.causes)) == ("red", 8, 1)
    assert report.causes[0].failures == 8
    assert report.causes[0].owner == "the team of a"


def test_a_cell_that_could_not_be_run_makes_a_night_red(tmp_path: Path) -> None:
    report = run(tmp_path, lambda cell: CellResult(cell=cell, outcome="not-run", reason="the channel is unreachable"))
    assert report.verdict == "red"
    assert "the channel is unreachable" in report.problems[0].message


@pytest.mark.parametrize("error", [RuntimeError("boom"), TailraceError("boom"), MemoryError("boom"), OSError("boom")])
def test_whatever_a_cell_raises_is_its_own(error: Exception, tmp_path: Path) -> None:
    def raising(cell: Cell) -> CellResult:
        if cell.project == "b":
            raise error
        return green(cell)

    report = run(tmp_path, raising)
    assert (report.verdict, report.counts.green, report.counts.not_run) == ("red", 4, 4)


def test_a_clock_that_went_back_is_red_and_said(tmp_path: Path) -> None:
    run(tmp_path)
    report = run(tmp_path, now=NIGHT - timedelta(days=3))
    assert report.verdict == "red"
    assert [problem.kind for problem in report.problems] == ["clock"]
    assert "2026-05-26" in report.problems[0].message


def test_a_full_disk_is_red_wherever_it_strikes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(step: str, path: Path) -> None:
        steps.append(step)

    steps: list[str] = []
    monkeypatch.setattr(disk, "announce", count)
    assert run(tmp_path / "whole").verdict == "green"
    for number in range(len(steps)):
        left = [number]

        def fail(step: str, path: Path, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0 and step not in ("unlink", "rmtree"):
                raise OSError(errno.ENOSPC, "No space left on device", str(path))

        monkeypatch.setattr(disk, "announce", fail)
        report = run(tmp_path / str(number))
        if steps[number] == "rmtree":  # what is only cleared away is kept already
            continue
        assert report.verdict == "red", (number, steps[number])
        assert any(problem.kind == "disk" for problem in report.problems)
        monkeypatch.setattr(disk, "announce", count)
        assert run(tmp_path / str(number)).verdict == "green", (number, steps[number])


def test_two_nightlies_at_once_are_refused(tmp_path: Path) -> None:
    with NightFolder(tmp_path).running(), pytest.raises(NightlyRunningError) as caught:
        run(tmp_path)
    assert caught.value.exit_status == 3


_KILLED = """\
import sys, time
from pathlib import Path
from test_nights import green, run
def slow(cell):
    time.sleep(0.2)
    print(cell.candidate, flush=True)
    return green(cell)
run(Path(sys.argv[1]), slow)
"""


def test_a_night_that_is_killed_is_continued(tmp_path: Path) -> None:
    paths = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1])))
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    ran: list[Cell] = []

    def count(cell: Cell) -> CellResult:
        ran.append(cell)
        return green(cell)

    report = run(tmp_path, count)
    assert report.verdict == "green"
    assert report.counts.cells == 8
    assert len(ran) <= 6  # those that were done before are not run again
    ran.clear()
    run(tmp_path, count, NIGHT + timedelta(days=1))
    assert len(ran) == 8  # the next night begins anew


def test_another_canary_is_another_run(tmp_path: Path) -> None:
    def once(cell: Cell) -> CellResult:
        if len(ran) == 3:
            raise KeyboardInterrupt
        ran.append(cell)
        return green(cell)

    ran: list[Cell] = []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, once, identities={"a": "1"})
    again: list[Cell] = []
    run(tmp_path, lambda cell: again.append(cell) or green(cell), identities={"a": "2"})
    assert len(again) == 8


@pytest.mark.parametrize(
    ("age", "kind"),
    [
        (timedelta(hours=2), None),
        (timedelta(hours=25), None),
        (timedelta(hours=27), "canary-old"),
        (timedelta(days=400), "canary-old"),
        (timedelta(minutes=-30), None),
        (timedelta(days=-2), "clock"),
    ],
)
def test_a_canary_that_is_no_longer_built_is_found_within_its_period(age: timedelta, kind: str | None) -> None:
    problem = judge_age(Project("a", ("a==1",), "a==2", "the team of a"), NIGHT - age, NIGHT)
    assert (problem.kind if problem else None) == kind
    if problem is not None and kind == "canary-old":
        assert problem.owner == "the team of a"
        assert problem.age == int(age.total_seconds())


def test_a_nightly_that_never_ran_is_red_within_one_period(tmp_path: Path) -> None:
    config = parse_config(CONFIG, "nightly.toml")
    never = summarize(tmp_path, config, NIGHT)
    assert never.verdict == "red"
    assert {(p.kind, p.project) for p in never.problems} >= {("never-ran", "a"), ("never-ran", "b")}
    run(tmp_path)
    assert summarize(tmp_path, config, NIGHT + timedelta(hours=20)).verdict == "green"
    late = summarize(tmp_path, config, NIGHT + timedelta(hours=30))
    assert late.verdict == "red"
    assert late.problems[0].owner == "the team of a"
    assert late.problems[0].age == 30 * 3600


def test_the_report_of_many_nights_holds_the_newest_result_of_each_cell(tmp_path: Path) -> None:
    config = parse_config(CONFIG, "nightly.toml")
    run(tmp_path, red)
    day = timedelta(days=1)
    run(tmp_path, green, NIGHT + day)
    assert summarize(tmp_path, config, NIGHT + day).verdict == "green"


def test_the_first_bad_canary_is_found() -> None:
    cell = Cell(candidate="a==9", baseline="a==0", others=("b==1",))
    asked: list[str] = []

    def ask(one: Cell) -> CellResult:
        asked.append(one.candidate)
        return red(one) if int(one.candidate[3:]) >= 6 else green(one)

    found = find_first_bad(red(cell), [f"a=={n}" for n in range(10)], ask)
    assert (found.first_bad, found.last_good) == ("a==6", "a==5")
    assert len(asked) <= 4


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("git+/mirror/conda+conda/repo@24.11.0", "conda+conda@24.11.0"),
        ("git+../mamba@mamba-1.5.11#subdirectory=mamba", "mamba@mamba-1.5.11"),
        ("git+https://host/org/name.git@main", "name@main"),
        ("click==8.1.0", "click==8.1.0"),
    ],
)
def test_a_title_names_a_repository_without_the_way_to_it(spec: str, shown: str) -> None:
    assert short(spec) == shown
