"""Measures wall time and memory on pinned real releases, as ratios of one run, with a cache of its own.

    python benchmarks/speed.py --runs 5 --json speed.json
    python benchmarks/speed.py --only small,help
    python benchmarks/speed.py --only large --large ipython --runs 1

`small` and `many` run `tailrace check` as a process, all archives being unpacked already; `cold` starts with no fact
kept from an earlier run, `warm` with those of the run before. They are set against `ty` over every file of each
downstream, once with the old and once with the new upstream on its path. `large` does the same with large downstreams
of large upstreams, one by one, and counts processor time too, which a busy machine disturbs least. `surface` sets
`tailrace diff` against `griffe dump` of the same two releases, `read` the reading of one surface against one dump;
`help` sets `tailrace --help` against `python -c pass`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import Measured, measure
from tailrace.artifacts import open_release
from tailrace.model import Artifact
from tailrace.sources import Sources, SourceSettings

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
SMALL = ("MarkupSafe==2.0.1", "MarkupSafe==2.1.0", ("Jinja2==2.11.3",))
MANY = ("click==8.0.4", "click==8.1.0")
SURFACES = (("click==8.0.4", "click==8.1.0", "click"), ("werkzeug==2.0.3", "werkzeug==2.1.0", "werkzeug"))
LARGE = (
    ("numpy==1.26.4", "numpy==2.0.2", "pandas==2.2.3"),
    ("scipy==1.11.4", "scipy==1.14.1", "statsmodels==0.14.1"),
    ("numpy==1.26.4", "numpy==2.0.2", "scikit-learn==1.4.2"),
    ("numpy==1.26.4", "numpy==2.0.2", "aesara==2.9.3"),
    ("traitlets==5.9.0", "traitlets==5.10.0", "ipython==8.12.3"),
)
READ = (("click==8.1.0", "click"), ("werkzeug==2.1.0", "werkzeug"), ("sqlalchemy==2.0.0", "sqlalchemy"))

Row = dict[str, float | int | str]


def many_downstreams() -> tuple[str, ...]:
    """The pinned list, comments left out."""
    lines = (HERE / "speed_downstreams.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


class Stage:
    """A cache of its own in which everything is fetched and unpacked, and copies of it that have no other fact."""

    def __init__(self, template: Path) -> None:
        self.template = template
        self.sources = Sources(SourceSettings(cache_dir=template))
        self.opened: dict[str, Artifact] = {}
        # Parts of the names of the large downstreams that are measured.
        self.only: tuple[str, ...] = ("",)

    def open(self, specs: Sequence[str]) -> list[Artifact]:
        """Fetch and unpack; not part of any measurement."""
        for spec in specs:
            if spec not in self.opened:
                self.opened[spec] = open_release(spec, self.sources)
        return [self.opened[spec] for spec in specs]

    def copy(self, folder: Path) -> Path:
        """A copy made of hard links, so that a run that starts cold finds every archive unpacked and nothing else."""
        target = folder / "cache"
        shutil.copytree(self.template, target, copy_function=os.link)
        return target


def check_command(cache: Path, baseline: str, candidate: str, downstreams: Sequence[str]) -> list[str]:
    """`tailrace check` as a user would run it."""
    command = [str(BIN / "tailrace"), "check", candidate, "--baseline", baseline, "--cache-dir", str(cache)]
    command += ["--offline", "--exit-zero", "--format", "concise"]
    for spec in downstreams:
        command += ["--downstream", spec]
    return command


def ty_command(downstream: Artifact, upstream: Artifact) -> list[str]:
    """One full type check of one downstream, with one upstream importable."""
    command = [str(BIN / "ty"), "check", "--exit-zero", "--no-progress", "--output-format", "concise"]
    command += ["--python-platform", "all", "--project", str(downstream.root)]
    for artifact in (downstream, upstream):
        for path in artifact.search_paths:
            command += ["--extra-search-path", str(artifact.root / path)]
    return [*command, str(downstream.root)]


def against_ty(stage: Stage, baseline: str, candidate: str, downstreams: Sequence[str], runs: int) -> Row:
    """`tailrace check`, cold and warm, against two full type checks of every downstream."""
    old, new, *opened = stage.open([baseline, candidate, *downstreams])
    # One run that is not counted, so that compiled bytecode and the system's file cache are warm for both sides.
    with tempfile.TemporaryDirectory(dir=stage.template.parent) as folder:
        measure(check_command(stage.copy(Path(folder)), baseline, candidate, downstreams))
    cold, warm, full = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=stage.template.parent) as folder:
            command = check_command(stage.copy(Path(folder)), baseline, candidate, downstreams)
            cold.append(measure(command))
            warm.append(measure(command))
        parts = [measure(ty_command(artifact, upstream)) for artifact in opened for upstream in (old, new)]
        full.append(Measured(sum(part.seconds for part in parts), max(part.peak_bytes for part in parts)))
    files = sum(len(artifact.python_files) for artifact in opened)
    row: Row = {"downstreams": len(downstreams), "python files": files}
    row |= _columns(cold=cold, warm=warm, ty_twice=full)
    row["ty_twice / cold"] = _ratio(full, cold)
    row["ty_twice / warm"] = _ratio(full, warm)
    return row


def small(stage: Stage, runs: int) -> Row:
    """One small pair."""
    return against_ty(stage, *SMALL, runs)


def many(stage: Stage, runs: int) -> Row:
    """Sixty downstreams of one upstream."""
    return against_ty(stage, *MANY, many_downstreams(), runs)


def large(stage: Stage, runs: int) -> Row:
    """Large downstreams of large upstreams, one by one: processor time against two full type checks.

    `check` finds no fact of an earlier run, `again` those of the run before.
    """
    row: Row = {}
    for baseline, candidate, spec in (pair for pair in LARGE if any(name in pair[2] for name in stage.only)):
        old, new, opened = stage.open([baseline, candidate, spec])
        ours, again, full = [], [], []
        for _ in range(runs):
            with tempfile.TemporaryDirectory(dir=stage.template.parent) as folder:
                command = check_command(stage.copy(Path(folder)), baseline, candidate, [spec])
                command += ["--time-limit", "3600"]  # of a busy machine
                ours.append(measure(command))
                again.append(measure(command))
            parts = [measure(ty_command(opened, upstream)) for upstream in (old, new)]
            full.append(
                Measured(
                    sum(part.seconds for part in parts),
                    max(part.peak_bytes for part in parts),
                    sum(part.cpu_seconds for part in parts),
                )
            )
        title = f"{spec.partition('==')[0]}/{baseline.partition('==')[0]}"
        row |= {f"{title} {name}": value for name, value in _columns(check=ours, again=again, ty_twice=full).items()}
        row |= {
            f"{title} {name}, cpu s": round(statistics.median(one.cpu_seconds for one in series), 2)
            for name, series in (("check", ours), ("again", again), ("ty_twice", full))
        }
        for name, series in (("check", ours), ("again", again)):
            row[f"{title} {name} / ty_twice, cpu"] = round(
                statistics.median(one.cpu_seconds for one in series)
                / statistics.median(one.cpu_seconds for one in full),
                2,
            )
    return row


def surface(stage: Stage, runs: int) -> Row:
    """Two releases: both surfaces and their difference, against two dumps."""
    row: Row = {}
    for baseline, candidate, package in SURFACES:
        artifacts = stage.open([baseline, candidate])
        ours, dumps = [], []
        for _ in range(runs):
            with tempfile.TemporaryDirectory(dir=stage.template.parent) as folder:
                cache = stage.copy(Path(folder))
                command = [str(BIN / "tailrace"), "diff", baseline, candidate, "--cache-dir", str(cache), "--offline"]
                ours.append(measure(command))
                output = str(Path(folder) / "dump.json")
                parts = [
                    measure(
                        [str(BIN / "griffecli"), "dump", package, "-s", str(artifact.root), "-o", output, "-L", "ERROR"]
                    )
                    for artifact in artifacts
                ]
            dumps.append(Measured(sum(part.seconds for part in parts), max(part.peak_bytes for part in parts)))
        row |= {f"{package} {name}": value for name, value in _columns(diff=ours, dump_twice=dumps).items()}
        row[f"{package} dump_twice / diff"] = _ratio(dumps, ours)
    return row


def read(stage: Stage, runs: int) -> Row:
    """One release, read whole, against one dump."""
    row: Row = {}
    for spec, package in READ:
        (artifact,) = stage.open([spec])
        ours, dumps = [], []
        for _ in range(runs):
            with tempfile.TemporaryDirectory(dir=stage.template.parent) as folder:
                cache = stage.copy(Path(folder))
                ours.append(measure([sys.executable, str(HERE / "read_surface.py"), spec, str(cache)]))
                output = str(Path(folder) / "dump.json")
                command = [str(BIN / "griffecli"), "dump", package, "-s", str(artifact.root), "-o", output]
                dumps.append(measure([*command, "-L", "ERROR"]))
        row |= {f"{package} {name}": value for name, value in _columns(read=ours, dump=dumps).items()}
        row[f"{package} dump / read"] = _ratio(dumps, ours)
    return row


def help_text(stage: Stage, runs: int) -> Row:
    """What it costs to start."""
    ours = [measure([str(BIN / "tailrace"), "--help"]) for _ in range(runs * 3)]
    bare = [measure([sys.executable, "-c", "pass"]) for _ in range(runs * 3)]
    row = _columns(help=ours, bare=bare)
    row["help - bare, ms"] = round(1000 * (_median(ours) - _median(bare)), 1)
    return row


QUESTIONS: dict[str, Callable[[Stage, int], Row]] = {
    "small": small,
    "many": many,
    "large": large,
    "surface": surface,
    "read": read,
    "help": help_text,
}


def _median(values: Sequence[Measured]) -> float:
    return statistics.median(value.seconds for value in values)


def _ratio(one: Sequence[Measured], other: Sequence[Measured]) -> float:
    return round(_median(one) / _median(other), 2)


def _columns(**series: Sequence[Measured]) -> Row:
    row: Row = {}
    for name, values in series.items():
        row[f"{name}, s"] = round(_median(values), 3)
        row[f"{name}, peak MiB"] = round(max(value.peak_bytes for value in values) / 2**20)
    return row


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for and print it; medians of the runs, the highest peak of any run."""
    import platformdirs

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each program (default: %(default)s)")
    parser.add_argument("--only", default=",".join(QUESTIONS), metavar="NAME,...", help="of: %(default)s")
    parser.add_argument("--large", default="", metavar="NAME,...", help="which large downstreams (default: all)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the numbers there")
    parser.add_argument("--work", type=Path, help="where the archives of this benchmark are kept")
    options = parser.parse_args(arguments)
    chosen = [name for name in options.only.split(",") if name]
    unknown = sorted(set(chosen) - set(QUESTIONS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(QUESTIONS)}")
    work = options.work or Path(platformdirs.user_cache_dir("tailrace-benchmark", appauthor=False))
    (work / "runs").mkdir(parents=True, exist_ok=True)
    stage = Stage(work / "runs" / "template")
    stage.only = tuple(options.large.split(","))
    results: dict[str, Row] = {}
    for name in chosen:
        results[name] = QUESTIONS[name](stage, options.runs)
        print(name)
        for key, value in results[name].items():
            print(f"  {key:<32} {value}", flush=True)
    if options.json:
        options.json.write_text(
            json.dumps({"schema": "tailrace.benchmark.speed/1", "runs": options.runs, **results}, indent=1)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
