"""Who depends on a distribution, from every source: each answer with its origin and age; and what a channel lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.cli.store.wiring import NamesError, read_names
from tailrace.model import Address
from tailrace.scan.discover import gather, in_channel, in_environment, in_lock_file, in_store, on_the_web
from tailrace.scan.run import ScanOptions, scan
from tailrace.sources import Sources, SourceSettings
from tailrace.sources.channel_listing import list_channel
from tailrace.sources.errors import UnknownNameError, UnreachableError
from tailrace.store import open_store


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))


def record(name: str, version: str, depends: list[str], number: int = 0, **more: object) -> dict[str, object]:
    build = f"py_{number}"
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": number,
        "depends": depends,
        "subdir": "noarch",
        "noarch": "python",
        "timestamp": 1_600_000_000_000,
        "sha256": "0" * 64,
        "size": 1,
        **more,
    }


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    records = [
        record("up", "1.0", ["python"]),
        record("up", "2.0", ["python"]),
        record("down", "1.0", ["python", "up >=1"]),
        record("down", "1.0", ["python", "up >=1,<2"], number=1),
        record("down", "1.1", ["python", "up >=1"]),
        record("down", "1.10", ["python", "up >=1"]),
        record("careful", "3.0", ["python"], constrains=["up <2"]),
        record("plain", "1.0", [], noarch="generic"),
    ]
    folder = tmp_path / "channel" / "noarch"
    folder.mkdir(parents=True)
    packages = {f"{r['name']}-{r['version']}-{r['build']}.tar.bz2": r for r in records}
    (folder / "repodata.json").write_text(
        json.dumps({"info": {"subdir": "noarch"}, "packages": packages, "packages.conda": {}, "repodata_version": 1})
    )
    return folder.parent


def test_a_channel_lists_the_newest_versions_of_what_needs_python(channel: Path, sources: Sources) -> None:
    one = list_channel(sources.conda, Address(str(channel)), 1)
    assert [str(spec).rpartition("::")[2] for spec in one] == [
        "careful==3.0=py_0",
        "down==1.10=py_0",
        "up==2.0=py_0",
    ]
    two = list_channel(sources.conda, Address(str(channel)), 2)
    assert [str(spec).rpartition("::")[2] for spec in two if "down" in str(spec)] == [
        "down==1.1=py_0",
        "down==1.10=py_0",
    ]
    assert sources.resolve(one[0]).name == "careful"


def test_a_folder_that_is_no_channel(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(UnknownNameError, match=r"repodata|exist"):
        list_channel(sources.conda, Address(str(tmp_path)), 1)


def test_repodata_says_who_depends_and_who_constrains(channel: Path, sources: Sources) -> None:
    found = list(in_channel(sources, str(channel), "up"))
    assert {(one.name, one.version, one.requirement) for one in found} == {
        ("down", "1.0", "up >=1"),
        ("down", "1.0", "up >=1,<2"),
        ("down", "1.1", "up >=1"),
        ("down", "1.10", "up >=1"),
        ("careful", "3.0", "up <2"),
    }
    (careful,) = [one for one in found if one.name == "careful"]
    assert "constrains" in careful.kind
    assert (careful.origin, careful.as_of) == ("repodata", "2020-09-13T12:26:40+00:00")


def test_the_store_says_who_requires(tmp_path: Path, sources: Sources) -> None:
    wheel = write_wheel(tmp_path, "down", "1.0", {"down.py": "import up\n"}, requires=["Up>=1"])
    store = open_store(str(tmp_path / "store"))
    scan([str(wheel)], store, sources, ScanOptions(in_process=True, upload_times=False))
    (one,) = in_store(store.snapshot(), "up")
    assert (one.name, one.version, one.requirement, one.origin) == ("down", "1.0", "Up>=1", "store")


def test_an_environment_says_who_requires(tmp_path: Path) -> None:
    info = tmp_path / "lib" / "python3.11" / "site-packages" / "down-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Down\nVersion: 1.0\nRequires-Dist: up>=1\n")
    (one,) = in_environment(tmp_path, "up")
    assert (one.name, one.version, one.origin) == ("down", "1.0", "environment")
    assert one.as_of is not None


LOCKS = [
    (
        "uv.lock",
        '[[package]]\nname = "down"\nversion = "1.0"\ndependencies = [{ name = "up" }]\n',
        ("down", "1.0", "up"),
    ),
    (
        "poetry.lock",
        '[[package]]\nname = "down"\nversion = "1.0"\n[package.dependencies]\nUp = ">=1"\n',
        ("down", "1.0", "Up >=1"),
    ),
    (
        "pdm.lock",
        '[[package]]\nname = "down"\nversion = "1.0"\ndependencies = ["up>=1"]\n',
        ("down", "1.0", "up>=1"),
    ),
    (
        "conda-lock.yml",
        "package:\n- name: down\n  version: '1.0'\n  dependencies:\n    up: '>=1'\n",
        ("down", "1.0", "up >=1"),
    ),
    (
        "pixi.lock",
        "packages:\n- conda: https://host/noarch/down-1.0-py_0.conda\n  depends:\n  - up >=1\n",
        ("down", "", "up >=1"),
    ),
]


@pytest.mark.parametrize(("name", "text", "expected"), LOCKS, ids=[name for name, _, _ in LOCKS])
def test_a_lock_file_says_who_depends(name: str, text: str, expected: tuple[str, str, str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    (one,) = in_lock_file(path, "up")
    assert (one.name, one.version, one.requirement) == expected
    assert list(in_lock_file(path, "upstream")) == []


class Recorded:
    """Answers of the service, as it gave them: two pages, the first one full."""

    def __init__(self, pages: list[bytes]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def get(self, url: str) -> tuple[bytes, str | None]:
        self.asked.append(url)
        return self.pages[len(self.asked) - 1], "Sat, 28 Nov 2026 09:00:00 GMT"


def package(number: int, **more: object) -> dict[str, object]:
    return {
        "name": f"Down.{number}",
        "ecosystem": "pypi",
        "latest_release_number": "1.0",
        "latest_release_published_at": "2026-01-01T00:00:00.000Z",
        "last_synced_at": "2026-11-01T00:00:00.000Z",
        "dependent_packages_count": 3,
        **more,
    }


def test_the_web_is_asked_page_by_page() -> None:
    web = Recorded([json.dumps([package(i) for i in range(100)]).encode(), json.dumps([package(100)]).encode()])
    found = list(on_the_web(web, "up", registry="index.example"))
    assert len(found) == 101
    assert len(web.asked) == 2
    assert "registries/index.example/packages/up/dependent_packages" in web.asked[0]
    one = found[0]
    assert (one.name, one.version, one.requirement) == ("down-0", "1.0", None)
    assert (one.origin, one.as_of) == ("ecosyste.ms", "2026-11-01T00:00:00.000Z")


@pytest.mark.parametrize(
    ("body", "count"),
    [(b"[]", 0), (b'[{"name": null}, {"name": 3}, {}]', 0), (b'[{"name": "a", "latest_release_number": 7}]', 1)],
)
def test_odd_answers_of_the_web(body: bytes, count: int) -> None:
    assert len(list(on_the_web(Recorded([body]), "up", registry="index.example"))) == count


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": 1}', b"[" * 5000])
def test_an_answer_that_is_no_list_is_an_error(body: bytes) -> None:
    with pytest.raises(UnreachableError):
        list(on_the_web(Recorded([body]), "up", registry="index.example"))


def test_a_source_that_fails_costs_no_other_answer(channel: Path, sources: Sources, tmp_path: Path) -> None:
    broken = tmp_path / "uv.lock"
    broken.write_text("[[")
    found = gather("up", sources, channels=[str(channel)], files=[broken])
    assert len(found.found) == 5
    assert [one.origin for one in found.unanswered] == ["lock-file"]
    assert len(found.sources) == 2


def test_a_list_of_names(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("# popular\nnumpy\n\npypi:Jinja2  # templates\n")
    assert read_names(path) == ["pypi:numpy", "pypi:Jinja2"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "two words\n", "../path\n"])
def test_a_list_of_names_that_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text(text)
    with pytest.raises(NamesError):
        read_names(path)
