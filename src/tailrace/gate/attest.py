"""A decision as an in-toto statement with a SLSA verification summary, which other tools read. Signs nothing.

https://in-toto.io/Statement/v1 and https://slsa.dev/verification_summary/v1.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tailrace.gate.decision import Decision, canonical
from tailrace.gate.policy import Policy

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://slsa.dev/verifier/tailrace-gate"


def statement(decision: Decision, policy: Policy, policy_uri: str, hashes: Collection[str] = ()) -> str:
    """The statement as one line of canonical JSON. `PASSED` is only said of a decision that is `go`.

    `policy.digest` is the sha256 of the policy file. The statement is about the files of the release: those that the
    decision was asked about, else those (`hashes`) that its evidence is about. Where none is known, it is about the
    decision itself, whose id is the sha256 of its canonical text.
    """
    from tailrace import __version__

    files = [(one.name, one.sha256) for one in decision.subject.files]
    files = files or [(str(decision.subject), one) for one in sorted(hashes)]
    files = files or [(f"decision on {decision.subject}", decision.id)]

    passed = decision.verdict == "go"
    body: dict[str, Any] = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in files],
        "predicateType": PREDICATE,
        "predicate": {
            "verifier": {"id": VERIFIER, "version": {"tailrace": __version__}},
            "timeVerified": decision.at,
            "resourceUri": f"{decision.target}::{decision.subject.name}={decision.subject.version}",
            "policy": {"uri": policy_uri, "digest": {"sha256": policy.file_sha256}},
            "inputAttestations": [
                {"uri": f"evidence/{sha256}.json", "digest": {"sha256": sha256}} for sha256 in decision.evidence
            ],
            "verificationResult": "PASSED" if passed else "FAILED",
            "verifiedLevels": [],
            "dependencyLevels": {},
            "slsaVersion": "1.0",
            "decision": {"id": decision.id, "verdict": decision.verdict},
        },
    }
    return canonical(body).decode()
