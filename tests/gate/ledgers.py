"""Small ledgers for tests: a policy, reports and channel states, made on the spot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tailrace.gate.evaluate import Facts, evaluate
from tailrace.gate.evidence import Evidence, hash_of, make_evidence, parse_evidence
from tailrace.gate.moments import parse_time
from tailrace.gate.names import Subject, parse_subject
from tailrace.gate.policy import parse_policy

HEAD = """
schema = "tailrace.policy/1"
id = "test"
subjects = ["up", "down"]
targets = ["one/main", "two/main"]
max-waiver = "90d"
[groups.pair]
members = ["up", "down"]
"""
CHECK = '[[rules]]\nid = "checked"\nkind = "check"\nversions = "listed"\n'
UP = Subject(name="up", version="2.0")
AT = "2026-03-03T12:00Z"


def finding(symbol: str = "up.gone", fingerprint: str = "0123456789abcdef", **more: Any) -> dict[str, Any]:
    """A finding that counts as a break."""
    return {
        "rule": "name-removed", "confidence": "certain", "severity": "error", "symbol": symbol, "file": "down/a.py",
        "line": 7, "fingerprint": fingerprint, **more,
    }  # fmt: skip


def report(*downstreams: tuple[str, str, str], baseline: str = "1.0", sha256: str | None = None, **more: Any) -> bytes:
    """A check report of `up 2.0`: `(name, version, status)` of each downstream. `findings`: of those that break."""
    found = more.pop("findings", [finding()])
    statuses = [status for _, _, status in downstreams]
    counts = {
        "downstreams": len(statuses), "breaks": statuses.count("breaks"), "contained": statuses.count("contained"),
        "possible": statuses.count("possible"), "clear": statuses.count("clear"),
        "not_checked": statuses.count("not-checked"),
    }  # fmt: skip
    verdict = "breaks" if counts["breaks"] else "incomplete" if counts["not_checked"] else "clear"
    entries = [
        {
            "name": name, "version": version, "spec": f"{name}=={version}", "status": status,
            "reason": "it is too large" if status == "not-checked" else None,
            "findings": found if status in ("breaks", "contained") else [],
            **more.pop(f"{name} {version}", {}),
        }
        for name, version, status in downstreams
    ]  # fmt: skip
    return json.dumps(
        {
            "schema": "tailrace.check/1", "tool": {"name": "tailrace", "version": "0"},
            "candidate": {"name": "up", "version": "2.0", "spec": "up==2.0", "source": "pypi", "sha256": sha256},
            "baseline": {"name": "up", "version": baseline, "spec": f"up=={baseline}", "source": "pypi"},
            "verdict": verdict, "counts": counts, "downstreams": entries, **more,
        }
    ).encode()  # fmt: skip


def state(channel: str, *offered: tuple[Any, ...], **more: Any) -> bytes:
    """A channel's state for `up 2.0`: `(name, version)`, `(name, version, admits)` or with `since` after that."""
    entries = []
    for name, version, *rest in offered:
        entry: dict[str, Any] = {"name": name, "version": version, "build": "0"}
        if rest and rest[0] is not None:
            entry |= {"admits": rest[0], "requires": ["up >=1" if rest[0] else "up <2"]}
        if len(rest) > 1:
            entry["since"] = rest[1]
        entries.append(entry)
    return json.dumps(
        {
            "schema": "tailrace.channel-state/1", "channel": channel, "subject": {"name": "up", "version": "2.0"},
            "as_of": AT, "offered": entries, **more,
        }
    ).encode()  # fmt: skip


def evidence(data: bytes, made_at: str = AT, **more: Any) -> Evidence:
    """A report as evidence."""
    made = make_evidence(data, made_at=made_at, **more)
    return parse_evidence(made, hash_of(made))


def facts(policy: str, *found: Evidence, **more: Any) -> Facts:
    """A ledger as values; `policy` without its head."""
    return Facts(parse_policy((HEAD + policy).encode(), "policy.toml"), evidence=tuple(found), **more)


def decide(
    policy: str, *found: Evidence, at: str = AT, target: str = "one/main", subject: Subject = UP, **more: Any
) -> Any:
    """The decision."""
    together = tuple(parse_subject(text) for text in more.pop("together", ()))
    return evaluate(facts(policy, *found, **more), subject, target, parse_time(at), together=together)


def states(decision: Any) -> dict[str, str]:
    """Rule → state."""
    return {rule.id: rule.state for rule in decision.rules}


def reason(decision: Any, rule: str | None = None) -> str:
    """What a rule says; the only one where none is named."""
    found = [one.reason for one in decision.rules if rule in (None, one.id)]
    assert len(found) == 1, found
    return str(found[0])


def write_ledger(root: Path, policy: str, found: Sequence[Evidence | bytes] = (), head: str = HEAD) -> Path:
    """A ledger on disk."""
    (root / "evidence").mkdir(parents=True)
    (root / "policy.toml").write_text(head + policy)
    for one in found:
        data = one if isinstance(one, bytes) else None
        assert data is not None
        (root / "evidence" / f"{hash_of(data)}.json").write_bytes(data)
    return root
