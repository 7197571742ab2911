"""A made-up channel of 100,000 records in, the seconds of a whole exposure grid out: `python benchmarks/exposure.py`.

2 orders × 3 priorities × 2 clients × 3 platforms, in a fresh process, reading the records included; target: under 5 s.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthetic_channel import make_channel

TARGET = 5.0
SUBDIRS = ("linux-64", "osx-64", "win-64")


def run_grid(root: Path, specs: list[str], broken: str) -> dict[str, object]:
    """The work that is measured: read two channels, solve 36 cells."""
    from tailrace.channels.broken import parse_broken
    from tailrace.channels.exposure import Question, expose
    from tailrace.channels.records import load_directory

    one, two = load_directory(root / "main"), load_directory(root / "second")
    report = expose(
        Question(tuple(specs), ((one, two), (two, one)), subdirs=SUBDIRS, broken=parse_broken(broken), virtual="auto")
    )
    return {
        "cells": len(report.cells),
        "solved": sum(cell.status == "solved" for cell in report.cells),
        "exposed": sum(bool(cell.exposed) for cell in report.cells),
        "packages": max(len(cell.packages) for cell in report.cells),
        "inexact": sum("optimise" in cell.note for cell in report.cells),
    }


def main() -> int:
    """Make the channels, time the grid in a process of its own; exit 1 over the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--grid", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("specs", nargs="*", default=["mod1300", "mod700", "mod20"])
    options = parser.parse_args()
    if options.grid:
        print(json.dumps(run_grid(options.grid, options.specs, f"{options.specs[-1]} >=1.2 & python >=3.11")))
        return 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        first, modules = make_channel(root / "main", records=options.records, seed=1, subdirs=SUBDIRS)
        second, _ = make_channel(root / "second", records=options.records // 5, seed=2, subdirs=SUBDIRS, tag="b")
        specs = [spec for spec in options.specs if spec in modules] or modules[-1:]
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "--grid", name, *specs], capture_output=True, text=True, check=False
        )
        spent = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{first} + {second} records, {' '.join(specs)}: {spent:.2f} s (target {TARGET:.0f} s), "
        f"{used.ru_utime + used.ru_stime:.2f} s of processor time, exit {done.returncode}"
    )
    print(done.stdout or done.stderr)
    return 0 if done.returncode == 0 and spent < TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
