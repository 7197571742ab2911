"""One fault each in a channel that was fine; the check finds that fault, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import zstandard
from own_parts import WHEN, channel_of, make_package, patcher

from tailrace import channel as own
from tailrace.channel import ChannelCheck, check_channel, place_of
from tailrace.channel.index_formats import places
from tailrace.channel.index_formats.places import Folder
from tailrace.conda import rattler
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.loading import load_channel
from tailrace.conda.records import Channel
from tailrace.conda.repodata import channel_from_packages
from tailrace.report import render
from tailrace.report.schema import load_schema, schema_text


@pytest.fixture
def plain(channel: Path, tmp_path: Path) -> Path:
    """A copy of what is served, as any web server might have it, with a hotfix in force."""
    (tmp_path / "fix.yaml").write_text("if:\n  name: conda-build\nthen:\n  - add_constrains: harm <1\n")
    own.index(channel, patcher, WHEN, patches=tmp_path / "fix.yaml")
    return Path(shutil.copytree((channel / "current").resolve(), tmp_path / "plain"))


def check(folder: Path, *subdirs: str, hash_files: bool = True) -> ChannelCheck:
    return check_channel(place_of(str(folder)), subdirs, hash_files=hash_files)


def rules(found: ChannelCheck) -> list[tuple[str, str, str, str]]:
    assert sum(found.counts.values()) == len(found.differences)
    return sorted({(one.rule, one.folder, one.form, one.file) for one in found.differences})


def test_a_channel_that_was_just_indexed_is_fine(plain: Path) -> None:
    found = check(plain)
    assert (found.status, found.exit_status, found.differences) == ("fine", 0, ())
    assert [(one.folder, one.records, one.patched, one.files) for one in found.folders] == [
        ("linux-64", 1, 0, 1), ("noarch", 2, 1, 2), ("label/canary/noarch", 2, 1, 2),
    ]  # fmt: skip
    states = {form.form: form.state for form in found.folders[0].forms}
    assert states == {"json": "read", "zst": "read", "shards": "read", "current": "absent"}


def edit(path: Path, change: Callable[[dict], object]) -> None:  # type: ignore[type-arg]
    data = json.loads(path.read_bytes())
    change(data)
    text = json.dumps(data).encode()
    path.unlink()  # it may have other names
    path.write_bytes(text)
    if path.name == "repodata.json":
        path.with_name("repodata.json.zst").write_bytes(zstandard.ZstdCompressor().compress(text))


JSON, ZST, SHARDS = "repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst"
CONDA, BUILD = "conda-4.12.0-0.conda", "conda-build-3.21.8-0.conda"


def test_hotfixed_json_with_shards_that_are_not_is_found(plain: Path, channel: Path) -> None:
    """As an indexer leaves it that hands a program's patches to `repodata.json` alone."""
    own.index(channel, patcher, WHEN, no_patches=True)
    for name in (SHARDS, "shards"):
        target, source = plain / "noarch" / name, channel / "current/noarch" / name
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, target)
    found = check(plain)
    assert rules(found) == [("record-differs", "noarch", SHARDS, BUILD)]
    (one,) = found.differences
    assert (one.field, one.expected, one.found) == ("constrains", '["harm <1"]', "null")
    assert one.message.endswith("that is its value without the hotfix.")
    assert found.exit_status == 1


def test_shards_that_were_left_behind_by_the_last_index_are_found(plain: Path, channel: Path) -> None:
    own.promote(channel, ["conda", "conda-build"], patcher, WHEN, source="canary")
    for name in (JSON, ZST, "conda-4.13.0-0.conda", "conda-build-3.21.9-0.tar.bz2"):
        shutil.copy(channel / "current/noarch" / name, plain / "noarch" / name)
    assert rules(check(plain, "noarch")) == [
        ("record-missing", "noarch", SHARDS, "conda-4.13.0-0.conda"),
        ("record-missing", "noarch", SHARDS, "conda-build-3.21.9-0.tar.bz2"),
    ]


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])


def rewrite(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def one_shard(plain: Path) -> Path:
    return next(iter((plain / "linux-64/shards").iterdir()))


FAULTS: list[tuple[str, Callable[[Path], object], list[tuple[str, str, str, str]]]] = [
    ("a .zst cut short", lambda p: cut(p / "noarch" / ZST), [("form-unreadable", "noarch", ZST, "")]),
    ("an empty .zst", lambda p: rewrite(p / "noarch" / ZST, b""), [("form-unreadable", "noarch", ZST, "")]),
    ("a .bz2 that is none", lambda p: rewrite(p / "noarch/repodata.json.bz2", b"x"),
     [("form-unreadable", "noarch", "repodata.json.bz2", "")]),
    ("an index of shards cut short", lambda p: cut(p / "noarch" / SHARDS), [("form-unreadable", "noarch", SHARDS, "")]),
    ("a shard with other content", lambda p: cut(one_shard(p)), [("form-unreadable", "linux-64", SHARDS, "")]),
    ("a shard that is gone", lambda p: one_shard(p).unlink(), [("form-unreadable", "linux-64", SHARDS, "")]),
    ("a wrong size", lambda p: edit(p / "noarch" / JSON, lambda d: d["packages.conda"][CONDA].update(size=7)),
     [("record-differs", "noarch", SHARDS, CONDA), ("size-differs", "noarch", "", CONDA)]),
    ("another file", lambda p: rewrite(p / "noarch" / CONDA, b"x" * (p / "noarch" / CONDA).stat().st_size),
     [("hash-differs", "noarch", "", CONDA)]),
    ("a file that is gone", lambda p: (p / "noarch" / CONDA).unlink(), [("file-missing", "noarch", "", CONDA)]),
    ("a file that nobody lists", lambda p: (p / "noarch/new-1-0.conda").write_bytes(b"x"),
     [("file-unlisted", "noarch", "", "new-1-0.conda")]),
    ("a file that is no package: a near-miss", lambda p: (p / "noarch/index.html").write_bytes(b"x"), []),
    ("no .zst: a near-miss", lambda p: (p / "noarch" / ZST).unlink(), []),
    ("removed and listed", lambda p: edit(p / "noarch" / JSON, lambda d: d.update(removed=[CONDA])),
     [("removed-and-listed", "noarch", JSON, CONDA), ("removed-and-listed", "noarch", ZST, CONDA),
      ("removed-differs", "noarch", SHARDS, CONDA)]),
    ("a dependency that nobody has",
     lambda p: edit(p / "noarch" / JSON, lambda d: d["packages.conda"][BUILD].update(depends=["harm >1", "__unix"])),
     [("dependency-unknown", "noarch", "", BUILD), ("record-differs", "noarch", SHARDS, BUILD)]),
    ("another subdir's record", lambda p: edit(p / "linux-64" / JSON,
     lambda d: d["packages.conda"]["tool-1.0-0.conda"].update(subdir="osx-64")),
     [("record-differs", "linux-64", SHARDS, "tool-1.0-0.conda"),
      ("subdir-differs", "linux-64", JSON, "tool-1.0-0.conda")]),
    ("a current index with all records: a near-miss",
     lambda p: shutil.copy(p / "noarch" / JSON, p / "noarch/current_repodata.json"), []),
    ("a current index with none: a near-miss",
     lambda p: (p / "noarch/current_repodata.json").write_text('{"packages": {}}'), []),
    ("a current index without the hotfix",
     lambda p: shutil.copy(p / "noarch/repodata_from_packages.json", p / "noarch/current_repodata.json"),
     [("record-differs", "noarch", "current_repodata.json", BUILD)]),
    ("a current index with a record of its own", lambda p: (p / "noarch/current_repodata.json").write_text(
     '{"packages": {"x-1-0.tar.bz2": {"name": "x"}}}'),
     [("record-extra", "noarch", "current_repodata.json", "x-1-0.tar.bz2")]),
    ("a form of wrong types", lambda p: (p / "noarch/current_repodata.json").write_text('{"packages": []}'),
     [("form-unreadable", "noarch", "current_repodata.json", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("break_it", "expected"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_is_found_and_nothing_else(
    plain: Path, break_it: Callable[[Path], object], expected: list[tuple[str, str, str, str]]
) -> None:
    break_it(plain)
    found = check(plain)
    assert rules(found) == expected
    assert found.exit_status == bool(expected)


def test_a_wrong_name_is_found(plain: Path) -> None:
    def rename(data: dict[str, dict[str, object]]) -> None:
        data["packages.conda"]["conda-4.12.1-0.conda"] = data["packages.conda"].pop(CONDA)

    edit(plain / "noarch" / JSON, rename)
    (plain / "noarch" / CONDA).rename(plain / "noarch/conda-4.12.1-0.conda")
    assert ("name-differs", "noarch", JSON, "conda-4.12.1-0.conda") in rules(check(plain))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"packages": {"a-1-0.tar.bz2": {"name": "a"', "half-written"),
        ("[]", "neither"),
        ('{"packages": {"a": 3}}', "something other than a record"),
        ('{"packages": {}, "removed": {}}', "removed"),
        ('{"packages": {}, "removed": null}', None),
        ('{"packages": {}, "removed": [3]}', "removed"),
        ("[" * 100_000, "half-written"),
        ("", "half-written"),
    ],
)
def test_an_index_that_nothing_can_be_measured_by_is_no_difference_but_an_error(
    plain: Path, text: str, expected: str | None
) -> None:
    (plain / "noarch" / JSON).unlink()
    (plain / "noarch" / JSON).write_text(text)
    if expected is None:
        check(plain, hash_files=False)
        return
    with pytest.raises(ChannelUnreadableError, match=expected) as raised:
        check(plain)
    assert raised.value.exit_status == 3


def test_a_channel_that_cannot_be_looked_at(tmp_path: Path, plain: Path) -> None:
    with pytest.raises(ChannelUnreadableError, match="no such folder"):
        check(tmp_path / "none")
    with pytest.raises(ChannelUnreadableError, match="no subdir"):
        check(tmp_path / "plain/noarch")
    with pytest.raises(ChannelUnreadableError, match="no subdir win-64"):
        check(plain, "win-64")
    (plain / "noarch" / JSON).unlink()
    with pytest.raises(ChannelUnreadableError, match=r"no repodata\.json"):
        check(plain)


def test_a_file_that_cannot_be_read_is_not_checked_and_not_fine(plain: Path) -> None:
    target = plain / "noarch" / CONDA
    target.unlink()
    target.symlink_to("/etc/hostname")  # and nothing outside of the channel is ever read
    found = check(plain)
    assert (found.status, found.exit_status) == ("incomplete", 3)
    assert [one.what for one in found.not_checked] == [f"noarch/{CONDA}"]


def test_a_channel_of_ones_own_is_checked_as_it_is_served(channel: Path) -> None:
    assert check(channel).status == "fine"
    assert check_channel(place_of(channel.as_uri()), hash_files=True).status == "fine"


def test_dependencies_may_come_from_another_channel(tmp_path: Path) -> None:
    package = make_package(tmp_path, "app", "1.0", "python >=3.8")
    place = place_of(str(channel_of(tmp_path / "channel", main=[package])))
    alone = check_channel(place, hash_files=False)
    assert [(one.rule, one.found) for one in alone.differences] == [("dependency-unknown", "python")]
    assert check_channel(place, hash_files=False, known_names=frozenset({"python"})).status == "fine"


HOUR = 3_600_000
NOW = 1_800_000_000_000


def releases(name: str, **versions: tuple[str, float | None]) -> Channel:
    """Package → version and age in hours."""
    packages = {}
    for package, (version, age) in versions.items():
        name_ = package.rstrip("_")
        when = {} if age is None else {"timestamp": int(NOW - age * HOUR)}
        packages[f"{name_}-{version}-0.conda"] = {"name": name_, "version": version, "build": "0", **when}
    return channel_from_packages(name, {"noarch": packages})


@pytest.mark.parametrize(
    ("age", "ours", "theirs", "expected"),
    [
        (100, "4.13.0", "4.12.0", ["version-skew"]),
        (5, "4.13.0", "4.12.0", []),  # it may still come
        (100, "4.13.0", "4.13.0", []),
        (100, "4.12.0", "4.13.0", ["version-skew"]),  # the other way round
        (100, "4.9.0", "4.13.0", ["version-skew"]),
        (None, "4.13.0", "4.12.0", ["not checked"]),
    ],
)
def test_a_release_that_only_one_channel_has(age: float | None, ours: str, theirs: str, expected: list[str]) -> None:
    one = releases("defaults", conda=(ours, age), own=("1.0", 900))
    other = releases("forge", conda=(theirs, 200), conda_=("4.9.0", 9000))
    found = list(own.check_skew(one, other, hours=24, now=NOW))
    assert [one.rule if isinstance(one, own.Difference) else "not checked" for one in found] == expected
    assert list(own.check_skew(one, other, hours=24, now=NOW, only=["other"])) == []


@pytest.mark.parametrize(
    ("hours_ago", "expected"),
    [(0, []), (60, ["conda 4.13.0"]), (76, []), (101, [])],
)
def test_on_a_past_day_the_channels_are_looked_at_as_they_were(hours_ago: float, expected: list[str]) -> None:
    early, late = (
        releases("defaults", conda=("4.13.0", 100), conda_=("4.12.0", 900)),
        releases("forge", conda=("4.13.0", 50), conda_=("4.12.0", 900)),
    )
    found = own.check_skew(early, late, hours=24, now=int(NOW - hours_ago * HOUR))
    assert [one.file for one in found if isinstance(one, own.Difference)] == expected


def test_files_that_are_not_there_were_not_hashed(plain: Path) -> None:
    before = own.check_channel(place_of(str(plain)), hash_files=True).folders
    victim = next(path for path in plain.rglob("*.conda") if path.parent.name == "noarch")
    victim.unlink()
    after = own.check_channel(place_of(str(plain)), hash_files=True)
    assert sum(one.files or 0 for one in after.folders) == sum(one.files or 0 for one in before) - 1
    assert after.counts == {"file-missing": 1}


def test_the_answer_as_text_and_json(plain: Path) -> None:
    edit(plain / "noarch" / JSON, lambda data: data["packages.conda"][CONDA].update(license="\x1b[31mMIT"))
    found = check(plain)
    text = render(found, "text")
    assert text.startswith("differences: one in ")
    assert "\x1b" not in text
    assert "[record-differs]" in text
    data = json.loads(render(found, "json"))
    assert data["schema"] == "tailrace.channel-check/1"
    assert data["counts"] == {"record-differs": 1}
    assert render(check(plain), "json") == render(found, "json")


def test_the_schema_is_that_of_the_type_and_holds(plain: Path) -> None:
    assert json.dumps(load_schema("channel-check"), indent=2, ensure_ascii=False) + "\n" == schema_text("channel-check")
    cut(plain / "noarch" / ZST)
    (plain / "noarch" / CONDA).unlink()
    validator = jsonschema.Draft202012Validator(load_schema("channel-check"))
    validator.validate(json.loads(render(check(plain), "json")))
    assert not validator.is_valid({"schema": "tailrace.channel-check/1"})


def test_a_channel_that_changes_while_it_is_read_says_nothing(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Folder.read

    def written_meanwhile(self: Folder, path: str) -> bytes | None:
        data = read(self, path)
        if path == f"noarch/{JSON}":
            edit(
                plain / "noarch" / JSON, lambda one: one["packages.conda"][CONDA].update(license=str(len(data or b"")))
            )
        return data

    monkeypatch.setattr(Folder, "read", written_meanwhile)
    with pytest.raises(ChannelUnreadableError, match="noarch changed while it was read"):
        check(plain)


def test_other_rooms_read_the_served_channel(channel: Path, tmp_path: Path) -> None:
    read = load_channel(str(channel / "current"), ["linux-64"], cache=tmp_path)
    assert sorted(record.name for record in read.records()) == ["conda", "conda-build", "tool"]


class Unlisted(Folder):
    """A channel that cannot be listed, as on the web."""

    def folders(self) -> None:
        """Nobody can tell."""


def test_a_channel_of_noarch_packages_alone_is_checked_where_folders_cannot_be_listed(plain: Path) -> None:
    here = rattler.this_platform()
    root = plain.parent / "noarch-only"
    shutil.copytree(plain / "noarch", root / "noarch")
    place = Unlisted(root, "web")
    assert [one.folder for one in check_channel(place, hash_files=False, dependencies=False).folders] == ["noarch"]
    with pytest.raises(ChannelUnreadableError, match=f"{here} has no repodata"):
        check_channel(place, [here], hash_files=False)
    shutil.copytree(plain / "noarch", root / here)
    found = check_channel(place, hash_files=False, dependencies=False).folders
    assert [one.folder for one in found] == [here, "noarch"]


@pytest.mark.parametrize(
    ("address", "plain", "header"),
    [
        ("https://harbour.example/main/x", "https://harbour.example/main/x", None),
        ("https://me:pass@harbour.example:8443/main", "https://harbour.example:8443/main", "Basic bWU6cGFzcw=="),
        ("https://me:p%40ss@harbour.example/main", "https://harbour.example/main", "Basic bWU6cEBzcw=="),
        ("https://harbour.example/a@b", "https://harbour.example/a@b", None),
    ],
)
def test_a_login_in_an_address_becomes_a_header(address: str, plain: str, header: str | None) -> None:
    found, headers = places._without_login(address)
    assert (found, headers.get("Authorization")) == (plain, header)
