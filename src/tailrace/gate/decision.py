"""A decision (`tailrace.decision/1`) as a value, and its one canonical text: the same facts give the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import msgspec

from tailrace.gate.names import Subject

State = Literal["pass", "waived", "wait", "stop", "unknown", "not-applicable"]
GateVerdict = Literal["go", "wait", "unknown", "stop"]
#: From the best to the worst.
STATES: tuple[State, ...] = ("not-applicable", "pass", "waived", "wait", "unknown", "stop")
EXIT_STATUS: dict[GateVerdict, int] = {"go": 0, "stop": 1, "unknown": 3, "wait": 4}


class WaiverNote(msgspec.Struct, frozen=True, kw_only=True):
    """The waiver that covers a finding. `expires`: the last day that it counts."""

    reason: str
    by: str
    approved_by: str
    expires: str


class GateFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that speaks against the release, or that a reader should know of (`note`, `contained`).

    `fingerprint`: 16 hex digits; a waiver names it. `releases`: the downstream versions that it is about. `place`:
    `file:line` in the downstream, empty where there is none.
    """

    fingerprint: str
    state: Literal["stop", "wait", "waived", "contained", "note"]
    message: str
    place: str = ""
    releases: tuple[str, ...] = ()
    waiver: WaiverNote | None = None


class NextStep(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Who must act, what they must do, and a command that does or begins it (empty where there is none)."""

    rule: str
    who: str
    what: str
    command: str = ""


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule says. `reason`: one sentence. `opens_at`: when time alone makes it pass, ISO 8601 UTC, null where
    it does not. `evidence`: the hashes that it used.
    """

    id: str
    kind: str
    state: State
    reason: str
    findings: tuple[GateFinding, ...] = ()
    opens_at: str | None = None
    evidence: tuple[str, ...] = ()


class PolicyNote(msgspec.Struct, frozen=True, kw_only=True):
    """The policy that was applied. `sha256`: of what of it is in force at the moment of the decision."""

    id: str
    sha256: str


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs the release."""

    lead: str
    shadow: str | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one subject and one target. Format `tailrace.decision/1`; fields are only ever added.

    `id`: sha256 of the rest. `at`: the moment that it is for. `together`: the releases that go out with it. `opens_at`:
    the first moment at which time alone opens the gate; null when it is open, or when somebody must act.
    """

    schema: Literal["tailrace.decision/1"] = "tailrace.decision/1"
    id: str = ""
    subject: Subject
    together: tuple[str, ...] = ()
    target: str
    at: str
    verdict: GateVerdict
    opens_at: str | None = None
    rules: tuple[RuleResult, ...]
    next: tuple[NextStep, ...] = ()
    evidence: tuple[str, ...] = ()
    policy: PolicyNote
    calendar: str | None = None
    rota: Rota | None = None

    @property
    def exit_status(self) -> int:
        """0 go, 1 stop, 3 unknown, 4 wait."""
        return EXIT_STATUS[self.verdict]


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, without blanks, in ASCII: no character in it can deceive a reader. No floats come in."""
    data = msgspec.to_builtins(value)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    # Runners of CI services obey `##[command]` in mid-line; outside of strings JSON has no number sign.
    return text.replace("##", "\\u0023#").encode("ascii")


def sealed(decision: Decision) -> Decision:
    """The decision with its id."""
    bare = msgspec.to_builtins(msgspec.structs.replace(decision, id=""))
    del bare["id"]
    return msgspec.structs.replace(decision, id=hashlib.sha256(canonical(bare)).hexdigest())


def encode_decision(decision: Decision) -> bytes:
    """One line, without its line break."""
    return canonical(decision)


def fingerprint_of(*parts: str) -> str:
    """16 hex digits for what has no fingerprint of its own."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]
