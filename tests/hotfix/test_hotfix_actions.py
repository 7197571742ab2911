"""Every action of the language on small records, with the specs it must leave alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tailrace.hotfix import HotfixProgram, parse_patches

BASE: dict[str, Any] = {"name": "oarlock", "version": "1.4.2", "build": "h0_3", "build_number": 3}


def patched(actions: str, record: dict[str, Any], subdir: str = "osx-64") -> dict[str, Any]:
    """The fields that differ from, or are added to, `BASE`."""
    (document,) = parse_patches(f"if: {{}}\nthen:\n{actions}\n")
    given = BASE | record
    before = copy.deepcopy(given)
    run = HotfixProgram([document], subdir).run(given, "oarlock-1.4.2-h0_3.conda")
    assert given == before, "the record that was handed in changed"
    assert not run.unanswered, run.unanswered
    return {name: value for name, value in run.record.items() if name not in BASE}


def depends(actions: str, *specs: str) -> list[str]:
    return list(patched(actions, {"depends": list(specs)})["depends"])


@pytest.mark.parametrize("field", ["depends", "constrains"])
@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("add_{}: b", None, ["b"]),
        ("add_{}: b", ["a"], ["a", "b"]),
        ("add_{}: b", ["b", "a"], ["b", "a"]),
        ("add_{}: [b, c, b]", ["a", "c"], ["a", "c", "b"]),
        ("add_{}: []", None, []),
        ("remove_{}: b", None, None),
        ("remove_{}: b", ["b", "b 1", "bb"], ["b 1", "bb"]),
        ("remove_{}: b*", ["b", "b 1", "a"], ["a"]),
        ("remove_{}: b?( *)", ["b", "b 1", "b-c"], ["b-c"]),
        ("remove_{}: [a, b]", ["b", "a"], []),
        ("remove_{}: b", ["b", "b"], ["b"]),
        ("reset_{}: b", ["a"], ["b"]),
        ("reset_{}: b", None, ["b"]),
        ("reset_{}: [b, c]", ["a"], ["b", "c"]),
        ("reset_{}: []", ["a"], []),
        ("replace_{}: {{old: a 1, new: a 2}}", ["b", "a 1", "c"], ["b", "a 2", "c"]),
        ("replace_{}: {{old: a 1, new: a 2}}", ["a 1.0"], ["a 1.0"]),
        ("replace_{}: {{old: a 1*, new: a 2}}", ["a 1", "b", "a 1.1"], ["a 2", "b"]),
        ("replace_{}: {{old: 'a 1.[*]', new: a 2}}", ["a 1.0", "a 1.*"], ["a 1.0", "a 2"]),
        ("replace_{}: {{old: a?( *), new: '${{old}} x'}}", ["a", "a 1", "ab"], ["a x", "a 1 x", "ab"]),
        ("replace_{}: {{old: a, new: b}}", ["b", "a"], ["b"]),
        ("replace_{}: {{old: a, new: a}}", ["b", "a"], ["b", "a"]),
        ("replace_{}: {{old: a, new: b}}", None, None),
        ("rename_{}: {{old: a, new: b}}", ["a >=1 h0"], ["b >=1 h0"]),
        ("rename_{}: {{old: a, new: b}}", ["a"], ["b"]),
        ("rename_{}: {{old: a, new: b}}", ["ab 1", "a 1", "a 2"], ["ab 1", "b 1", "a 2"]),
        ("rename_{}: {{old: 'a*', new: b}}", ["a 1"], ["a 1"]),
        ("rename_{}: {{old: a, new: b}}", None, None),
    ],
)
def test_lists_of_specs(field: str, action: str, before: list[str] | None, after: list[str] | None) -> None:
    record = {} if before is None else {field: before}
    assert patched(f"  - {action.format(field)}", record) == ({} if after is None else {field: after})


def test_an_entry_dropped_as_a_duplicate_takes_its_follower_out_of_the_same_walk() -> None:
    assert depends("  - replace_depends: {old: 'a*', new: b}", "a 1", "a 2", "a 3") == ["b", "a 3"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("${name} ==${version}", "oarlock ==1.4.2"),
        ("x ${build_number} $build", "x 3 h0_3"),
        ("x_${subdir}", "x_osx-64"),
        ("x <${next_version}", "x <1.4.3"),
        ("x ${major_version}.${minor_version}.${patch_version}", "x 1.4.2"),
        ("x ==${version}=*_$build_number", "x ==1.4.2=*_3"),
        ("$$name is not ${name}", "$name is not oarlock"),
        ("no placeholder", "no placeholder"),
    ],
)
@pytest.mark.parametrize("verb", ["add", "reset"])
def test_placeholders_are_filled_from_the_record(verb: str, template: str, text: str) -> None:
    assert patched(f"  - {verb}_depends: {template}", {}) == {"depends": [text]}


def test_placeholders_work_in_both_halves_of_a_replacement_and_in_names() -> None:
    assert depends("  - replace_depends: {old: 'lib ${version}*', new: 'lib >=$major_version'}", "lib 1.4.2 h0_0") == [
        "lib >=1"
    ]
    assert depends("  - rename_depends: {old: x_$subdir, new: y_$subdir}", "x_osx-64 1") == ["y_osx-64 1"]
    assert depends("  - tighten_depends: {name: lib, upper_bound: $next_version}", "lib") == ["lib <1.4.3.0a0"]


@pytest.mark.parametrize(("version", "minor", "patch"), [("7", "0", "0"), ("7.1", "1", "0"), ("7.1.rc2", "1", "rc2")])
def test_components_that_the_version_lacks_are_zero(version: str, minor: str, patch: str) -> None:
    action = "  - add_depends: x $minor_version $patch_version"
    assert patched(action, {"version": version})["depends"] == [f"x {minor} {patch}"]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("remove_track_features: a", "a", None),
        ("remove_track_features: a", "b a c", "b c"),
        ("remove_track_features: 'a*'", "b a ab", "b"),
        ("remove_track_features: [a, b]", "a b c", "c"),
        ("remove_track_features: z", "  a  b ", "a b"),
        ("remove_track_features: a", None, None),
        ("add_track_features: a", "b", "b a"),
        ("add_track_features: [a, a]", None, "a a"),
    ],
)
def test_track_features_are_one_text(action: str, before: str | None, after: str | None) -> None:
    assert patched(f"  - {action}", {"track_features": before}) == {"track_features": after}


def test_track_features_that_are_not_there() -> None:
    assert patched("  - remove_track_features: a", {}) == {}
    assert patched("  - add_track_features: a", {}) == {"track_features": "a"}


@pytest.mark.parametrize(
    ("pin", "before", "after"),
    [
        ("", "lib 1.2.3 h0_0", "lib >=1.2.3"),
        (", max_pin: x", "lib 1.2.3 h0_0", "lib >=1.2.3,<2.0.0a0"),
        (", max_pin: x.x", "lib 1.2.3 h0_0", "lib >=1.2.3,<1.3.0a0"),
        (", max_pin: x.x.x", "lib 1 h0_0", "lib >=1,<1.0.1a0"),
        ("", "lib =1.2 h0_0", "lib >==1.2"),
        ("", "lib ==1.2 h0_0", "lib ==1.2 h0_0"),
        ("", "lib >=1.2 h0_0", "lib >=1.2 h0_0"),
        ("", "lib 1.2", "lib 1.2"),
        ("", "lib", "lib"),
        ("", "libs 1.2 h0_0", "libs 1.2 h0_0"),
    ],
)
def test_relax_exact_depends(pin: str, before: str, after: str) -> None:
    assert depends(f"  - relax_exact_depends: {{name: lib{pin}}}", "a", before) == ["a", after]


@pytest.mark.parametrize(
    ("pin", "before", "after"),
    [
        ("max_pin: x.x", "lib >=1.0.0,<2.0.0a0", "lib >=1.0.0,<1.1.0a0"),
        ("max_pin: x.x", "lib >=1.0.0,<2.0a0 h0", "lib >=1.0.0,<1.1.0a0 h0"),
        ("max_pin: x", "lib >=1.0", "lib >=1.0,<2.0a0"),
        ("max_pin: x", "lib >=1.0.0,<1.1.0a0", "lib >=1.0.0,<1.1.0a0"),
        ("max_pin: x", "lib", "lib"),
        ("max_pin: x", "lib <9", "lib <9"),
        ("upper_bound: '4.13'", "lib >=4.5", "lib >=4.5,<4.13.0a0"),
        ("upper_bound: '4.13'", "lib", "lib <4.13.0a0"),
        ("upper_bound: '5.0'", "lib", "lib <5.0a0"),
        ("upper_bound: '5.0'", "lib >=1.0.0,<7.0.0a0", "lib >=1.0.0,<5.0.0a0"),
        ("upper_bound: 1.1.2", "lib >=1.0.0,<2.0.0a0", "lib >=1.0.0,<1.1.2.0a0"),
        ("upper_bound: '2'", "lib >=2.0", "lib >=2.0"),
        ("upper_bound: '2'", "lib >=3", "lib >=3"),
        ("upper_bound: '2'", "lib <3", "lib <2.0a0"),
        ("upper_bound: '2'", "lib <=2", "lib <2.0a0"),
        ("upper_bound: '2'", "lib <2", "lib <2"),
        ("upper_bound: '2'", "lib <1", "lib <1"),
        ("upper_bound: '2'", "lib <3 h0", "lib <3 h0"),
        ("upper_bound: '2'", "lib 1.*", "lib 1.*"),
        ("upper_bound: '2'", "lib >=1,<3", "lib >=1,<3"),
        ("upper_bound: '2'", "lib >=1 h0", "lib >=1,<2.0a0 h0"),
        ("upper_bound: '2'", "lib-extra >=1", "lib-extra >=1"),
        ("upper_bound: '2', max_pin: x", "lib >=1.5", "lib >=1.5,<2.0a0"),
    ],
)
def test_tighten_depends(pin: str, before: str, after: str) -> None:
    assert depends(f"  - tighten_depends: {{name: lib, {pin}}}", "a", before) == ["a", after]


@pytest.mark.parametrize(
    ("pin", "before", "after"),
    [
        (", max_pin: x", "lib >=1.0.0,<1.1.0a0", "lib >=1.0.0,<2.0.0a0"),
        (", upper_bound: 3.1.2", "lib >=1.0.0,<2.0.0a0", "lib >=1.0.0,<3.1.2.0a0"),
        (", upper_bound: '3.0'", "lib >=1.0,<2.0a0 h0", "lib >=1.0,<3.0a0 h0"),
        (", upper_bound: '2.0'", "lib >=1.0,<3.0a0", "lib >=1.0,<3.0a0"),
        (", upper_bound: '10'", "lib >=1.0,<9.0a0", "lib >=1.0,<9.0a0"),
        (", upper_bound: None", "lib >=1.0,<2.0a0 h0", "lib >=1.0 h0"),
        (", upper_bound: null", "lib >=1.0,<2.0a0", "lib >=1.0"),
        ("", "lib >=1.0,<2.0a0", "lib >=1.0"),
        (", max_pin: x", "lib >=1.0,<1.5", "lib >=1.0,<1.5"),
        (", max_pin: x", "lib", "lib"),
    ],
)
def test_loosen_depends(pin: str, before: str, after: str) -> None:
    assert depends(f"  - loosen_depends: {{name: lib{pin}}}", "a", before) == ["a", after]


def test_bounds_move_for_every_name_that_matches_the_glob() -> None:
    before = ("lib-a >=1", "lib-b", "library >=1", "other >=1", "lib-a <9")
    assert depends("  - tighten_depends: {name: 'lib-*', upper_bound: '2'}", *before) == [
        "lib-a >=1,<2.0a0", "lib-b <2.0a0", "library >=1", "other >=1", "lib-a <2.0a0",
    ]  # fmt: skip


def test_actions_are_carried_out_in_order_and_see_what_came_before() -> None:
    actions = (
        "  - add_depends: a 1\n  - replace_depends: {old: a 1, new: a 2}\n    add_constrains: b\n  - add_depends: a 1"
    )
    assert patched(actions, {}) == {"depends": ["a 2", "a 1"], "constrains": ["b"]}


@pytest.mark.parametrize(
    "action",
    [
        "add_depends: x <${next_version}",
        "relax_exact_depends: {name: lib, max_pin: x}",
        "tighten_depends: {name: low, upper_bound: '2'}",
    ],
)
def test_an_action_that_cannot_be_carried_out_leaves_the_whole_record_alone(action: str) -> None:
    (document,) = parse_patches(f"if: {{}}\nthen:\n  - add_depends: first\n  - {action}\n")
    record = {"name": "oarlock", "version": "2023a", "depends": ["lib one h0", "low <2.*"]}
    run = HotfixProgram([document], "noarch").run(record, "oarlock-2023a-0.conda")
    assert run.record == record
    assert not run.applied
    assert [line for _, line, _ in run.unanswered] == [4]
