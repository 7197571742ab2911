"""What each conda client would install: a problem and a client give that client's environment.

Each client is one module of `solvers.clients`. Nothing is downloaded, and no client is run.
"""

from __future__ import annotations

from tailrace.conda.records import Installed, VirtualPackage
from tailrace.solvers.interface import (
    PRIORITIES,
    Client,
    ClientModel,
    Other,
    Priority,
    Problem,
    Solution,
    Solver,
    Status,
)
from tailrace.solvers.registry import CLIENT_MODELS, CLIENTS, FAMILIES


def solve(problem: Problem, client: Client, priority: Priority) -> Solution:
    """What the client would install. Raises SpecError for a spec that no client accepts."""
    return CLIENT_MODELS[client].solve(problem, priority)


__all__ = [
    "CLIENTS",
    "CLIENT_MODELS",
    "FAMILIES",
    "PRIORITIES",
    "Client",
    "ClientModel",
    "Installed",
    "Other",
    "Priority",
    "Problem",
    "Solution",
    "Solver",
    "Status",
    "VirtualPackage",
    "solve",
]
