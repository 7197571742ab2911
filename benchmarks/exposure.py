"""Times a whole exposure grid over a made-up channel of 100,000 records: `python benchmarks/exposure.py`.

2 orders × 3 priorities × 2 clients × 3 platforms, by the command a user would give: its start, the reading of the
records and the report included; target: every run under 5 s.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthetic_channel import make_channel

TARGET = 5.0
SUBDIRS = ("linux-64", "osx-64", "win-64")


@dataclass(frozen=True)
class Run:
    """One run of the command. `seconds`: from start to end; `processor`: of all its threads together."""

    seconds: float
    processor: float
    report: dict[str, Any]


def timed(command: list[str]) -> Run:
    """Run the command in a process of its own, with the bytecode that set-up has made."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    spent = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(spent, used, json.loads(done.stdout))


def main() -> int:
    """Make the channels, time the command over them; exit 1 when a run is over the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--course", action="store_true", help="19 months of one platform and order; no target")
    parser.add_argument("specs", nargs="*", default=["mod1300", "mod700", "mod20"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        first, modules = make_channel(root / "main", records=options.records, seed=1, subdirs=SUBDIRS)
        second, _ = make_channel(root / "second", records=options.records // 5, seed=2, subdirs=SUBDIRS, tag="b")
        specs = [spec for spec in options.specs if spec in modules] or modules[-1:]
        asked = ["--every-order", "--subdir", ",".join(SUBDIRS)]
        if options.course:
            asked = ["--subdir", SUBDIRS[0], "--since", "2021-06-01", "--until", "2023-01-01"]
        command = [
            *(sys.executable, "-m", "tailrace", "exposure", *specs, *asked, "--format", "json"),
            *("-c", str(root / "main"), "-c", str(root / "second")),
            *("--broken", f"{specs[-1]} >=1.2 & python >=3.11"),
        ]
        runs = [timed(command) for _ in range(options.runs)]
    if options.course:
        print(f"{len(runs[0].report['courses'])} courses: {', '.join(f'{run.seconds:.1f} s' for run in runs)}")
        return 0
    cells = runs[0].report["cells"]
    middle = statistics.median(run.seconds for run in runs)
    print(
        f"{first} + {second} records, {' '.join(specs)}: {middle:.2f} s (target {TARGET:.0f} s; "
        f"{', '.join(f'{run.seconds:.2f}' for run in runs)}), "
        f"{statistics.median(run.processor for run in runs):.2f} s of processor time"
    )
    print(
        f"{len(cells)} cells, {sum(cell['status'] == 'solved' for cell in cells)} solved, "
        f"{sum(bool(cell['exposed']) for cell in cells)} exposed, "
        f"up to {max(len(cell['packages']) for cell in cells)} packages, "
        f"{sum('optimise' in cell['note'] for cell in cells)} not optimised exactly"
    )
    return 0 if max(run.seconds for run in runs) < TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
