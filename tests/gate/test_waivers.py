"""A waiver covers the finding that it names and no other, ends by itself, and never covers nothing in silence."""

from __future__ import annotations

from typing import Any

import pytest
from ledgers import AT, CHECK, UP, decide, evidence, facts, finding, report, states

from tailrace.gate.errors import WaiverError
from tailrace.gate.moments import parse_time
from tailrace.gate.overview import make_waivers
from tailrace.gate.waivers import Waiver, parse_waivers, write_waivers
from tailrace.toml.mistakes import ConfigError

BROKEN = evidence(report(("down", "1.0", "breaks")))
TWO = evidence(
    report(
        ("down", "1.0", "breaks"), findings=[finding(), finding("up.more", "fedcba9876543210")],
    )
)  # fmt: skip
QUIET = '[[rules]]\nid = "quiet"\nkind = "calendar"\ncalendars = ["US"]\n'
FRIDAY = "2026-03-06T12:00Z"


def waiver(**more: Any) -> Waiver:
    values: dict[str, Any] = {
        "rule": "checked", "subject": UP, "fingerprint": "0123456789abcdef", "reason": "archived", "by": "ana",
        "approved_by": "ben", "expires": parse_time("2026-04-01", start=False), "origin": "waivers/a.toml",
    }  # fmt: skip
    return Waiver(**(values | more))


def test_a_waived_finding_lets_the_release_go_and_stays_visible() -> None:
    found = decide(CHECK, BROKEN, waivers=(waiver(),))
    assert (found.verdict, states(found)) == ("go", {"checked": "waived"})
    (shown,) = found.rules[0].findings
    assert (shown.state, shown.waiver.by, shown.waiver.approved_by) == ("waived", "ana", "ben")
    assert shown.waiver.expires == "2026-04-01"


def test_each_finding_needs_its_own() -> None:
    assert decide(CHECK, TWO, waivers=(waiver(),)).verdict == "stop"
    both = (waiver(), waiver(fingerprint="fedcba9876543210"))
    assert decide(CHECK, TWO, waivers=both).verdict == "go"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"fingerprint": "0" * 16}, "matches no finding"),
        ({"expires": parse_time("2026-03-02", start=False)}, "expired on 2026-03-02"),
        ({"target": "one/main", "fingerprint": "1" * 16}, "matches no finding"),
    ],
)
def test_one_that_covers_nothing_is_an_error(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(WaiverError, match=expected) as raised:
        decide(CHECK, BROKEN, waivers=(waiver(**change),))
    assert raised.value.exit_status == 2
    assert "waivers/a.toml" in raised.value.message


def test_a_finding_that_is_gone_makes_its_waiver_an_error() -> None:
    clear = evidence(report(("down", "1.0", "clear")))
    with pytest.raises(WaiverError, match="matches no finding"):
        decide(CHECK, clear, waivers=(waiver(),))


@pytest.mark.parametrize(
    "change",
    [
        {"subject": UP.__class__(name="up", version="3.0")},
        {"target": "two/main"},
        {"made_at": parse_time("2026-03-04")},
    ],
)
def test_one_that_is_not_about_this_decision_is_left_alone(change: dict[str, Any]) -> None:
    assert decide(CHECK, BROKEN, waivers=(waiver(**change),)).verdict == "stop"


def test_two_for_the_same_finding_are_both_in_use() -> None:
    both = (waiver(), waiver(origin="waivers/b.toml", expires=parse_time("2026-03-20")))
    found = decide(CHECK, BROKEN, waivers=both)
    assert found.rules[0].findings[0].waiver.expires == "2026-04-01"


def test_where_nothing_can_be_decided_a_waiver_is_not_blamed() -> None:
    assert decide(CHECK, waivers=(waiver(),)).verdict == "unknown"


def test_one_that_covers_a_finding_on_another_target_is_no_error_here() -> None:
    here = evidence(report(("down", "1.0", "clear")), target="two/main")
    there = evidence(report(("down", "1.0", "breaks")), target="one/main")
    assert decide(CHECK, here, there, waivers=(waiver(),), target="two/main").verdict == "go"
    assert decide(CHECK, here, there, waivers=(waiver(),), target="one/main").verdict == "go"


def test_what_only_waits_can_be_waived_too_and_what_is_not_known_cannot() -> None:
    waiting = decide(QUIET, at=FRIDAY)
    assert waiting.verdict == "wait"
    (shown,) = waiting.rules[0].findings
    allowed = waiver(rule="quiet", fingerprint=shown.fingerprint)
    assert decide(QUIET, at=FRIDAY, waivers=(allowed,)).verdict == "go"
    assert decide(CHECK).rules[0].findings == ()


MADE = {
    "rule": "checked", "subject": "up 2.0", "fingerprints": ["0123456789abcdef"], "target": None, "reason": "archived",
    "by": "ana", "approved_by": "ben", "expires": "2026-04-01", "at": parse_time(AT),
}  # fmt: skip


def test_a_waiver_is_written_and_read_back() -> None:
    known = facts(CHECK, BROKEN)
    made = make_waivers(known, **(MADE | {"reason": 'a "quoted"\nreason\x1b[31m \\ ü\x7f'}))  # type: ignore[arg-type]
    (read,) = parse_waivers(write_waivers(made), "waive", known.policy)
    assert read.reason == 'a "quoted" reason\\x1b[31m \\ ü\\x7f'
    assert (read.fingerprint, read.by, read.approved_by, read.expires) == (
        made[0].fingerprint, "ana", "ben", made[0].expires,
    )  # fmt: skip
    assert decide(CHECK, BROKEN, waivers=(read,)).verdict == "go"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"approved_by": "Ana"}, "somebody else must approve"),
        ({"approved_by": " @ana "}, "somebody else must approve"),
        ({"expires": "2026-03-01"}, "--expires 2026-03-01 is past"),
        ({"expires": "2026-12-31"}, "lasts longer than 90 days"),
        ({"rule": "chekced"}, "no rule 'chekced'; did you mean checked?"),
        ({"fingerprints": ["0" * 16]}, "has no live finding '0000000000000000' for up 2.0; it has 0123456789abcdef"),
        ({"subject": "up 3.0"}, "has no live finding"),
        ({"subject": "other 1"}, "the policy does not cover other"),
        ({"reason": "  "}, "--reason is empty"),
        ({"target": "two/main", "subject": "up 2.1"}, "has no live finding"),
    ],
)
def test_a_waiver_that_nobody_should_write_is_refused(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(WaiverError) as raised:
        make_waivers(facts(CHECK, BROKEN), **(MADE | change))
    assert expected in raised.value.message


def test_the_mistakes_of_a_waiver_are_counted_and_said_once() -> None:
    with pytest.raises(WaiverError) as raised:
        make_waivers(facts(CHECK, BROKEN), **(MADE | {"expires": "2026-03-01", "reason": ""}))
    assert raised.value.message.splitlines() == [
        "2 mistakes in the waiver",
        "  --reason is empty",
        "  --expires 2026-03-01 is past",
    ]


ENTRY = (
    '[[waivers]]\nrule = "checked"\nsubject = "up 2.0"\nfingerprint = "f"\nreason = "r"\nby = "a"\napproved-by = "b"\n'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENTRY, "waivers[1] lacks 'expires'"),
        (ENTRY + "expires = 2026-04-01\nexpire = 1\n", "no key 'expire'"),
        (ENTRY.replace('"b"', '"A"') + "expires = 2026-04-01\n", "somebody else must approve"),
        (ENTRY.replace("up 2.0", "up") + "expires = 2026-04-01\n", "'up' is not a release"),
        ("[[waiver]]\n", "no key 'waiver'"),
        ("", "there are no [[waivers]]"),
        (ENTRY + "expires = 2026-04-01\n=======\n", "a conflict marker"),
    ],
)
def test_mistakes_in_a_file_of_waivers(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_waivers(text.encode(), "waivers/a.toml", facts(CHECK).policy)
    assert expected in raised.value.message
