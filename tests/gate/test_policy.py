"""A policy is data: what is written is what holds, and every mistake is reported at once, with its line."""

from __future__ import annotations

import pytest
from ledgers import CHECK, HEAD

from tailrace.gate.moments import DAY, HOUR, parse_time
from tailrace.gate.policy import Policy, parse_policy
from tailrace.gate.profiles import PROFILES, files_of
from tailrace.toml.mistakes import ConfigError


def policy(text: str, head: str = HEAD) -> Policy:
    return parse_policy((head + text).encode(), "policy.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "there are no [[rules]]"),
        ('[[rules]]\nid = "a"\nkind = "chek"\n', "there is no kind of rule 'chek'; did you mean check?"),
        ('[[rules]]\nid = "a"\nkind = "zzz"\n', "the kinds are check, deprecation, tandem"),
        ('[[rules]]\nkind = "check"\n', "rules[1] lacks 'id'"),
        ('[[rules]]\nid = "a"\n', "rules[1] lacks 'kind'"),
        (CHECK + 'max-aeg = "72h"\n', "there is no key 'max-aeg' in rules[1]; did you mean max-age?"),
        (CHECK + 'max-age = "3 fortnights"\n', 'rules[1].max-age must be a duration such as "72h"'),
        (CHECK + "max-age = 72\n", "must be a duration"),
        (CHECK + 'levels = ["sure"]\n', "rules[1].levels must be one of certain, likely, possible"),
        (CHECK + "levels = []\n", "has no levels"),
        (CHECK + CHECK, "two rules have the id 'checked'"),
        ('[[rules]]\nid = "t"\nkind = "tandem"\ngroup = "pear"\n', "'pear', which is not there; did you mean pair?"),
        ('[[rules]]\nid = "q"\nkind = "calendar"\ncalendars = ["XX"]\n', "no holidays are known for 'XX'"),
        ('[[rules]]\nid = "q"\nkind = "calendar"\ncalendars = ["DE-ZZ"]\n', "DE has no part 'ZZ'"),
        ('[[rules]]\nid = "a"\nkind = "approval"\nroles = ["r"]\ndistinct = 2\n', "2 different people in 1 roles"),
        ('[[rules]]\nid = "a"\nkind = "approval"\nroles = []\n', "nobody could approve"),
        (CHECK + "valid-since = 2026-02-01\nvalid-until = 2026-01-01\n", "ends before it begins"),
        (CHECK + 'valid-since = "soon"\n', "must be a date"),
        (CHECK + "valid-since = 0001-01-01\n", "must be a date"),
        ("<<<<<<< HEAD\n" + CHECK, "a conflict marker of git"),
        ("[[rules]\n", "is not TOML"),
        ("rules = " + "[" * 5000, "is not TOML"),
        (CHECK + "\x00", "is not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        policy(text)
    assert expected in raised.value.message
    with pytest.raises(ConfigError, match=r"policy\.toml:2: is not UTF-8"):
        parse_policy(b'id = "x"\n# \xff', "policy.toml")
    assert raised.value.exit_status == 2


def test_all_mistakes_are_reported_at_once_with_their_lines() -> None:
    head = 'schema = "tailrace.policy/2"\nid = "x"\nsubject = ["a"]\ntargets = ["t"]\n'
    with pytest.raises(ConfigError) as raised:
        policy('[[rules]]\nid = "a"\nkind = "chek"\n[[rules]]\nid = "b"\nkind = "check"\nmax-age = "x"\n', head)
    text = raised.value.message
    assert "policy.toml:1: schema must be tailrace.policy/1" in text
    assert "policy.toml:3: there is no key 'subject' in the file; did you mean subjects?" in text
    assert "policy.toml:7: there is no kind of rule 'chek'" in text
    assert "policy.toml:11: rules[2].max-age" in text


def test_what_is_written_is_what_holds() -> None:
    found = policy(CHECK + 'max-age = "3d"\nvalid-since = 2026-09-01\nvalid-until = 2026-09-30\n')
    (rule,) = found.rules
    assert (rule.id, rule.kind, rule.settings.versions) == ("checked", "check", "listed")
    assert rule.settings.max_age == 3 * DAY
    assert found.groups == {"pair": ("up", "down")}
    assert [rule.in_force(parse_time(text)) for text in ("2026-08-31T23:59Z", "2026-09-01", "2026-09-30T23:59Z")] == [
        False, True, True,
    ]  # fmt: skip
    assert not rule.in_force(parse_time("2026-10-01"))
    assert policy(CHECK).rules[0].settings.max_age == 72 * HOUR


def test_a_rule_for_later_changes_nothing_of_what_is_in_force_now() -> None:
    later = '[[rules]]\nid = "new"\nkind = "check"\nvalid-since = 2026-09-01\n'
    now, then = parse_time("2026-08-31"), parse_time("2026-09-01")
    assert policy(CHECK).sha256_at(now) == policy(CHECK + later).sha256_at(now)
    assert policy(CHECK).sha256_at(then) != policy(CHECK + later).sha256_at(then)
    assert policy(CHECK).sha256_at(now) != policy(CHECK + 'max-age = "1h"\n').sha256_at(now)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profiles_are_policies_without_mistakes(profile: str) -> None:
    from tailrace.gate.calendar import parse_calendar

    files = files_of(profile)
    found = parse_policy(files["policy.toml"].encode(), "policy.toml")
    assert found.id == profile
    assert found.rules
    parse_calendar(files["calendar.toml"].encode(), "calendar.toml")
