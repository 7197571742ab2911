"""The same facts give the same bytes, in any order of evidence; nothing that is missing is green."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import AT, CHECK, UP, decide, evidence, finding, report, state

from tailrace.gate.decision import encode_decision, sealed

POLICY = (
    CHECK
    + '[[rules]]\nid = "admitted"\nkind = "check"\norders = [["one", "two"]]\n'
    + '[[rules]]\nid = "pair"\nkind = "tandem"\ngroup = "pair"\n'
    + '[[rules]]\nid = "skew"\nkind = "skew"\norder = ["one", "two"]\n'
    + '[[rules]]\nid = "nightly"\nkind = "nightly"\ngreen = 1\n'
    + '[[rules]]\nid = "removals"\nkind = "deprecation"\n'
    + '[[rules]]\nid = "approved"\nkind = "approval"\nroles = ["lead"]\n'
    + '[[rules]]\nid = "verified"\nkind = "verification"\n'
)
STATUSES = st.sampled_from(["clear", "breaks", "contained", "possible", "not-checked"])
DAYS = st.sampled_from(["2026-02-01", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"])
VERSIONS = st.sampled_from(["1.0", "1.1", "2.0"])
FOUND = st.lists(
    st.one_of(
        st.builds(
            lambda day, status, version, sha: evidence(
                report(("down", version, status), sha256=sha, findings=[finding(fingerprint=version.ljust(16, "0"))]),
                day,
            ),
            DAYS, STATUSES, VERSIONS, st.sampled_from([None, "a" * 64, "b" * 64]),
        ),
        st.builds(
            lambda day, channel, version, admits: evidence(
                state(channel, ("down", version, admits), ("up", "2.0", None, "2026-03-01")), day
            ),
            DAYS, st.sampled_from(["one/main", "two/main", "one/rc"]), VERSIONS, st.sampled_from([True, False, None]),
        ),
        st.builds(
            lambda day, by, good: evidence(
                json.dumps(
                    {"schema": "tailrace.approval/1", "by": by, "role": "lead", "approved": good}
                ).encode(), day, subject=UP,
            ),
            DAYS, st.sampled_from(["ana", "ben"]), st.booleans(),
        ),
        st.builds(
            lambda day, verdict: evidence(
                json.dumps({"schema": "tailrace.nightly/1", "verdict": verdict}).encode(), day, subject=UP
            ),
            DAYS, st.sampled_from(["green", "red", ""]),
        ),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=60)
@given(FOUND, st.randoms(use_true_random=False))
def test_the_order_of_evidence_says_nothing(found: list[object], chance: random.Random) -> None:
    one = decide(POLICY, *found)  # type: ignore[arg-type]
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert encode_decision(decide(POLICY, *shuffled)) == encode_decision(one)  # type: ignore[arg-type]
    assert sealed(one) == one


@settings(max_examples=60)
@given(FOUND)
def test_evidence_from_later_changes_nothing_but_the_sentence_that_names_it(found: list[object]) -> None:
    there = [one for one in found if one.made <= decide_time()]  # type: ignore[attr-defined]
    all_of_it, early = decide(POLICY, *found), decide(POLICY, *there)  # type: ignore[arg-type]
    assert [(one.id, one.state, one.findings, one.evidence) for one in all_of_it.rules] == [
        (one.id, one.state, one.findings, one.evidence) for one in early.rules
    ]
    assert all_of_it.verdict == early.verdict


def decide_time() -> int:
    from tailrace.gate.moments import parse_time

    return parse_time(AT)


@settings(max_examples=40)
@given(FOUND, st.integers(0, 7))
def test_taking_evidence_away_opens_no_gate_that_a_break_closed_but_that_of_the_break(
    found: list[object], place: int
) -> None:
    """Without any evidence nothing is ever go."""
    assert decide(POLICY).verdict == "unknown"
    one = decide(POLICY, *found)  # type: ignore[arg-type]
    for rule in one.rules:
        if rule.state == "pass":
            assert rule.evidence or rule.kind in ("calendar", "skew"), rule


def test_a_decision_holds_what_it_was_made_from() -> None:
    one = evidence(report(("down", "1.0", "clear")))
    other = evidence(report(("x", "1.0", "clear")), subject=None)
    found = decide(CHECK, one, other)
    assert found.evidence == tuple(sorted((one.sha256, other.sha256)))
    text = encode_decision(found).decode()
    assert json.loads(text)["schema"] == "tailrace.decision/1"
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    assert "." not in [type(value) for value in json.loads(text).values()]


@pytest.mark.parametrize(
    "text", ["\x1b[31m", "\u202e", "##[error]x", "::error::x", "https://ana:secret@host/x", "|`<b>"]
)
def test_what_others_wrote_is_harmless_in_every_format(text: str) -> None:
    from tailrace.report.formats.markdown.decision import render as render_markdown
    from tailrace.report.formats.text.decision import render as render_text
    from tailrace.report.options import DEFAULT_OPTIONS

    found = decide(CHECK, evidence(report(("down", "1.0", "breaks"), findings=[finding(text)])))
    for shown in (
        encode_decision(found).decode(),
        render_text(found, DEFAULT_OPTIONS),
        render_markdown(found, DEFAULT_OPTIONS),
    ):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "secret" not in shown
        assert "##[" not in shown
        assert "\n::" not in shown
    assert "<b>" not in render_markdown(found, DEFAULT_OPTIONS)


def test_a_rule_that_comes_later_changes_no_byte_of_an_old_decision() -> None:
    one = evidence(report(("down", "1.0", "clear")))
    later = '[[rules]]\nid = "new"\nkind = "approval"\nroles = ["r"]\nvalid-since = 2026-09-01\n'
    assert encode_decision(decide(CHECK, one)) == encode_decision(decide(CHECK + later, one))
    assert decide(CHECK + later, one, at="2026-09-01").verdict == "unknown"
