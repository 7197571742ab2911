"""conda with its rattler solver."""

from __future__ import annotations

from tailrace.solvers.environment import change_as_conda
from tailrace.solvers.fresh import with_rattler
from tailrace.solvers.interface import INSTALLS_FROM_LOCK, ClientModel

CLIENT = ClientModel(
    name="conda-rattler",
    title="conda (rattler solver)",
    engine="rattler",
    solve_new=with_rattler,
    solve_existing=change_as_conda(modern=True),
    note="Modelled on the requests that conda makes of its rattler solver.",
    observed_as="conda (rattler solver)",
    record_trust={
        "installed": ("trusts", "observed with conda 26.7.1 and conda-rattler-solver 0.2.0"),
        "cached": ("ignores", "observed: the cache keeps the old record, new environments get the channel's"),
        "current-repodata": ("ignores", "observed with conda 26.7: it asks for shards"),
        "shards": ("trusts", "observed with conda 26.7: shards are on by default"),
        "other-form": ("trusts", "where there are no shards it asks for repodata.json.zst"),
        "removed": ("ignores", "observed: what is listed as removed is passed over"),
        "lock": ("trusts", f"explicit files and conda-lock: {INSTALLS_FROM_LOCK}"),
    },
)
