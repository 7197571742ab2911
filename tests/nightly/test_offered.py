"""Which releases a channel or an index still offers, and with which canaries they can be paired."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.gate.channel_state import ChannelState, Offered
from tailrace.gate.evidence import SubjectText
from tailrace.gate.names import Subject
from tailrace.model import TailraceError
from tailrace.nightly.config import NightlyConfig, parse_config
from tailrace.nightly.offered import with_offered
from tailrace.nightly.plan import all_cells

GROUP = """
schema = "tailrace.nightly-config/1"
[[projects]]
name = "up"
canary = "git+../up@HEAD"
releases = ["up==1.0"]
[[projects]]
name = "down"
offered-by = ["PLACE"]
owner = "ben"
"""
# version → builds: whether each lets up in
OFFERED = {"1.0": [True], "1.1": [False], "1.2": [False, True], "1.10": [None], "0.9": [False, False]}


def config(place: str = "./channel") -> NightlyConfig:
    return parse_config(GROUP.replace("PLACE", place), "nightly.toml")


def look(place: str, name: str, subject: Subject) -> ChannelState:
    offered = tuple(
        Offered(name=name, version=version, build=str(number), admits=admits)
        for version, builds in OFFERED.items()
        for number, admits in enumerate(builds)
    )
    return ChannelState(
        channel=place,
        subject=SubjectText(name=subject.name, version=subject.version),
        as_of="2026-01-01",
        offered=offered,
    )


@pytest.mark.parametrize(
    ("place", "spec"),
    [("./channel", "./channel::down={}"), ("conda-forge", "conda-forge::down={}"), ("index", "down=={}")],
)
def test_every_version_that_can_still_be_paired_is_a_cell_newest_first(place: str, spec: str) -> None:
    found, problems = with_offered(config(place), look, {"up": "2.0"})
    assert problems == ()
    cells = [cell.others[0] for cell in all_cells(found)]
    assert cells == [spec.format(version) for version in ("1.10", "1.2", "1.0")]


def test_a_canary_of_unknown_version_is_paired_with_all() -> None:
    found, _ = with_offered(config(), look, {})
    assert len(all_cells(found)) == len(OFFERED)


def test_a_place_that_does_not_answer_is_a_problem_with_its_owner() -> None:
    def lost(place: str, name: str, subject: Subject) -> ChannelState:
        raise TailraceError("it does not answer.")

    found, (problem,) = with_offered(config(), lost, {"up": "2.0"})
    assert (problem.kind, problem.project, problem.owner) == ("not-run", "down", "ben")
    assert "what ./channel offers of down is not known: it does not answer." in problem.message
    assert all_cells(found) == []


def test_a_project_needs_releases_or_a_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "nightly.toml"
    file.write_text(GROUP.replace('offered-by = ["PLACE"]\n', ""))
    assert run(app, ["nightly", "plan", "--config", str(file)]) == 2
    assert "has no releases: list them, or say with offered-by" in " ".join(capsys.readouterr().err.split())


def test_the_plan_of_a_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    packages = {
        f"{name}-{version}-0.conda": {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends, "subdir": "noarch",
            "md5": "0" * 32, "sha256": "0" * 64, "size": 1, "timestamp": 1650000000000,
        }
        for name, version, depends in (
            ("up", "1.0", []), ("up", "2.0", []),
            ("down", "1.0", ["up <2"]), ("down", "1.1", ["up"]), ("down", "1.2", ["up >=1"]),
        )
    }  # fmt: skip
    (tmp_path / "channel" / "noarch").mkdir(parents=True)
    index = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": packages, "repodata_version": 1}
    (tmp_path / "channel" / "noarch" / "repodata.json").write_text(json.dumps(index))
    text = (
        GROUP.replace("PLACE", "./channel")
        .replace("git+../up@HEAD", "./channel::up=2.0")
        .replace("up==1.0", "./channel::up=1.0")
    )
    (tmp_path / "nightly.toml").write_text(text)
    assert run(app, ["nightly", "plan", "-f", "json"]) == 0
    others = [cell["others"][0] for cell in json.loads(capsys.readouterr().out)["cells"]]
    assert [other.rpartition("::")[2] for other in others] == ["down=1.2", "down=1.1"]
    assert run(app, ["nightly", "report"]) == 1
    assert "the nightly of up never ran" in capsys.readouterr().out  # it knows the cells of the channel, too
    (tmp_path / "nightly.toml").write_text(
        text.replace('offered-by = ["./channel"]', 'offered-by = ["./nowhere"]\nreleases = ["./channel::down=1.0"]')
    )
    assert run(app, ["nightly", "plan"]) == 0
    assert "nowhere" in capsys.readouterr().err
