"""Whether patches end the harm and spoil nothing else, cell by cell. Writes nothing."""

from tailrace.hotfix.prove.proof import FAILURES, MEANING, HotfixProof, Outcome, ProofCell, Shift
from tailrace.hotfix.prove.prove import prove
from tailrace.hotfix.prove.requests import Request, default_requests, parse_request

__all__ = [
    "FAILURES",
    "MEANING",
    "HotfixProof",
    "Outcome",
    "ProofCell",
    "Request",
    "Shift",
    "default_requests",
    "parse_request",
    "prove",
]
