"""conda with its classic solver, which the model in `solvers.classic` computes."""

from __future__ import annotations

from dataclasses import replace

from tailrace.solvers.classic import encoding
from tailrace.solvers.classic.optimizer import TooHardError
from tailrace.solvers.interface import INSTALLS_FROM_LOCK, ClientModel, Priority, Problem, Solution
from tailrace.solvers.resolvo import ask


def solve(problem: Problem, priority: Priority) -> Solution:
    """The exact optimum, or the other clients' answer with a note where the problem is too large for it."""
    try:
        return encoding.solve(problem, priority, lambda: _ask_others(problem, priority).explanation)
    except TooHardError:
        return replace(_ask_others(problem, priority), note=encoding.TOO_HARD)


def _ask_others(problem: Problem, priority: Priority) -> Solution:
    return ask(problem, priority, modern=False, locked=problem.installed)


CLIENT = ClientModel(
    name="conda",
    title="conda (classic solver)",
    remark="its classic solver",
    engine="classic",
    represents_family=True,
    solve_new=solve,
    solve_existing=solve,
    observed_as="conda (classic solver)",
    record_trust={
        "installed": (
            "ignores",
            "observed with conda 4.12 and 26.7: it takes the channel's record of an installed file",
        ),
        "cached": ("ignores", "observed: the cache keeps the old record, new environments get the channel's"),
        "current-repodata": (
            "trusts",
            "it is asked for first, the whole index only when that does not do; conda issue 11522",
        ),
        "shards": (
            "ignores",
            "observed with conda 26.7: only its search asks for them, installing for repodata.json.zst",
        ),
        "other-form": ("trusts", "it asks for repodata.json, newer ones for repodata.json.zst"),
        "removed": ("trusts", "observed with conda 4.12 and 26.7: a record that is still there is installed"),
        "lock": ("trusts", f"explicit files and conda-lock: {INSTALLS_FROM_LOCK}"),
    },
)
