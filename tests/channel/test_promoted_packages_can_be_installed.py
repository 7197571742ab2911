"""What is promoted can be installed from where it goes, on every platform on which it could be before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from own_parts import WHEN, make_package, patcher
from test_gate_of_promotion import report

from tailrace import channel as own
from tailrace.channel.errors import RefusedError
from tailrace.channel.index_formats.check import check_channel
from tailrace.conda.repodata import channel_from_packages

#: A package: name, version, subdir, dependencies.
Made = tuple[str, str, str, tuple[str, ...]]


def channel(tmp_path: Path, main: list[Made], canary: list[Made]) -> Path:
    root = tmp_path / "c"
    own.init(root, WHEN)
    for label, made in (("main", main), ("canary", canary)):
        for name, version, subdir, depends in made:
            archive = make_package(tmp_path / "made" / subdir, name, version, *depends, subdir=subdir)
            own.add(root, [archive], label)
    own.index(root, patcher, WHEN)
    return root


def promote(root: Path, *wanted: str, **more: Any) -> own.Store:
    return own.promote(root, wanted, patcher, WHEN, source="canary", **more)


MILL: Made = ("mill", "1.1", "noarch", ("river >=2",))
RIVER: Made = ("river", "2.0", "noarch", ())
OLD: Made = ("river", "1.0", "noarch", ())


@pytest.mark.parametrize(
    ("main", "canary", "wanted", "named"),
    [
        ([], [MILL, RIVER], ["mill"], "'river >=2'"),
        ([OLD], [MILL, RIVER], ["mill"], "'river >=2'"),
        ([OLD], [MILL], ["mill"], "'river >=2'"),
        ([], [MILL], ["mill"], "'river >=2'"),
        ([RIVER], [MILL], ["mill"], None),
        ([], [MILL, RIVER], ["mill", "river"], None),
        ([], [MILL, RIVER], ["river"], None),
        # the dependency of a dependency
        ([("river", "2.0", "noarch", ("spring",))], [MILL, ("spring", "1", "noarch", ())], ["mill"], "spring"),
        # what contradicts itself
        (
            [RIVER, ("dam", "1", "noarch", ("river <2",))],
            [("mill", "1", "noarch", ("river >=2", "dam"))],
            ["mill"],
            "mill-1-0.conda",
        ),
        # platforms
        ([("river", "2.0", "linux-64", ())], [("mill", "1.1", "linux-64", ("river >=2",))], ["mill"], None),
        ([("river", "2.0", "osx-64", ())], [("mill", "1.1", "linux-64", ("river >=2",))], ["mill"], "on linux-64"),
        (
            [("river", "2.0", "osx-64", ())],
            [MILL, ("river", "2.0", "linux-64", ())],
            ["mill"],
            "mill-1.1-0.conda on linux-64",
        ),
        ([("river", "2.0", "linux-64", ()), ("other", "1", "osx-64", ())], [MILL], ["mill"], None),
        # virtual packages are the machine's affair
        ([("other", "1", "linux-64", ())], [("gpu", "1", "linux-64", ("__cuda >=12",))], ["gpu"], None),
        ([("o", "1", "linux-64", ()), ("o", "1", "win-64", ())], [("w", "1", "noarch", ("__win",))], ["w"], None),
    ],
)
def test_what_is_left_behind_is_named(
    tmp_path: Path, main: list[Made], canary: list[Made], wanted: list[str], named: str | None
) -> None:
    root = channel(tmp_path, main, canary)
    before = own.read_store(root).state
    if named is None:
        assert promote(root, *wanted).state.serial == before.serial + 1
        return
    with pytest.raises(RefusedError) as caught:
        promote(root, *wanted)
    assert named in caught.value.message
    assert caught.value.exit_status == 1
    assert own.read_store(root).state == before
    assert promote(root, *wanted, override="we know").state.entry.override == "we know"


def test_the_hint_names_what_to_promote_as_well(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        promote(channel(tmp_path, [], [MILL, RIVER]), "mill")
    assert "Promote river as well" in str(caught.value.hint)


def test_a_neighbour_may_have_what_is_missing(tmp_path: Path) -> None:
    record = {"name": "river", "version": "2.0", "build": "0", "build_number": 0}
    other = channel_from_packages("other", {"noarch": {"river-2.0-0.conda": record}})
    assert promote(channel(tmp_path, [], [MILL]), "mill", neighbours=[other]).state.entry.target == "main"


@pytest.mark.parametrize("reported", [[], ["mill"], ["mill", "river"]])
def test_a_report_can_be_required_of_every_release(tmp_path: Path, reported: list[str]) -> None:
    root = channel(tmp_path, [], [MILL, RIVER])
    paths = []
    for name in reported:
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps(report("clear", name, {"mill": "1.1", "river": "2.0"}[name])))
    if len(reported) == 2:
        promote(root, "mill", "river", reports=paths, require_report=True)
        return
    with pytest.raises(RefusedError, match=r"no check report on .*river 2.0"):
        promote(root, "mill", "river", reports=paths, require_report=True)
    promote(root, "mill", "river", reports=paths)


@pytest.mark.parametrize(
    ("made", "rules"),
    [
        ([MILL, OLD], ["not-installable"]),
        ([MILL, RIVER], []),
        ([MILL], ["dependency-unknown"]),
        ([("a", "1", "linux-64", ("b",)), ("b", "1", "osx-64", ())], ["not-installable"]),
        ([("a", "1", "linux-64", ("__glibc >=2.17", "__cuda"))], []),
    ],
)
def test_a_check_solves_for_every_package(tmp_path: Path, made: list[Made], rules: list[str]) -> None:
    root = channel(tmp_path, made, [])
    found = check_channel(own.place_of(str(root)), hash_files=False)
    assert [one.rule for one in found.differences] == rules
    if rules == ["not-installable"]:
        assert found.status == "differences"
