"""Reports and channels on the left, the hotfix on the right: bounds from evidence, near-misses included."""

from __future__ import annotations

import pickle

import pytest
from check_reports import downstream, ferry, finding, report

from tailrace.conda.records import Channel, Record
from tailrace.conda.repodata import channel_from_packages
from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix import HotfixDocument, parse_patches
from tailrace.hotfix.suggest import FixedBuildError, NoReportError, parse_fixed, suggest

TIGHTEN = "tighten_depends dock 4.13"


def shown(document: HotfixDocument) -> str:
    """`version_le=3.1 → tighten_depends dock 4.13`."""
    conditions = " ".join(
        f"{one.key}={','.join(map(str, one.values))}" for one in document.conditions if one.field != "name"
    )
    actions = " + ".join(
        f"{one.key} {one.name} {one.upper_bound}" if one.verb == "tighten" else f"{one.key} {','.join(one.values)}"
        for one in document.actions
    )
    return f"{conditions} → {actions}"


def channel(*records: str) -> Channel:
    """`ferry 3.1 py_0 dock >=4.5` a record."""
    packages = {}
    for line in records:
        name, version, build, *depends = line.split(" ", 3)
        packages[f"{name}-{version}-{build}.conda"] = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": int(build[-1]),
            "depends": depends,
        }
    return channel_from_packages("quay", {"noarch": packages})


HARBOUR = ("dock 4.12.0 0", "dock 4.13.0 0", "ferry 3.0 py_0 dock >=4.5", "ferry 3.1 py_0 dock >=4.5")


@pytest.mark.parametrize(
    ("reports", "fixed", "records", "expected"),
    [
        # One release, nothing known of others: everything older counts as it does.
        (["3.1 breaks"], [], [], [f"version_le=3.1 → {TIGHTEN}"]),
        (["3.1 contained"], [], [], [f"version_le=3.1 → {TIGHTEN}"]),
        (["3.1 clear"], [], [], []),
        (["3.1 possible"], [], [], []),
        (["3.1 not-checked"], [], [], []),
        # A repaired release ends the range: at the release before it where that is next to it, else before it.
        (["3.1 breaks, 3.2 clear"], [], [], [f"version_le=3.1 → {TIGHTEN}"]),
        (["3.1 breaks, 3.4 clear"], [], [], [f"version_lt=3.4 → {TIGHTEN}"]),
        (["3.1 breaks, 3.4 clear"], [], HARBOUR, [f"version_le=3.1 → {TIGHTEN}"]),
        (["3.1 breaks, 3.3 not-checked, 3.4 clear"], [], HARBOUR, [f"version_le=3.3 → {TIGHTEN}"]),
        # A fine release below starts it.
        (["3.0 clear, 3.1 breaks, 3.2 clear"], [], [], [f"version=3.1 → {TIGHTEN}"]),
        (["2.0 clear, 3.1 breaks"], [], [], [f"version_gt=2.0 version_le=3.1 → {TIGHTEN}"]),
        (["2.0 clear, 3.1 breaks"], [], HARBOUR, [f"version_ge=3.0 version_le=3.1 → {TIGHTEN}"]),
        (
            ["1.0 breaks, 2.0 clear, 3.0 breaks, 3.1 clear"],
            [],
            [],
            [f"version_lt=2.0 → {TIGHTEN}", f"version_gt=2.0 version_le=3.0 → {TIGHTEN}"],
        ),
        # Releases above the last one that was checked are in it when they exist.
        (["3.1 breaks"], [], [*HARBOUR, "ferry 3.5 py_0 dock"], [f"version_le=3.5 → {TIGHTEN}"]),
        (["3.1 breaks, 3.2 clear"], [], [*HARBOUR, "ferry 3.5 py_0 dock"], [f"version_le=3.1 → {TIGHTEN}"]),
        # Builds.
        (
            ["3.0 breaks, 3.1 breaks, 3.2 clear"],
            ["ferry 3.1 1"],
            [],
            [f"version_le=3.0 → {TIGHTEN}", f"version=3.1 build_number=0 → {TIGHTEN}"],
        ),
        (
            ["3.1 breaks"],
            ["ferry 3.1 2"],
            [],
            [f"version_lt=3.1 → {TIGHTEN}", f"version=3.1 build_number_le=1 → {TIGHTEN}"],
        ),
        (
            ["3.1=py_0 breaks", "3.1=py_1 clear"],
            [],
            [],
            [f"version_lt=3.1 → {TIGHTEN}", f"version=3.1 build_number=0 → {TIGHTEN}"],
        ),
        (["3.1=py_0 breaks"], [], [], [f"version_le=3.1 → {TIGHTEN}"]),
        (
            ["3.0 clear, 3.1=py_0 clear, 3.1=py_1 breaks, 3.2 clear"],
            [],
            [],
            [f"version=3.1 build_number_ge=1 → {TIGHTEN}"],
        ),
        (
            ["3.0 clear, 3.1=py38_0 breaks, 3.1=py39_0 clear, 3.1=py38_1 clear, 3.2 clear"],
            [],
            [],
            [f"version=3.1 build_number=0 not_build_in=py39_0 → {TIGHTEN}"],
        ),
        # Versions that only conda understands are named one by one.
        (
            ["3.1 breaks"],
            [],
            [*HARBOUR, "ferry 3.0h py_0 dock"],
            ["version_in=3.0h,3.0,3.1 → tighten_depends dock 4.13"],
        ),
        # What tightening cannot say is said as a constraint.
        (["3.1 breaks"], [], [HARBOUR[0], "ferry 3.1 py_0 tide"], ["version_le=3.1 → add_constrains dock <4.13.0a0"]),
        (
            ["3.1 breaks"],
            [],
            [*HARBOUR, "ferry 3.1 py_1 dock 4.*"],
            [f"version_le=3.1 → {TIGHTEN} + add_constrains dock <4.13.0a0"],
        ),
    ],
)
def test_the_range_of_the_downstream(
    reports: list[str], fixed: list[str], records: list[str], expected: list[str]
) -> None:
    channels = [channel(*records)] if records else []
    made = suggest(
        [(f"{number}.json", ferry(text)) for number, text in enumerate(reports)],
        channels,
        fixed=map(parse_fixed, fixed),
    )
    assert [shown(one) for one in made.documents] == expected
    assert parse_patches(made.text) == made.documents


@pytest.mark.parametrize(
    ("checked", "in_channel", "expected"),
    [
        # (baseline, candidate, status) → the action
        ([("4.12.0", "4.13.0", "breaks")], [], "tighten_depends dock 4.13"),
        ([("4.13.0", "4.13.1", "breaks")], [], "tighten_depends dock 4.13.1"),
        ([("1.9", "2", "breaks")], [], "tighten_depends dock 2.0"),
        ([("4.12", "4.13", "breaks"), ("4.13", "4.14", "clear")], [], "tighten_depends dock 4.13"),
        ([("4.12", "4.13", "clear"), ("4.13", "4.14", "breaks")], [], "tighten_depends dock 4.14"),
        # A release of the upstream that nobody checked is shut out when it exists …
        ([("4.11", "4.13", "breaks")], ["4.11", "4.12", "4.13"], "tighten_depends dock 4.12"),
        # … unless another report shows that what is missing was still there.
        ([("4.11", "4.13", "breaks"), ("4.12", "4.13", "breaks")], ["4.11", "4.12"], "tighten_depends dock 4.13"),
        # The name came back: the pairs that are fine again stay.
        ([("4.12", "4.13", "breaks"), ("4.12", "4.14", "clear")], [], "add_constrains dock <4.13.0a0|>=4.14"),
        # A pre-release that is fine is not shut out with the final one.
        ([("2.0rc1", "2.0", "breaks")], [], "add_constrains dock <2.0"),
        ([("1.9", "2.0rc1", "breaks")], [], "tighten_depends dock 2.0"),
        # Compared with an older one: what only the newer has.
        ([("4.13", "4.12", "breaks")], [], "add_constrains dock >=4.13"),
    ],
)
def test_the_bound_on_the_upstream(checked: list[tuple[str, str, str]], in_channel: list[str], expected: str) -> None:
    reports = [
        (f"{number}.json", ferry(f"3.1 {status}", baseline, candidate))
        for number, (baseline, candidate, status) in enumerate(checked)
    ]
    channels = [channel(*(f"dock {version} 0" for version in in_channel))] if in_channel else []
    assert [shown(one).split(" → ")[1] for one in suggest(reports, channels).documents] == [expected]


def test_several_downstreams_and_upstreams_come_at_once_and_apart() -> None:
    reports = [
        ("a.json", report("4.12", "4.13", downstream("ferry", "3.1", "breaks"), downstream("barge", "1.0", "breaks"))),
        ("b.json", report("1.0", "2.0", downstream("ferry", "3.1", "breaks"), upstream="tide")),
        ("c.json", report("4.12", "4.13", downstream("tug", "1.0", "clear"))),
    ]
    names = [(document.conditions[0].values[0], document.actions[0].name) for document in suggest(reports).documents]
    assert names == [("barge", "dock"), ("ferry", "dock"), ("ferry", "tide")]


def test_the_comment_gives_the_reason_the_place_and_what_was_not_checked() -> None:
    reports = [
        (
            "ferry.json",
            report(
                "4.12.0",
                "4.13.0",
                downstream("ferry", "3.0", "not-checked", reason="no archive\nif: {}"),
                downstream("ferry", "3.1", "breaks", findings=(finding(message="gone\x1b[2J"),)),
                downstream("ferry", "3.3", "clear"),
            ),
        )
    ]
    (document,) = suggest(reports, fixed=[parse_fixed("ferry 3.2 1")], before=1_653_671_040_000).documents[:1]
    assert document.comment.replace("\n  ", " ").splitlines() == [
        "dock 4.13.0: name-removed dock.gone gone\x1b[2J ferry/a.py:3 in ferry 3.1",
        "Breaks: ferry 3.1 with dock 4.13.0.",
        "Not checked, taken to break as its neighbours do: ferry 3.0.",
        "Checked and fine: ferry 3.3.",
        "Known to be repaired, not checked: ferry 3.2 build 1.",
        "Could not be checked: ferry 3.0 (no archive if: {}).",
        "Evidence: ferry.json.",
    ]
    text = suggest(reports).text
    assert "\x1b" not in text
    assert len(parse_patches(text)) == 1
    assert document.conditions[-1].key == "timestamp_lt"


def test_what_could_not_be_judged_is_never_silent() -> None:
    made = suggest([("a.json", ferry("3.1 not-checked")), ("b.json", ferry("3.2 possible"))])
    assert (made.documents, made.exit_status) == ((), 3)
    assert made.unknown == (
        "ferry 3.1 with dock 4.13.0: its archive could not be opened (a.json)",
        "ferry 3.2 with dock 4.13.0: the evidence is weak (b.json)",
    )
    assert suggest([("c.json", ferry("3.1 clear"))]).exit_status == 0


def test_a_release_without_a_place_among_versions_is_left_out_and_named() -> None:
    made = suggest([("a.json", report("4.12", "4.13", downstream("ferry", "0+unknown", "breaks")))])
    assert made.documents == ()
    assert made.notes == ("a.json: ferry '0+unknown' is left out: it has no place among versions.",)


def test_names_are_those_of_the_channel() -> None:
    reports = [("a.json", report("4.12", "4.13", downstream("ferry-boat", "3.1", "breaks")))]
    (document,) = suggest(reports, [channel("ferry_boat 3.1 py_0 dock")]).documents
    assert document.conditions[0].values == ("ferry_boat",)
    made = suggest(reports, [channel("dock 4.13 0")])
    assert made.notes == ("No channel has a package 'ferry-boat': is it called otherwise there?",)


def row(name: str, version: str, build: str = "py_0") -> Record:
    return Record(name=name, version=version, build=build, build_number=int(build[-1]))


@pytest.mark.parametrize(
    ("records", "harmful"),
    [
        ((row("dock", "4.13.0"), row("ferry", "3.0")), True),
        ((row("dock", "4.13.0"), row("ferry", "3.1")), True),
        ((row("dock", "4.13.0"), row("ferry", "3.1", "py_1")), False),
        ((row("dock", "4.13.0"), row("ferry", "3.2")), False),
        ((row("dock", "4.12.0"), row("ferry", "3.1")), False),
    ],
)
def test_the_harm_is_also_given_as_an_expression(records: tuple[Record, ...], harmful: bool) -> None:
    made = suggest([("a.json", ferry("3.0 breaks, 3.1 breaks, 3.2 clear"))], fixed=[parse_fixed("ferry 3.1 1")])
    assert parse_broken(made.harmful).harmful(records) is harmful


@pytest.mark.parametrize("text", ["", "ferry", "ferry 1 2 3", "ferry ??? 1", "ferry 0+unknown"])
def test_a_fixed_build_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(FixedBuildError) as caught:
        parse_fixed(text)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_no_report_is_a_mistake() -> None:
    with pytest.raises(NoReportError):
        suggest([])
