"""Which old records each client believes, with the source of each statement, as the clients' modules have it."""

from __future__ import annotations

import msgspec

from tailrace.solvers import CLIENT_MODELS
from tailrace.solvers.interface import RecordCopy, Trust

Kind = RecordCopy

KINDS: dict[Kind, str] = {
    "installed": "an installed package's own record (conda-meta)",
    "cached": "a downloaded package's record (info/repodata_record.json)",
    "current-repodata": "current_repodata.json",
    "shards": "the sharded index",
    "other-form": "a served form of the index",
    "removed": "a record of a file that is listed as removed",
    "lock": "a lock file",
}


class TrustFact(msgspec.Struct, frozen=True, kw_only=True):
    """One statement: whether a client takes what stands there for the truth, and how that is known."""

    client: str
    kind: Kind
    trust: Trust
    source: str


CLIENT_NAMES = tuple(model.observed_as or model.title for model in CLIENT_MODELS.values())
#: Every kind with every client; `unknown` where the client's module has no statement.
FACTS: tuple[TrustFact, ...] = tuple(
    TrustFact(client=model.observed_as or model.title, kind=kind, trust=trust, source=source)
    for kind in KINDS
    for model in CLIENT_MODELS.values()
    for trust, source in (model.record_trust.get(kind, ("unknown", "not observed")),)
)


def clients_that_trust(kind: Kind) -> tuple[str, ...]:
    """The clients that take it for the truth."""
    return tuple(fact.client for fact in FACTS if fact.kind == kind and fact.trust == "trusts")
