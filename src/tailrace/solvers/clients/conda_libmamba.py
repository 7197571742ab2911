"""conda with its libmamba solver."""

from __future__ import annotations

from tailrace.solvers.environment import change_as_conda
from tailrace.solvers.fresh import with_libsolv
from tailrace.solvers.interface import INSTALLS_FROM_LOCK, ClientModel

CLIENT = ClientModel(
    name="conda-libmamba",
    title="conda (libmamba solver, its default since 23.10)",
    remark="its default",
    engine="libsolv",
    solve_new=with_libsolv,
    solve_existing=change_as_conda(modern=False),
    note="Modelled on the requests that conda makes of libmamba, and answered by py-rattler; libsolv may "
    "choose differently where several packages stand in the way.",
    observed_as="conda (libmamba solver, its default)",
    record_trust={
        "installed": ("trusts", "its source: the solver is given the environment's own records"),
        "cached": ("ignores", "the solver does not decide it: new environments get the channel's record"),
        "current-repodata": ("ignores", "its source: it asks for the whole index in place of current_repodata.json"),
        "shards": ("unknown", "conda 26.7 can ask for shards; not observed with this solver"),
        "other-form": ("trusts", "it asks for repodata.json.zst, else for repodata.json"),
        "removed": ("trusts", "the sources of libmamba and libsolv: the list is not read"),
        "lock": ("trusts", f"explicit files and conda-lock: {INSTALLS_FROM_LOCK}"),
    },
)
