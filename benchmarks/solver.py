"""Compares our answers with the recorded ones of real clients: `python benchmarks/solver.py [FILE] [--verbose]
[--json]`.

Each line of the file is one problem over two channels with what real clients answered under every priority.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailrace.conda.repodata import channel_from_packages
from tailrace.solvers import FAMILIES as ASKED
from tailrace.solvers import PRIORITIES, Client, Priority, Problem, solve

RECORDED = Path(__file__).resolve().parents[1] / "tests/data/solver/recorded.jsonl.gz"

#: Recorded client → the family that stands for it.
FAMILIES: dict[str, Client] = {"conda-4.12": "conda", "conda-26.7-classic": "conda", "micromamba-1.5.12": "mamba"}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One cell that differs from the recorded answer."""

    problem: Any
    client: str
    priority: Priority
    expected: Any
    found: Any
    note: str


def read_problems(path: Path) -> Iterator[tuple[Any, Problem, dict[str, dict[str, Any]]]]:
    """Every problem with its id and its recorded answers."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            row = json.loads(line)
            channels = []
            for name, packages in row["channels"].items():
                by_subdir: dict[str, dict[str, Any]] = {"noarch": {}}
                for file_name, record in packages.items():
                    by_subdir.setdefault(record.get("subdir", "noarch"), {})[file_name] = record
                channels.append(channel_from_packages(name, by_subdir))
            yield row["id"], Problem(tuple(row["specs"]), tuple(channels), add_pip=False), row["answers"]


def compare(path: Path) -> tuple[dict[str, dict[str, int]], list[Disagreement], dict[str, float]]:
    """Counts of equal answers and of equal feasibility per recorded client and priority; the differences; seconds
    per family.
    """
    counts: dict[str, Counter[str]] = {}
    differences: list[Disagreement] = []
    seconds = {"conda": 0.0, "mamba": 0.0}
    for number, problem, answers in read_problems(path):
        for priority in PRIORITIES:
            for family in ASKED:
                started = time.perf_counter()
                solution = solve(problem, family, priority)
                seconds[family] += time.perf_counter() - started
                found = list(solution.packages) if solution.status == "solved" else "UNSAT"
                for client, recorded in answers.items():
                    if FAMILIES.get(client) != family or priority not in recorded:
                        continue
                    expected = recorded[priority]
                    row = counts.setdefault(f"{client} {priority}", Counter())
                    row["problems"] += 1
                    row["same"] += found == expected
                    row["feasibility"] += (found == "UNSAT") == (expected == "UNSAT")
                    if found != expected:
                        differences.append(Disagreement(number, client, priority, expected, found, solution.note))
    return {name: dict(row) for name, row in sorted(counts.items())}, differences, seconds


def main() -> int:
    """Print the table; exit 1 when an agreement falls under its target (mamba 100 %, conda 99 %, feasibility 100 %)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=RECORDED)
    parser.add_argument("--verbose", action="store_true", help="list every disagreement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.file.exists():
        print(f"{options.file} is not there: nothing to compare with.", file=sys.stderr)
        return 3
    counts, differences, seconds = compare(options.file)
    if options.json:
        rows = [d.__dict__ if hasattr(d, "__dict__") else {k: getattr(d, k) for k in d.__slots__} for d in differences]
        print(json.dumps({"counts": counts, "seconds": seconds, "disagreements": rows}, indent=1))
    else:
        print(f"{'client':<20} {'priority':<9} {'same packages':>18} {'same feasibility':>18}")
        for name, row in counts.items():
            client, priority = name.split(" ")
            n = row["problems"]
            same, feasible = row["same"], row["feasibility"]
            print(f"{client:<20} {priority:<9} {same:>6}/{n} {same / n:>9.2%} {feasible:>8}/{n} {feasible / n:>7.1%}")
        print("  ".join(f"{family}: {spent:.2f} s" for family, spent in seconds.items()))
        for d in differences if options.verbose else ():
            print(
                f"#{d.problem} {d.client} {d.priority}: expected {d.expected}, found {d.found} ({d.note or 'no note'})"
            )
    missed = any(
        row["feasibility"] < row["problems"]
        or row["same"] / row["problems"] < (1.0 if FAMILIES[name.split(" ")[0]] == "mamba" else 0.99)
        for name, row in counts.items()
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
