"""Environments, caches, served forms and lock files that are older than the hotfix, and those that are not."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
import zstandard
from quay_channels import channel, documents, folder, harm, record

from tailrace.channel.index_formats.places import Web, place_of
from tailrace.channel.serve import address_of, make_server
from tailrace.conda.loading import load_channel
from tailrace.conda.records import Record
from tailrace.hotfix.reach import FACTS, KINDS, LockFileError, ReachQuestion, ReachReport, forms, reach, read_lock
from tailrace.hotfix.reach.clients import CLIENT_NAMES
from tailrace.solvers import CLIENTS
from tailrace.solvers import Installed as Package
from tailrace.solvers.environment import made_of

OLD = "ferry 1.1 py_0 | dock >=1"
NEW = "ferry 1.1 py_0 | dock >=1,<2.0a0"


def installed(root: Path, url: str, *lines: str) -> Path:
    """An environment with these packages, all from one channel."""
    meta = root / "conda-meta"
    meta.mkdir(parents=True)
    for line in lines:
        made = record(line)
        fn = f"{made['name']}-{made['version']}-{made['build']}.conda"
        made |= {"fn": fn, "url": f"{url}/noarch/{fn}", "channel": url}
        (meta / f"{fn.removesuffix('.conda')}.json").write_bytes(msgspec.json.encode(made))
    return root


def cached(root: Path, url: str, *lines: str) -> Path:
    for line in lines:
        made = record(line)
        stem = f"{made['name']}-{made['version']}-{made['build']}"
        info = root / stem / "info"
        info.mkdir(parents=True)
        made |= {"fn": f"{stem}.conda", "url": f"{url}/noarch/{stem}.conda"}
        (info / "repodata_record.json").write_bytes(msgspec.json.encode(made))
    return root


def ask(tmp_path: Path, **more: Any) -> ReachReport:
    """The harbour serves the hotfix, quay serves dock 2."""
    paths = [folder(tmp_path, "harbour", patched=True), folder(tmp_path, "quay")]
    channels = tuple(load_channel(str(path), ("linux-64",), cache=tmp_path / "cache") for path in paths)
    given: dict[str, Any] = {
        "channels": channels,
        "broken": harm(),
        "virtual": "none",
        "priorities": ("disabled",),
        **more,
    }
    return reach(ReachQuestion(**given))


def url(tmp_path: Path) -> str:
    return (tmp_path / "harbour").resolve().as_uri()


@pytest.mark.parametrize(
    ("ferry", "status", "mamba", "conda"),
    [(OLD, "missed", True, False), (NEW, "reached", False, False)],
)
def test_an_old_record_in_an_environment_hurts_those_who_believe_it(
    tmp_path: Path, ferry: str, status: str, mamba: bool, conda: bool
) -> None:
    prefix = installed(tmp_path / "env", url(tmp_path), ferry, "dock 1.9 0", "line 1.0 0 | ferry ; dock")
    found = ask(tmp_path, prefixes=(prefix,))
    assert found.status == status
    (environment,) = found.environments
    assert environment.harmful_now is False
    hurt = {update.client: update.by_old_records for update in environment.updates if update.request == ("dock >1.9",)}
    assert hurt == {client: conda if client == "conda" else mamba for client in CLIENTS}
    assert environment.would_be_hurt is mamba
    assert bool(environment.repair) is mamba
    if mamba:
        assert environment.repair[-1] == (f"conda install --prefix {prefix} --force-reinstall --no-deps ferry=1.1=py_0")
        (miss,) = found.misses
        assert (miss.kind, miss.lacks, miss.has) == ("installed", ("dock >=1,<2.0a0",), ("dock >=1",))


MADE_OF = [
    # (packages as "name version build | depends", what was asked for, what changes, what is asked for again)
    (("ferry 1 0 | dock", "dock 1 0"), {"ferry": "ferry >=1"}, (), ("ferry >=1",)),
    (("ferry 1 0 | dock", "dock 1 0"), {"ferry": "ferry >=1"}, ("dock",), ("ferry >=1",)),
    (("ferry 1 0 | dock", "dock 1 0"), {"ferry": "ferry >=1"}, ("ferry",), ()),
    # Nobody remembers: what nothing else brings along, by its bare name.
    (("ferry 1 0 | dock", "dock 1 0", "line 1 0"), {}, (), ("ferry", "line")),
    (("ferry 1 0 | dock", "dock 1 0", "line 1 0"), {"line": "line"}, ("dock",), ("ferry", "line")),
    # A circle hangs on one of its members.
    (("pip 1 0 | python", "python 1 0 | pip"), {}, (), ("pip",)),
    (("pip 1 0 | python", "python 1 0 | pip"), {"python": "python 1.*"}, (), ("python 1.*",)),
    ((), {}, ("dock",), ()),
]


@pytest.mark.parametrize(("lines", "requested", "changing", "expected"), MADE_OF)
def test_what_an_environment_was_made_of_is_asked_for_again(
    lines: tuple[str, ...], requested: dict[str, str], changing: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    packages = [
        Package(msgspec.convert(made, Record), "file:///harbour", requested.get(made["name"]))
        for made in map(record, lines)
    ]
    assert made_of(packages, changing) == expected


def test_an_environment_that_is_broken_already_is_given_other_packages(tmp_path: Path) -> None:
    prefix = installed(tmp_path / "env of mine", url(tmp_path), OLD, "dock 2.0 0")
    (environment,) = ask(tmp_path, prefixes=(prefix,)).environments
    assert environment.harmful_now is True
    assert environment.repair[0] == f"conda install --prefix '{prefix}' dock=1.9=0"


def test_an_environment_of_other_channels_is_not_called_old(tmp_path: Path) -> None:
    prefix = installed(tmp_path / "env", "file:///elsewhere", "barge 1.0 0 | dock", "dock 1.9 0")
    found = ask(tmp_path, prefixes=(prefix,))
    assert found.environments[0].unknown == 1
    assert not found.misses


def test_old_records_in_a_package_cache_are_found(tmp_path: Path) -> None:
    cache = cached(tmp_path / "pkgs", url(tmp_path), OLD, "dock 1.9 0")
    (cache / "torn" / "info").mkdir(parents=True)
    (cache / "torn" / "info" / "repodata_record.json").write_text("{")
    found = ask(tmp_path, caches=(cache,))
    assert [(miss.kind, miss.package) for miss in found.misses] == [("cached", "ferry-1.1-py_0")]
    assert found.misses[0].trusted_by == ("mamba 1.x, micromamba 1.x",)
    assert len(found.not_checked) == 1
    assert "torn" in found.not_checked[0]
    fresh = ask(tmp_path / "two", caches=(cached(tmp_path / "fresh", url(tmp_path), NEW),))
    assert (fresh.status, fresh.misses) == ("reached", ())


def test_served_forms_that_are_not_patched_are_found(tmp_path: Path) -> None:
    harbour = folder(tmp_path, "harbour", patched=True)
    plain = msgspec.json.decode((harbour / "noarch" / "repodata.json").read_bytes())
    for one in plain["packages.conda"].values():
        one["depends"] = ["dock >=1"] if one["name"] == "ferry" else one["depends"]
    newest = {fn: one for fn, one in plain["packages.conda"].items() if fn == "ferry-1.1-py_0.conda"}
    (harbour / "noarch" / "repodata.json.zst").write_bytes(zstandard.compress(msgspec.json.encode(plain)))
    current = {**plain, "packages.conda": newest, "removed": ["ferry-1.1-py_0.conda"]}
    (harbour / "noarch" / "current_repodata.json").write_bytes(msgspec.json.encode(current))
    (harbour / "noarch" / "repodata_shards.msgpack.zst").write_bytes(b"torn")
    channels = (load_channel(str(harbour), ("linux-64",), cache=tmp_path / "cache"),)
    found = reach(ReachQuestion(channels=channels, places=(place_of(str(harbour)),)))
    kinds = [(miss.kind, miss.package) for miss in found.misses]
    assert kinds == [
        ("current-repodata", "ferry-1.1-py_0"),
        ("other-form", "ferry-1.0-py_0"),
        ("other-form", "ferry-1.1-py_0"),
        ("removed", "ferry-1.1-py_0.conda"),
    ]
    assert len(found.not_checked) == 1
    assert "shards" in found.not_checked[0]


def write_shards(noarch: Path, packages: dict[str, Any]) -> None:
    """A sharded index (CEP 16) of these packages."""
    hashes: dict[str, bytes] = {}
    for name in {one["name"] for one in packages.values()}:
        shard = {"packages": {}, "packages.conda": {fn: one for fn, one in packages.items() if one["name"] == name}}
        data = zstandard.compress(msgspec.msgpack.encode(shard))
        hashes[name] = hashlib.sha256(data).digest()
        (noarch / f"{hashes[name].hex()}.msgpack.zst").write_bytes(data)
    index = {"version": 1, "info": {"subdir": "noarch", "base_url": "", "shards_base_url": ""}, "shards": hashes}
    (noarch / "repodata_shards.msgpack.zst").write_bytes(zstandard.compress(msgspec.msgpack.encode(index)))


@pytest.mark.parametrize(("patched", "missed"), [(True, []), (False, ["ferry-1.0-py_0", "ferry-1.1-py_0"])])
def test_shards_that_differ_from_repodata_are_found(tmp_path: Path, patched: bool, missed: list[str]) -> None:
    harbour = folder(tmp_path, "harbour", patched=True)
    sharded = harbour if patched else folder(tmp_path / "before", "harbour")
    packages = msgspec.json.decode((sharded / "noarch" / "repodata.json").read_bytes())["packages.conda"]
    write_shards(harbour / "noarch", packages)
    channels = (load_channel(str(harbour), ("linux-64",), cache=tmp_path / "cache"),)
    found = reach(ReachQuestion(channels=channels, places=(place_of(str(harbour)),)))
    assert [miss.package for miss in found.misses if miss.kind == "shards"] == missed
    assert not found.not_checked
    assert all("rattler, pixi" in miss.trusted_by for miss in found.misses)


class OnTheWeb(Web):
    """A channel that is asked as one on the web is, and lies in a folder."""

    def read(self, path: str) -> bytes | None:
        file = Path(self.url) / path
        return file.read_bytes() if file.is_file() else None


@pytest.mark.parametrize(
    ("many", "broken", "missed", "unread"),
    [(500, False, 2, 0), (1, False, 0, 3), (1, True, 2, 1)],
)
def test_of_a_large_sharded_index_on_the_web_only_what_matters_is_read_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, broken: bool, missed: int, unread: int
) -> None:
    monkeypatch.setattr(forms, "MANY", many)
    harbour, before = folder(tmp_path, "harbour", patched=True), folder(tmp_path / "before", "harbour")
    write_shards(
        harbour / "noarch", msgspec.json.decode((before / "noarch" / "repodata.json").read_bytes())["packages.conda"]
    )
    question = ReachQuestion(
        channels=(load_channel(str(harbour), ("linux-64",), cache=tmp_path / "cache"),),
        places=(OnTheWeb(str(harbour)),),
        broken=harm() if broken else None,
    )
    found = reach(question)
    assert len([miss for miss in found.misses if miss.kind == "shards"]) == missed
    assert [f"{unread} of 3 shards" in text for text in found.not_checked] == [True] * bool(unread)
    # With patches it is those of the patched packages, whatever the size.
    patched = reach(replace(question, patches={"harbour": documents()}, channels=(channel("harbour"),)))
    assert {miss.package for miss in patched.misses if miss.kind == "shards"} == {"ferry-1.0-py_0", "ferry-1.1-py_0"}
    assert not patched.not_checked


@pytest.mark.online
def test_a_channel_tells_the_same_over_the_web_as_from_its_folder(tmp_path: Path) -> None:
    harbour, before = folder(tmp_path, "harbour", patched=True), folder(tmp_path / "before", "harbour")
    plain = (before / "noarch" / "repodata.json").read_bytes()
    (harbour / "noarch" / "repodata.json.zst").write_bytes(zstandard.compress(plain))
    (harbour / "noarch" / "current_repodata.json").write_bytes(plain)
    write_shards(harbour / "noarch", msgspec.json.decode(plain)["packages.conda"])
    found = []
    with make_server(harbour, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for text in (str(harbour), address_of(server)):
            loaded = (load_channel(text, ("linux-64",), cache=tmp_path / "cache"),)
            patches = {loaded[0].name: documents()}
            found.append(reach(ReachQuestion(channels=loaded, places=(place_of(text),), patches=patches)))
        server.shutdown()
    here, web = ([(m.kind, m.package, m.lacks, m.has, Path(m.where).name) for m in one.misses] for one in found)
    assert here == web
    assert len(here) == 6
    assert [len(one.looked_at) for one in found] == [4, 4]


def test_patches_that_are_applied_already_leave_nothing_to_miss(tmp_path: Path) -> None:
    harbour = folder(tmp_path, "harbour", patched=True)
    channels = (load_channel(str(harbour), ("linux-64",), cache=tmp_path / "cache"),)
    found = reach(ReachQuestion(channels=channels, places=(place_of(str(harbour)),), patches={"harbour": documents()}))
    assert found.status == "reached"
    assert any("applied there already" in note for note in found.notes)


def test_patches_that_are_not_published_yet_are_missed_by_every_form(tmp_path: Path) -> None:
    harbour = folder(tmp_path, "harbour")
    channels = (load_channel(str(harbour), ("linux-64",), cache=tmp_path / "cache"),)
    found = reach(ReachQuestion(channels=channels, places=(place_of(str(harbour)),), patches={"harbour": documents()}))
    assert [miss.package for miss in found.misses] == ["ferry-1.0-py_0", "ferry-1.1-py_0"]


HARM = ["https://a/harbour/noarch/ferry-1.1-py_0.conda", "https://a/quay/noarch/dock-2.0-0.tar.bz2"]
FINE = [HARM[0], "https://a/harbour/noarch/dock-1.9-0.conda"]


def conda_lock(urls: list[str]) -> str:
    return yaml.safe_dump(
        {"version": 1, "package": [{"manager": "conda", "platform": "linux-64", "url": url} for url in urls]}
    )


def pixi_lock(urls: list[str]) -> str:
    entries = [{"conda": url} for url in urls] + [{"pypi": "https://a/x.whl"}]
    return yaml.safe_dump({"version": 6, "environments": {"default": {"packages": {"linux-64": entries}}}})


def explicit(urls: list[str]) -> str:
    return "# platform: linux-64\n@EXPLICIT\n" + "\n".join(f"{url}#0123" for url in urls)


@pytest.mark.parametrize("write", [conda_lock, pixi_lock, explicit])
def test_lock_files_that_pin_the_pair_are_found(tmp_path: Path, write: Any) -> None:
    bad, good = tmp_path / "bad.lock", tmp_path / "good.lock"
    bad.write_text(write(HARM))
    good.write_text(write(FINE))
    found = reach(ReachQuestion(broken=harm(), locks=(bad, good)))
    assert [miss.package for miss in found.misses] == ["dock-2.0-0, ferry-1.1-py_0"]
    assert found.misses[0].where.startswith(str(bad))
    assert found.exit_status == 1
    assert reach(ReachQuestion(broken=harm(), locks=(good,))).exit_status == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1\n",
        "a: 1\n",
        "environments: {default: 3}\n",
        "environments: {default: {packages: {linux-64: 3}}}\n",
        "environments: {default: {packages: {linux-64: [x]}}}\n",
        "environments: {default: {packages: {linux-64: [{conda: 3}]}}}\n",
        "environments: {}\n",
        "a: [\n",
        "\x00",
        "package: []\n",
        "package: [x]\n",
        "package: [.nan]\n",
        "package: &a [*a]\n",
        "package: [{a: b}]\n",
        "package: [{manager: conda}]\n",
        "package: [{manager: conda, url: 'https://h/c/linux-64/x.zip'}]\n",
        "package: [{manager: pip, url: 'https://h/x.whl'}]\n",
        "@EXPLICIT\n",
        "@EXPLICIT\nhttps://h/c/linux-64/x.zip\n",
        "@EXPLICIT\nsomething else\n",
        "@EXPLICIT\nhttps://[h/c/linux-64/a-1-0.conda\n",
    ],
)
def test_a_lock_file_that_is_none_is_refused_and_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.lock"
    path.write_text(text)
    with pytest.raises(LockFileError, match=r"some\.lock"):
        read_lock(path)
    found = reach(ReachQuestion(broken=harm(), locks=(path,)))
    assert (found.status, found.exit_status) == ("incomplete", 3)


def test_what_cannot_be_read_is_never_reached(tmp_path: Path) -> None:
    found = ask(tmp_path, prefixes=(tmp_path / "none",), caches=(tmp_path / "none",))
    assert (found.status, len(found.not_checked)) == ("incomplete", 2)
    lock = tmp_path / "a.lock"
    lock.write_text(explicit(FINE))
    assert reach(ReachQuestion(locks=(lock,))).status == "incomplete"


def test_the_table_says_something_of_every_client_and_kind_once() -> None:
    assert [(fact.kind, fact.client) for fact in FACTS] == [(kind, client) for kind in KINDS for client in CLIENT_NAMES]
    assert all(fact.source for fact in FACTS)


@pytest.mark.parametrize(
    ("patched", "status", "exit_status"), [(False, "missed", 1), (True, "reached", 0)], ids=["no hotfix", "hotfix"]
)
def test_an_update_that_would_hurt_counts_where_no_record_is_old(
    tmp_path: Path, patched: bool, status: str, exit_status: int
) -> None:
    ferry = NEW if patched else OLD
    prefix = installed(tmp_path / "env", url(tmp_path), ferry, "dock 1.9 0", "line 1.0 0 | ferry ; dock")
    paths = [folder(tmp_path, "harbour", patched=patched), folder(tmp_path, "quay")]
    channels = tuple(load_channel(str(path), ("linux-64",), cache=tmp_path / "cache") for path in paths)
    found = reach(
        ReachQuestion(channels=channels, broken=harm(), virtual="none", priorities=("disabled",), prefixes=(prefix,))
    )
    (environment,) = found.environments
    assert environment.would_be_hurt is not patched
    assert found.misses == ()
    assert (found.status, found.exit_status) == (status, exit_status)
