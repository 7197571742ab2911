"""Repodata in every form it is served in, and what is said of bytes that are none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import zstandard
from made_channels import channel, record

from tailrace.conda.errors import ChannelUnreadableError, PrefixError, UnknownSubdirError
from tailrace.conda.loading import load_channel, load_directory, merge_channels, without_secrets
from tailrace.conda.prefixes import load_prefix
from tailrace.conda.timestamps import MomentError, parse_moment, show_moment
from tailrace.conda.virtual_packages import VirtualPackageError, virtual_packages


def write(folder: Path, repodata: Any, *, subdir: str = "noarch", packed: bool = False) -> Path:
    (folder / subdir).mkdir(parents=True, exist_ok=True)
    data = repodata if isinstance(repodata, bytes) else json.dumps(repodata).encode()
    if packed:
        (folder / subdir / "repodata.json.zst").write_bytes(zstandard.compress(data))
    else:
        (folder / subdir / "repodata.json").write_bytes(data)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_is_a_channel_named_after_itself(tmp_path: Path, packed: bool) -> None:
    folder = write(tmp_path / "mine", {"packages": {"a-1-0.tar.bz2": record("a 1")}}, packed=packed)
    write(folder, {"packages.conda": {"b-1-0.conda": record("b 1")}}, subdir="linux-64")
    found = load_channel(str(folder), ["linux-64"], cache=tmp_path)
    assert found.name == "mine"
    assert [item.label for item in found.records()] == ["mine::b-1-0", "mine::a-1-0"]
    assert found.url == folder.as_uri()


def test_a_conda_file_hides_its_older_twin(tmp_path: Path) -> None:
    repodata = {
        "packages": {"a-1-0.tar.bz2": record("a 1"), "a-2-0.tar.bz2": record("a 2")},
        "packages.conda": {"a-1-0.conda": record("a 1")},
    }
    found = load_directory(write(tmp_path / "c", repodata))
    assert sorted(item.file_name for item in found.records()) == ["a-1-0.conda", "a-2-0.tar.bz2"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not repodata"),
        (b'{"packages": {"a-1-0.conda": {"name": "a", "ver', "Is it being written?"),
        (b"[]", "is not repodata"),
        (b'{"packages": {"a-1-0.conda": {"name": "a", "version": "1", "build": "0", "depends": "b"}}}', "depends"),
        (b'{"packages": {"a-1-0.conda": {"name": "a"}}}', "version"),
        (b"\xff\xfe", "is not repodata"),
    ],
)
def test_bytes_that_are_no_repodata_are_a_clear_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(ChannelUnreadableError) as caught:
        load_directory(write(tmp_path / "bad", data))
    assert words in str(caught.value)
    assert "noarch/repodata.json" in str(caught.value)
    assert caught.value.exit_status == 3


def test_an_archive_that_is_cut_short_is_a_clear_sentence(tmp_path: Path) -> None:
    folder = write(tmp_path / "cut", {"packages": {"a-1-0.conda": record("a 1")}}, packed=True)
    path = folder / "noarch/repodata.json.zst"
    path.write_bytes(b"junk" + path.read_bytes()[4:20])
    with pytest.raises(ChannelUnreadableError, match="cut"):
        load_directory(folder)


@pytest.mark.parametrize("text", ["./nowhere", "/nowhere/at/all", "~/nowhere-at-all"])
def test_a_folder_that_is_not_there_is_not_looked_for_on_the_network(tmp_path: Path, text: str) -> None:
    with pytest.raises(ChannelUnreadableError, match="there is no such folder"):
        load_channel(text, ["linux-64"], cache=tmp_path)


def test_an_empty_folder_is_no_channel(tmp_path: Path) -> None:
    with pytest.raises(ChannelUnreadableError, match=r"no repodata.json for linux-64, noarch"):
        load_channel(str(tmp_path), ["linux-64"], cache=tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_a_clear_sentence(tmp_path: Path) -> None:
    folder = write(tmp_path / "closed", {"packages": {}})
    (folder / "noarch/repodata.json").chmod(0)
    with pytest.raises(ChannelUnreadableError, match="cannot be read"):
        load_directory(folder)


def test_an_unknown_platform_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownSubdirError, match=r"Did you mean 'linux-64'\?"):
        load_channel(str(tmp_path), ["linux64"], cache=tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@host.example/t/tk-123/chan", "https://host.example/chan"),
        ("https://host.example/t/tk-123/chan", "https://host.example/chan"),
        ("https://host.example/tools/chan", "https://host.example/tools/chan"),
    ],
)
def test_secrets_in_a_url_are_not_shown(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_two_channels_under_one_name() -> None:
    both = merge_channels("defaults", [channel("main", "a 1", "b 1"), channel("r", "b 1", "r-base 4")])
    assert sorted(item.label for item in both.records()) == [
        "defaults::a-1-0",
        "defaults::b-1-0",
        "defaults::r-base-4-0",
    ]


def test_a_hotfix_can_be_tried_without_touching_the_channel() -> None:
    before = channel("c", "a 1 0 | b", "a 2 0 | b")
    after = before.replacing({("noarch", "a-1-0.conda"): {"depends": ("b <2",)}})
    assert [item.depends for item in after.records()] == [("b <2",), ("b",)]
    assert [item.depends for item in before.records()] == [("b",), ("b",)]


@pytest.mark.parametrize(
    ("text", "start", "shown"),
    [
        ("2022-05-26", False, "2022-05-26T23:59:59.999Z"),
        ("2022-05-26", True, "2022-05-26T00:00:00Z"),
        ("2022-05-26T23:09Z", False, "2022-05-26T23:09:00Z"),
        ("2022-05-26T23:09", False, "2022-05-26T23:09:00Z"),
        ("2022-05-27T13:09+14:00", False, "2022-05-26T23:09:00Z"),
    ],
)
def test_dates_are_read_in_universal_time(text: str, start: bool, shown: str) -> None:
    moment = parse_moment(text, start=start)
    assert show_moment(moment) == shown


@pytest.mark.parametrize("text", ["", "yesterday", "2022-13-01", "26.05.2022"])
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    with pytest.raises(MomentError, match="is not a date"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("policy", "subdir", "names"),
    [
        ("none", "linux-64", []),
        ("auto", "win-64", ["__win"]),
        ("auto", "osx-arm64", ["__osx", "__unix"]),
        ("auto", "linux-aarch64", ["__glibc", "__linux", "__unix"]),
        ("auto", "noarch", []),
        ("__cuda=12.4,__glibc=2.17=0", "linux-64", ["__cuda", "__glibc"]),
    ],
)
def test_what_the_machine_is_taken_to_be(policy: str, subdir: str, names: list[str]) -> None:
    assert [name for name, _, _ in virtual_packages(policy, subdir)] == names


@pytest.mark.parametrize("text", ["glibc=2.17", "__", "__cuda=*"])
def test_what_is_no_virtual_package_is_said_to_be_none(text: str) -> None:
    with pytest.raises(VirtualPackageError, match="is not a virtual package"):
        virtual_packages(text, "linux-64")


def test_an_environment_is_read_from_its_own_records(tmp_path: Path) -> None:
    folder = tmp_path / "conda-meta"
    folder.mkdir()
    entry = record("a 1 0 | b", subdir="noarch", url="https://host.example/forge/noarch/a-1-0.conda", fn="a-1-0.conda")
    (folder / "a-1-0.json").write_text(json.dumps({**entry, "requested_spec": "a", "channel": "x", "files": ["one"]}))
    (found,) = load_prefix(tmp_path)
    assert (found.record.label, found.channel_url, found.requested) == (
        "forge::a-1-0",
        "https://host.example/forge",
        "a",
    )
    (folder / "b-1-0.json").write_text("{")
    with pytest.raises(PrefixError, match=r"b-1-0\.json cannot be read"):
        load_prefix(tmp_path)
    with pytest.raises(PrefixError, match="is not a conda environment"):
        load_prefix(folder)
