"""Random changes of existing environments: what conda makes of them, and what the model of conda does.

`PYTHONPATH=CONDA_SOURCES python benchmarks/solver_changes.py ask 100 --seed 7 > changes.jsonl`, by an interpreter that
can import conda, solves a random problem with part of its records, writes the environment down as conda would, brings
the other records in, and asks for one package more, as `conda install` does: first with all else frozen, then not.
`python benchmarks/solver_changes.py compare changes.jsonl`, by Tailrace's, says how often the model answers the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import solver_oracle
import solver_problems

BOUNDS = ("", "", ">=2.0", ">=3.0", ">=1.1", "<2.0", ">1.0")


def write_environment(prefix: Path, records: list[Any], specs: list[str]) -> None:
    """An environment as far as a solver reads it: its packages, and the history of what was asked for."""
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True, exist_ok=True)
    (meta / "history").write_text(f"==> 2022-05-01 00:00:00 <==\n# cmd: conda create\n# update specs: {specs!r}\n")
    for record in records:
        entry = json.loads(json.dumps(dict(record.dump()), default=str))
        entry |= {"files": [], "paths_data": {"paths": [], "paths_version": 1}}
        (meta / f"{record.name}-{record.version}-{record.build}.json").write_text(json.dumps(entry))


def label(record: Any) -> str:
    """`channel::name-version-build`."""
    channel = str(record.channel.canonical_name).rsplit("/", 1)[-1]
    return f"{channel}::{record.name}-{record.version}-{record.build}"


def ask(count: int, seed: int, wild: bool, root: Path) -> None:
    """Write `count` changes, one JSON object a line."""
    os.environ.update(
        CONDARC=os.devnull, CONDA_ADD_PIP_AS_PYTHON_DEPENDENCY="false", CONDA_SOLVER="classic",
        CONDA_SUBDIR="linux-64", CONDA_QUIET="true", CONDA_JSON="true", CONDA_PKGS_DIRS=str(root / "pkgs"),
    )  # fmt: skip
    from conda.base.constants import UpdateModifier  # type: ignore[import-not-found]
    from conda.base.context import reset_context  # type: ignore[import-not-found]
    from conda.core.prefix_data import PrefixData  # type: ignore[import-not-found]
    from conda.core.solve import Solver  # type: ignore[import-not-found]
    from conda.core.subdir_data import SubdirData  # type: ignore[import-not-found]
    from conda.exceptions import (  # type: ignore[import-not-found]
        PackagesNotFoundError,
        ResolvePackageNotFound,
        UnsatisfiableError,
    )
    from conda.models.channel import Channel  # type: ignore[import-not-found]
    from conda.models.match_spec import MatchSpec  # type: ignore[import-not-found]

    refused = (PackagesNotFoundError, ResolvePackageNotFound, UnsatisfiableError)

    def solve(prefix: Path, channels: list[Any], specs: list[str], **how: Any) -> list[Any] | None:
        PrefixData._cache_.clear()
        solver = Solver(str(prefix), channels, ("linux-64", "noarch"), [MatchSpec(text) for text in specs], ())
        solver._command = "install"
        try:
            return [one for one in solver.solve_final_state(**how) if not one.name.startswith("__")]
        except refused:
            return None

    made = number = 0
    while made < count:
        number += 1
        problem = solver_problems.make_problem(number, seed, wild)
        source = random.Random(f"change-{seed}-{number}")
        early = {
            name: {file: record for file, record in packages.items() if source.random() < 0.55}
            for name, packages in problem["channels"].items()
        }
        mode = source.choice(solver_oracle.MODES)
        os.environ["CONDA_CHANNEL_PRIORITY"] = mode
        reset_context(())
        before, after = root / f"{number}-before", root / f"{number}"
        solver_oracle.write_channels({"channels": early}, after)
        channels = [Channel((after / name).as_uri()) for name in early]
        found = solve(root / "none", channels, problem["specs"])
        if found is None:
            continue
        write_environment(before, found, problem["specs"])
        for name in early:
            (after / name / "noarch" / "repodata.json").unlink()
        for name, packages in problem["channels"].items():
            parts: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
            for file, record in packages.items():
                parts["packages.conda" if file.endswith(".conda") else "packages"][file] = record
            (after / name / "noarch" / "repodata.json").write_text(json.dumps({"info": {"subdir": "noarch"}, **parts}))
        SubdirData._cache_.clear()
        wanted = source.choice(sorted({r["name"] for p in problem["channels"].values() for r in p.values()}))
        wanted += source.choice(BOUNDS)
        answer = solve(before, channels, [wanted], update_modifier=UpdateModifier.FREEZE_INSTALLED)
        if answer is None:
            answer = solve(before, channels, [wanted], update_modifier=UpdateModifier.UPDATE_SPECS)
        names = {MatchSpec(text).name: text for text in problem["specs"]}
        row = {
            "id": number,
            "channels": problem["channels"],
            "priority": mode,
            "installed": [[label(one).partition("::")[0], one.fn, names.get(one.name)] for one in found],
            "asked": wanted,
            "answer": "UNSAT" if answer is None else sorted(map(label, answer)),
        }
        print(json.dumps(row, sort_keys=True), flush=True)
        made += 1


def compare(path: Path, verbose: bool) -> int:
    """Print how often the model of conda gives the same; exit 1 when it disagrees on what can be solved."""
    from tailrace.conda.repodata import channel_from_packages
    from tailrace.solvers import Installed, Problem, solve

    counts: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        row = json.loads(line)
        channels = tuple(channel_from_packages(name, {"noarch": p}) for name, p in row["channels"].items())
        known = {(c.name, r.file_name): (r, c.url) for c in channels for r in c.records()}
        installed = tuple(Installed(*known[channel, file], spec) for channel, file, spec in row["installed"])
        problem = Problem((row["asked"],), channels, installed=installed, add_pip=False)
        solution = solve(problem, "conda", row["priority"])
        found = list(solution.packages) if solution.status == "solved" else "UNSAT"
        counts["changes"] += 1
        counts["same"] += found == row["answer"]
        counts["feasibility"] += (found == "UNSAT") == (row["answer"] == "UNSAT")
        if verbose and found != row["answer"]:
            print(f"#{row['id']} {row['priority']} {row['asked']}: expected {row['answer']}, found {found}")
    print(
        f"same packages {counts['same']}/{counts['changes']}, feasibility {counts['feasibility']}/{counts['changes']}"
    )
    return int(counts["feasibility"] != counts["changes"])


def main() -> int:
    """Ask conda, or compare with what it said."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    asking = commands.add_parser("ask")
    asking.add_argument("count", type=int)
    asking.add_argument("--seed", type=int, default=0)
    asking.add_argument("--wild", action="store_true")
    comparing = commands.add_parser("compare")
    comparing.add_argument("file", type=Path)
    comparing.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if options.command == "compare":
        return compare(options.file, options.verbose)
    with tempfile.TemporaryDirectory() as root:
        ask(options.count, options.seed, options.wild, Path(root))
    return 0


if __name__ == "__main__":
    sys.exit(main())
