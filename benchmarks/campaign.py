"""Measures on random real pairs how right the check is, compared with running them.

    python benchmarks/campaign.py --seed 1 --pairs 300 --results campaign.jsonl --work FOLDER
    python benchmarks/campaign.py --results campaign.jsonl --work FOLDER --rescore
    python benchmarks/campaign.py --results campaign.jsonl --table

A second call goes on where the first one ended. Every line of the result file is one pair with all that is needed to
score it again: `--rescore` runs the check anew and installs nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import msgspec

from campaign_draw import KINDS, DrawnPair, draw, load_names
from campaign_scoring import CampaignRow, Checked, render
from campaign_stress import draw_stress
from campaign_truth import run_pair
from tailrace.model import CheckReport
from tailrace.sources import Sources, SourceSettings
from tailrace.verify import Feed
from tailrace.verify.sandbox import choose_sandbox

HERE = Path(__file__).resolve().parent
NAMES = HERE / "campaign_names.txt"
TIME_LIMIT = 300.0
_LEFT_FREE = 12 << 30  # bytes of disk that stay free: unpacked wheels are thrown away before


def check_pair(pair: DrawnPair, cache: Path) -> Checked:
    """What `tailrace check` says of a pair, with the processor time and memory of all its processes."""
    command = [sys.executable, "-m", "tailrace", "check", pair.candidate, "--baseline", pair.baseline]
    command += ["--downstream", pair.downstream, "--cache-dir", str(cache), "--offline", "--exit-zero"]
    command += ["--format", "json", "--jobs", "1", "--quiet", "--ignore-bounds"]
    started = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, cwd=tempfile.gettempdir())
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        for file in (out, errors):
            file.seek(0)
        try:
            report = msgspec.json.decode(out.read(), type=CheckReport)
        except msgspec.DecodeError:
            return Checked(error=errors.read().decode(errors="replace")[-300:] or "it wrote no report")
    downstream = report.downstreams[0]
    return Checked(
        status=downstream.status,
        reason=downstream.reason or "",
        findings=downstream.findings,
        uses=downstream.uses,
        seconds=round(time.monotonic() - started, 2),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 2),
        peak_bytes=usage.ru_maxrss * 1024,
    )


class Campaign:
    """One run. `results`: the JSON lines file, appended to under a lock."""

    def __init__(
        self, work: Path, results: Path, names: Path, kinds: tuple[str, ...] = KINDS, *, stress: bool = False
    ) -> None:
        self.work, self.results, self.stress = work, results, stress
        self.names, self.kinds = load_names(names), kinds
        self.cache = work / "cache"
        self.lock = Lock()
        work.mkdir(parents=True, exist_ok=True)

    def run(self, seed: int, number: int) -> CampaignRow | None:
        """Draw, check, run, keep."""
        sources = Sources(SourceSettings(cache_dir=self.cache))
        feed = Feed(sources)
        self._make_room(feed.folder)
        if self.stress:
            pair = draw_stress(seed, number, self.names, sources)
        else:
            pair = draw(seed, number, self.names, sources, self.kinds)
        if pair is None:
            return None
        for spec in (pair.baseline, pair.candidate):
            sources.resolve(spec)
            sources.locate(spec)
        checked = Checked()

        def witnesses() -> list[str]:
            nonlocal checked
            checked = check_pair(pair, self.cache)
            return [finding.witness for finding in checked.findings if finding.witness and finding.counts_as_break]

        truth = run_pair(pair, feed, choose_sandbox("auto"), self.work, witnesses)
        row = CampaignRow(truth=truth, checked=checked)
        with self.lock, self.results.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")
        return row

    def _make_room(self, verify: Path) -> None:
        if shutil.disk_usage(self.work).free < _LEFT_FREE:
            shutil.rmtree(verify / "uv", ignore_errors=True)


def read_rows(file: Path) -> list[CampaignRow]:
    """The rows of a result file, the last one of each pair; a line that was cut off is left out."""
    found: dict[str, CampaignRow] = {}
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            row = msgspec.json.decode(line, type=CampaignRow)
        except msgspec.MsgspecError:
            continue
        found[row.truth.pair.id] = row
    return list(found.values())


def main(arguments: list[str] | None = None) -> int:
    """Run, or score again, and print. The exit status is 0 whatever was found: a benchmark measures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="which random pairs (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=100, metavar="N", help="how many of them (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first of them (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="pairs at once (default: %(default)s)")
    parser.add_argument("--names", type=Path, default=NAMES, help="the list of distributions (default: %(default)s)")
    parser.add_argument(
        "--draw", choices=("plain", "stress"), default="plain", help="how pairs are drawn (default: %(default)s)"
    )
    parser.add_argument("--kinds", default=",".join(KINDS), help="how the candidate may follow (default: %(default)s)")
    parser.add_argument("--results", type=Path, required=True, metavar="PATH", help="JSON lines; they are gone on with")
    parser.add_argument("--work", type=Path, help="where archives and environments are kept meanwhile")
    parser.add_argument("--stop-at", metavar="HH:MM", help="start no further pair after this time of the day")
    parser.add_argument("--only", default="", metavar="ID,...", help="score these pairs only")
    parser.add_argument("--rescore", action="store_true", help="run the check again on the pairs that ran")
    parser.add_argument("--table", action="store_true", help="only print what is there")
    parser.add_argument(
        "--verbose", action="store_true", help="list every site and finding that is not as it should be"
    )
    options = parser.parse_args(arguments)
    kinds = tuple(filter(None, options.kinds.split(",")))
    if not kinds or not set(kinds) <= set(KINDS):
        parser.error(f"--kinds takes some of {', '.join(KINDS)}")
    work = options.work or Path(tempfile.gettempdir()) / "tailrace-campaign"
    rows = read_rows(options.results)
    only = frozenset(filter(None, options.only.split(",")))
    if only:
        rows = [row for row in rows if row.truth.pair.id in only]
    if options.rescore:
        rows = _rescore(rows, work / "cache", options.jobs)
        if not only:
            lines = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
            beside = options.results.with_suffix(".part")
            beside.write_bytes(lines)
            beside.replace(options.results)
    elif not options.table:
        campaign = Campaign(work, options.results, options.names, kinds, stress=options.draw == "stress")
        _run_all(campaign, options, {row.truth.pair.id for row in rows})
        rows = read_rows(options.results)
    print(render(rows, verbose=options.verbose))
    return 0


def _run_all(campaign: Campaign, options: argparse.Namespace, done: set[str]) -> None:
    prefix = f"{'stress-' if campaign.stress else ''}{options.seed}-"
    numbers = [n for n in range(options.first, options.first + options.pairs) if f"{prefix}{n}" not in done]

    def one(number: int) -> None:
        if options.stop_at and time.strftime("%H:%M") >= options.stop_at:
            return
        started = time.monotonic()
        try:
            row = campaign.run(options.seed, number)
        except Exception as error:  # one pair must not cost the others
            print(f"{prefix}{number}: {type(error).__name__}: {error}", flush=True)
            return
        if row is not None:
            print(f"{row.title}: {row.summary} ({time.monotonic() - started:.0f} s)", flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, numbers))


def _rescore(rows: list[CampaignRow], cache: Path, jobs: int) -> list[CampaignRow]:
    def again(row: CampaignRow) -> CampaignRow:
        if row.truth.state != "ran":
            return row
        return msgspec.structs.replace(row, checked=check_pair(row.truth.pair, cache))

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(again, rows))


if __name__ == "__main__":
    sys.exit(main())
