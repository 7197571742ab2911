"""`tailrace hotfix`: from reports to a patch, to an index, to a proof, to whom it misses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailrace.report import render

from .conftest import Outcome, report
from .test_exposure_command import write_channel
from .test_start_up import HEAVY, imported

Run = Callable[..., Outcome]
GRID = ("--subdir", "linux-64", "--virtual-packages", "none")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A report that says that down 1.0 breaks with up 2, and a channel that has both."""
    (tmp_path / "broken.json").write_text(render(report("breaks"), "json"))
    (tmp_path / "clear.json").write_text(render(report("clear"), "json"))
    (tmp_path / "unclear.json").write_text(render(report("incomplete"), "json"))
    write_channel(tmp_path, "harbour", "down 1.0 up >=1", "up 1", "up 2")
    return tmp_path


def test_a_hotfix_is_suggested_shown_applied_proven_and_its_reach_told(tailrace: Run, place: Path) -> None:
    made = tailrace("hotfix", "suggest", "broken.json", "-c", "./harbour", "--before", "never", "-o", "down.yaml")
    assert (made.status, made.out) == (0, "")
    assert '--broken "(up >=2.0a0 & down <=1.0)"' in made.err
    text = (place / "down.yaml").read_text()
    assert "# up 2: name-removed up.gone" in text
    assert "#   down/a.py:3 in down 1.0" in text
    assert 'then:\n  - tighten_depends:\n      name: up\n      upper_bound: "2.0"\n' in text

    shown = tailrace("hotfix", "diff", "down.yaml", "--repodata", "./harbour")
    assert (shown.status, "    + up >=1,<2.0a0" in shown.out) == (0, True)
    whole = json.loads(tailrace("hotfix", "diff", "down.yaml", "--repodata", "./harbour", "-f", "json").out)
    assert (whole["schema"], whole["records"], whole["changed"]) == ("tailrace.hotfix-diff/1", 3, 1)

    broken = ("--broken", "up >=2 & down <=1.0")
    proof = tailrace("hotfix", "prove", "down.yaml", "-c", "./harbour", *GRID, *broken)
    assert (proof.status, proof.out.splitlines()[0].split("  ")[0]) == (0, "PROVEN")
    assert "downgraded harbour::up-2-0 -> harbour::up-1-0" in proof.out

    before = tailrace("hotfix", "reach", "down.yaml", "-c", "./harbour", "--subdir", "linux-64", *broken)
    assert (before.status, before.out.split()[0]) == (1, "MISSED")
    applied = tailrace("hotfix", "apply", "down.yaml", "--repodata", "./harbour", "-o", "harbour/noarch/repodata.json")
    assert "noarch: 1 of 3 records changed" in applied.err
    after = tailrace("hotfix", "reach", "-c", "./harbour", "--subdir", "linux-64", *broken)
    assert (after.status, after.out.split()[0]) == (0, "REACHED")
    again = tailrace("hotfix", "prove", "down.yaml", "-c", "./harbour", *GRID, *broken)
    assert (again.status, "NOTHING TO PROVE" in again.out) == (3, True)


def test_stdout_holds_the_yaml_or_the_index_and_nothing_else(tailrace: Run, place: Path) -> None:
    made = tailrace("hotfix", "suggest", "broken.json", "--before", "2022-05-27T17:04Z")
    assert made.out.startswith("# up 2")
    assert "  timestamp_lt: 1653671040000\n" in made.out
    (place / "down.yaml").write_text(made.out.replace("timestamp_lt: 1653671040000", "build_number: 0"))
    done = tailrace("hotfix", "apply", "down.yaml", "--repodata", "./harbour/noarch/repodata.json")
    assert json.loads(done.out)["packages.conda"]["down-1.0-0.conda"]["depends"] == ["up >=1,<2.0a0"]


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        (["clear.json"], 0, "no hotfix: no report shows a break"),
        (["unclear.json"], 3, "not judged: down 1.0 with up 2: nothing to read (unclear.json)"),
        (["broken.json", "unclear.json"], 0, "not judged"),
    ],
)
def test_what_could_not_be_judged_is_said(tailrace: Run, place: Path, files: list[str], status: int, said: str) -> None:
    done = tailrace("hotfix", "suggest", *files)
    assert done.status == status
    assert said in done.err


def test_json_of_proof_and_reach_has_a_schema(tailrace: Run, place: Path) -> None:
    (place / "down.yaml").write_text(tailrace("hotfix", "suggest", "broken.json", "--before", "never").out)
    common = ("-c", "./harbour", "--report", "broken.json", "-f", "json")
    proof = json.loads(tailrace("hotfix", "prove", "down.yaml", *GRID, *common).out)
    assert (proof["schema"], proof["verdict"]) == ("tailrace.hotfix-proof/1", "proven")
    assert sum(proof["counts"].values()) == len(proof["cells"])
    found = json.loads(tailrace("hotfix", "reach", "down.yaml", "--subdir", "linux-64", *common).out)
    assert (found["schema"], found["status"]) == ("tailrace.hotfix-reach/1", "missed")


def test_several_platforms_are_written_together_or_not_at_all(tailrace: Run, place: Path) -> None:
    (place / "down.yaml").write_text(tailrace("hotfix", "suggest", "broken.json", "--before", "never").out)
    linux = place / "harbour" / "linux-64"
    linux.mkdir()
    (linux / "repodata.json").write_text('{"info": {"subdir": "linux-64"}, "packages": {}}')
    done = tailrace("hotfix", "apply", "down.yaml", "--repodata", "./harbour", "-o", "out")
    assert done.status == 0
    found = sorted(path.relative_to(place).as_posix() for path in (place / "out").rglob("*") if path.is_file())
    assert found == ["out/linux-64/repodata.json", "out/noarch/repodata.json"]
    (linux / "repodata.json").write_text('{"packages": {"a.tar.bz2": 3}}')
    done = tailrace("hotfix", "apply", "down.yaml", "--repodata", "./harbour", "-o", "two")
    assert done.status == 3
    assert not (place / "two").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["suggest", "none.json"], 2, "none.json cannot be read"),
        (["suggest", "down.yaml"], 2, "not a report of the schema"),
        (["suggest", "broken.json", "--fixed", "down"], 2, "names no release or build"),
        (["suggest", "broken.json", "--name", "down"], 2, "is no NAME=CONDA_NAME"),
        (
            ["suggest", "broken.json", "--fixed", "dwn 1.1"],
            2,
            "no package 'dwn' in reports or channels",
        ),
        (["suggest", "broken.json", "--name", "dwn=down"], 2, "no package 'dwn' in the reports. Did you mean 'down'"),
        (["suggest", "broken.json", "--name", "down=dwn", "-c", "./harbour"], 2, "no package 'dwn' in the channels"),
        (["suggest", "broken.json", "--before", "soon"], 2, "is not a date"),
        (["suggest", "broken.json", "-c", "./none"], 2, "there is no such folder"),
        (["suggest", "broken.json", "-o", "none/x.yaml"], 3, "could not be written"),
        (["diff", "down.yaml", "--repodata", "./none"], 2, "there is no such folder"),
        (["diff", "down.yaml", "--repodata", "./none.json"], 3, "cannot be read"),
        (["diff", "bad.yaml", "--repodata", "./harbour"], 2, 'bad.yaml:1: document 1: unknown key "iff"'),
        (["diff", "down.yaml", "--repodata", "./harbour", "--subdir", "linux-46"], 2, "Did you mean 'linux-64'?"),
        (["diff", "down.yaml", "--repodata", "./harbour", "--subdir", "win-64"], 3, "no index for win-64"),
        (["prove", "down.yaml", "-c", "./harbour"], 2, "say what is harmful"),
        (["prove", "down.yaml", "-c", "./harbour", "--broken", "up", "--spec", "up ===2"], 2, "Cannot read the spec"),
        (["prove", "down.yaml", "-c", "./harbour", "--broken", "up", "--only", "quay"], 2, "the channels are harbour"),
        (["reach"], 2, "name the channels with -c"),
        (["reach", "-c", "./harbour", "--installed", "none"], 3, ""),
        (["sugest"], 2, "No such command"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    tailrace: Run, place: Path, arguments: list[str], status: int, said: str
) -> None:
    (place / "down.yaml").write_text("if: {name: down}\nthen:\n  - add_constrains: up <2\n")
    (place / "bad.yaml").write_text("iff: {name: down}\nthen: []\n")
    done = tailrace("hotfix", *arguments)
    assert done.status == status
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["exposure", "--help"],
        ["hotfix", "--help"],
        *([["hotfix", name, "--help"] for name in ("suggest", "diff", "apply", "prove", "reach")]),
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    loaded: set[Any] = imported(*arguments)
    assert loaded.isdisjoint(HEAVY)


def test_no_hotfix_where_no_channel_has_what_breaks(tailrace: Run, place: Path) -> None:
    write_channel(place, "quay", "up 2")
    write_channel(place, "wharf", "up 1")
    done = tailrace("hotfix", "suggest", "broken.json", "-c", "./quay", "-c", "./wharf")
    assert (done.status, done.out) == (0, "")
    assert "none of the channels has what the reports show broken" in done.err


def test_each_channel_gets_a_hotfix_of_its_own_and_all_are_proven_together(tailrace: Run, place: Path) -> None:
    write_channel(place, "quay", "down 1.0 up >=1", "up 1", "up 2")
    write_channel(place, "empty", "up 2")
    both = ("-c", "./harbour", "-c", "./quay", "-c", "./empty")
    made = tailrace("hotfix", "suggest", "broken.json", *both, "--before", "never", "-o", "fixes")
    assert (made.status, made.out) == (0, "")
    assert sorted(path.name for path in (place / "fixes").iterdir()) == ["harbour.yaml", "quay.yaml"]
    text = (place / "fixes/quay.yaml").read_text()
    assert text.startswith("# The hotfix of quay.\n#\n# up 2: name-removed up.gone\n")
    command = made.err.partition("prove them with: tailrace ")[2].split()
    assert command[:4] == ["hotfix", "prove", "harbour=fixes/harbour.yaml", "quay=fixes/quay.yaml"]
    proof = tailrace(*command, *GRID)
    assert proof.out, proof.err
    assert (proof.status, proof.out.splitlines()[0].split("  ")[0]) == (0, "PROVEN")
    half = tailrace("hotfix", "prove", *command[2:3], *command[4:], *GRID, "--every-order")
    assert (half.status, "NOT PROVEN" in half.out) == (1, True)
    missed = tailrace("hotfix", "reach", *command[2:4], *both, "--subdir", "linux-64", "--report", "broken.json")
    assert (missed.status, missed.out.split()[0]) == (1, "MISSED")
    printed = tailrace("hotfix", "suggest", "broken.json", *both).out
    assert [line for line in printed.splitlines() if line.startswith(("# The", "---"))] == [
        "# The hotfix of harbour.", "---", "# The hotfix of quay.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["suggest", "broken.json", "-c", "./harbour", "-c", "./quay", "-o", "clear.json"], "name a folder with -o"),
        (
            ["suggest", "broken.json", "-c", "./harbour", "-c", "./more/harbour"],
            "two of the channels are called harbour",
        ),
        (
            ["prove", "harbour=a.yaml", "-c", "./harbour", "-c", "./more/harbour", "--broken", "up"],
            "two of the channels",
        ),
        (["prove", "wharf=down.yaml", "-c", "./harbour", "--broken", "up"], "the channels are harbour"),
        (["prove", "a.yaml", "harbour=a.yaml", "-c", "./harbour", "--broken", "up"], "harbour has its patches already"),
        (["prove", "none.yaml", "-c", "./harbour", "--broken", "up"], "none.yaml"),
        (["reach", "wharf=down.yaml", "-c", "./harbour"], "the channels are harbour"),
    ],
)
def test_patches_of_a_channel_that_is_not_there(tailrace: Run, place: Path, arguments: list[str], said: str) -> None:
    write_channel(place, "quay", "down 1.0 up >=1", "up 1", "up 2")
    (place / "more").mkdir()
    write_channel(place / "more", "harbour", "down 1.0 up >=1", "up 1", "up 2")
    (place / "a.yaml").write_text("if: {name: down}\nthen:\n  - add_depends: up\n")
    done = tailrace("hotfix", *arguments)
    assert (done.status, said in done.err) == (2, True), done.err
