"""Answers solver problems with real conda. Run it by an interpreter that can import conda, not Tailrace.

`PYTHONPATH=CONDA_SOURCES python benchmarks/solver_oracle.py < problems.jsonl > answered.jsonl`, then
`python benchmarks/solver.py answered.jsonl`. Works from conda 4.12 (Python 3.7) to 26.7. With `--rattler` it is an
interpreter with py-rattler instead: whole repodata, which answered like micromamba in all recorded problems.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MODES = ("strict", "flexible", "disabled")


def write_channels(problem: Any, folder: Path) -> list[str]:
    """The channels as folders; their names in order."""
    for name, packages in problem["channels"].items():
        by_type: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
        for file_name, record in packages.items():
            by_type["packages.conda" if file_name.endswith(".conda") else "packages"][file_name] = record
        for subdir, content in (("noarch", by_type), ("linux-64", {"packages": {}, "packages.conda": {}})):
            place = folder / name / subdir
            place.mkdir(parents=True)
            text = json.dumps({"info": {"subdir": subdir}, "repodata_version": 1, **content})
            (place / "repodata.json").write_text(text)
    return list(problem["channels"])


def ask_conda(problem: Any, folder: Path, names: list[str]) -> dict[str, Any]:
    """conda's classic solver, in-process, for a new environment."""
    from conda.base.context import context, reset_context  # type: ignore[import-not-found]
    from conda.core.solve import Solver  # type: ignore[import-not-found]
    from conda.exceptions import (  # type: ignore[import-not-found]
        PackagesNotFoundError,
        ResolvePackageNotFound,
        UnsatisfiableError,
    )
    from conda.models.channel import Channel  # type: ignore[import-not-found]
    from conda.models.match_spec import MatchSpec  # type: ignore[import-not-found]

    answers: dict[str, Any] = {}
    for mode in MODES:
        os.environ["CONDA_CHANNEL_PRIORITY"] = mode
        reset_context(())
        assert str(context.channel_priority).endswith(mode)
        channels = [Channel((folder / name).as_uri()) for name in names]
        solver = Solver(
            str(folder / "none"), channels, ("linux-64", "noarch"), [MatchSpec(text) for text in problem["specs"]], ()
        )
        try:
            found = solver.solve_final_state()
        except (PackagesNotFoundError, ResolvePackageNotFound, UnsatisfiableError):
            answers[mode] = "UNSAT"
        else:
            answers[mode] = sorted(
                "{}::{}-{}-{}".format(
                    str(one.channel.canonical_name).rsplit("/", 1)[-1], one.name, one.version, one.build
                )
                for one in found
                if not one.name.startswith("__")
            )
    return answers


def ask_rattler(problem: Any, folder: Path, names: list[str]) -> dict[str, Any]:
    """rattler's solver on whole repodata files."""
    import asyncio

    import rattler
    from rattler.exceptions import SolverError

    sources = [
        rattler.SparseRepoData(
            rattler.Channel((folder / name).as_uri()), subdir, folder / name / subdir / "repodata.json"
        )
        for name in names
        for subdir in ("linux-64", "noarch")
    ]
    answers: dict[str, Any] = {}
    for mode in MODES:
        work = rattler.solve_with_sparse_repodata(
            [rattler.MatchSpec(text) for text in problem["specs"]],
            sources,
            channel_priority=getattr(rattler.ChannelPriority, mode.capitalize()),
        )
        try:
            found = asyncio.run(work)
        except SolverError:
            answers[mode] = "UNSAT"
        else:
            answers[mode] = sorted(
                f"{one.channel.rstrip('/').rsplit('/', 1)[-1]}::{one.name.normalized}-{one.version}-{one.build}"
                for one in found
            )
    return answers


def main() -> None:
    """Answer every problem of standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rattler", action="store_true")
    options = parser.parse_args()
    if options.rattler:
        atexit.register(time.sleep, 0.1)  # before the import: the library can crash at exit
        label, ask = "micromamba-1.5.12", ask_rattler
    else:
        os.environ.update(
            CONDARC=os.devnull,
            CONDA_ADD_PIP_AS_PYTHON_DEPENDENCY="false",
            CONDA_SOLVER="classic",
            CONDA_SUBDIR="linux-64",
            CONDA_QUIET="true",
            CONDA_JSON="true",
        )
        import conda  # type: ignore[import-not-found]

        label, ask = "conda-" + ("4.12" if conda.__version__.startswith("4.") else "26.7-classic"), ask_conda
    with tempfile.TemporaryDirectory() as root:
        os.environ["CONDA_PKGS_DIRS"] = str(Path(root) / "pkgs")
        for line in sys.stdin:
            problem = json.loads(line)
            folder = Path(root) / "problem-{}".format(problem["id"])
            names = write_channels(problem, folder)
            problem.setdefault("answers", {})
            try:
                problem["answers"][label] = ask(problem, folder, names)
            except ValueError as error:  # conda fails by itself on a record that contradicts itself
                print(f"problem {problem['id']}: no answer ({' '.join(str(error).split())})", file=sys.stderr)
            print(json.dumps(problem), flush=True)  # the order of the channels is their priority


if __name__ == "__main__":
    main()
