"""The state and reason that each kind of rule gives for evidence. Near-misses stay on the safe side."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ledgers import AT, CHECK, UP, decide, evidence, finding, reason, report, state, states

from tailrace.gate.names import File, Subject

ADMITTED = '[[rules]]\nid = "checked"\nkind = "check"\n'
ORDERS = ADMITTED + 'orders = [["one", "two"]]\n'
APPROVAL = '[[rules]]\nid = "approved"\nkind = "approval"\nroles = ["lead", "pilot"]\ndistinct = 2\n'
NIGHTLY = '[[rules]]\nid = "nightly"\nkind = "nightly"\nlabel = "rc"\nat-least = "5d"\ngreen = 2\n'
SKEW = '[[rules]]\nid = "skew"\nkind = "skew"\nat-most = "24h"\norder = ["one", "two"]\n'
TANDEM = '[[rules]]\nid = "tandem"\nkind = "tandem"\ngroup = "pair"\nwithin = "48h"\n'
VERIFIED = '[[rules]]\nid = "verified"\nkind = "verification"\nlevel = "smoke"\n'
CLEAN = report(("down", "1.0", "clear"))
BROKEN = report(("down", "1.0", "breaks"))
REMOVALS = '[[rules]]\nid = "removals"\nkind = "deprecation"\n'


@pytest.mark.parametrize(
    ("policy", "reports", "expected", "text"),
    [
        (CHECK, [], "unknown", "there is no check report of up 2.0"),
        (CHECK, [CLEAN], "pass", "nothing breaks in 1 downstream version"),
        (CHECK, [BROKEN], "stop", "breaks down 1.0"),
        (CHECK, [report(("down", "1.0", "contained"))], "pass", "nothing breaks; contained for down 1.0"),
        (CHECK + "contained-by = []\n", [report(("down", "1.0", "contained"))], "stop", "breaks down 1.0"),
        (CHECK, [report(("down", "1.0", "not-checked"))], "unknown", "down 1.0: not checked: it is too large"),
        (CHECK, [report(("down", "1.0", "clear"), ("old", "1", "not-checked"))], "unknown", "old 1: not checked"),
        (CHECK, [report()], "unknown", "the reports are about no downstream"),
        (CHECK, [report(("up", "1.0", "clear"))], "unknown", "the reports are about no downstream"),
        (CHECK + 'downstreams = ["do*"]\n', [report(("down", "1", "clear"), ("x", "1", "breaks"))], "pass", "nothing"),
        (CHECK + 'levels = ["certain"]\n', [report(("down", "1", "breaks"), findings=[finding(confidence="likely")])],
         "pass", "nothing breaks"),
        # What the target offers and lets in must have been checked, all of it.
        (ADMITTED, [CLEAN], "unknown", "what one/main offers is not known"),
        (ADMITTED, [CLEAN, state("one/main", ("down", "1.0", True))], "pass", "1 downstream"),
        (ADMITTED, [CLEAN, state("one/main", ("down", "1.0", True), ("down", "0.9", True))],
         "unknown", "down 0.9: not checked"),
        (ADMITTED, [CLEAN, state("one/main", ("down", "1.0", True), ("down", "0.9", False))],
         "pass", "nothing breaks in 1 downstream version"),
        # A version without any requirement is kept out by nothing.
        (ADMITTED, [CLEAN, state("one/main", ("down", "1.0", True), ("down", "0.9", None))],
         "unknown", "down 0.9: not checked"),
        (ADMITTED, [CLEAN, state("one/main", ("down", "1.0", True), complete=False)],
         "unknown", "could not be read as a whole"),
        (ADMITTED, [CLEAN, state("one/label/x", ("down", "1.0", True))], "unknown", "not known"),
        (ADMITTED, [CLEAN, state("one", ("down", "1.0", True))], "pass", "nothing breaks"),
        # The newest of that day is fixed; an older one that a solver may still pair is not.
        (ADMITTED, [report(("down", "1.1", "clear"), ("down", "1.0", "breaks")),
                    state("one/main", ("down", "1.1", True), ("down", "1.0", True))], "stop", "breaks down 1.0"),
        (ADMITTED + 'versions = "latest"\n', [report(("down", "1.1", "clear"), ("down", "1.0", "breaks")),
                    state("one/main", ("down", "1.1", True), ("down", "1.0", True))], "pass", "nothing breaks"),
        (ADMITTED, [report(("down", "1.1", "clear"), ("down", "1.0", "breaks")),
                    state("one/main", ("down", "1.1", True))],
         "pass", "nothing breaks"),
        # A record of the channel contains what the sources do not; and the other way round.
        (ADMITTED, [BROKEN, state("one/main", ("down", "1.0", False))], "pass", "contained"),
        (ADMITTED, [report(("down", "1.0", "contained")), state("one/main", ("down", "1.0", True))], "stop", "breaks"),
        # Two builds of one version: one record that lets it in is enough for the harm.
        (ADMITTED, [BROKEN, state("one/main", ("down", "1.0", False), ("down", "1.0", True))],
         "stop", "breaks down 1.0"),
        # Users mix channels: what the other one serves counts as well.
        (ORDERS, [BROKEN, state("one/main", ("down", "1.0", False))], "unknown", "two/main"),
        (ORDERS, [BROKEN, state("one/main", ("down", "1.0", False)),
                  state("two/main", ("down", "1.0", True))], "stop", "breaks down 1.0"),
        (ORDERS, [BROKEN, state("one/main", ("down", "1.0", False)),
                  state("two/main", ("down", "1.0", False))], "pass", "contained for down 1.0"),
        # A report that compares with an older release than the one that is replaced.
        (ADMITTED, [report(("down", "1.0", "clear"), baseline="0.9"),
                    state("one/main", ("down", "1.0", True), ("up", "1.0", None))], "unknown", "checked against 0.9"),
        (ADMITTED, [report(("down", "1.0", "breaks"), baseline="0.9"),
                    state("one/main", ("down", "1.0", True), ("up", "1.0", None))], "stop", "breaks"),
    ],
)  # fmt: skip
def test_the_rule_check(policy: str, reports: list[bytes], expected: str, text: str) -> None:
    found = decide(policy, *map(evidence, reports))
    assert states(found) == {"checked": expected}, reason(found)
    assert text in reason(found)
    assert found.verdict == {"pass": "go", "stop": "stop", "unknown": "unknown"}[expected]


def cells(*exposed: bool | None, package: str = "one::down-1.0-0") -> bytes:
    return json.dumps(
        {"schema": "tailrace.exposure/1", "cells": [{"exposed": one, "packages": [package]} for one in exposed]}
    ).encode()


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        (cells(False, False), "pass"),
        (cells(False, True), "stop"),
        (cells(True, package="one::down-1.0.1-0"), "pass"),
        (cells(None), "stop"),
        (cells(), "stop"),
    ],
)
def test_the_exposure_grid_says_what_is_contained(grid: bytes, expected: str) -> None:
    found = decide(
        ADMITTED,
        evidence(BROKEN),
        evidence(state("one/main", ("down", "1.0", True))),
        evidence(grid, subject=UP),
    )
    assert states(found) == {"checked": expected}


@pytest.mark.parametrize(
    ("verdict", "expected"), [("proven", "pass"), ("nothing-to-prove", "pass"), ("not-proven", "unknown")]
)
def test_a_hotfix_whose_proof_failed_contains_nothing(verdict: str, expected: str) -> None:
    proof = evidence(json.dumps({"schema": "tailrace.hotfix-proof/1", "verdict": verdict}).encode(), subject=UP)
    found = decide(ADMITTED, evidence(BROKEN), evidence(state("one/main", ("down", "1.0", False))), proof)
    assert states(found) == {"checked": expected}


@pytest.mark.parametrize(
    ("made", "expected", "text"),
    [
        ("2026-03-03T11:59Z", "pass", ""),
        ("2026-02-28T12:00Z", "pass", ""),
        ("2026-02-28T11:59Z", "unknown", "down 1.0: checked 3 days ago"),
        ("2026-03-03T12:01Z", "unknown", "1 from after 2026-03-03T12:00:00Z does not count"),
    ],
)
def test_age_and_the_future(made: str, expected: str, text: str) -> None:
    found = decide(CHECK, evidence(CLEAN, made))
    assert states(found) == {"checked": expected}
    assert text in reason(found)


def test_a_break_stays_found_however_old_the_report_is_until_a_newer_one_says_otherwise() -> None:
    old = evidence(BROKEN, "2026-01-01")
    assert states(decide(CHECK, old)) == {"checked": "stop"}
    new = evidence(CLEAN, "2026-03-03")
    assert states(decide(CHECK, old, new)) == {"checked": "pass"}
    assert states(decide(CHECK, new, old)) == {"checked": "pass"}


def test_evidence_that_says_for_how_long_it_counts_counts_no_longer() -> None:
    one = evidence(CLEAN, "2026-03-03T06:00Z", valid_for="5h")
    assert states(decide(CHECK, one)) == {"checked": "unknown"}


@pytest.mark.parametrize(
    ("files", "expected"), [((), "pass"), (("a",), "pass"), (("b",), "unknown"), (("a", "b"), "pass")]
)
def test_a_report_on_another_build_is_no_evidence(files: tuple[str, ...], expected: str) -> None:
    subject = Subject(name="up", version="2.0", files=tuple(File(name=f, sha256=f * 64) for f in files))
    found = decide(CHECK, evidence(report(("down", "1.0", "clear"), sha256="a" * 64)), subject=subject)
    assert states(found) == {"checked": expected}
    if expected == "unknown":
        assert "1 of another build does not count" in reason(found)


def test_where_the_files_are_not_known_the_newest_report_says_which_build_it_is() -> None:
    first = evidence(report(("down", "1.0", "breaks"), sha256="a" * 64), "2026-03-02")
    second = evidence(report(("down", "1.0", "clear"), sha256="b" * 64), "2026-03-03")
    assert states(decide(CHECK, first, second)) == {"checked": "pass"}


@pytest.mark.parametrize("spelling", ["up 2.0", "up==2.0", "UP=2.0", "up@2.0.0", "up 2"])
def test_spellings_of_one_release(spelling: str) -> None:
    from tailrace.gate.names import parse_subject

    found = decide(CHECK, evidence(CLEAN), subject=parse_subject(spelling))
    assert found.verdict == "go"


def approval(by: str, role: str, **more: Any) -> Any:
    body = {"schema": "tailrace.approval/1", "by": by, "role": role, **more}
    return evidence(json.dumps(body).encode(), subject=UP)


@pytest.mark.parametrize(
    ("approvals", "policy", "expected", "text"),
    [
        ([], APPROVAL, "unknown", "not approved by lead and pilot"),
        ([("ana", "lead")], APPROVAL, "unknown", "not approved by pilot"),
        ([("ana", "lead"), ("ben", "pilot")], APPROVAL, "pass", "approved by ana and ben"),
        ([("ana", "lead"), ("Ana ", "pilot")], APPROVAL, "unknown", "one person approved for lead and pilot"),
        ([("ana", "lead"), ("ana", "pilot"), ("ben", "pilot")], APPROVAL, "pass", "approved by ana and ben"),
        ([("ana", "lead"), ("ben", "guest")], APPROVAL, "unknown", "not approved by pilot"),
        (
            [("ana", "lead"), ("ben", "pilot")],
            APPROVAL + "[roles]\nlead = ['cho']\n",
            "unknown",
            "not approved by lead",
        ),
        ([("ana", "lead"), ("ben", "pilot")], APPROVAL + "[roles]\nlead = ['Ana']\n", "pass", "approved"),
    ],
)
def test_the_rule_approval(approvals: list[tuple[str, str]], policy: str, expected: str, text: str) -> None:
    found = decide(policy, *(approval(*one) for one in approvals))
    assert states(found) == {"approved": expected}
    assert text in reason(found)


def test_an_objection_stops_until_it_is_taken_back() -> None:
    objection = evidence(
        b'{"schema":"tailrace.approval/1","by":"ben","role":"pilot","approved":false,"note":"a leak"}', subject=UP
    )
    found = decide(APPROVAL, approval("ana", "lead"), objection)
    assert states(found) == {"approved": "stop"}
    assert reason(found) == "ben (pilot) objects: a leak"
    later = evidence(b'{"schema":"tailrace.approval/1","by":"ben","role":"pilot"}', "2026-03-03T12:00:00Z", subject=UP)
    assert later.made == objection.made
    earlier = evidence(
        b'{"schema":"tailrace.approval/1","by":"ben","role":"pilot","approved":false}', "2026-03-01", subject=UP
    )
    assert states(decide(APPROVAL, approval("ana", "lead"), earlier, later)) == {"approved": "pass"}


def nightly(day: str, verdict: str, **more: Any) -> Any:
    return evidence(json.dumps({"schema": "tailrace.nightly/1", "verdict": verdict, **more}).encode(), day, subject=UP)


GREEN_1, GREEN_2 = nightly("2026-03-02", "green"), nightly("2026-03-03", "green")
RC = state("one/rc", ("up", "2.0", None, "2026-02-26T12:00:00Z"))
YOUNG = state("one/rc", ("up", "2.0", None, "2026-03-01T12:00:00Z"))


@pytest.mark.parametrize(
    ("found", "expected", "text", "opens"),
    [
        ([], "unknown", "there is no nightly run on the canary", None),
        ([GREEN_1, GREEN_2, evidence(RC)], "pass", "2 green", None),
        ([GREEN_2, evidence(RC)], "wait", "1 of 2 green nightly runs", None),
        ([nightly("2026-03-02", "red"), GREEN_2, evidence(RC)], "wait", "1 of 2", None),
        ([GREEN_1, nightly("2026-03-03", "red"), evidence(RC)], "stop", "is red", None),
        ([GREEN_1, nightly("2026-03-03", "incomplete"), evidence(RC)], "unknown", "could not", None),
        ([nightly("2026-02-27", "green"), nightly("2026-02-28", "green"), evidence(RC)], "unknown", "older than", None),
        ([GREEN_1, GREEN_2, evidence(YOUNG)], "wait", "2 days of 5 days",
         "2026-03-06T12:00:00Z"),
        ([GREEN_1, GREEN_2], "wait", "of 5 days", "2026-03-07T00:00:00Z"),
    ],
)  # fmt: skip
def test_the_rule_nightly(found: list[Any], expected: str, text: str, opens: str | None) -> None:
    decision = decide(NIGHTLY, *found)
    assert states(decision) == {"nightly": expected}, reason(decision)
    assert text in reason(decision)
    assert decision.rules[0].opens_at == opens


def test_time_alone_opens_the_gate_only_while_its_evidence_still_counts() -> None:
    runs = [GREEN_1, GREEN_2, evidence(YOUNG)]
    assert decide(NIGHTLY, *runs).opens_at is None, "by then the newest run is older than two days"
    assert decide(NIGHTLY + 'max-age = "7d"\n', *runs).opens_at == "2026-03-06T12:00:00Z"


@pytest.mark.parametrize(
    ("one", "two", "target", "expected", "text"),
    [
        (None, None, "one/main", "unknown", "what one/main and two/main offer is not known"),
        ((), (), "one/main", "pass", "on no channel yet"),
        ((), (), "two/main", "wait", "one comes first"),
        (("2026-03-03T00:00Z",), (), "two/main", "pass", "on one for 12 hours"),
        (("2026-03-03T00:00Z",), (), "one/main", "pass", "two must follow within 12 hours"),
        (("2026-03-01T00:00Z",), (), "one/main", "stop", "on one for 2 days and not on two"),
        (("2026-03-01T00:00Z",), (), "two/main", "pass", "on one for 2 days"),
        ((), ("2026-03-02T08:00Z",), "two/main", "stop", "on two for 28 hours and not on one"),
        (("2026-03-01T00:00Z",), ("2026-03-01T00:00Z",), "two/main", "pass", "on one and two"),
    ],
)  # fmt: skip
def test_the_rule_skew(one: Any, two: Any, target: str, expected: str, text: str) -> None:
    found = [
        evidence(state(f"{name}/main", *(("up", "2.0", None, since) for since in times)))
        for name, times in (("one", one), ("two", two))
        if times is not None
    ]
    decision = decide(SKEW, *found, target=target)
    assert states(decision) == {"skew": expected}, reason(decision)
    assert text in reason(decision)


CLEAR = report(("down", "1.1", "clear"), ("down", "1.0", "breaks"))


@pytest.mark.parametrize(
    ("found", "together", "expected", "text"),
    [
        ([], [], "unknown", "offer is not known"),
        ([state("one/main"), state("two/main")], [], "wait", "waits for a down that works with up 2.0"),
        ([CLEAR, state("one/main"), state("two/main")], [], "wait", "down 1.1 on one/main and two/main"),
        ([CLEAR, state("one/main", ("down", "1.0", True)), state("two/main", ("down", "1.0"))], [], "wait",
         "down 1.1 on one/main and two/main"),
        ([CLEAR, state("one/main", ("down", "1.1", True)), state("two/main", ("down", "1.0"))], [], "wait", "two/main"),
        # A channel that does not carry the other package at all is not waited for; a record that shuts it out is.
        ([CLEAR, state("one/main", ("down", "1.1", True)), state("two/main")], [], "pass", "down can go out with it"),
        ([CLEAR, state("one/main", ("down", "1.1", False)), state("two/main")], [], "wait", "down 1.1 on one/main"),
        ([CLEAR, state("one/main", ("down", "1.1")), state("two/main", ("down", "1.1"))], [], "pass", "down can"),
        ([CLEAR, state("one/main"), state("two/main")], ["down 1.1"], "pass", "down can go out with it"),
        ([CLEAR, state("one/main"), state("two/main")], ["down 1.0"], "wait", "down 1.1"),
        ([CLEAR, state("one/main", ("up", "2.0", None, "2026-03-01")), state("two/main")], [], "stop",
         "up 2.0 has been on one/main for 2 days"),
    ],
)  # fmt: skip
def test_the_rule_tandem(found: list[bytes], together: list[str], expected: str, text: str) -> None:
    decision = decide(TANDEM, *map(evidence, found), together=together)
    assert states(decision) == {"tandem": expected}, reason(decision)
    assert text in reason(decision)


def test_a_package_outside_of_the_group_is_not_concerned() -> None:
    head_other = '[[rules]]\nid = "t"\nkind = "tandem"\ngroup = "pair"\nsubjects = ["up"]\n'
    assert states(decide(head_other, subject=Subject(name="down", version="1"))) == {"t": "not-applicable"}


def verified(outcome: str, level: str = "smoke", reason_: str | None = None) -> Any:
    told = {"outcome": outcome, "level": level, "reason": reason_}
    return evidence(report(("down", "1.0", "clear"), **{"down 1.0": {"verification": told}}))


@pytest.mark.parametrize(
    ("found", "expected", "text"),
    [
        ([], "unknown", "there is no verification at the level smoke"),
        ([evidence(CLEAN)], "unknown", "there is no verification"),
        ([verified("refuted")], "pass", "1 downstream worked when run"),
        ([verified("broken-before")], "pass", "worked"),
        ([verified("refuted", "test")], "pass", "worked"),
        ([verified("refuted", "probe")], "unknown", "was run at the level probe only"),
        ([verified("reproduced")], "stop", "down 1.0 fails when it runs"),
        ([verified("new")], "stop", "down 1.0 fails"),
        ([verified("flaky", reason_="1 of 3 runs failed")], "unknown", "1 of 3 runs failed"),
        ([verified("not-run", reason_="no sandbox")], "unknown", "no sandbox"),
        ([verified("spurious")], "unknown", "spurious"),
    ],
)
def test_the_rule_verification(found: list[Any], expected: str, text: str) -> None:
    decision = decide(VERIFIED, *found)
    assert states(decision) == {"verified": expected}
    assert text in reason(decision)


def removals(*findings: dict[str, Any], **more: Any) -> Any:
    return evidence(
        json.dumps({"schema": "tailrace.deprecations/1", "findings": findings, **more}).encode(), subject=UP
    )


@pytest.mark.parametrize(
    ("policy", "found", "expected", "text"),
    [
        (REMOVALS, [], "unknown", "there is no deprecation report"),
        (REMOVALS, [removals()], "pass", "nothing is removed"),
        (REMOVALS, [removals({"rule": "removed-unannounced", "symbol": "up.a"})], "pass", "1 removed-unannounced"),
        (REMOVALS, [removals({"rule": "removed-unannounced", "symbol": "up.a", "used_by": ["down 1"]})], "stop",
         "1 finding removed-unannounced"),
        (REMOVALS + 'unannounced = "stop"\n', [removals({"rule": "removed-unannounced"})], "stop", "unannounced"),
        (REMOVALS, [removals({"rule": "removal-overdue"})], "stop", "removal-overdue"),
        (REMOVALS + 'overdue = "off"\n', [removals({"rule": "removal-overdue"})], "pass", "nothing is removed"),
        (REMOVALS, [removals({"rule": "removed-early"})], "stop", "removed-early"),
        (REMOVALS, [removals({"rule": "window-too-short"})], "pass", "only notes"),
        (REMOVALS, [removals({"rule": "a-rule-of-tomorrow"})], "pass", "only notes"),
        (REMOVALS + 'profile = "cep-9"\n', [removals(profile="semver")], "unknown", "applied the profile semver"),
        (REMOVALS + 'profile = "cep-9"\n', [removals(profile="cep-9")], "pass", "nothing"),
    ],
)  # fmt: skip
def test_the_rule_deprecation(policy: str, found: list[Any], expected: str, text: str) -> None:
    decision = decide(policy, *found)
    assert states(decision) == {"removals": expected}
    assert text in reason(decision)
    if expected == "stop":
        assert "tailrace gate waive --rule removals --subject 'up 2.0' --fingerprint" in decision.next[0].command


def test_a_policy_of_which_no_rule_is_in_force_opens_nothing() -> None:
    found = decide(CHECK + "valid-since = 2027-01-01\n", evidence(CLEAN))
    assert (found.verdict, found.rules) == ("unknown", ())
    found = decide(CHECK + 'targets = ["two/*"]\n', evidence(CLEAN))
    assert (found.verdict, states(found)) == ("unknown", {"checked": "not-applicable"})


def test_evidence_that_cannot_be_read_is_no_evidence() -> None:
    from dataclasses import replace

    broken = replace(evidence(CLEAN), body=b'{"schema": "tailrace.check/1"}')
    found = decide(CHECK, broken)
    assert states(found) == {"checked": "unknown"}
    assert "cannot be read" in reason(found)
    assert found.at == "2026-03-03T12:00:00Z"
    assert AT.startswith(found.at[:16])
