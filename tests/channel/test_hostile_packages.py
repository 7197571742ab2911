"""A package that the indexer would die of is refused when it is added, once."""

from __future__ import annotations

import bz2
import io
import json
import tarfile
from pathlib import Path

import pytest
from own_parts import make_package

from tailrace.channel.errors import PackageError
from tailrace.channel.package import read_package

NESTED = "a " + "(" * 3_000 + ">=1" + ")" * 3_000


@pytest.mark.parametrize(
    "index",
    [
        {"depends": [NESTED]},
        {"constrains": [NESTED]},
        {"extra_depends": {"all": [NESTED]}},
        {"depends": ["a " + ",".join(["!=1"] * 5_000)]},
        {"depends": ["a" * 100_000]},
        {"depends": ["a" + "[" * 3_000]},
    ],
)
def test_a_dependency_beyond_the_bounds_is_named(tmp_path: Path, index: dict[str, object]) -> None:
    path = make_package(tmp_path, "mill", "1.0", index=index)
    with pytest.raises(PackageError, match="has a dependency"):
        read_package(path, path.name, ("noarch",))


@pytest.mark.parametrize(
    "index",
    [
        {"build_number": 10**40},
        {"build_number": -1},
        {"timestamp": 10**30},
        {"timestamp": 2**63 - 1},
        {"timestamp": "yesterday"},
        {"license": 3},
        {"features": 1},
        {"track_features": {"a": 1}},
        {"purls": 3},
        {"noarch": "java"},
        {"python_site_packages_path": 4},
    ],
    ids=str,
)
def test_a_field_that_no_indexer_reads_is_named(tmp_path: Path, index: dict[str, object]) -> None:
    path = make_package(tmp_path, "mill", "1.0", index=index)
    with pytest.raises(PackageError, match=r"index\.json"):
        read_package(path, path.name, ("noarch",))


@pytest.mark.parametrize(
    "index", [{"timestamp": 1_653_000_000_000}, {"build_number": 1_000}, {"track_features": "a b"}, {"other": 10**40}]
)
def test_a_field_that_indexers_read_or_pass_over_is_let_through(tmp_path: Path, index: dict[str, object]) -> None:
    path = make_package(tmp_path, "mill", "1.0", index=index)
    assert read_package(path, path.name, ("noarch",)).file.name == "mill"


def test_a_sound_package_is_read(tmp_path: Path) -> None:
    path = make_package(tmp_path, "mill", "1.0", "a >=1,<2", "b =1.*|3 *_cp39", ending=".tar.bz2")
    assert read_package(path, path.name, ("noarch",)).file.name == "mill"


def test_a_member_of_an_absurd_size_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("info/index.json")
    member.size = 2**70
    path = tmp_path / "mill-1.0-0.tar.bz2"
    path.write_bytes(bz2.compress(member.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024))
    with pytest.raises(PackageError):
        read_package(path, path.name, ("noarch",))


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("info/index.json", "info/index.json"), "more than one"),
        (("info/index.json", "./info/index.json"), "more than one"),
        (("info//index.json", "info/x/../index.json"), "more than one"),
    ],
)
def test_an_index_that_is_there_twice_is_refused(tmp_path: Path, names: tuple[str, ...], problem: str) -> None:
    """One client goes by the first, another by the last, and the indexer writes a record of another name."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as file:
        for number, name in enumerate(names):
            fields = {"name": f"mill{number or ''}", "version": "1.0", "build": "0", "build_number": 0, "depends": []}
            data = json.dumps(fields | {"subdir": "noarch"}).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    path = tmp_path / "mill-1.0-0.tar.bz2"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(PackageError, match=problem):
        read_package(path, path.name, ("noarch",))
