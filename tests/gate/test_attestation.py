"""The statement on a decision, read and validated by the public library of the in-toto project as messages."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from ledgers import CHECK, report, write_ledger

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.gate.evidence import hash_of, make_evidence

WHEEL = b"a wheel"
SHA256 = hashlib.sha256(WHEEL).hexdigest()


def summary_message() -> Any:
    """The message class of the SLSA verification summary, from the library."""
    from in_toto_attestation.predicates.vsa.v1 import vsa_pb2

    return vsa_pb2.VerificationSummary()


def attested(folder: Path, status: str) -> tuple[int, Path, Any]:
    found = make_evidence(report(("down", "1.0", status), sha256=SHA256), made_at="2026-03-01")
    write_ledger(folder / "gate", CHECK, [found])
    (folder / "up-2.0.whl").write_bytes(WHEEL)
    arguments = [
        "gate", "evaluate", "up 2.0", "--target", "one", "--at", "2026-03-03", "--file", "up-2.0.whl",
        "--attest", "statement.json",
    ]  # fmt: skip
    return run(app, arguments), folder / "statement.json", found


@pytest.mark.parametrize(("status", "result", "exit_status"), [("clear", "PASSED", 0), ("breaks", "FAILED", 1)])
def test_the_library_of_in_toto_validates_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, result: str, exit_status: int
) -> None:
    monkeypatch.chdir(tmp_path)
    done, path, evidence = attested(tmp_path, status)
    assert done == exit_status
    message = json_format.Parse(path.read_text(), StatementMessage())
    statement = Statement.copy_from_pb(message)
    statement.validate()
    assert [(one.name, dict(one.digest)) for one in statement.pb.subject] == [("up-2.0.whl", {"sha256": SHA256})]
    assert statement.pb.predicate_type == "https://slsa.dev/verification_summary/v1"
    predicate = json_format.MessageToDict(statement.pb.predicate)
    # The specification says a list; the message of the library has one text.
    assert predicate.pop("verifiedLevels") == []
    summary = json_format.ParseDict(predicate, summary_message(), ignore_unknown_fields=True)
    assert summary.verification_result == result
    policy = hashlib.sha256((tmp_path / "gate/policy.toml").read_bytes()).hexdigest()
    assert dict(summary.policy.digest) == {"sha256": policy}
    assert [dict(one.digest) for one in summary.input_attestations] == [{"sha256": hash_of(evidence)}]
    assert summary.time_verified.ToJsonString() == "2026-03-03T00:00:00Z"
    assert summary.resource_uri == "one/main::up=2.0"


@pytest.mark.parametrize(("sha256", "name"), [("a" * 64, "up 2.0"), (None, "decision on up 2.0")])
def test_without_files_it_is_about_what_the_evidence_looked_at_or_about_the_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sha256: str | None, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = make_evidence(report(("down", "1.0", "clear"), sha256=sha256), made_at="2026-03-01")
    write_ledger(tmp_path / "gate", CHECK, [found])
    arguments = ["gate", "evaluate", "up 2.0", "--target", "one", "--at", "2026-03-03", "--attest", "a.json"]
    assert run(app, arguments) == 0
    message = json_format.Parse((tmp_path / "a.json").read_text(), StatementMessage())
    Statement.copy_from_pb(message).validate()
    (subject,) = message.subject
    decision = json.loads((tmp_path / "gate/decisions.jsonl").read_text())
    assert (subject.name, subject.digest["sha256"]) == (name, sha256 or decision["id"])


def test_what_is_not_go_is_never_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done, path, _ = attested(tmp_path, "not-checked")
    assert done == 3
    text = json.loads(path.read_text())
    assert (text["predicate"]["verificationResult"], text["predicate"]["decision"]["verdict"]) == ("FAILED", "unknown")
    assert text["_type"] == "https://in-toto.io/Statement/v1"
