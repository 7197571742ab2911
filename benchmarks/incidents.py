"""Measures which real incidents are found, and where false alarms are.

    python benchmarks/incidents.py --git conda=PATH --git conda-build=PATH --json result.json
    python benchmarks/incidents.py --engine ty --only P008,P072
    python benchmarks/incidents.py --compare result.json
    python benchmarks/incidents.py --rows FILE --interfaces   # only hooks, command lines, requirements and their like
    python benchmarks/incidents.py --through store --json store.json --resume   # goes on where it ended

The scoring is `incident_scoring.py`; the fields of a row are `incident_rows.py` and benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import msgspec

from incident_engines import ENGINES, Task
from incident_rows import MissingCloneError, Row, RowSpecs, load_rows, of_interfaces, row_specs
from incident_scoring import Answer, score_break, score_silent
from incident_table import RowResult, render_comparison, render_row, render_tables

HERE = Path(__file__).resolve().parent
DEFAULT_ROWS = HERE.parent.parent / "shared" / "bench" / "dev.jsonl"


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The result file."""

    schema: str = "tailrace.benchmark.incidents/1"
    engine: str
    rows: tuple[RowResult, ...]


def run_row(row: Row, engine: str, clones: dict[str, str], time_limit: float) -> RowResult:
    """One row through one engine, in a process of its own. Never raises: what went wrong is the row's outcome."""
    try:
        specs = row_specs(row, clones)
    except MissingCloneError as missing:
        return _result(row, [Answer(status="not-run", reason=f"no --git {missing}=PATH")])
    except ValueError as error:
        return _result(row, [Answer(status="error", reason=str(error))])
    return _result(row, _ask(Task(engine=engine, specs=specs), specs, time_limit))


def _ask(task: Task, specs: RowSpecs, time_limit: float) -> list[Answer]:
    wanted = 2 if specs.fixed else 1
    try:
        done = subprocess.run(
            [sys.executable, str(HERE / "incident_engines.py")],
            input=msgspec.json.encode(task),
            capture_output=True,
            timeout=time_limit,
            check=False,
        )
        answers = msgspec.json.decode(done.stdout, type=list[Answer])
    except subprocess.TimeoutExpired:
        return [Answer(status="error", reason=f"no answer after {time_limit:.0f} s")] * wanted
    except msgspec.DecodeError:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no output"]
        return [Answer(status="error", reason=f"exit status {done.returncode}: {lines[-1][:300]}")] * wanted
    if len(answers) != wanted:
        return [Answer(status="error", reason=f"{len(answers)} answers to {wanted} questions")] * wanted
    return answers


def _result(row: Row, answers: list[Answer]) -> RowResult:
    subject = answers[0]
    outcome = score_break(row, subject) if row.breaks else score_silent(row, subject)
    fixed = answers[1] if len(answers) > 1 else None
    if fixed is None and row.breaks and row.consumer_fixed and subject.status in ("not-run", "error"):
        fixed = subject
    return RowResult(
        row=row,
        outcome=outcome,
        subject=subject,
        fixed_outcome=score_silent(row, fixed) if fixed else None,
        fixed=fixed,
    )


def run_rows(rows: list[Row], engine: str, clones: dict[str, str], jobs: int, time_limit: float) -> Iterator[RowResult]:
    """Results as they come."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        pending = [pool.submit(run_row, row, engine, clones, time_limit) for row in rows]
        try:
            for future in as_completed(pending):
                yield future.result()
        finally:
            for future in pending:
                future.cancel()


def parse_clone(text: str) -> tuple[str, str]:
    """Splits `NAME=PATH`."""
    name, sign, path = text.partition("=")
    if not (name and sign and path):
        raise argparse.ArgumentTypeError(f"write NAME=PATH, not {text!r}")
    return name, path


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and write. The exit status is 0 whatever was found: a benchmark measures, it does not judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=Path, default=DEFAULT_ROWS, help="JSONL file of rows (default: %(default)s)")
    parser.add_argument(
        "--git",
        action="append",
        type=parse_clone,
        default=[],
        metavar="NAME=PATH",
        help="a clone of a distribution that is not on the index; repeatable",
    )
    parser.add_argument("--only", default="", metavar="ID,...", help="run these rows only")
    parser.add_argument(
        "--interfaces",
        action="store_true",
        help="run only the breaks that came through another interface than the Python API, and the silent rows of the "
        "same providers",
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the results there")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="show what changed since these results")
    parser.add_argument(
        "--resume", action="store_true", help="keep the answers that the file of --json holds, and run the other rows"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="rows at a time (default: 1)")
    parser.add_argument("--time-limit", type=float, default=600.0, metavar="S", help="seconds a row may take")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="tailrace")
    parser.add_argument(
        "--through",
        choices=["store"],
        help="scan the downstreams into a store and check what it holds",
    )
    options = parser.parse_args(arguments)
    if options.through:
        options.engine = options.through
    if not options.rows.is_file():
        parser.error(f"there is no file {options.rows}; name one with --rows")
    try:
        rows = load_rows(options.rows, frozenset(filter(None, options.only.split(","))))
    except (ValueError, msgspec.DecodeError) as error:
        parser.error(str(error))
    if options.interfaces:
        rows = of_interfaces(rows)
    earlier = msgspec.json.decode(options.compare.read_bytes(), type=Results) if options.compare else None

    done: dict[str, RowResult] = {}
    if options.resume and options.json and options.json.is_file():
        kept = msgspec.json.decode(options.json.read_bytes(), type=Results)
        if kept.engine != options.engine:
            parser.error(f"{options.json} holds answers of the engine {kept.engine}, not of {options.engine}")
        done = {result.row.id: result for result in kept.rows}
    rows_left = [row for row in rows if row.id not in done]
    # Rows that this run was not asked for stay in the file.
    every = dict.fromkeys([*done, *(row.id for row in rows)])
    lock = threading.Lock()
    for result in run_rows(rows_left, options.engine, dict(options.git), options.jobs, options.time_limit):
        with lock:
            done[result.row.id] = result
            print(f"[{len(done)}/{len(rows)}] {render_row(result)}", flush=True)
            if options.json:
                _write(options.json, options.engine, [done[one] for one in every if one in done])
    results = [done[row.id] for row in rows]
    print()
    print(render_tables(options.engine, results))
    if earlier:
        print()
        print(render_comparison(list(earlier.rows), results))
    return 0


def _write(path: Path, engine: str, results: list[RowResult]) -> None:
    encoded = msgspec.json.encode(Results(engine=engine, rows=tuple(results)))
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(msgspec.json.format(encoded, indent=1) + b"\n")
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
