"""A package in a channel is found as conda would name it. The channels are folders."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tailrace.sources import (
    DownloadError,
    NoPreviousError,
    Sources,
    SourceSettings,
    UnknownNameError,
    UnknownVersionError,
)

PACKAGES = [
    ("noarch", "demo-1.0-py_0.tar.bz2", 0),
    ("noarch", "demo-1.0-py_1.tar.bz2", 1),
    ("noarch", "demo-1.0-py_1.conda", 1),
    ("noarch", "demo-1.0.2-py_0.conda", 0),
    ("linux-64", "demo-2.0-py39_0.conda", 0),
    ("noarch", "demo-2.1rc1-py_0.conda", 0),
]


def make_channel(root: Path, packages: list[tuple[str, str, int]]) -> Path:
    for subdir in ("noarch", "linux-64"):
        (root / subdir).mkdir(parents=True, exist_ok=True)
        entries: dict[str, dict[str, object]] = {"packages": {}, "packages.conda": {}}
        for where, filename, number in packages:
            if where != subdir:
                continue
            content = filename.encode()
            (root / subdir / filename).write_bytes(content)
            stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
            name, version, build = stem.rsplit("-", 2)
            record = {
                "name": name,
                "version": version,
                "build": build,
                "build_number": number,
                "depends": [],
                "subdir": subdir,
            }
            record |= {
                "sha256": hashlib.sha256(content).hexdigest(),
                "md5": hashlib.md5(content).hexdigest(),
                "size": len(content),
            }
            entries["packages.conda" if filename.endswith(".conda") else "packages"][filename] = record
        (root / subdir / "repodata.json").write_text(
            json.dumps({"info": {"subdir": subdir}, **entries, "repodata_version": 1})
        )
    return root


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    return make_channel(tmp_path / "channel", PACKAGES)


def open_sources(tmp_path: Path, **settings: object) -> Sources:
    return Sources(SourceSettings(cache_dir=tmp_path / "cache", **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "filename"),
    [
        ("demo", "demo-2.0-py39_0.conda"),
        ("demo=1.0", "demo-1.0-py_1.conda"),
        ("demo==1.0", "demo-1.0-py_1.conda"),
        ("demo=1", "demo-1.0.2-py_0.conda"),
        ("demo<2", "demo-1.0.2-py_0.conda"),
        ("demo=1.0=py_0", "demo-1.0-py_0.tar.bz2"),
        ("demo 1.0 py_0", "demo-1.0-py_0.tar.bz2"),
        ("demo=2.1rc1", "demo-2.1rc1-py_0.conda"),
    ],
)
def test_a_record_is_chosen(channel: Path, tmp_path: Path, match: str, filename: str) -> None:
    located = open_sources(tmp_path).locate(f"{channel}::{match}")
    assert located.path.name == filename
    assert located.release.source == "conda"
    assert open_sources(tmp_path).resolve(located.release.spec) == located.release


def test_a_channel_is_a_folder_or_a_url(channel: Path, tmp_path: Path) -> None:
    assert open_sources(tmp_path).resolve(f"{channel.as_uri()}::demo").version == "2.0"


def test_the_first_channel_that_knows_the_name_answers(channel: Path, tmp_path: Path) -> None:
    first = make_channel(tmp_path / "first", [("noarch", "demo-0.5-0.conda", 0)])
    sources = open_sources(tmp_path)
    assert sources.resolve(f"{first},{channel}::demo").version == "0.5"
    with pytest.raises(UnknownVersionError):
        sources.resolve(f"{first},{channel}::demo=2.0")


@pytest.mark.parametrize(("version", "expected"), [("2.0", "1.0.2"), ("1.0.2", "1.0"), ("2.1rc1", "2.0")])
def test_the_previous_version_is_the_highest_below(channel: Path, tmp_path: Path, version: str, expected: str) -> None:
    sources = open_sources(tmp_path)
    assert sources.previous(sources.resolve(f"{channel}::demo={version}")).version == expected


def test_what_the_channel_lacks_is_named(channel: Path, tmp_path: Path) -> None:
    sources = open_sources(tmp_path)
    with pytest.raises(UnknownVersionError) as caught:
        sources.resolve(f"{channel}::demo=1.0=py_7")
    assert caught.value.nearest == ("1.0=py_0", "1.0=py_1")
    with pytest.raises(UnknownNameError):
        sources.resolve(f"{channel}::nothing=1")
    with pytest.raises(UnknownNameError, match="does not exist"):
        sources.resolve(f"{tmp_path / 'none'}::demo")
    with pytest.raises(UnknownNameError, match="no repodata"):
        sources.resolve(f"{tmp_path}::demo")
    with pytest.raises(NoPreviousError):
        sources.previous(sources.resolve(f"{channel}::demo=1.0"))


def test_a_package_that_is_not_what_the_channel_says_is_refused(channel: Path, tmp_path: Path) -> None:
    (channel / "linux-64" / "demo-2.0-py39_0.conda").write_bytes(b"other")
    with pytest.raises(DownloadError):
        open_sources(tmp_path).locate(f"{channel}::demo")


def test_a_pinned_package_at_hand_needs_no_repodata(channel: Path, tmp_path: Path) -> None:
    first = open_sources(tmp_path).locate(f"{channel}::demo=1.0")
    for path in channel.glob("*/repodata.json"):
        path.unlink()
    assert open_sources(tmp_path).locate(f"{channel}::demo=1.0") == first


def test_the_interpreter_ends_well_after_asking_a_channel(channel: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tailrace.sources import *;"
        "Sources(SourceSettings(cache_dir=Path(sys.argv[1]))).resolve(sys.argv[2])"
    )
    for number in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / str(number)), f"{channel}::demo"], check=False
        )
        assert done.returncode == 0
