"""From files to files: what the commands apply, show, write, and refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailrace.hotfix import (
    PatchLanguageError,
    RepodataError,
    SubdirError,
    UnansweredError,
    hotfix_apply,
    hotfix_diff,
    read_instructions,
)
from tailrace.report import render

PATCHES = """\
if:
  name: ferry
  version_lt: "2"
then:
  - tighten_depends: {name: dock, upper_bound: "4.13"}
---
if: {name: ferry, build_number: 0}
then:
  - add_constrains: tide >=1
"""


def record(version: str, number: int, *depends: str) -> dict[str, Any]:
    return {"name": "ferry", "version": version, "build": f"{number}", "build_number": number, "depends": list(depends)}


INDEX = {
    "info": {"subdir": "linux-64"},
    "packages": {"ferry-1-0.tar.bz2": record("1", 0, "dock >=4.5"), "ferry-1-1.tar.bz2": record("1", 1, "dock <4.13")},
    "packages.conda": {
        "ferry-1-0.conda": record("1", 0, "dock >=4.5"),
        "ferry-3-1.conda": record("3", 1, "dock >=4.5"),
    },
}


@pytest.fixture
def patches(tmp_path: Path) -> Path:
    path = tmp_path / "ferry.yaml"
    path.write_text(PATCHES)
    return path


@pytest.fixture
def repodata(tmp_path: Path) -> Path:
    path = tmp_path / "repodata.json"
    path.write_bytes(msgspec.json.encode(INDEX))
    return path


def test_apply_writes_repodata_and_instructions_that_do_the_same(patches: Path, repodata: Path, tmp_path: Path) -> None:
    before = repodata.read_bytes()
    one, two, made = tmp_path / "one.json", tmp_path / "two.json.zst", tmp_path / "patch_instructions.json"
    result = hotfix_apply(patches, repodata, output=one, instructions=made)
    again = hotfix_apply(made, repodata, output=two)
    expected = {"depends": ["dock >=4.5,<4.13.0a0"], "constrains": ["tide >=1"]}
    assert read_instructions(made).packages == {"ferry-1-0.tar.bz2": expected}
    after = msgspec.json.decode(one.read_bytes())
    assert after["packages"]["ferry-1-0.tar.bz2"] == record("1", 0) | expected
    assert after["packages.conda"]["ferry-1-0.conda"] == record("1", 0) | expected
    assert after["packages"]["ferry-1-1.tar.bz2"] == INDEX["packages"]["ferry-1-1.tar.bz2"]
    assert list(after) == list(INDEX)
    assert dict(again.patched.packages_conda) == dict(result.patched.packages_conda)
    assert result.exit_status == 0
    assert repodata.read_bytes() == before


DIFF = """\
2 of 4 records change, in 1 ways

linux-64/ferry-1-0.conda
linux-64/ferry-1-0.tar.bz2
  by ferry.yaml#1, ferry.yaml#2
  constrains:
    + tide >=1
  depends:
    - dock >=4.5
    + dock >=4.5,<4.13.0a0
"""


def test_diff_puts_records_with_the_same_change_together(patches: Path, repodata: Path, tmp_path: Path) -> None:
    folder = tmp_path / "patch_yaml"
    folder.mkdir()
    patches.rename(folder / patches.name)
    result = hotfix_diff(folder, repodata)
    assert render(result.diff, "text") == DIFF
    assert result.diff.changed == sum(len(group.artifacts) for group in result.diff.groups) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_a_removed_record_shows_as_one_that_lost_everything(repodata: Path, tmp_path: Path) -> None:
    made = tmp_path / "patch_instructions.json"
    made.write_text('{"remove": ["ferry-3-1.conda"], "revoke": ["ferry-1-1.tar.bz2"]}')
    diff = hotfix_diff(made, repodata).diff
    assert (diff.records, diff.changed) == (4, 2)
    revoked, removed = diff.groups
    assert [change.field for change in removed.changes] == ["build", "build_number", "depends", "name", "version"]
    assert [(change.field, change.added) for change in revoked.changes] == [
        ("depends", ("package_has_been_revoked",)),
        ("revoked", ("true",)),
    ]


def test_control_characters_of_a_channel_do_not_reach_the_terminal(patches: Path, tmp_path: Path) -> None:
    path = tmp_path / "repodata.json"
    hostile = {
        "info": {"subdir": "noarch"},
        "packages.conda": {"ferry\x1b[2J-1.conda": record("1", 0, "dock\x1b[31m", "dock")},
    }
    path.write_bytes(msgspec.json.encode(hostile))
    text = render(hotfix_diff(patches, path).diff, "text")
    assert "\x1b" not in text
    assert "ferry\\x1b[2J-1.conda" in text


@pytest.mark.parametrize(
    ("subdir", "said"),
    [("osx-64", "this is the index of linux-64, not of osx-64"), ("linux-64", None), (None, None)],
)
def test_the_subdir_must_be_that_of_the_index(
    patches: Path, repodata: Path, subdir: str | None, said: str | None
) -> None:
    if said is None:
        assert hotfix_diff(patches, repodata, subdir=subdir).subdir == "linux-64"
        return
    with pytest.raises(SubdirError, match=said):
        hotfix_diff(patches, repodata, subdir=subdir)


def test_an_index_that_names_no_subdir_needs_one(patches: Path, tmp_path: Path) -> None:
    path = tmp_path / "repodata.json"
    path.write_text('{"packages": {}}')
    with pytest.raises(SubdirError, match="--subdir"):
        hotfix_diff(patches, path)
    assert hotfix_diff(patches, path, subdir="noarch").subdir == "noarch"


def test_nothing_is_written_when_a_document_could_not_be_decided(patches: Path, tmp_path: Path) -> None:
    path, output = tmp_path / "repodata.json", tmp_path / "out.json"
    odd = {
        "info": {"subdir": "noarch"},
        "packages": {"ferry-9e-0.tar.bz2": record("9e", 0), "ferry-1-0.tar.bz2": record("1", 0)},
    }
    path.write_bytes(msgspec.json.encode(odd))
    with pytest.raises(UnansweredError, match=r"ferry\.yaml:3") as caught:
        hotfix_apply(patches, path, output=output)
    assert caught.value.exit_status == 3
    assert not output.exists()
    result = hotfix_apply(patches, path, output=output, keep_going=True)
    assert result.exit_status == 3
    assert [one.fn for one in result.unanswered] == ["ferry-9e-0.tar.bz2"]
    assert msgspec.json.decode(output.read_bytes())["packages"]["ferry-1-0.tar.bz2"]["constrains"] == ["tide >=1"]


def test_bad_input_writes_nothing(patches: Path, repodata: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    half = tmp_path / "half.json"
    half.write_bytes(repodata.read_bytes()[:200])
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(repodata.read_bytes().replace(b'["dock <4.13"]', b'"dock <4.13"'))
    bad = tmp_path / "bad.yaml"
    bad.write_text(PATCHES.replace("build_number", "build_no"))
    for yaml, index, error in (
        (patches, half, RepodataError),
        (patches, wrong, RepodataError),
        (bad, repodata, PatchLanguageError),
    ):
        with pytest.raises(error):
            hotfix_apply(yaml, index, output=output)
        assert not output.exists()
