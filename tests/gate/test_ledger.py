"""The ledger on disk: what was recorded is never lost, and nothing that is forged, torn or in conflict is believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ledgers import AT, CHECK, UP, report, write_ledger

from tailrace import disk
from tailrace.gate import ledger as module
from tailrace.gate.decision import Decision, encode_decision
from tailrace.gate.errors import (
    BusyLedgerError,
    CannotInitLedgerError,
    ClockError,
    DamagedLedgerError,
    NoLedgerError,
    UnsettledLedgerError,
)
from tailrace.gate.evaluate import evaluate
from tailrace.gate.evidence import hash_of, make_evidence
from tailrace.gate.gitstate import check_git_state
from tailrace.gate.ledger import Ledger, check_now, init_ledger
from tailrace.gate.moments import parse_time

CLEAR = make_evidence(report(("down", "1.0", "clear")), made_at="2026-03-01")
BREAKS = make_evidence(report(("down", "1.0", "breaks")), made_at="2026-03-01")
HERE = Path(__file__).parent


def decision(ledger: Ledger, at: str = AT) -> Decision:
    return evaluate(ledger.read_facts(), UP, "one/main", parse_time(at))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(write_ledger(tmp_path / "ledger", CHECK, [CLEAR]))


def test_a_decision_is_appended_once(ledger: Ledger) -> None:
    one = decision(ledger)
    assert ledger.record((one,)) == (one,)
    assert ledger.record((one,)) == ()
    assert ledger.read_decisions() == (one,)
    assert (ledger.root / "decisions.jsonl").read_bytes() == encode_decision(one) + b"\n"


def test_a_line_that_a_crash_cut_short_is_taken_off(ledger: Ledger) -> None:
    one = decision(ledger)
    ledger.record((one,))
    with (ledger.root / "decisions.jsonl").open("ab") as file:
        file.write(b'{"schema":"tailrace.decis')
    assert ledger.read_decisions() == (one,)
    other = decision(ledger, "2026-03-04")
    ledger.record((other,))
    assert ledger.read_decisions() == (one, other)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda path: path.write_bytes(path.read_bytes().replace(b"clear", b"CLEAR")), "is forged or damaged"),
        (lambda path: path.rename(path.with_name("report.json")), "report.json is not named by a sha256"),
        (lambda path: path.write_bytes(b""), "is forged or damaged"),
        (lambda path: (path.parent / f"{hash_of(b'{}')}.json").write_bytes(b"{}"), "is not evidence"),
        (lambda path: (path.parent / f"{hash_of(b'[' * 9999)}.json").write_bytes(b"[" * 9999), "is not evidence"),
    ],
)
def test_evidence_that_is_not_what_its_name_says_is_refused(ledger: Ledger, change: Any, expected: str) -> None:
    (path,) = (ledger.root / "evidence").iterdir()
    change(path)
    with pytest.raises(DamagedLedgerError, match=expected) as raised:
        ledger.read_facts()
    assert raised.value.exit_status == 2


def test_all_forged_files_are_named(ledger: Ledger) -> None:
    for name in ("a" * 64, "b" * 64):
        (ledger.root / "evidence" / f"{name}.json").write_bytes(CLEAR)
    with pytest.raises(DamagedLedgerError) as raised:
        ledger.read_facts()
    assert len(raised.value.problems) == 2


def test_what_lies_beside_the_evidence_is_left_alone(ledger: Ledger) -> None:
    (ledger.root / "evidence" / ".gitkeep").touch()
    (ledger.root / "evidence" / f".{'a' * 64}.json.1234.part").write_bytes(b"half")
    assert len(ledger.read_facts().evidence) == 1
    ledger.add_evidence(BREAKS)
    assert sorted(path.name for path in (ledger.root / "evidence").iterdir())[0] == ".gitkeep"
    assert not list((ledger.root / "evidence").glob(".*.part"))


def test_evidence_is_kept_once(ledger: Ledger) -> None:
    assert ledger.add_evidence(BREAKS) == (hash_of(BREAKS), True)
    assert ledger.add_evidence(BREAKS) == (hash_of(BREAKS), False)
    assert (ledger.root / "evidence" / f"{hash_of(BREAKS)}.json").read_bytes() == BREAKS


@pytest.mark.parametrize(
    ("line", "expected", "error"),
    [
        (b"{}\n", "decisions.jsonl:1 is not a decision", DamagedLedgerError),
        (b"<<<<<<< HEAD\n", "has a conflict marker of git", UnsettledLedgerError),
        (b">>>>>>> other\n", "has a conflict marker of git", UnsettledLedgerError),
        (b"\xff\n", "is not a decision", DamagedLedgerError),
    ],
)
def test_a_log_that_cannot_be_read(ledger: Ledger, line: bytes, expected: str, error: Any) -> None:
    (ledger.root / "decisions.jsonl").write_bytes(line)
    with pytest.raises(error, match=expected):
        ledger.record((decision(ledger),))
    assert (ledger.root / "decisions.jsonl").read_bytes() == line


def test_the_clock_goes_back(ledger: Ledger) -> None:
    ledger.record((decision(ledger, "2026-03-04"),))
    with pytest.raises(ClockError, match="the clock went back"):
        ledger.record((decision(ledger, "2026-03-03"),))
    with pytest.raises(ClockError, match="it went back"):
        check_now(ledger.read_decisions(), parse_time("2026-03-03"))
    check_now(ledger.read_decisions(), parse_time("2026-03-05"))
    assert len(ledger.read_decisions()) == 1


def test_two_who_write_at_once_lose_nothing(ledger: Ledger) -> None:
    facts = ledger.read_facts()
    days = [f"2026-03-{day:02}" for day in range(3, 23)]
    others = [
        (evaluate(facts, UP.__class__(name="up", version=f"2.{number}"), "one/main", parse_time(day)),)
        for number, day in enumerate(days, 1)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ledger.record, others))
    assert sorted(one.id for one in ledger.read_decisions()) == sorted(one.id for (one,) in others)


def test_who_cannot_get_the_lock_says_so(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", 0.05)
    with disk.lock(ledger.root / ".lock", wait=1), pytest.raises(BusyLedgerError, match="by another process") as raised:
        ledger.record((decision(ledger),))
    assert raised.value.exit_status == 3
    ledger.record((decision(ledger),))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a death is tried in a child")
@pytest.mark.parametrize("act", ["init", "evidence", "record", "waive"])
def test_whenever_the_plug_is_pulled_nothing_is_lost(tmp_path: Path, act: str) -> None:
    root = write_ledger(tmp_path / "ledger", CHECK, [BREAKS if act == "waive" else CLEAR])
    first = Ledger(root)
    first.record((decision(first, "2026-03-03"),))
    done = subprocess.run(
        [sys.executable, HERE / "crash_runs.py", act, tmp_path], capture_output=True, text=True, check=True, timeout=120
    )
    told = json.loads(done.stdout)
    old, new = told["old"], told["new"]
    assert old != new
    assert len(told["deaths"]) > 3
    for after, again in told["deaths"]:
        if act == "record":  # decisions are lines: the first of two may be there, whole
            assert [after[0], after[2:]] == [old[0], old[2:]]
            assert after[1] == new[1][: len(after[1])]
            assert len(after[1]) >= len(old[1])
        else:
            assert after in (old, new)
        assert again == new


def test_a_ledger_is_found_where_it_is(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Ledger.find(ledger.root) == ledger
    (tmp_path / "project").mkdir()
    ledger.root.rename(tmp_path / "project" / "gate")
    monkeypatch.chdir(tmp_path / "project")
    assert Ledger.find(None).root == Path("gate")
    assert Ledger.find(tmp_path / "project").root == tmp_path / "project" / "gate"
    with pytest.raises(NoLedgerError, match="there is no ledger at"):
        Ledger.find(tmp_path)


def test_init_leaves_alone_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(CannotInitLedgerError, match="is not empty"):
        init_ledger(tmp_path / "full", {})
    made = init_ledger(tmp_path / "new", {"policy.toml": "x"})
    with pytest.raises(CannotInitLedgerError, match="is a ledger already"):
        init_ledger(made.root, {})


def git(folder: Path, *arguments: str, check: bool = True) -> None:
    settings = ("user.name=a", "user.email=a@b.example", "init.defaultBranch=main", "commit.gpgsign=false")
    command = ["git", *(word for one in settings for word in ("-c", one)), "-C", str(folder), *arguments]
    subprocess.run(command, check=check, capture_output=True)


@pytest.fixture
def kept(ledger: Ledger) -> Ledger:
    """A ledger that is kept in git, all of it committed."""
    ledger.record((decision(ledger, "2026-03-03"),))
    git(ledger.root.parent, "init", "-q")
    git(ledger.root.parent, "add", "-A")
    git(ledger.root.parent, "commit", "-q", "-m", "first")
    return ledger


def test_a_ledger_that_is_committed_is_fine_and_may_grow(kept: Ledger) -> None:
    check_git_state(kept)
    kept.add_evidence(BREAKS)
    kept.record((decision(kept, "2026-03-04"),))
    check_git_state(kept)


@pytest.mark.parametrize(
    ("change", "expected", "allowed"),
    [
        (lambda root: (root / "policy.toml").open("a").write("# more\n"), "policy.toml is not committed", True),
        (lambda root: (root / "calendar.toml").write_text("x"), "calendar.toml is not committed", True),
        (lambda root: ((root / "waivers").mkdir(), (root / "waivers/a.toml").touch()), "waivers/a.toml is not", True),
        (lambda root: next((root / "evidence").iterdir()).unlink(), "was committed and is gone", False),
        (lambda root: (root / "decisions.jsonl").write_bytes(b""), "does not begin with what was committed", False),
        (lambda root: (root / "decisions.jsonl").unlink(), "does not begin with what was committed", False),
    ],
)
def test_what_is_changed_without_review_or_lost_is_named(
    kept: Ledger, change: Any, expected: str, allowed: bool
) -> None:
    change(kept.root)
    with pytest.raises(UnsettledLedgerError, match=expected) as raised:
        check_git_state(kept)
    assert raised.value.exit_status == 2
    if allowed:
        check_git_state(kept, allow_dirty=True)
    else:
        with pytest.raises(UnsettledLedgerError):
            check_git_state(kept, allow_dirty=True)


def test_in_the_middle_of_a_merge_nothing_is_decided(kept: Ledger) -> None:
    top = kept.root.parent
    policy = kept.root / "policy.toml"
    git(top, "checkout", "-q", "-b", "other")
    policy.write_text(policy.read_text() + "# other\n")
    git(top, "commit", "-qam", "other")
    git(top, "checkout", "-q", "main")
    policy.write_text(policy.read_text() + "# main\n")
    git(top, "commit", "-qam", "main")
    git(top, "merge", "other", check=False)
    assert "<<<<<<<" in policy.read_text()
    for allow_dirty in (False, True):
        with pytest.raises(UnsettledLedgerError, match="in the middle of a merge"):
            check_git_state(kept, allow_dirty=allow_dirty)


def test_a_ledger_that_was_never_committed_is_not_reviewed(ledger: Ledger) -> None:
    git(ledger.root.parent, "init", "-q")
    check_git_state(ledger)  # nothing is committed at all yet
    (ledger.root.parent / "x").touch()
    git(ledger.root.parent, "add", "x")
    git(ledger.root.parent, "commit", "-q", "-m", "first")
    with pytest.raises(UnsettledLedgerError, match=r"policy\.toml is not committed"):
        check_git_state(ledger)
