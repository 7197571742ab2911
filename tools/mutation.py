"""Change one thing at a time in the rooms that decide, and count the changes that no test notices.

    make mutation                      # a sample of 200 changes
    make mutation MUTANTS=1000 SEED=7  # a larger one
    make mutation MUTANTS=0            # every change: hours
    make mutation PER_FILE=40          # a sample of 40 changes of each file
    make mutation PER_FILE=40 ONLY=python.semantics.signatures

mutmut makes the changes and runs for each the tests that reach it (`[tool.mutmut]` in pyproject.toml). What is printed
is the table of `docs/benchmarks.md`; `mutmut show NAME` shows a change that survived.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

#: How mutmut calls a change that a test noticed.
KILLED = ("killed", "timeout", "caught by type check")


def main() -> int:
    """Runs the sample and prints killed and surviving changes for each room."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=200, help="how many changes in all, 0 for every one")
    parser.add_argument("--per-file", type=int, default=0, help="how many changes of each file, instead of in all")
    parser.add_argument("--only", default="", help="modules whose name begins with this, such as python.semantics")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    mutmut("run", "--max-children", "1", "tailrace.nothing_of_this_name*", check=False)  # makes the changes only
    names = sorted(name for name in results() if name.startswith(f"tailrace.{options.only}"))
    if not names:
        print("mutmut made no changes: see what it printed above", file=sys.stderr)
        return 3
    chosen = sample(names, options.mutants, options.per_file, options.seed)
    mutmut("run", "--max-children", str(options.jobs), *chosen, check=False)
    outcome = results()
    print(table([(name, outcome.get(name, "not checked")) for name in chosen], len(names), options.seed))
    return 0


def sample(names: list[str], mutants: int, per_file: int, seed: int) -> list[str]:
    """So many of the changes: of each file where `per_file` is given, else in all; 0 means every one."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.rpartition(".")[0] if per_file else "", []).append(name)
    most = per_file or mutants or len(names)
    draw = random.Random(seed)  # noqa: S311 - a sample
    return sorted(name for group in groups.values() for name in draw.sample(group, min(most, len(group))))


def table(outcomes: list[tuple[str, str]], total: int, seed: int) -> str:
    """Markdown: a row for each room, with changes that were noticed, that survived, and that no test reaches."""
    rooms: dict[str, Counter[str]] = {}
    for name, outcome in outcomes:
        kind = "killed" if outcome in KILLED else "survived" if outcome == "survived" else "other"
        rooms.setdefault(room(name), Counter())[kind] += 1
    rows = [
        f"{len(outcomes)} of {total} changes (seed {seed})",
        "",
        "| room | noticed | survived | not decided | surviving share |",
        "|---|---|---|---|---|",
    ]
    for place, found in [*sorted(rooms.items()), ("all", sum(rooms.values(), Counter[str]()))]:
        decided = found["killed"] + found["survived"]
        share = f"{100 * found['survived'] / decided:.0f} %" if decided else "-"
        rows.append(f"| {place} | {found['killed']} | {found['survived']} | {found['other']} | {share} |")
    return "\n".join(rows)


def room(name: str) -> str:
    """`python/semantics` of `tailrace.python.semantics.resolver.x_f__mutmut_1`."""
    return "/".join(name.split(".")[1:3]) if not name.startswith("tailrace.solvers") else "solvers"


def results() -> dict[str, str]:
    """The outcome of each change, by name; `not checked` for one that was not run."""
    lines = mutmut("results", "--all", "true", capture=True).splitlines()
    pairs = (line.strip().partition(": ") for line in lines if "__mutmut_" in line)
    return {name: outcome for name, _, outcome in pairs}


def mutmut(*arguments: str, capture: bool = False, check: bool = True) -> str:
    """Runs mutmut in the project's root; what it prints, where asked."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=check,
    )
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main())
