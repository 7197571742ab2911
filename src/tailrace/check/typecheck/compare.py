"""One downstream and two releases of its upstream in, what the candidate newly breaks (as far as types tell) out. Runs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tailrace.check.typecheck.diff import new_diagnostics
from tailrace.check.typecheck.run import run
from tailrace.check.typecheck.session import Setup
from tailrace.check.typecheck.values import Diagnostic, TypecheckRun
from tailrace.model import Artifact

DEFAULT_VERSION = "3.12"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both runs, and what is new. `new` is empty where a file was not checked on either side: see `old`/`new_run` `.unchecked`."""

    old_run: TypecheckRun
    new_run: TypecheckRun
    new: tuple[Diagnostic, ...]


def setup_for(
    downstream: Artifact, upstream: Artifact, python_version: str = DEFAULT_VERSION, extra_paths: Sequence[Path] = ()
) -> Setup:
    """How one side is looked at."""
    return Setup(
        downstream_root=downstream.root,
        downstream_paths=downstream.search_paths,
        upstream_root=upstream.root,
        upstream_paths=tuple(upstream.root / path for path in upstream.search_paths),
        python_version=python_version,
        extra_paths=tuple(extra_paths),
    )


def compare(
    files: Sequence[str],
    *,
    downstream: Artifact,
    old: Artifact,
    new: Artifact,
    python_version: str = DEFAULT_VERSION,
    time_limit: float = 300.0,
    parallel: bool = True,
) -> Comparison:
    """Check `files` of the downstream against the baseline `old` and the candidate `new`, both at once unless `parallel` is off."""
    setups = [setup_for(downstream, side, python_version) for side in (old, new)]
    if parallel:
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda setup: run(files, setup, time_limit=time_limit), setups)
    else:
        first, second = (run(files, setup, time_limit=time_limit) for setup in setups)
    return Comparison(first, second, new_diagnostics(first, second))
