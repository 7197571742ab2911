"""`channel promote --gate` asks the gate with the very files, records what it says, and moves nothing but on go."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run

HEAD = 'schema = "tailrace.policy/1"\nid = "water"\nsubjects = ["river", "mill"]\ntargets = ["channel/main"]\n'
CHANNELS = '[channels]\nchannel = "./channel"\n'
GROUP = '[groups.water]\nmembers = ["river", "mill"]\n'
CHECK = '[[rules]]\nid = "no-new-breaks"\nkind = "check"\n'
TANDEM = '[[rules]]\nid = "in-tandem"\nkind = "tandem"\ngroup = "water"\n'
APPROVED = '[[rules]]\nid = "approved"\nkind = "approval"\nroles = ["lead"]\n'
RIVER_1 = "def values(flow):\n    return list(flow)\n\n\ndef itervalues(flow):\n    return iter(flow)\n"
RIVER_2 = "def values(flow):\n    return list(flow)\n"
MILL_1 = "def grind(grain):\n    from river import itervalues\n\n    return list(itervalues(grain))\n"
MILL_2 = "def grind(grain):\n    from river import values\n\n    return values(grain)\n"
PACKAGES = [
    ("river", "1.0", (), RIVER_1), ("river", "2.0", (), RIVER_2), ("mill", "1.0", ("river >=1.0",), MILL_1),
    ("mill", "1.1", ("river >=1.0",), MILL_2),
]  # fmt: skip


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from conda_package_streaming.create import conda_builder

    folder = tmp_path_factory.mktemp("packages")
    for name, version, depends, code in PACKAGES:
        index = {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends),
            "subdir": "noarch", "noarch": "generic", "timestamp": 1653000000000,
        }  # fmt: skip
        path = f"site-packages/{name}/__init__.py"
        paths = {"paths_version": 1, "paths": [{"_path": path, "path_type": "hardlink"}]}
        members = {"info/index.json": json.dumps(index), "info/paths.json": json.dumps(paths), path: code}
        with conda_builder(f"{name}-{version}-0", str(folder)) as package:
            for member, text in members.items():
                header = tarfile.TarInfo(member)
                header.size = len(text.encode())
                package.addfile(header, io.BytesIO(text.encode()))
    return folder


@pytest.fixture
def world(packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A channel with river 1.0 and mill 1.0 in main, and the next two in canary."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert tailrace("channel", "init", "channel") == 0
    old = [str(packages / f"{name}-1.0-0.conda") for name in ("river", "mill")]
    new = [str(packages / name) for name in ("river-2.0-0.conda", "mill-1.1-0.conda")]
    assert tailrace("channel", "add", "channel", *old) == 0
    assert tailrace("channel", "add", "channel", *new, "--label", "canary") == 0
    assert tailrace("channel", "index", "channel") == 0
    (tmp_path / "gate").mkdir()
    return tmp_path


def tailrace(*arguments: str) -> int:
    return run(app, arguments)


def policy(folder: Path, rules: str, channels: str = CHANNELS) -> None:
    (folder / "gate" / "policy.toml").write_text(HEAD + channels + GROUP + rules)


def promote(*more: str) -> int:
    return tailrace("channel", "promote", "channel", "--from", "canary", "--gate", "gate", *more)


def served(folder: Path) -> set[str]:
    text = json.loads((folder / "channel/current/noarch/repodata.json").read_text())
    return set(text["packages.conda"])


def test_what_breaks_is_not_promoted_and_the_decision_is_recorded(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy(world, CHECK)
    assert promote("river") == 3, "nothing is known yet"
    assert tailrace("gate", "collect", "river 2.0") == 0
    capsys.readouterr()
    assert promote("river") == 1
    assert "the gate says stop for river 2.0 (no-new-breaks: breaks mill 1.0)" in capsys.readouterr().err
    assert "river-2.0-0.conda" not in served(world)
    recorded = [json.loads(line) for line in (world / "gate/decisions.jsonl").read_text().splitlines()]
    assert [one["verdict"] for one in recorded] == ["unknown", "stop"]
    assert recorded[1]["subject"]["files"][0]["name"] == "river-2.0-0.conda"


def test_an_override_promotes_all_the_same_and_the_log_says_what_the_gate_said(world: Path) -> None:
    policy(world, CHECK)
    assert tailrace("gate", "collect", "river 2.0") == 0
    assert promote("river", "--override", "the fix follows today") == 0
    entry = json.loads((world / "channel/tailrace-log.jsonl").read_text().splitlines()[-1])
    assert entry["override"] == "the fix follows today"
    assert entry["reports"][0].startswith("gate: river 2.0 to channel/main: stop (decision ")


def test_alone_it_waits_and_together_it_goes(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy(world, TANDEM)
    assert tailrace("gate", "collect", "river 2.0") == 0
    assert promote("river") == 4
    assert "the gate says wait for river 2.0 (in-tandem: waits for mill 1.1 on channel/main)" in capsys.readouterr().err
    assert tailrace("gate", "collect", "mill 1.1") == 0
    assert promote("river", "mill") == 0
    assert {"river-2.0-0.conda", "mill-1.1-0.conda"} <= served(world)


def test_the_target_is_found_by_the_place_of_the_channel_or_named(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy(world, APPROVED)
    assert promote("mill", "--to", "other") == 2
    assert "no target that is the label other of channel" in capsys.readouterr().err
    policy(world, APPROVED, channels='[channels]\nchannel = "./elsewhere"\n')
    assert promote("mill") == 3, "by the name of its folder"
    assert promote("mill", "--gate-target", "chanel/main") == 2
    assert tailrace("channel", "promote", "channel", "--from", "canary", "--gate-target", "channel", "mill") == 2
    assert promote("mill", "--gate-target", "channel") == 3


def test_only_the_downstreams_that_the_policy_names_are_checked(world: Path) -> None:
    policy(world, CHECK + 'downstreams = ["saw*"]\n')
    (world / "gate/policy.toml").write_text((world / "gate/policy.toml").read_text().replace(GROUP, ""))
    assert tailrace("gate", "collect", "river 2.0") == 0
    kinds = [json.loads(path.read_text())["kind"] for path in (world / "gate/evidence").iterdir()]
    assert set(kinds) == {"channel-state"}
    assert promote("river") == 0, "nothing that the rule looks at uses it"


def test_an_approval_of_another_build_does_not_count(world: Path, packages: Path) -> None:
    policy(world, APPROVED)
    wrong, right = str(packages / "mill-1.0-0.conda"), str(packages / "mill-1.1-0.conda")
    assert tailrace("gate", "approve", "mill 1.1", "--role", "lead", "--by", "ana", "--file", wrong) == 0
    assert promote("mill") == 3
    assert tailrace("gate", "approve", "mill 1.1", "--role", "lead", "--by", "ana", "--file", right) == 0
    assert promote("mill") == 0


def test_collect_names_what_it_could_not_look_at(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy(world, CHECK, channels="")
    assert tailrace("gate", "collect", "river 2.0") == 3
    assert "does not say where channel is; name it with --channel channel=PLACE" in capsys.readouterr().err
    assert tailrace("gate", "collect", "river 2.0", "--channel", "channel=./nowhere") == 3
    assert "there is no such folder" in capsys.readouterr().err
    assert tailrace("gate", "collect", "river 2.0", "--channel", "nowhere") == 2
    assert tailrace("gate", "collect", "river 9.0", "--channel", "channel=./channel") == 3
    assert "no channel offers river 9.0" in capsys.readouterr().err
    assert tailrace("gate", "collect", "river 2.0", "--channel", "channel=./channel", "--no-check") == 0
    kinds = [json.loads(path.read_text())["kind"] for path in (world / "gate/evidence").iterdir()]
    assert set(kinds) == {"channel-state"}
