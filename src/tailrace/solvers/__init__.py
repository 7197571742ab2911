"""A problem and a client in, that client's environment out. Never downloads, never runs a client.

`CLIENT_FACTS` lists the clients. A new environment is asked of two families: `conda` is conda's classic solver (4.12 …
26.7 give the same answers), `mamba` stands for all others, conda with its default solver libmamba among them. An
existing environment is changed by each client in its own way.
"""

from __future__ import annotations

from typing import assert_never

from tailrace.conda.records import Installed, VirtualPackage
from tailrace.solvers.interface import (
    CLIENT_FACTS,
    CLIENTS,
    FAMILIES,
    PRIORITIES,
    Client,
    Other,
    Priority,
    Problem,
    Solution,
    Status,
)


def solve(problem: Problem, client: Client, priority: Priority) -> Solution:
    """What the client would install. Raises SpecError for a spec that no client accepts."""
    from dataclasses import replace

    from tailrace.solvers import environment, fresh
    from tailrace.solvers.classic import encoding as conda
    from tailrace.solvers.classic.optimizer import TooHardError

    match client:
        case "conda":
            try:
                return conda.solve(problem, priority, lambda: _like_others(problem, priority).explanation)
            except TooHardError:
                return replace(_like_others(problem, priority), note=conda.TOO_HARD)
        case _ if problem.installed:
            return environment.change(problem, client, priority)
        case "mamba":
            return fresh.for_both(problem, priority)
        case "conda-libmamba":
            return fresh.with_libsolv(problem, priority)
        case "conda-rattler" | "pixi":
            return fresh.with_rattler(problem, priority)
        case _:
            assert_never(client)


def _like_others(problem: Problem, priority: Priority) -> Solution:
    """The answer of a solver that is not conda's own to the same problem, once."""
    from tailrace.solvers.resolvo import ask

    return ask(problem, priority, modern=False, locked=problem.installed)


__all__ = [
    "CLIENTS",
    "CLIENT_FACTS",
    "FAMILIES",
    "PRIORITIES",
    "Client",
    "Installed",
    "Other",
    "Priority",
    "Problem",
    "Solution",
    "Status",
    "VirtualPackage",
    "solve",
]
