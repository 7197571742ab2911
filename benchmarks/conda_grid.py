"""Checks consecutive conda releases against the tools that were current that day.

    python benchmarks/conda_grid.py --results grid.jsonl --work FOLDER --git conda=PATH --git conda-build=PATH ...
    python benchmarks/conda_grid.py --results grid.jsonl --table
    python benchmarks/conda_grid.py --list --git conda=PATH ...

A cell is one step of conda (the first release of a series, compared with the one before) and one tool in the newest
version that was out when conda's was. A second call goes on where the first one ended; `--steps` and `--tools` choose
some of the grid. Tools without `--git` come from the index, where they are published; others are listed as missing.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import msgspec
from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from tailrace.model import CheckReport

HERE = Path(__file__).resolve().parent
JUDGEMENTS = HERE / "conda_grid_judgements.jsonl"
FIRST, LAST = Version("4.12"), Version("26.7")
TIME_LIMIT = 900.0
_MOST_KEPT = 40  # findings of one cell


class Tool(msgspec.Struct, frozen=True):
    """One tool of conda's family. `tag`: how its releases are named in git, with the version in a group; `folder`:
    where its project is in the tree. `index`: its name there; empty where it is not published."""

    name: str
    tag: str = r"v?(\d+(?:\.\d+)+)"
    folder: str = ""
    index: str = ""


TOOLS = (
    Tool("conda-build"),
    Tool("mamba", tag=r"mamba-(\d+(?:\.\d+)+)", folder="mamba"),
    Tool("conda-libmamba-solver"),
    Tool("constructor"),
    Tool("conda-lock", index="conda-lock"),
    Tool("bioconda-utils"),
    Tool("spyder", index="spyder"),
    Tool("anaconda-client", index="anaconda-client"),
    Tool("anaconda-project"),
    Tool("boa"),
    Tool("conda-anaconda-telemetry"),
    Tool("conda-content-trust"),
    Tool("conda-index"),
    Tool("conda-merge", index="conda-merge"),
    Tool("conda-mirror", index="conda-mirror"),
    Tool("conda-pack", index="conda-pack"),
    Tool("conda-package-handling", index="conda-package-handling"),
    Tool("conda-package-streaming", index="conda-package-streaming"),
    Tool("conda-smithy", index="conda-smithy"),
    Tool("conda-verify", index="conda-verify"),
    Tool("condax", index="condax"),
    Tool("ensureconda", index="ensureconda"),
    Tool("grayskull", index="grayskull"),
    Tool("nb-conda-kernels", index="nb-conda-kernels"),
)

# Breaks that users reported, by step of conda and tool, with the part of the symbol that a finding has to name.
INCIDENTS: Mapping[tuple[str, str], str] = {
    ("4.13.0", "conda-build"): "itervalues",
    ("4.13.0", "mamba"): "-l",
    ("22.11.0", "conda-libmamba-solver"): "_logfile_path",
    ("23.1.0", "conda-libmamba-solver"): "_read_local_repdata",
    ("23.11.0", "mamba"): ".main_",
    ("24.3.0", "conda-build"): "conda.auxlib.packaging",
}


class Found(msgspec.Struct, frozen=True):
    """One finding. `counts`: certain or likely, unguarded and outside of tests."""

    rule: str
    symbol: str
    file: str
    line: int
    confidence: str
    counts: bool
    message: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One cell. `verdict`: the status of the downstream, or `error`. `undecided`: uses by reason. `notes`: what could
    not be decided besides. `seconds`, `cpu_seconds`: of all processes of the check."""

    step: str
    baseline: str
    tool: str
    version: str
    verdict: str
    reason: str = ""
    findings: tuple[Found, ...] = ()
    found: int = 0
    uses: int = 0
    undecided: dict[str, int] = {}
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class Cell(msgspec.Struct, frozen=True):
    """What is to be checked: three specs."""

    step: str
    baseline: str
    tool: str
    version: str
    specs: tuple[str, str, str]


class Judgement(msgspec.Struct, frozen=True):
    """What reading a cell by hand showed: is its verdict `breaks` right?"""

    step: str
    tool: str
    right: bool
    why: str


def tags(clone: Path, pattern: str) -> list[tuple[Version, str, datetime]]:
    """The final releases that a clone has tags for, with the time of the tag, lowest first."""
    form = "%(refname:short)%09%(creatordate:unix)"
    command = ["git", "-C", str(clone), "for-each-ref", f"--format={form}", "refs/tags"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    found = []
    for line in listed.splitlines():
        name, _, stamp = line.partition("\t")
        match = re.fullmatch(pattern, name)
        if match is None or not stamp.isdigit():
            continue
        try:
            version = Version(match[1])
        except InvalidVersion:
            continue
        found.append((version, name, datetime.fromtimestamp(int(stamp), UTC)))
    return sorted(found)


def steps(clone: Path) -> list[tuple[str, str, datetime]]:
    """(release, the one before, day): the first release of each series of conda, from 4.12 to 26.7."""
    firsts: dict[tuple[int, ...], tuple[Version, str, datetime]] = {}
    for each in tags(clone, Tool("conda").tag):
        series = each[0].release[:2]
        if FIRST.release <= series <= LAST.release[:2]:
            firsts.setdefault(series, each)
    ordered = [firsts[series] for series in sorted(firsts)]
    return [(new[1], old[1], new[2]) for old, new in pairwise(ordered)]


def cells(clones: Mapping[str, Path], sources: object | None) -> Iterator[Cell | tuple[str, str]]:
    """The cells of the grid, step by step; and (tool, why) for each tool that is not at hand."""
    conda = clones["conda"]
    known: dict[str, list[tuple[Version, str, datetime]]] = {}
    for tool in TOOLS:
        if tool.name in clones:
            known[tool.name] = [
                (v, _git(clones[tool.name], t, tool.folder), when) for v, t, when in tags(clones[tool.name], tool.tag)
            ]
            continue
        if not tool.index or sources is None:
            yield tool.name, "no clone given" if not tool.index else "the index was not asked"
            continue
        try:
            history = sources.history(tool.index)  # type: ignore[attr-defined]
        except Exception as error:  # the grid goes on without it
            yield tool.name, str(error).splitlines()[0][:120]
            continue
        known[tool.name] = [(Version(v), f"pypi:{tool.index}=={v}", when) for v, when in history]
    for step, baseline, day in steps(conda):
        for tool in TOOLS:
            # A tag is made before, on or a little after the day of the release.
            current = [each for each in known.get(tool.name, ()) if each[2] <= day + timedelta(hours=12)]
            if current:
                version, spec, _ = max(current)
                specs = (_git(conda, step), _git(conda, baseline), spec)
                yield Cell(step, baseline, tool.name, str(version), specs)


def _git(clone: Path, tag: str, folder: str = "") -> str:
    return f"git+{clone}@{tag}" + (f"#subdirectory={folder}" if folder else "")


def check(cell: Cell, cache: Path, offline: bool) -> Row:
    """Run the check of one cell in processes of its own."""
    command = [sys.executable, "-m", "tailrace", "check", cell.specs[0], "--baseline", cell.specs[1]]
    command += ["--downstream", cell.specs[2], "--cache-dir", str(cache), "--exit-zero", "--format", "json"]
    command += ["--jobs", "1", "--quiet", "--ignore-bounds", *(["--offline"] if offline else [])]
    row = Row(step=cell.step, baseline=cell.baseline, tool=cell.tool, version=cell.version, verdict="error")
    started = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdout=out, stderr=errors, cwd=tempfile.gettempdir(), start_new_session=True
        )
        usage = _wait(process, started)
        for file in (out, errors):
            file.seek(0)
        took = round(time.monotonic() - started, 2)
        if usage is None:
            return replace(row, reason=f"no answer within {TIME_LIMIT:.0f} s", seconds=took)
        cpu = round(usage.ru_utime + usage.ru_stime, 2)
        try:
            report = msgspec.json.decode(out.read(), type=CheckReport)
        except msgspec.DecodeError:
            said = errors.read().decode(errors="replace").strip()[-300:] or "it wrote no report"
            return replace(row, reason=said, seconds=took, cpu_seconds=cpu)
    down = report.downstreams[0]
    found = [
        Found(
            rule=f.rule,
            symbol=f.symbol,
            file=f.file,
            line=f.line,
            confidence=f.confidence,
            counts=f.severity == "error" and f.confidence != "possible" and f.guard is None and not f.only_in_tests,
            message=f.message[:200],
        )
        for f in down.findings
    ]
    reasons = msgspec.to_builtins(down.uses.reasons)
    return replace(
        row,
        verdict=down.status,
        reason=down.reason or "",
        findings=tuple(sorted(found, key=lambda f: not f.counts)[:_MOST_KEPT]),
        found=len(found),
        uses=down.uses.total,
        undecided={reason: count for reason, count in reasons.items() if count},
        notes=tuple(str(note)[:300] for note in down.notes),
        seconds=took,
        cpu_seconds=cpu,
    )


def _wait(process: subprocess.Popen[bytes], started: float) -> resource.struct_rusage | None:
    """The resources that a process and its children used; `None` where the time ran out and it was ended."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.monotonic() - started > TIME_LIMIT:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        time.sleep(0.05)


def read(results: Path) -> list[Row]:
    """The rows that are there; a line that was cut off is left out."""
    rows = []
    for line in results.read_bytes().splitlines() if results.exists() else ():
        try:
            rows.append(msgspec.json.decode(line, type=Row))
        except msgspec.DecodeError:
            continue
    return rows


def table(rows: Iterable[Row], judged: Mapping[tuple[str, str], Judgement], cells_in_grid: int | None = None) -> str:
    """The summary as Markdown."""
    given = list(rows)
    whole = f" of {cells_in_grid}" if cells_in_grid else ""
    verdicts = Counter(row.verdict for row in given)
    breaks = [row for row in given if row.verdict == "breaks"]
    read_by_hand = [judged[row.step, row.tool] for row in breaks if (row.step, row.tool) in judged]
    undecided: Counter[str] = Counter()
    for row in given:
        undecided.update(row.undecided)
    here = {(row.step, row.tool): row for row in given}
    incidents = {key: _is_found(here[key], wanted) for key, wanted in INCIDENTS.items() if key in here}
    times = sorted(row.cpu_seconds for row in given if row.cpu_seconds) or [0.0]
    lines = [
        f"| cells checked{whole} | {len(given)} |",
        "|---|---|",
        f"| steps of conda, tools | {len({r.step for r in given})}, {len({r.tool for r in given})} |",
        *(f"| `{verdict}` | {count} |" for verdict, count in sorted(verdicts.items())),
        f"| `breaks` read by hand: right, wrong, not read | {sum(j.right for j in read_by_hand)}, "
        f"{sum(not j.right for j in read_by_hand)}, {len(breaks) - len(read_by_hand)} |",
        f"| known incidents in these cells, found | {len(incidents)}, {sum(incidents.values())} |",
        *(f"| uses undecided: {reason} | {count} |" for reason, count in sorted(undecided.items())),
        f"| uses in all | {sum(row.uses for row in given)} |",
        f"| cells with a note of what could not be decided | {sum(bool(row.notes) for row in given)} |",
        f"| processor seconds a cell, median and worst | {median(times):.1f}, {times[-1]:.1f} |",
    ]
    return "\n".join(lines)


def _is_found(row: Row, wanted: str) -> bool:
    return row.verdict in {"breaks", "contained"} and any(wanted in found.symbol for found in row.findings)


def judgements() -> dict[tuple[str, str], Judgement]:
    """What was read by hand."""
    lines = JUDGEMENTS.read_bytes().splitlines() if JUDGEMENTS.exists() else []
    judged = [msgspec.json.decode(line, type=Judgement) for line in lines if line]
    return {(j.step, j.tool): j for j in judged}


def main() -> int:
    """Run what is chosen, or show what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, help="JSON lines, one row a cell; a second call goes on")
    parser.add_argument("--work", type=Path, help="folder for what is downloaded and unpacked")
    parser.add_argument("--git", action="append", default=[], metavar="NAME=PATH", help="a clone with all tags")
    parser.add_argument("--steps", action="append", default=[], metavar="VERSION", help="only these releases of conda")
    parser.add_argument("--tools", action="append", default=[], metavar="NAME", help="only these tools")
    parser.add_argument("--incidents-first", action="store_true", help="begin with the cells of known incidents")
    parser.add_argument("--offline", action="store_true", help="ask no index")
    parser.add_argument("--most", type=int, default=0, metavar="N", help="stop after N cells")
    parser.add_argument("--list", action="store_true", help="list the cells and check none")
    parser.add_argument("--table", action="store_true", help="print the summary of the results")
    options = parser.parse_args()
    clones = {name: Path(path) for name, _, path in (given.partition("=") for given in options.git)}
    if options.table:
        if options.results is None:
            parser.error("--table needs --results")
        print(table(read(options.results), judgements()))
        return 0
    if "conda" not in clones:
        parser.error("--git conda=PATH is needed")
    work = options.work or Path(tempfile.gettempdir()) / "conda-grid"
    sources = None
    if not options.offline:
        from tailrace.sources import Sources, SourceSettings

        sources = Sources(SourceSettings(cache_dir=work / "cache"))
    grid: list[Cell] = []
    for each in cells(clones, sources):
        if isinstance(each, Cell):
            grid.append(each)
        else:
            print(f"missing: {each[0]}: {each[1]}", file=sys.stderr)
    grid = [
        cell
        for cell in grid
        if (not options.steps or cell.step in options.steps) and (not options.tools or cell.tool in options.tools)
    ]
    if options.incidents_first:
        grid.sort(key=lambda cell: (cell.step, cell.tool) not in INCIDENTS)
    if options.list:
        for cell in grid:
            print(cell.step, cell.baseline, cell.tool, cell.version)
        print(f"{len(grid)} cells", file=sys.stderr)
        return 0
    if options.results is None:
        parser.error("--results is needed")
    known = {(row.step, row.tool, row.version) for row in read(options.results)}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    todo = [cell for cell in grid if (cell.step, cell.tool, cell.version) not in known]
    for cell in todo[: options.most] if options.most else todo:
        row = check(cell, work / "cache", options.offline)
        with options.results.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")
        print(f"{cell.step} {cell.tool} {cell.version}: {row.verdict} {row.cpu_seconds:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
