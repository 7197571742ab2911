"""Several channels on the left, a hotfix for each on the right: the same build number is another file on each."""

from __future__ import annotations

import pytest
from check_reports import downstream, ferry, report

from tailrace.conda.records import Channel
from tailrace.conda.repodata import channel_from_packages
from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix.suggest import NoReportError, parse_fixed, suggest_by_channel

DOCKS = ("dock 4.12.0 0", "dock 4.13.0 0")


def channel(name: str, *records: str) -> Channel:
    """`ferry 3.1 py_0 dock >=4.5` a record."""
    packages = {}
    for line in records:
        package, version, build, *depends = line.split(" ", 3)
        packages[f"{package}-{version}-{build}.conda"] = {
            "name": package, "version": version, "build": build, "build_number": int(build[-1]), "depends": depends,
        }  # fmt: skip
    return channel_from_packages(name, {"noarch": packages})


def ferries(name: str, *builds: str, docks: tuple[str, ...] = DOCKS) -> Channel:
    return channel(name, *docks, *(f"ferry {build} dock >=4.5" for build in builds))


@pytest.mark.parametrize(
    ("harbour", "quay", "fixed", "expected", "harmful"),
    [
        # Alike on both: one expression says it.
        (["3.1 py_0"], ["3.1 py_0"], [], {"harbour": "≤3.1", "quay": "≤3.1"}, ["(dock >=4.13.0a0 & ferry <=3.1)"]),
        # Only one channel has it.
        (["3.1 py_0"], [], [], {"harbour": "≤3.1"}, ["(dock >=4.13.0a0 & ferry <=3.1)"]),
        ([], [], [], {}, ["(dock >=4.13.0a0 & ferry <=3.1)"]),
        # Build 1 is repaired on harbour; quay's build 2 is nobody's repair.
        (
            ["3.1 py_0", "3.1 py_1"], ["3.1 py_2"], ["ferry 3.1 1"],
            {"harbour": "<3.1, 3.1 build 0", "quay": "≤3.1"},
            [
                "(dock >=4.13.0a0 & harbour::ferry <3.1)",
                "(dock >=4.13.0a0 & harbour::ferry[version='==3.1',build_number=0])",
                "(dock >=4.13.0a0 & quay::ferry <=3.1)",
            ],
        ),
        # Both have a build 1: what is vouched for counts on both.
        (
            ["3.1 py_0", "3.1 py_1"], ["3.1 py_1"], ["ferry 3.1 1"],
            {"harbour": "<3.1, 3.1 build 0", "quay": "<3.1, 3.1 build 0"},
            ["(dock >=4.13.0a0 & ferry <3.1)", "(dock >=4.13.0a0 & ferry[version='==3.1',build_number=0])"],
        ),
        # Nobody has build 1 yet: it is on its way to either.
        (
            ["3.1 py_0"], ["3.1 py_0"], ["ferry 3.1 1"],
            {"harbour": "<3.1, 3.1 build 0", "quay": "<3.1, 3.1 build 0"},
            ["(dock >=4.13.0a0 & ferry <3.1)", "(dock >=4.13.0a0 & ferry[version='==3.1',build_number=0])"],
        ),
        # A whole release that is repaired is so everywhere.
        (["3.1 py_0", "3.2 py_0"], ["3.2 py_2"], ["ferry 3.2"], {"harbour": "≤3.1", "quay": "≤3.1"},
         ["(dock >=4.13.0a0 & ferry <=3.1)"]),
    ],
)  # fmt: skip
def test_each_channel_gets_its_own(
    harbour: list[str], quay: list[str], fixed: list[str], expected: dict[str, str], harmful: list[str]
) -> None:
    found = suggest_by_channel(
        [("a.json", ferry("3.1 breaks"))],
        [ferries("harbour", *harbour), ferries("quay", *quay)],
        fixed=[parse_fixed(text) for text in fixed],
    )
    assert {
        name: ", ".join(
            " ".join(
                {"version_le": "≤{}", "version_lt": "<{}", "version": "{}", "build_number": "build {}"}[one.key].format(
                    *one.values
                )
                for one in document.conditions
                if one.field != "name"
            )
            for document in made.documents
        )
        for name, made in found.by_channel.items()
    } == expected
    assert found.harmful == " | ".join(harmful)
    parse_broken(found.harmful)


def test_a_package_that_one_channel_has_is_missed_on_none() -> None:
    docks, ships = channel("docks", *DOCKS), ferries("ships", "3.1 py_0", docks=())
    found = suggest_by_channel([("a.json", ferry("3.1 breaks"))], [docks, ships])
    assert list(found.by_channel) == ["ships"]
    assert found.notes == ()
    tug = [("a.json", report("4.12.0", "4.13.0", downstream("tug", "1", "breaks")))]
    found = suggest_by_channel(tug, [docks, ships])
    assert (list(found.by_channel), found.exit_status) == ([], 0)
    assert "No channel has a package 'tug': is it called otherwise there?" in found.notes
    # Of one channel alone the hotfix is written all the same: it may be on its way there.
    assert list(suggest_by_channel(tug, [docks]).by_channel) == ["docks"]


def test_what_could_not_be_judged_is_told_once_and_is_no_clean_bill() -> None:
    found = suggest_by_channel([("a.json", ferry("3.1 not-checked"))], [ferries("harbour"), ferries("quay")])
    assert (len(found.unknown), found.exit_status) == (1, 3)
    with pytest.raises(NoReportError):
        suggest_by_channel([], [ferries("harbour")])
