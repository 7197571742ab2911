"""pixi and rattler."""

from __future__ import annotations

from tailrace.conda.prefixes import is_made_by_pixi
from tailrace.solvers.environment import change_as_pixi
from tailrace.solvers.fresh import with_rattler
from tailrace.solvers.interface import INSTALLS_FROM_LOCK, ClientModel

CLIENT = ClientModel(
    name="pixi",
    title="pixi, rattler",
    engine="rattler",
    pins=False,
    holds_python=False,
    solve_new=with_rattler,
    solve_existing=change_as_pixi,
    changes=is_made_by_pixi,
    note="Modelled as if the environment were made of what its history asked for; pixi itself goes by its manifest "
    "and its lock file.",
    observed_as="rattler, pixi",
    record_trust={
        "installed": ("trusts", "observed with py-rattler 0.28: locked records win over the channel's"),
        "cached": ("ignores", "observed: its cache keeps no repodata_record.json"),
        "current-repodata": ("ignores", "observed: it asks for shards, else for repodata.json.zst"),
        "shards": ("trusts", "observed: the first thing that is asked for"),
        "other-form": ("trusts", "where there are no shards it asks for repodata.json.zst"),
        "removed": ("ignores", "observed: what is listed as removed is passed over"),
        "lock": ("trusts", f"pixi.lock: {INSTALLS_FROM_LOCK}"),
    },
)
