"""`tailrace gate` as a user types it: exit statuses, what is written, and one clear sentence for each mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ledgers import CHECK, report, write_ledger

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.gate.errors import LedgerDiskError
from tailrace.gate.evidence import hash_of, make_evidence
from tailrace.gate.ledger import read_text

CLEAR = make_evidence(report(("down", "1.0", "clear")), made_at="2026-03-01")
BREAKS = make_evidence(report(("down", "1.0", "breaks")), made_at="2026-03-01")
QUIET = '[[rules]]\nid = "quiet"\nkind = "calendar"\ncalendars = ["US"]\n'
EVALUATE = ("evaluate", "up 2.0", "--target", "one/main", "--at", "2026-03-03")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gate(*arguments: str) -> int:
    return run(app, ["gate", *arguments])


@pytest.mark.parametrize(
    ("policy", "found", "at", "status", "first"),
    [
        (CHECK, [CLEAR], "2026-03-03", 0, "go: up 2.0 may go to one/main"),
        (CHECK, [BREAKS], "2026-03-03", 1, "stop: up 2.0 may not go to one/main"),
        (CHECK, [], "2026-03-03", 3, "unknown: it is not known whether up 2.0 may go to one/main"),
        (QUIET, [], "2026-03-06", 4, "wait: up 2.0 must wait before it goes to one/main; time alone opens the gate at "
         "2026-03-09T00:00:00Z"),
        (CHECK + QUIET, [BREAKS], "2026-03-06", 1, "stop:"),
        (CHECK + QUIET, [], "2026-03-06", 3, "unknown:"),
    ],
)  # fmt: skip
def test_exit_statuses(
    folder: Path, capsys: pytest.CaptureFixture[str], policy: str, found: list[bytes], at: str, status: int, first: str
) -> None:
    write_ledger(folder / "gate", policy, found)
    assert gate("evaluate", "up 2.0", "--target", "one/main", "--at", at) == status
    assert capsys.readouterr().out.startswith(first)
    assert (folder / "gate" / "decisions.jsonl").read_text().count("\n") == 1


def test_json_is_the_line_that_is_recorded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_ledger(folder / "gate", CHECK, [CLEAR])
    assert gate(*EVALUATE, "--format", "json") == 0
    shown = capsys.readouterr().out
    assert shown == (folder / "gate" / "decisions.jsonl").read_text()
    assert json.loads(shown)["evidence"] == [hash_of(CLEAR)]


def test_what_is_tried_is_not_recorded(folder: Path) -> None:
    write_ledger(folder / "gate", CHECK, [CLEAR])
    (folder / "other.toml").write_text((folder / "gate/policy.toml").read_text() + QUIET)
    assert gate(*EVALUATE, "--dry-run") == 0
    assert gate("evaluate", "up 2.0", "--target", "one/main", "--at", "2026-03-06", "--policy", "other.toml") == 3
    assert not (folder / "gate" / "decisions.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("evaluate", "up", "--target", "one/main"), "'up' is not a release"),
        (("evaluate", "up 2.0", "--target", "on/main"), "the policy has no target 'on/main'"),
        (("evaluate", "up 2.0", "--target", "one/mian"), "Did you mean one/main?"),
        (("evaluate", "other 1", "--target", "one"), "the policy 'test' says nothing about other"),
        (("evaluate", "up 2.0", "--target", "one", "--at", "soon"), "'soon' is not a date"),
        (("evaluate", "up 2.0", "--target", "one", "--at", "0001-01-01"), "is not a date"),
        (("evaluate", "up 2.0"), "Missing option '--target'"),
        (("evaluate", "up 2.0", "--target", "one", "--ledger", "nowhere"), "there is no ledger at nowhere"),
        (
            ("evaluate", "up 2.0", "--target", "one", "--policy", "nowhere.toml"),
            "the policy nowhere.toml does not exist",
        ),
        (("evaluate", "up 2.0", "--target", "one", "--policy", "gate"), "the policy gate is a folder"),
        (("evaluate", "up 2.0", "--target", "one", "--file", "nowhere"), "nowhere cannot be read"),
        (("why", "up 2.0", "--target", "three"), "the policy has no target 'three'"),
        (("evidence", "add", "nowhere.json"), "nowhere.json does not exist"),
        (("evidence", "add", "gate/policy.toml"), "gate/policy.toml is not a report"),
        (("init",), "gate is a ledger already"),
    ],
)
def test_a_mistake_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: str
) -> None:
    write_ledger(folder / "gate", CHECK, [CLEAR])
    status = gate(*arguments)
    told = capsys.readouterr()
    assert status == 2
    assert expected in told.err
    assert "Traceback" not in told.err
    assert told.out == ""
    assert not (folder / "gate" / "decisions.jsonl").exists()


def test_a_report_becomes_evidence_and_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_ledger(folder / "gate", CHECK)
    (folder / "report.json").write_bytes(report(("down", "1.0", "clear")))
    assert gate(*EVALUATE, "--dry-run") == 3
    assert gate("evidence", "add", "report.json", "--made-at", "2026-03-02") == 0
    assert gate(*EVALUATE) == 0
    capsys.readouterr()
    assert gate("evidence", "list") == 0
    assert "2026-03-02T00:00:00Z  check          up 2.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "arguments", "expected"),
    [
        (b'{"schema": "tailrace.check/1"}', (), "is not a check report"),
        (report(("down", "1", "clear"), verdict="breaks"), (), "contradicts itself"),
        (report(("down", "1", "clear"), counts=dict.fromkeys(
            ("downstreams", "breaks", "contained", "possible", "clear", "not_checked"), 0)), (), "contradicts itself"),
        (b'{"schema": "other/1"}', (), "has the schema 'other/1', which is none of"),
        (b"[]", (), "is not a report"),
        (b'{"schema": "\xff"}', (), "is not a report"),
        (b'{"schema": "tailrace.exposure/1"}', (), "does not say which release it is about"),
        (report(("down", "1", "clear")), ("--subject", "up 3.0"), "is about up 2.0, not about up 3.0"),
        (report(("down", "1", "clear")), ("--kind", "nonsense"), "cannot be of the kind 'nonsense'"),
        (report(("down", "1", "clear")), ("--valid-for", "ever"), "is not a duration"),
    ],
)  # fmt: skip
def test_what_is_no_report_does_not_become_evidence(
    folder: Path, capsys: pytest.CaptureFixture[str], data: bytes, arguments: tuple[str, ...], expected: str
) -> None:
    write_ledger(folder / "gate", CHECK)
    (folder / "good.json").write_bytes(report(("down", "1.0", "clear")))
    (folder / "report.json").write_bytes(data)
    good = ("good.json",) if not arguments else ()
    assert gate("evidence", "add", *good, "report.json", *arguments) == 2
    assert expected in capsys.readouterr().err
    assert list((folder / "gate" / "evidence").iterdir()) == []


def test_a_waiver_from_the_command_of_the_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_ledger(folder / "gate", CHECK, [BREAKS])
    assert gate(*EVALUATE) == 1
    shown = capsys.readouterr().out
    assert "[0123456789abcdef]" in shown
    waive = [
        "waive", "--rule", "checked", "--subject", "up 2.0", "--fingerprint", "0123456789abcdef", "--reason", "old",
        "--by", "ana", "--approved-by", "ben", "--expires", "2026-03-31", "--at", "2026-03-03",
    ]  # fmt: skip
    assert gate(*waive) == 0
    assert capsys.readouterr().out.strip() == str(Path("gate/waivers/up-2.0-checked-01234567.toml"))
    assert gate(*EVALUATE) == 0
    assert "waived until 2026-03-31 by ana, approved by ben (old)" in capsys.readouterr().out
    assert gate(*waive) == 2
    assert "has no live finding" in capsys.readouterr().err
    assert gate("evaluate", "up 2.0", "--target", "one", "--at", "2026-04-02") == 2
    assert "expired on 2026-03-31" in capsys.readouterr().err


def test_why_and_list_write_nothing_and_begin_with_what_needs_somebody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_evidence(report(("down", "1.0", "clear")).replace(b'"2.0"', b'"3.0"'), made_at="2026-03-01")
    write_ledger(folder / "gate", CHECK + QUIET, [BREAKS, other])
    before = sorted(folder.rglob("*"))
    assert gate("why", "up 2.0", "--at", "2026-03-06") == 1
    told = capsys.readouterr().out
    assert told.startswith("stop: up 2.0 may not go to one/main\n  blocked by checked: breaks down 1.0\n")
    assert told.count("may not go to") == 2
    assert "maintainers of down: release a down that works with up 2.0" in told
    assert gate("list", "--at", "2026-03-03") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["stop", "stop", "go", "go"]
    assert sorted(folder.rglob("*")) == before


def test_approvals_are_added(folder: Path) -> None:
    write_ledger(folder / "gate", '[[rules]]\nid = "a"\nkind = "approval"\nroles = ["lead"]\n')
    assert gate(*EVALUATE, "--dry-run") == 3
    assert gate("approve", "up 2.0", "--role", "lead", "--by", "ana", "--at", "2026-03-02") == 0
    assert gate(*EVALUATE, "--dry-run") == 0
    assert gate("approve", "up 2.0", "--role", "lead", "--by", "ben", "--object", "--at", "2026-03-02") == 0
    assert gate(*EVALUATE, "--dry-run") == 1


@pytest.mark.parametrize("profile", ["conda", "library", "index"])
def test_a_new_ledger_is_never_green(folder: Path, capsys: pytest.CaptureFixture[str], profile: str) -> None:
    assert gate("init", "--profile", profile) == 0
    target = {"conda": "defaults", "library": "pypi", "index": "index"}[profile]
    assert gate("evaluate", "conda 1.0", "--target", target, "--at", "2026-03-03") == 3
    assert "there is no check report" in capsys.readouterr().out


def test_the_clock_going_back_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_ledger(folder / "gate", CHECK, [CLEAR])
    assert gate(*EVALUATE) == 0
    assert gate("evaluate", "up 2.0", "--target", "one", "--at", "2026-03-02") == 2
    assert "the clock went back" in capsys.readouterr().err
    assert gate("evaluate", "up 2.0", "--target", "one", "--at", "2026-03-02", "--dry-run") == 0
    assert (folder / "gate" / "decisions.jsonl").read_text().count("\n") == 1


def test_a_decision_for_a_moment_that_is_yet_to_come_is_not_recorded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ledger(folder / "gate", CHECK, [BREAKS])
    assert gate("evaluate", "up 2.0", "--target", "one", "--at", "2999-01-01") == 1
    assert "is yet to come, so the decision is not recorded" in capsys.readouterr().err
    assert not (folder / "gate" / "decisions.jsonl").exists()
    assert gate("evaluate", "up 2.0", "--target", "one") == 1


def test_a_summary_is_appended(folder: Path) -> None:
    write_ledger(folder / "gate", CHECK, [BREAKS])
    (folder / "summary.md").write_text("# before\n")
    assert gate(*EVALUATE, "--summary", "summary.md") == 1
    text = (folder / "summary.md").read_text()
    assert text.startswith("# before\n## ⛔ stop: up 2.0 may not go to one/main\n")
    assert "| ⛔ stop | checked | breaks down 1.0" in text


@pytest.mark.parametrize("version", ["2.0; rm -rf /", "2.0'", "$(x)", "", "2 0"])
def test_a_version_that_no_release_has_does_not_become_evidence(
    folder: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    write_ledger(folder / "gate", CHECK)
    text = json.loads(report(("down", "1.0", "clear")))
    text["candidate"]["version"] = version
    (folder / "report.json").write_text(json.dumps(text))
    assert gate("evidence", "add", "report.json") == 2
    assert "which is not a release" in capsys.readouterr().err


def test_a_waiver_for_one_package_does_not_cover_another_that_claims_its_fingerprint(folder: Path) -> None:
    both = make_evidence(report(("down", "1.0", "breaks"), ("other", "1.0", "breaks")), made_at="2026-03-01")
    write_ledger(folder / "gate", CHECK, [both])
    assert gate(*EVALUATE, "--format", "json") == 1
    found = json.loads((folder / "gate/decisions.jsonl").read_text())["rules"][0]["findings"]
    assert len({one["fingerprint"] for one in found}) == 2


@pytest.mark.parametrize("moment", ["9999-12-31", "9999-12-31T23:59:59Z", "1969-12-31", "0001-01-01"])
def test_a_moment_that_no_calendar_has(folder: Path, capsys: pytest.CaptureFixture[str], moment: str) -> None:
    write_ledger(folder / "gate", QUIET)
    assert gate("evaluate", "up 2.0", "--target", "one", "--at", moment) == 2
    assert "is not a date" in capsys.readouterr().err
    assert gate("evaluate", "up 2.0", "--target", "one", "--at", "8999-12-31") in (0, 4)


def test_a_report_that_does_not_exist_is_a_mistake(folder: Path) -> None:
    assert gate("init", "--profile", "library") == 0
    assert gate("evidence", "add", "missing.json") == 2


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_file_without_end_is_not_read_whole() -> None:
    with pytest.raises(LedgerDiskError, match="a pipe or a device, not a file"):
        read_text(Path("/dev/zero"))
