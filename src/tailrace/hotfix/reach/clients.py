"""Which old records each client believes, with the source of each statement. A table; asks no client.

"Observed" means: the real client was run against a channel that was patched after a package had been installed or
cached.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Trust = Literal["trusts", "ignores", "unknown"]
Kind = Literal["installed", "cached", "current-repodata", "shards", "other-form", "removed", "lock"]

KINDS: dict[Kind, str] = {
    "installed": "an installed package's own record (conda-meta)",
    "cached": "a downloaded package's record (info/repodata_record.json)",
    "current-repodata": "current_repodata.json",
    "shards": "the sharded index",
    "other-form": "a served form of the index",
    "removed": "a record of a file that is listed as removed",
    "lock": "a lock file",
}


class ClientFact(msgspec.Struct, frozen=True, kw_only=True):
    """One statement: whether a client takes what stands there for the truth, and how that is known."""

    client: str
    kind: Kind
    trust: Trust
    source: str


CLASSIC = "conda (classic solver)"
WITH_LIBMAMBA = "conda (libmamba solver, its default)"
WITH_RATTLER = "conda (rattler solver)"
MAMBA = "mamba 1.x, micromamba 1.x"
PIXI = "rattler, pixi"
CLIENT_NAMES = (CLASSIC, WITH_LIBMAMBA, WITH_RATTLER, MAMBA, PIXI)


def _facts(kind: Kind, *rows: tuple[str, Trust, str]) -> tuple[ClientFact, ...]:
    return tuple(ClientFact(client=client, kind=kind, trust=trust, source=source) for client, trust, source in rows)


_LOCKED = "installing from a lock file solves nothing"
FACTS: tuple[ClientFact, ...] = (
    *_facts(
        "installed",
        (CLASSIC, "ignores", "observed with conda 4.12 and 26.7: it takes the channel's record of an installed file"),
        (WITH_LIBMAMBA, "trusts", "its source: the solver is given the environment's own records"),
        (WITH_RATTLER, "trusts", "observed with conda 26.7.1 and conda-rattler-solver 0.2.0"),
        (MAMBA, "trusts", "observed with micromamba 1.5.12; mamba issues 1719, 3954, 4156"),
        (PIXI, "trusts", "observed with py-rattler 0.28: locked records win over the channel's"),
    ),
    *_facts(
        "cached",
        (CLASSIC, "ignores", "observed: the cache keeps the old record, new environments get the channel's"),
        (
            WITH_LIBMAMBA,
            "ignores",
            "the solver does not decide it: new environments get the channel's record",
        ),
        (WITH_RATTLER, "ignores", "observed: the cache keeps the old record, new environments get the channel's"),
        (MAMBA, "trusts", "observed with micromamba 1.5.12: an environment made after the hotfix got the old record"),
        (PIXI, "ignores", "observed: its cache keeps no repodata_record.json"),
    ),
    *_facts(
        "current-repodata",
        (CLASSIC, "trusts", "it is asked for first, the whole index only when that does not do; conda issue 11522"),
        (WITH_LIBMAMBA, "ignores", "its source: it asks for the whole index in place of current_repodata.json"),
        (WITH_RATTLER, "ignores", "observed with conda 26.7: it asks for shards"),
        (MAMBA, "ignores", "it asks for repodata.json or its packed form"),
        (PIXI, "ignores", "observed: it asks for shards, else for repodata.json.zst"),
    ),
    *_facts(
        "shards",
        (
            CLASSIC,
            "ignores",
            "observed with conda 26.7: only its search asks for them, installing for repodata.json.zst",
        ),
        (WITH_LIBMAMBA, "unknown", "conda 26.7 can ask for shards; not observed with this solver"),
        (WITH_RATTLER, "trusts", "observed with conda 26.7: shards are on by default"),
        (MAMBA, "ignores", "it knows no shards"),
        (PIXI, "trusts", "observed: the first thing that is asked for"),
    ),
    *_facts(
        "other-form",
        (CLASSIC, "trusts", "it asks for repodata.json, newer ones for repodata.json.zst"),
        (WITH_LIBMAMBA, "trusts", "it asks for repodata.json.zst, else for repodata.json"),
        (WITH_RATTLER, "trusts", "where there are no shards it asks for repodata.json.zst"),
        (MAMBA, "trusts", "it asks for repodata.json.zst, else for repodata.json"),
        (PIXI, "trusts", "where there are no shards it asks for repodata.json.zst"),
    ),
    *_facts(
        "removed",
        (CLASSIC, "trusts", "observed with conda 4.12 and 26.7: a record that is still there is installed"),
        (WITH_LIBMAMBA, "trusts", "the sources of libmamba and libsolv: the list is not read"),
        (WITH_RATTLER, "ignores", "observed: what is listed as removed is passed over"),
        (MAMBA, "trusts", "the sources of libmamba and libsolv: the list is not read"),
        (PIXI, "ignores", "observed: what is listed as removed is passed over"),
    ),
    *_facts(
        "lock",
        (CLASSIC, "trusts", f"explicit files and conda-lock: {_LOCKED}"),
        (WITH_LIBMAMBA, "trusts", f"explicit files and conda-lock: {_LOCKED}"),
        (WITH_RATTLER, "trusts", f"explicit files and conda-lock: {_LOCKED}"),
        (MAMBA, "trusts", f"explicit files and conda-lock: {_LOCKED}"),
        (PIXI, "trusts", f"pixi.lock: {_LOCKED}"),
    ),
)


def trusting(kind: Kind) -> tuple[str, ...]:
    """The clients that take it for the truth."""
    return tuple(fact.client for fact in FACTS if fact.kind == kind and fact.trust == "trusts")
