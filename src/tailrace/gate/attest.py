"""A decision as an in-toto statement with a SLSA verification summary, which other tools read. Signs nothing.

https://in-toto.io/Statement/v1 and https://slsa.dev/verification_summary/v1.
"""

from __future__ import annotations

from typing import Any

from tailrace.gate.decision import Decision, canonical
from tailrace.gate.errors import SubjectError
from tailrace.gate.policy import Policy

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://slsa.dev/verifier/tailrace-gate"


def statement(decision: Decision, policy: Policy, policy_uri: str) -> str:
    """The statement as one line of canonical JSON. `PASSED` is only said of a decision that is `go`.

    `policy.digest` is the sha256 of the policy file. Raises SubjectError when no file of the release is known: a
    statement is about bytes.
    """
    if not decision.subject.files:
        raise SubjectError(
            f"no file of {decision.subject} is known, and a statement is about files.",
            hint="Name the files of the release with --file FILE.",
        )
    from tailrace import __version__

    passed = decision.verdict == "go"
    body: dict[str, Any] = {
        "_type": STATEMENT,
        "subject": [{"name": one.name, "digest": {"sha256": one.sha256}} for one in decision.subject.files],
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
