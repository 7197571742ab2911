"""Whether patches end the harm and spoil nothing else, cell by cell. Writes nothing."""

from tailrace.hotfix.proving.proof import FAILURES, MEANING, HotfixProof, Outcome, ProofCell, Shift
from tailrace.hotfix.proving.prove import prove
from tailrace.hotfix.proving.requests import Request, default_requests, parse_request

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
