"""mamba and micromamba. In a new environment the column also stands for all clients but conda's classic solver."""

from __future__ import annotations

from tailrace.solvers.environment import change_as_mamba
from tailrace.solvers.fresh import for_both
from tailrace.solvers.interface import INSTALLS_FROM_LOCK, ClientModel

CLIENT = ClientModel(
    name="mamba",
    title="mamba, micromamba",
    engine="libsolv",
    keeps=True,
    represents_family=True,
    solve_new=for_both,
    solve_existing=change_as_mamba,
    note="Modelled: py-rattler keeps all that may stay, as libsolv does.",
    observed_as="mamba 1.x, micromamba 1.x",
    record_trust={
        "installed": ("trusts", "observed with micromamba 1.5.12; mamba issues 1719, 3954, 4156"),
        "cached": (
            "trusts",
            "observed with micromamba 1.5.12: an environment made after the hotfix got the old record",
        ),
        "current-repodata": ("ignores", "it asks for repodata.json or its packed form"),
        "shards": ("ignores", "it knows no shards"),
        "other-form": ("trusts", "it asks for repodata.json.zst, else for repodata.json"),
        "removed": ("trusts", "the sources of libmamba and libsolv: the list is not read"),
        "lock": ("trusts", f"explicit files and conda-lock: {INSTALLS_FROM_LOCK}"),
    },
)
