"""Verifies rows of real incidents and prints a table: reproduced, refuted, not run, and why.

    python benchmarks/verify.py --rows ../shared/bench/dev.jsonl --json result.json --git conda=PATH
    python benchmarks/verify.py --json result.json --table

A second call goes on where the first one ended. The fields of a row are `incident_rows.py` and benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from incident_rows import MissingCloneError, Row, load_rows, row_specs
from incidents import parse_clone
from tailrace.model import CheckReport, DownstreamReport, Finding

HERE = Path(__file__).resolve().parent
DEFAULT_ROWS = HERE.parent.parent / "shared" / "bench" / "dev.jsonl"
OUTCOMES = ("reproduced", "new", "flaky", "broken-before", "spurious", "refuted", "not-run")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What running one downstream of a row showed. `found`: the check names the row's symbol; `at_symbol`: the outcome
    of that finding. `seconds`: of the whole row.
    """

    id: str
    breaks: bool
    fixed: bool
    title: str
    status: str
    outcome: str
    at_symbol: str = ""
    found: bool = False
    reason: str = ""
    python: str = ""
    seconds: float = 0.0


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The result file."""

    schema: str = "tailrace.benchmark.verify/1"
    level: str
    rows: tuple[Seen, ...]


def run_row(row: Row, clones: dict[str, str], level: str, time_limit: float) -> Iterator[Seen]:
    """What running the subject of a row, and its fixed release, showed. Never raises."""
    try:
        specs = row_specs(row, clones)
    except (MissingCloneError, ValueError) as error:
        yield _lost(row, False, f"no clone or version: {error}")
        return
    subjects = [(specs.subject, False), *([(specs.fixed, True)] if specs.fixed else [])]
    for spec, fixed in subjects:
        started = time.monotonic()
        command = [sys.executable, "-m", "tailrace", "verify", specs.candidate, "--baseline", specs.baseline]
        command += ["--downstream", spec, "--level", level, "--jobs", "1", "--format", "json", "--quiet"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=time_limit, check=False)
            report = msgspec.json.decode(done.stdout, type=CheckReport)
        except subprocess.TimeoutExpired:
            yield _lost(row, fixed, f"no answer after {time_limit:.0f} s")
            continue
        except msgspec.DecodeError:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no output"]
            yield _lost(row, fixed, lines[0][:300])
            continue
        yield _seen(row, fixed, report.downstreams[0], time.monotonic() - started)


def _seen(row: Row, fixed: bool, d: DownstreamReport, seconds: float) -> Seen:
    verification = d.verification
    assert verification is not None
    named = [f for f in d.findings if row.symbol and _same(f, row.symbol)]
    observed = [f.verification.outcome for f in named if f.verification is not None]
    reason = verification.reason or ""
    if d.status == "not-checked":
        reason = d.reason or ""
    return Seen(
        id=row.id,
        breaks=row.breaks,
        fixed=fixed,
        title=f"{d.name} {d.version} with {row.provider} {row.provider_new}",
        status=d.status,
        outcome=verification.outcome,
        at_symbol=min(observed, key=OUTCOMES.index, default=""),
        found=bool(named),
        reason=reason[:400],
        python=verification.python or "",
        seconds=round(seconds, 2),
    )


def _same(finding: Finding, symbol: str) -> bool:
    last = symbol.rpartition(".")[2].partition("(")[0]
    return last in finding.symbol


def _lost(row: Row, fixed: bool, reason: str) -> Seen:
    title = f"{row.consumer} with {row.provider} {row.provider_new}"
    return Seen(
        id=row.id, breaks=row.breaks, fixed=fixed, title=title, status="error", outcome="not-run", reason=reason
    )


def render(results: Results) -> str:
    """The counts, then every row that is not as it should be, with its reason."""
    lines = []
    true = [r for r in results.rows if r.breaks and not r.fixed]
    silent = [r for r in results.rows if not r.breaks or r.fixed]
    for title, rows in (("true breaks", true), ("fixed and negative pairs", silent)):
        counts = Counter(r.outcome for r in rows)
        told = ", ".join(f"{counts[o]} {o}" for o in OUTCOMES if counts[o])
        lines.append(f"{title}: {len(rows)}: {told}")
    ran = [r for r in true if r.python and r.status != "not-checked"]
    shown = [r for r in ran if r.outcome in ("reproduced", "new")]
    if ran:
        lines.append(f"reproduced of those that ran: {len(shown)} of {len(ran)} ({100 * len(shown) / len(ran):.1f} %)")
    lines.append("")
    for row in results.rows:
        wanted = ("reproduced", "new") if row.breaks and not row.fixed else ("not-run", "refuted", "broken-before")
        if row.outcome not in wanted:
            which = "fixed" if row.fixed else "break" if row.breaks else "silent"
            found = "found" if row.found else "not found"
            lines.append(f"{row.id} {which} {row.title}: {row.status}, {found}, {row.outcome}: {row.reason}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and write. The exit status is 0 whatever was found: a benchmark measures, it does not judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=Path, default=DEFAULT_ROWS, help="JSONL file of rows (default: %(default)s)")
    parser.add_argument("--git", action="append", type=parse_clone, default=[], metavar="NAME=PATH")
    parser.add_argument("--only", default="", metavar="ID,...", help="run these rows only")
    parser.add_argument("--breaks", action="store_true", help="only rows that break")
    parser.add_argument("--json", type=Path, required=True, metavar="PATH", help="the results; they are gone on with")
    parser.add_argument("--table", action="store_true", help="only print what is there")
    parser.add_argument("--level", choices=("probe", "smoke"), default="probe")
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="S", help="seconds a downstream may take")
    options = parser.parse_args(arguments)
    done: list[Seen] = []
    if options.json.is_file():
        done = list(msgspec.json.decode(options.json.read_bytes(), type=Results).rows)
    if not options.table:
        known = {row.id for row in done}
        for row in load_rows(options.rows, frozenset(filter(None, options.only.split(",")))):
            if row.id in known or (options.breaks and not row.breaks):
                continue
            for seen in run_row(row, dict(options.git), options.level, options.time_limit):
                done.append(seen)
                print(f"{seen.id} {seen.title}: {seen.status}, {seen.outcome} {seen.reason[:120]}", flush=True)
            results = Results(level=options.level, rows=tuple(done))
            options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    print()
    print(render(Results(level=options.level, rows=tuple(done))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
