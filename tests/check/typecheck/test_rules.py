"""The rule table against the rules that the installed checker knows."""

from __future__ import annotations

import json
import subprocess
from typing import get_args

from tailrace.check.typecheck import FAILS, MAY_FAIL, Kind, find_program
from tailrace.check.typecheck.rules import KIND_OF_RULE, RUNTIME_RULES


def test_the_table_has_exactly_the_rules_of_the_installed_checker() -> None:
    program = find_program()
    assert program is not None
    listing = subprocess.run(
        [program, "explain", "rule", "--output-format", "json"], capture_output=True, check=True, timeout=60
    )
    known = {rule["name"] for rule in json.loads(listing.stdout)}
    assert known == set(KIND_OF_RULE)


def test_every_kind_has_a_meaning_and_none_has_two() -> None:
    assert FAILS | MAY_FAIL | {"type-only"} == set(get_args(Kind))
    assert not FAILS & MAY_FAIL
    assert set(KIND_OF_RULE.values()) == set(get_args(Kind))


def test_rules_about_annotations_only_are_never_switched_on() -> None:
    for rule in ("invalid-argument-type", "invalid-return-type", "deprecated", "unused-ignore-comment"):
        assert rule not in RUNTIME_RULES
