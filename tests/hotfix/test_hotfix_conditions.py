"""Every condition of the language, with records that meet it and records that just miss it."""

from __future__ import annotations

from typing import Any

import pytest

from tailrace.hotfix import HotfixProgram, parse_patches

LATE = 1_700_000_000_000
RECORD: dict[str, Any] = {
    "name": "oarlock",
    "version": "1.10.0",
    "build": "py311h0f_2",
    "build_number": 2,
    "depends": ["python >=3.11", "numpy", "oar-base >=2.1,<3.0a0"],
    "constrains": ["rudder <4"],
    "track_features": "nomkl blas_netlib_2",
    "license": "MIT",
    "noarch": "python",
    "size": 4096,
    "subdir": "linux-64",
    "timestamp": LATE,
}
FILE = "oarlock-1.10.0-py311h0f_2.conda"


def holds(condition: str, record: dict[str, Any] | None = None, subdir: str = "linux-64", fn: str = FILE) -> bool:
    (document,) = parse_patches(f"if:\n  {condition}\nthen:\n  - add_depends: seen\n")
    run = HotfixProgram([document], subdir).run(RECORD if record is None else record, fn)
    assert not run.unanswered, run.unanswered
    return bool(run.applied)


CASES = [
    # name, text, globs
    ("name: oarlock", True),
    ("name: oarloc", False),
    ("name: Oarlock", False),
    ('name: "oar*"', True),
    ('name: "oar?"', False),
    ('name: "o[a-b]rlock"', True),
    ('name: "o[!a-b]rlock"', False),
    ("name: oarlock?( *)", True),
    ("name: oar?( *)", False),
    ("name_in: [rudder, oarlock]", True),
    ("name_in: [rudder, 'oar*']", True),
    ("name_in: oarlock", True),
    ("name_in: [rudder, oarlocks]", False),
    ("name_in: []", False),
    ("name_eq: oarlock", True),
    ("name_eq: 'oar*'", False),
    ("name_ne: rudder", True),
    ("license: MIT", True),
    ("license: mit", False),
    ("noarch: python", True),
    ("build: '*_2'", True),
    ("build: 'py310*'", False),
    ("build_in: ['py310*', 'py311*']", True),
    ("subdir: linux-*", True),
    ("subdir_eq: linux-*", False),
    # versions compare as PEP 440 does
    ("version: 1.10.0", True),
    ('version: "1.10"', True),
    ('version: "1.1"', False),
    ("version: 1.10.*", True),
    ("version: 1.1.*", False),
    ('version_in: ["1.10"]', False),
    ('version_in: ["1.9.0", "1.10.0"]', True),
    ('version_eq: "1.10"', True),
    ('version_ne: "1.10"', False),
    ('version_gt: "1.9"', True),
    ("version_gt: 1.10.0", False),
    ("version_ge: 1.10.0", True),
    ("version_lt: 1.10.0", False),
    ("version_lt: 1.10.1rc1", True),
    ("version_le: 1.10.0", True),
    ("version_le: 1.10.0a0", False),
    # numbers
    ("build_number: 2", True),
    ("build_number: 0", False),
    ("build_number: '*'", True),
    ("build_number_in: [0, 2]", True),
    ("build_number_in: [0, 1]", False),
    ("build_number_in: ['[2-4]']", True),
    ("build_number_lt: 2", False),
    ("build_number_le: 2", True),
    ("build_number_gt: 1", True),
    ("build_number_ge: 3", False),
    ("build_number_eq: 2", True),
    ("build_number_ne: 2", False),
    ("size_gt: 4095", True),
    ("size: 4096", True),
    ("size_eq: 4097", False),
    (f"timestamp_lt: {LATE}", False),
    (f"timestamp_le: {LATE}", True),
    (f"timestamp_gt: {LATE - 1}", True),
    (f"timestamp_ge: {LATE + 1}", False),
    (f"timestamp: {LATE}", True),
    ("timestamp_in: ['17*']", True),
    # the file
    ("subdir_in: linux-64", True),
    ("subdir_in: [osx-64, noarch]", False),
    ("subdir_in: linux-*", True),
    (f"artifact_in: {FILE}", True),
    ("artifact_in: oarlock-1.10.0-py311h0f_2.tar.bz2", False),
    ("artifact_in: ['oarlock-1.1*.conda']", True),
    # lists of the record: all that is asked for must be there
    ("has_depends: numpy", True),
    ("has_depends: python", False),
    ("has_depends: python?( *)", True),
    ("has_depends: oar?( *)", False),
    ("has_depends: oar*", True),
    ("has_depends: oar-base >=2.1,*", True),
    ("has_depends: oar-base >=2.[2-9]*", False),
    ("has_depends: [numpy, 'python?( *)']", True),
    ("has_depends: [numpy, scipy]", False),
    ("has_depends: []", True),
    ("has_constrains: rudder?( *)", True),
    ("has_constrains: numpy", False),
    ("has_track_features: nomkl", True),
    ("has_track_features: nomk", False),
    ("has_track_features: [nomkl, 'blas_*']", True),
    ("has_track_features: [nomkl, mkl]", False),
]


@pytest.mark.parametrize(("condition", "expected"), CASES)
def test_a_condition_holds_only_for_records_that_meet_it(condition: str, expected: bool) -> None:
    assert holds(condition) is expected


@pytest.mark.parametrize(("condition", "expected"), CASES)
def test_not_turns_every_answer_around(condition: str, expected: bool) -> None:
    assert holds(f"not_{condition}") is not expected


@pytest.mark.parametrize("condition", ["timestamp_lt: 1", "timestamp_eq: 0", "timestamp_ge: 0", "not_timestamp_gt: 0"])
def test_a_record_without_a_timestamp_is_older_than_all_others(condition: str) -> None:
    assert holds(condition, {"name": "oarlock", "version": "1"})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("has_depends: numpy", False),
        ("not_has_depends: numpy", True),
        ("has_constrains: '*'", False),
        ("has_track_features: '*'", False),
        ("not_has_track_features: nomkl", True),
    ],
)
@pytest.mark.parametrize("record", [{"name": "oarlock"}, {"name": "oarlock", "track_features": None, "depends": []}])
def test_a_list_that_is_not_there_is_empty(condition: str, expected: bool, record: dict[str, Any]) -> None:
    assert holds(condition, record) is expected


def test_the_condition_subdir_asks_the_record_and_subdir_in_asks_the_index() -> None:
    assert holds("subdir: linux-64", subdir="noarch")
    assert not holds("subdir_in: linux-64", subdir="noarch")


def test_all_conditions_must_hold() -> None:
    assert holds("name: oarlock\n  build_number: 2")
    assert not holds("name: oarlock\n  build_number: 1")
    assert not holds("name: rudder\n  build_number: 2")


def test_a_document_without_conditions_is_for_every_record() -> None:
    (document,) = parse_patches("if: {}\nthen:\n  - add_depends: seen\n")
    assert HotfixProgram([document], "noarch").run({"name": "any"}, "any-1-0.conda").record["depends"] == ["seen"]


@pytest.mark.parametrize(
    ("condition", "record", "reason"),
    [
        ("noarch: python", {"name": "a"}, '"noarch"'),
        ("not_noarch: python", {"name": "a"}, '"noarch"'),
        ("license_in: [MIT]", {"name": "a"}, '"license"'),
        ('version_lt: "2"', {"name": "a", "version": "1.1.1k"}, "1.1.1k"),
        ('version_lt: "2"', {"name": "a"}, '"version"'),
        ("build_number_gt: 1", {"name": "a", "build_number": "many"}, "many"),
    ],
)
def test_a_question_the_record_cannot_answer_is_reported_and_the_record_left_alone(
    condition: str, record: dict[str, Any], reason: str
) -> None:
    (document,) = parse_patches(f"if:\n  {condition}\nthen:\n  - add_depends: seen\n")
    run = HotfixProgram([document], "noarch").run(record, "a-1-0.conda")
    assert run.record == record
    assert not run.applied
    ((number, line, said),) = run.unanswered
    assert (number, line) == (0, 2)
    assert reason in said


@pytest.mark.parametrize("conditions", ["noarch: python\n  name: b", "name: b\n  noarch: python"])
def test_an_open_question_does_not_matter_where_another_condition_says_no(conditions: str) -> None:
    assert not holds(conditions, {"name": "a"})
