"""A problem and a client in, that client's environment out: two families, one question. Never downloads, never runs
a client.

`conda`: conda's classic solver (4.12 … 26.7 give the same answers). `mamba`: mamba, micromamba, pixi, rattler, and
conda with its rattler solver.
"""

from __future__ import annotations

from typing import assert_never

from tailrace.channels.clients.interface import (
    CLIENTS,
    PRIORITIES,
    Client,
    Installed,
    Priority,
    Problem,
    Solution,
    Status,
    VirtualPackage,
)


def solve(problem: Problem, client: Client, priority: Priority) -> Solution:
    """What the client would install. Raises SpecError for a spec that no client accepts."""
    from dataclasses import replace

    from tailrace.channels.clients import conda, mamba
    from tailrace.channels.clients.optimum import TooHardError

    match client:
        case "mamba":
            return mamba.solve(problem, priority)
        case "conda":
            try:
                return conda.solve(problem, priority, lambda: mamba.solve(problem, priority).explanation)
            except TooHardError:
                return replace(mamba.solve(problem, priority), note=conda.TOO_HARD)
        case _:
            assert_never(client)


__all__ = [
    "CLIENTS",
    "PRIORITIES",
    "Client",
    "Installed",
    "Priority",
    "Problem",
    "Solution",
    "Status",
    "VirtualPackage",
    "solve",
]
