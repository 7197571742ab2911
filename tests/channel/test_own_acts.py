"""What an operator does to a channel, and what clients see of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from own_parts import WHEN, channel_of, forms_of, make_package, patcher, served_names

from tailrace import channel as own
from tailrace import disk
from tailrace.channel.errors import (
    BusyError,
    CannotInitError,
    DiskError,
    HeldError,
    IndexFaultError,
    NameTakenError,
    NotAChannelError,
    PackageError,
    SelectionError,
)
from tailrace.conda.errors import RepodataError
from tailrace.hotfix import HotfixError

FIX = """\
if:
  name: conda-build
  version_lt: 3.21.9
then:
  - tighten_depends:
      name: conda
      upper_bound: "4.13"
"""


def test_a_new_channel_is_empty_and_can_be_used_at_once(tmp_path: Path) -> None:
    own.init(tmp_path / "new" / "channel", WHEN)
    assert served_names(tmp_path / "new" / "channel") == []


def test_what_is_added_is_seen_after_the_index_is_made_and_not_before(
    tmp_path: Path, archives: dict[str, Path]
) -> None:
    root = tmp_path / "channel"
    own.init(root, WHEN)
    added = own.add(root, [archives["conda-4.12.0-0.conda"], archives["tool-1.0-0.conda"]])
    assert [one.path for one in added] == ["noarch/conda-4.12.0-0.conda", "linux-64/tool-1.0-0.conda"]
    assert served_names(root) == []
    own.index(root, patcher, WHEN)
    assert served_names(root) == ["conda-4.12.0-0.conda"]
    assert served_names(root, "linux-64") == ["tool-1.0-0.conda"]
    again = own.add(root, [archives["conda-4.12.0-0.conda"]])
    assert [one.known for one in again] == [True]


@pytest.mark.parametrize(
    ("index", "file_name", "expected"),
    [
        ({}, None, None),
        ({}, "good-1.1-0.conda", "calls itself good-1.0-0"),
        ({}, "good-1.0-0.zip", "not a conda package"),
        ({"subdir": "linux-64"}, None, "is noarch, but calls linux-64"),
        ({"subdir": None}, None, None),  # old packages: noarch says enough
        ({"subdir": None, "noarch": None}, None, "says nowhere which subdir"),
        ({"subdir": None, "noarch": None, "platform": "linux", "arch": "x86_64"}, None, None),
        ({"subdir": "../../x", "noarch": None}, None, "not a conda platform"),
        ({"subdir": "beos-64", "noarch": None}, None, "not a conda platform"),
        ({"name": "../up"}, None, "no usable name"),
        ({"name": 3}, None, "cannot be read"),
        ({"version": None}, None, "cannot be read"),
        ({"depends": "python"}, None, "cannot be read"),
        ({"build": "a/b"}, None, "no usable build"),
    ],
)
def test_an_archive_is_what_its_index_says_or_is_refused(
    tmp_path: Path, index: dict[str, Any], file_name: str | None, expected: str | None
) -> None:
    root = tmp_path / "channel"
    own.init(root, WHEN)
    odd = make_package(tmp_path / "odd", "good", "1.0", file_name=file_name, index=index)
    fine = make_package(tmp_path / "fine", "fine", "1.0")
    if expected is None:
        own.add(root, [fine, odd])
        return
    with pytest.raises(PackageError, match=expected):
        own.add(root, [fine, odd])
    assert [path for path in (root / "incoming").rglob("*") if path.is_file()] == []  # all, or none


@pytest.mark.parametrize("ending", [".conda", ".tar.bz2"])
@pytest.mark.parametrize("harm", ["cut", "empty", "text", "flipped"])
def test_a_broken_archive_is_refused(tmp_path: Path, ending: str, harm: str) -> None:
    root = tmp_path / "channel"
    own.init(root, WHEN)
    text = "".join(chr(33 + (7 * n * n) % 90) for n in range(20_000))
    path = make_package(tmp_path, "good", "1.0", ending=ending, files={"share/large.txt": text})
    data = path.read_bytes()
    middle = len(data) // 2
    broken = {
        "cut": data[:-200],
        "empty": b"",
        "text": b"<html>not found</html>",
        "flipped": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
    }
    path.write_bytes(broken[harm])
    with pytest.raises(PackageError, match=r"good-1\.0-0"):
        own.add(root, [path])


@pytest.mark.parametrize("harm", ["cut", "empty", "text"])
@pytest.mark.parametrize("part", ["info", "pkg"])
def test_a_broken_part_in_a_whole_archive_is_refused(tmp_path: Path, part: str, harm: str) -> None:
    text = "".join(chr(33 + (7 * n * n) % 90) for n in range(20_000))
    path = make_package(tmp_path, "good", "1.0", files={"share/large.txt": text})
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, data in parts.items():
            broken = {"cut": data[: len(data) // 2], "empty": b"", "text": b"<html>"}[harm]
            archive.writestr(name, broken if name.startswith(part) else data)
    own.init(tmp_path / "channel", WHEN)
    with pytest.raises(PackageError, match=r"good-1\.0-0"):
        own.add(tmp_path / "channel", [path])


def test_a_file_name_stands_for_one_content_forever(tmp_path: Path, channel: Path) -> None:
    other = make_package(tmp_path / "other", "conda", "4.13.0", files={"share/other": "x"})
    with pytest.raises(NameTakenError, match="canary"):
        own.add(channel, [other])
    own.hold(channel, ["tool"], patcher, WHEN, reason="harm")
    with pytest.raises(HeldError, match="harm"):
        own.add(channel, [make_package(tmp_path / "other", "tool", "1.0", "x", subdir="linux-64")])
    one = make_package(tmp_path / "one", "twice", "1.0")
    two = make_package(tmp_path / "two", "twice", "1.0", "dependency")
    with pytest.raises(NameTakenError, match="waiting"):
        own.add(channel, [one, two])


def test_the_same_file_may_be_in_two_labels(channel: Path, archives: dict[str, Path]) -> None:
    own.add(channel, [archives["conda-4.12.0-0.conda"]], "canary")
    own.index(channel, patcher, WHEN)
    assert "conda-4.12.0-0.conda" in served_names(channel, "label/canary/noarch")
    assert "conda-4.12.0-0.conda" in served_names(channel)


def test_a_set_is_promoted_in_one_step_and_can_still_be_downloaded_from_where_it_was(channel: Path) -> None:
    before = json.loads((channel / "current/noarch/repodata.json").read_bytes())
    own.promote(channel, ["conda=4.13.0", "conda-build"], patcher, WHEN, source="label/canary")
    assert served_names(channel) == [
        "conda-4.12.0-0.conda", "conda-4.13.0-0.conda", "conda-build-3.21.8-0.conda", "conda-build-3.21.9-0.tar.bz2",
    ]  # fmt: skip
    assert served_names(channel, "label/canary/noarch") == []
    for form, (_, removed) in forms_of(channel / "current/label/canary/noarch").items():
        assert removed == ["conda-4.13.0-0.conda", "conda-build-3.21.9-0.tar.bz2"], form
    assert (channel / "current/label/canary/noarch/conda-4.13.0-0.conda").is_file()
    after = json.loads((channel / "current/noarch/repodata.json").read_bytes())
    assert before["packages.conda"].items() <= after["packages.conda"].items()  # with their old indexed_timestamp


@pytest.mark.parametrize(
    ("wanted", "source", "expected"),
    [
        (["conda", "nothing"], "canary", "Nothing in label/canary is 'nothing'"),
        (["conda", "conda-build=3.21.8"], "canary", "conda-build=3.21.8"),
        (["conda"], "beta", "no label 'beta'"),
        (["conda"], "main", "itself"),
        (["conda"], "../canary", "is not a label"),
        (["conda ==="], "canary", "Cannot read the spec"),
    ],
)
def test_one_wrong_name_and_nothing_is_promoted(channel: Path, wanted: list[str], source: str, expected: str) -> None:
    before = (channel / "current").readlink()
    with pytest.raises(Exception, match=expected) as raised:
        own.promote(channel, wanted, patcher, WHEN, source=source)
    assert raised.value.exit_status == 2  # type: ignore[attr-defined]
    assert (channel / "current").readlink() == before


def test_hotfixes_reach_every_form_and_what_is_added_later(tmp_path: Path, channel: Path) -> None:
    (tmp_path / "fix.yaml").write_text(FIX)
    own.index(channel, patcher, WHEN, patches=tmp_path / "fix.yaml")
    (tmp_path / "fix.yaml").unlink()  # the channel has its own copy
    own.add(channel, [make_package(tmp_path, "conda-build", "3.21.7", "conda >=4.5")])
    own.index(channel, patcher, WHEN)
    for form, (records, _) in forms_of(channel / "current/noarch").items():
        assert records["conda-build-3.21.8-0.conda"]["depends"] == ["conda >=4.5,<4.13.0a0"], form
        assert records["conda-build-3.21.7-0.conda"]["depends"] == ["conda >=4.5,<4.13.0a0"], form
        assert records["conda-4.12.0-0.conda"].get("depends", []) == [], form
    own.index(channel, patcher, WHEN, no_patches=True)
    for form, (records, _) in forms_of(channel / "current/noarch").items():
        assert records["conda-build-3.21.8-0.conda"]["depends"] == ["conda >=4.5"], form


def instructions(**parts: Any) -> str:
    return json.dumps({"patch_instructions_version": 1, **parts})


def test_patch_instructions_revoke_and_remove_in_every_form(tmp_path: Path, channel: Path) -> None:
    path = tmp_path / "patch_instructions.json"
    path.write_text(
        instructions(
            packages={"conda-build-3.21.8-0.tar.bz2": {"license": "MIT"}},
            revoke=["conda-build-3.21.8-0.conda", "not-there-1-0.conda"],
            remove=["conda-4.12.0-0.conda", "not-there-1-0.tar.bz2"],
        )
    )
    own.index(channel, patcher, WHEN, patches=path)
    for form, (records, removed) in forms_of(channel / "current/noarch").items():
        assert sorted(records) == ["conda-build-3.21.8-0.conda"], form
        assert records["conda-build-3.21.8-0.conda"]["depends"] == ["conda >=4.5", "package_has_been_revoked"], form
        assert removed == ["conda-4.12.0-0.conda"], form
    assert (channel / "current/noarch/conda-4.12.0-0.conda").is_file()
    own.index(channel, patcher, WHEN, no_patches=True)
    assert served_names(channel) == ["conda-4.12.0-0.conda", "conda-build-3.21.8-0.conda"]


def test_instructions_by_subdir_are_a_folder(tmp_path: Path, channel: Path) -> None:
    (tmp_path / "patches/linux-64").mkdir(parents=True)
    (tmp_path / "patches/linux-64/patch_instructions.json").write_text(
        instructions(**{"packages.conda": {"tool-1.0-0.conda": {"depends": ["conda <4.13"]}}})
    )
    own.index(channel, patcher, WHEN, patches=tmp_path / "patches")
    records, _ = forms_of(channel / "current/linux-64")["shards"]
    assert records["tool-1.0-0.conda"]["depends"] == ["conda <4.13"]


@pytest.mark.parametrize(
    ("name", "text", "error", "expected"),
    [
        ("fix.yaml", "if:\n  nme: x\nthen:\n  - add_depends: y\n", HotfixError, "nme"),
        ("fix.json", "{", RepodataError, "cut short"),
        ("fix.json", instructions(**{"packages.conda": {"conda-4.12.0-0.conda": {"version": "9"}}}), IndexFaultError,
         "cannot carry out the hotfix of version"),
    ],
)  # fmt: skip
def test_a_hotfix_that_cannot_be_carried_out_changes_nothing(
    tmp_path: Path, channel: Path, name: str, text: str, error: type[Exception], expected: str
) -> None:
    (tmp_path / name).write_text(text)
    before = (channel / "current").readlink()
    with pytest.raises(error, match=expected):
        own.index(channel, patcher, WHEN, patches=tmp_path / name)
    assert (channel / "current").readlink() == before
    own.index(channel, patcher, WHEN)  # and nothing of it is left


def test_a_hold_takes_a_release_out_of_reach_and_its_release_brings_it_back_as_it_was(channel: Path) -> None:
    before = forms_of(channel / "current/noarch")
    own.add(channel, [channel / "current/noarch/conda-4.12.0-0.conda"], "canary")
    own.index(channel, patcher, WHEN)
    made = own.hold(channel, ["conda=4.12.0"], patcher, WHEN, reason="it breaks\nconda-build")
    assert made.state.holds[0].labels == ("canary", "main")
    for folder in ("noarch", "label/canary/noarch"):
        assert "conda-4.12.0-0.conda" not in served_names(channel, folder)
        for form, (_, removed) in forms_of(channel / "current" / folder).items():
            assert "conda-4.12.0-0.conda" in removed, form
        assert (channel / "current" / folder / "conda-4.12.0-0.conda").is_file()
        notices = json.loads((channel / "current" / folder).parent.joinpath("notices.json").read_bytes())["notices"]
        assert [one["level"] for one in notices] == ["warning"]
        assert "it breaks" in notices[0]["message"]
    with pytest.raises(HeldError, match=r"conda-4\.12\.0-0\.conda is held: it breaks"):
        own.promote(channel, ["conda=4.12.0"], patcher, WHEN, source="canary", target="stable")
    own.release(channel, ["conda"], patcher, WHEN)
    assert forms_of(channel / "current/noarch") == before  # indexed_timestamp and all
    assert not (channel / "current/notices.json").exists()
    with pytest.raises(SelectionError, match="No hold is on"):
        own.release(channel, ["conda"], patcher, WHEN)


def test_a_hold_in_one_label_leaves_the_others_alone(channel: Path, archives: dict[str, Path]) -> None:
    own.add(channel, [archives["conda-4.12.0-0.conda"]], "canary")
    own.index(channel, patcher, WHEN)
    own.hold(channel, ["conda=4.12.0"], patcher, WHEN, reason="harm", label="canary")
    assert "conda-4.12.0-0.conda" in served_names(channel)
    assert "conda-4.12.0-0.conda" not in served_names(channel, "label/canary/noarch")


def test_what_is_held_while_it_waits_is_not_listed_before_the_hold_is_off(
    channel: Path, archives: dict[str, Path]
) -> None:
    own.add(channel, [archives["conda-4.12.0-0.conda"]], "canary")
    own.hold(channel, ["conda=4.12.0"], patcher, WHEN, reason="harm", label="main")
    own.index(channel, patcher, WHEN)
    assert "conda-4.12.0-0.conda" not in served_names(channel, "label/canary/noarch")
    own.release(channel, ["conda=4.12.0"], patcher, WHEN)
    assert "conda-4.12.0-0.conda" in served_names(channel, "label/canary/noarch")
    assert "conda-4.12.0-0.conda" in served_names(channel)


def test_every_act_is_in_the_log_with_its_grounds(channel: Path) -> None:
    own.promote(channel, ["conda"], patcher, WHEN, source="canary", override="tested by hand")
    own.hold(channel, ["tool"], patcher, WHEN, reason="harm")
    own.release(channel, ["tool"], patcher, WHEN, reason="harmless")
    log = own.read_log(channel)
    assert [(one.serial, one.act, one.override or one.reason) for one in log] == [
        (1, "init", None), (2, "index", None), (3, "promote", "tested by hand"), (4, "hold", "harm"),
        (5, "release", "harmless"),
    ]  # fmt: skip
    assert log[2].packages == ("noarch/conda-4.13.0-0.conda",)
    assert not (channel / "current" / "tailrace-log.jsonl").exists()


def test_a_client_that_read_the_index_just_before_the_switch_still_finds_its_shards(channel: Path) -> None:
    old = {path.name for path in (channel / "current/noarch/shards").iterdir()}
    own.promote(channel, ["conda", "conda-build"], patcher, WHEN, source="canary")
    new = {path.name for path in (channel / "current/noarch/shards").iterdir()}
    assert old < new


def test_the_channel_of_another_writer_is_left_alone(channel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.channel.store.lock_for_writing.__wrapped__.__kwdefaults__", {"wait": 0.01})
    with own.store.lock_for_writing(channel), pytest.raises(BusyError, match="another process"):
        own.hold(channel, ["tool"], patcher, WHEN, reason="harm")


@pytest.mark.parametrize("content", ["file", "folder with a file", "channel"])
def test_a_channel_is_made_where_nothing_is(tmp_path: Path, content: str) -> None:
    root = tmp_path / "place"
    match content:
        case "file":
            root.write_text("x")
        case "folder with a file":
            root.mkdir()
            (root / "thesis.txt").write_text("x")
        case "channel":
            own.init(root, WHEN)
    before = sorted(root.iterdir()) if root.is_dir() else None
    with pytest.raises(CannotInitError):
        own.init(root, WHEN)
    assert (sorted(root.iterdir()) if root.is_dir() else None) == before


def test_a_folder_that_is_no_channel_is_not_touched(tmp_path: Path, archives: dict[str, Path]) -> None:
    for act in (
        lambda: own.add(tmp_path / "none", [archives["conda-4.12.0-0.conda"]]),
        lambda: own.index(tmp_path / "none", patcher, WHEN),
        lambda: own.hold(tmp_path / "none", ["conda"], patcher, WHEN, reason="x"),
    ):
        with pytest.raises(NotAChannelError, match="channel init"):
            act()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_says_no_is_named_and_the_channel_is_unchanged(
    channel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (channel / "current").readlink()

    def full(step: str, path: Path) -> None:
        if step == "write":
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(disk, "announce", full)
    with pytest.raises(DiskError, match="No space left on device"):
        own.hold(channel, ["tool"], patcher, WHEN, reason="harm")
    assert (channel / "current").readlink() == before


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    root = channel_of(tmp_path / "channel")
    with pytest.raises(PackageError, match="is not there"):
        own.add(root, [tmp_path / "none-1-0.conda"])
    with pytest.raises(PackageError, match="is not a file"):
        own.add(root, [tmp_path])
