"""`tailrace exposure`: what is typed, what comes out, and with which status."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Outcome, report

Run = Callable[..., Outcome]

DAYS = {"1.9": 1_650_000_000_000, "2.0": 1_653_606_540_000}  # 2022-04-15, 2022-05-26T23:09Z
BROKEN = "dock >=2 & ferry <1.2"


def write_channel(root: Path, name: str, *packages: str) -> Path:
    """`ferry 1.1 dock >=1`: name, version, one dependency."""
    made: dict[str, Any] = {}
    for line in packages:
        package, version, *depends = line.split(" ", 2)
        made[f"{package}-{version}-0.conda"] = {
            "name": package,
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": depends,
            "timestamp": DAYS.get(version, 1_640_000_000_000),
        }
    place = root / name / "noarch"
    place.mkdir(parents=True)
    index = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": made}
    (place / "repodata.json").write_text(json.dumps(index))
    return root / name


@pytest.fixture
def channels(tmp_path: Path) -> tuple[str, ...]:
    write_channel(tmp_path, "harbour", "ferry 1.1 dock >=1", "dock 1.9")
    write_channel(tmp_path, "quay", "dock 2.0")
    return ("-c", "./harbour", "-c", "./quay", "--subdir", "linux-64", "--virtual-packages", "none")


def cells(outcome: Outcome) -> dict[str, str]:
    found = json.loads(outcome.out)
    assert found["schema"] == "tailrace.exposure/1"
    return {
        f"{cell['client']} {cell['priority']} {'>'.join(cell['channels'])}": (
            cell["status"] if cell["exposed"] is None else "exposed" if cell["exposed"] else "safe"
        )
        for cell in found["cells"]
    }


def test_json_holds_a_cell_for_every_configuration(tailrace: Run, channels: tuple[str, ...]) -> None:
    done = tailrace("exposure", "ferry", *channels, "--every-order", "--broken", BROKEN, "-f", "json")
    assert done.status == 1
    assert cells(done) == {
        f"{client} {priority} {order}": "exposed" if order == "quay>harbour" or priority == "disabled" else "safe"
        for client in ("conda", "mamba")
        for priority in ("strict", "flexible", "disabled")
        for order in ("harbour>quay", "quay>harbour")
    }
    fields = {"client", "priority", "channels", "subdir", "as_of", "status", "exposed", "packages", "explanation"}
    cell = json.loads(done.out)["cells"][0]
    assert fields <= set(cell)
    assert (cell["as_of"], cell["packages"]) == (None, ["harbour::dock-1.9-0", "harbour::ferry-1.1-0"])


@pytest.mark.parametrize(
    ("more", "status", "expected"),
    [
        (["--broken", BROKEN], 1, "exposed"),
        (["--broken", BROKEN, "--as-of", "2022-05-25"], 0, "safe"),
        (["--broken", BROKEN, "--as-of", "2022-05-26"], 1, "exposed"),
        (["--broken", BROKEN, "--as-of", "2022-05-26T20:00Z"], 0, "safe"),
        (["--broken", BROKEN, "--as-of", "2022-05-27T01:00+02:00"], 0, "safe"),
        (["--broken", BROKEN, "--with", "dock<2"], 0, "safe"),
        (["--broken", BROKEN, "--with", "dock>=3"], 0, "unsolvable"),
        ([], 0, "solved"),
    ],
)
def test_the_status_says_whether_somebody_is_exposed(
    tailrace: Run, channels: tuple[str, ...], more: list[str], status: int, expected: str
) -> None:
    done = tailrace("exposure", "ferry", *channels, "--priority", "disabled", "--client", "conda", "-f", "json", *more)
    assert (done.status, cells(done)) == (status, {"conda disabled harbour>quay": expected})


def test_text_says_the_verdict_first_then_the_grid_and_what_it_means(tailrace: Run, channels: tuple[str, ...]) -> None:
    done = tailrace("exposure", "ferry", "--with", "dock>=2", *channels, "--broken", BROKEN, "--client", "conda")
    lines = done.out.splitlines()
    assert lines[0] == "EXPOSED  ferry dock>=2 gives the harmful combination in 2 of 3 configurations"
    assert [line.split() for line in lines if line.startswith("  harbour > quay")] == [
        ["harbour", ">", "quay", "unsolvable", "a", "EXPOSED", "b", "EXPOSED", "b"]
    ]
    assert "a  unsolvable because" in done.out
    assert "strict channel priority" in done.out
    assert "     quay::dock-2.0-0" in lines
    assert "\x1b" not in done.out


def test_colour_is_given_when_asked_for(tailrace: Run, channels: tuple[str, ...]) -> None:
    coloured = tailrace("exposure", "ferry", *channels, "--broken", BROKEN, "--color", "always").out
    assert "\x1b[" in coloured
    plain = tailrace("exposure", "ferry", *channels, "--broken", BROKEN).out
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured).split() == plain.split()


def test_the_course_over_time_is_drawn_and_dated(tailrace: Run, channels: tuple[str, ...]) -> None:
    span = ("--since", "2022-05-20", "--until", "2022-06-10", "--priority", "disabled")
    done = tailrace("exposure", "ferry", *channels, "--broken", BROKEN, *span)
    assert done.status == 1
    (bar,) = [line.strip() for line in done.out.splitlines() if line.strip().startswith("─")]
    assert bar == bar.rstrip("█").ljust(60, "█")
    assert len(bar) == 60
    assert "safe       until 2022-05-26T23:09:00Z" in done.out
    assert "EXPOSED    since 2022-05-26T23:09:00Z" in done.out
    found = json.loads(tailrace("exposure", "ferry", *channels, "--broken", BROKEN, *span, "-f", "json").out)
    assert [one["exposed"] for one in found["courses"][0]["spans"]] == [False, True]


def test_a_page_is_written_whole_and_escapes_what_channels_say(
    tailrace: Run, channels: tuple[str, ...], tmp_path: Path
) -> None:
    write_channel(tmp_path, "<b>quay", "dock 2.0")
    done = tailrace(
        "exposure", "ferry", *channels, "-c", "./<b>quay", "--broken", BROKEN, "-f", "html:out.html", "-f", "text"
    )
    page = (tmp_path / "out.html").read_text()
    assert done.status == 1
    assert page.startswith("<!doctype html>")
    assert "<b>quay" not in page
    assert "&lt;b&gt;quay" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    with_course = tailrace(
        "exposure",
        "ferry",
        *channels,
        "--broken",
        BROKEN,
        "--since",
        "2022-05-20",
        "--until",
        "2022-06-10",
        "-f",
        "html",
    )
    assert "<svg" in with_course.out


def test_what_is_broken_can_come_from_a_check_report(tailrace: Run, tmp_path: Path) -> None:
    from tailrace.report import render

    (tmp_path / "broken.json").write_text(render(report("breaks"), "json"))
    (tmp_path / "clear.json").write_text(render(report("clear"), "json"))
    write_channel(tmp_path, "harbour", "down 1.0 up", "up 1", "up 2")
    asked = ("exposure", "down", "-c", "./harbour", "--subdir", "linux-64")
    assert tailrace(*asked, "--report", "broken.json").status == 1
    assert tailrace(*asked, "--with", "up<2", "--report", "broken.json").status == 0
    assert tailrace(*asked, "--report", "broken.json", "--fixed", "down 1.0").status == 2
    assert "nothing to be exposed to" in tailrace(*asked, "--report", "clear.json").err


def test_an_environment_is_changed_rather_than_made(tailrace: Run, channels: tuple[str, ...], tmp_path: Path) -> None:
    meta = tmp_path / "env" / "conda-meta"
    meta.mkdir(parents=True)
    for name, version in (("ferry", "1.1"), ("dock", "1.9")):
        fields = {
            "name": name,
            "version": version,
            "build": "0",
            "depends": [],
            "subdir": "noarch",
            "channel": "harbour",
        }
        (meta / f"{name}.json").write_text(json.dumps(fields))
    more = ("--priority", "disabled", "--client", "conda", "--broken", BROKEN, "-f", "json")
    done = tailrace("exposure", "dock>1.9", *channels, *more, "--installed", "env")
    assert cells(done) == {"conda disabled harbour>quay": "exposed"}
    assert cells(tailrace("exposure", "dock>1.9", *channels, *more)) == {"conda disabled harbour>quay": "safe"}


def test_a_channel_of_ones_own_is_what_it_serves_now(tailrace: Run, tmp_path: Path) -> None:
    write_channel(tmp_path / "mine" / "states" / "1", "channel", "ferry 1.1", "dock 2.0")
    (tmp_path / "mine" / "current").symlink_to("states/1/channel")
    done = tailrace("exposure", "ferry", "-c", "./mine", "--subdir", "linux-64", "-f", "json")
    assert json.loads(done.out)["cells"][0]["packages"] == ["mine::ferry-1.1-0"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ferry ===1"], 2, "Cannot read the spec 'ferry ===1'"),
        (["ferry", "--broken", "dock &"], 2, "a spec is missing"),
        (["ferry", "--report", "a.json"], 2, "a.json cannot be read"),
        (["ferry", "--priority", "stict"], 2, "'stict' is none of strict, flexible, disabled"),
        (["ferry", "--client", ","], 2, "name one of conda, conda-libmamba, conda-rattler, mamba, pixi"),
        (["ferry", "--subdir", "linux-46"], 2, "Did you mean 'linux-64'?"),
        (["ferry", "--as-of", "yesterday"], 2, "'yesterday' is not a date"),
        (["ferry", "--since", "2022-05-01"], 2, "belong together"),
        (["ferry", "--since", "2022-05-02", "--until", "2022-05-01"], 2, "--since must lie before --until"),
        (["ferry", "--since", "2022-05-01", "--until", "2022-05-02", "--as-of", "2022-05-01"], 2, "one or the other"),
        (["ferry", "--virtual-packages", "glibc"], 2, "'glibc' is not a virtual package"),
        (["ferry", "--installed", "none"], 3, "is not a conda environment"),
        (["ferry", "-c", "./none"], 2, "there is no such folder"),
        (["ferry", "-c", "./torn"], 3, "is not repodata"),
        (["ferry", "-c", "./wrong"], 3, "is not repodata"),
        (["ferry", "-f", "tetx"], 2, "Did you mean text?"),
        (["ferry", "-f", "html:none/out.html"], 2, "does not exist"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    tailrace: Run, channels: tuple[str, ...], tmp_path: Path, arguments: list[str], status: int, said: str
) -> None:
    for name, text in (("torn", '{"packages": {"a'), ("wrong", '{"packages": {"a": 3}}')):
        place = tmp_path / name / "noarch"
        place.mkdir(parents=True)
        (place / "repodata.json").write_text(text)
    done = tailrace("exposure", *channels, *arguments)
    assert (done.status, done.out) == (status, "")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("channel", "hinted"), [("harbours/quay", True), ("http://127.0.0.1:9/harbours/quay", False)])
def test_a_folder_that_is_not_there_may_be_meant(
    tailrace: Run, monkeypatch: pytest.MonkeyPatch, channel: str, hinted: bool
) -> None:
    monkeypatch.setenv("CONDA_CHANNEL_ALIAS", "http://127.0.0.1:9")
    done = tailrace("exposure", "ferry", "-c", channel)
    assert (done.status, f"There is no folder {channel}" in done.err) == (3, hinted), done.err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("ferry", "--broken", BROKEN), 1, ""),
        (("Ferry", "--broken", "DOCK >=2 & ferry <1.2"), 1, ""),
        (("ferry", "--broken", "dock >=2 & __glibc"), 0, ""),
        (("ferry", "--broken", "dock >=2 & __glibc <1"), 0, ""),
        (("dock=2.0", "--broken", BROKEN), 0, ""),  # in one channel only
        (("ferri", "--broken", BROKEN), 2, "There is no package 'ferri' in harbour, quay.\nhint: Did you mean 'ferry'"),
        (("ferry", "--broken", "dokc >=2 & ferry <1.2"), 2, "'dock' for 'dokc'"),
        (("ferri", "--broken", "dokc >=2"), 2, "'ferri' nor 'dokc'"),
        (("ferry", "--with", "doc", "--broken", BROKEN), 2, "'dock' for 'doc'"),
        (("ferry", "--broken", "dock >=2 & (ferry <1.2 | boat)"), 2, "'boat'"),
        (("ferry", "--broken", "dock >=2 & __glbic"), 2, "'__glibc' for '__glbic'"),
        (("dock=9", "--broken", BROKEN), 0, "no release in the channels meets 'dock=9'; there are 2.0, 1.9."),
        (("ferry", "--broken", "dock >=20"), 0, "note: no release in the channels meets 'dock >=20'"),
    ],
)
def test_a_name_that_no_channel_has_is_a_mistake(
    tailrace: Run, channels: tuple[str, ...], arguments: tuple[str, ...], status: int, says: str
) -> None:
    outcome = tailrace("exposure", *arguments, *channels, "--every-order")
    assert outcome.status == status, outcome
    assert says in outcome.out + outcome.err
    assert outcome.out.startswith("SAFE") == (status == 0 and "dock=9" not in arguments)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("hotfix", "reach", "--broken", "dokc >=2 & ferry <1.2"), 2, "'dock' for 'dokc'"),
        (("hotfix", "reach", "--broken", BROKEN, "--spec", "ferri"), 2, "'ferry' for 'ferri'"),
        (("hotfix", "prove", "empty.yaml", "--broken", "dokc >=2 & ferry <1.2"), 2, "'dock' for 'dokc'"),
        (("hotfix", "prove", "empty.yaml", "--broken", BROKEN, "--spec", "ferri"), 2, "'ferry' for 'ferri'"),
        (("hotfix", "reach", "--broken", "dock >=20 & ferry <1.2"), 0, "note: no release in the channels meets"),
    ],
)
def test_a_hotfix_is_not_judged_by_names_that_do_not_exist(
    tailrace: Run, channels: tuple[str, ...], tmp_path: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    bound = "  - tighten_depends:\n      name: dock\n      upper_bound: '2'\n"
    (tmp_path / "empty.yaml").write_text(f"if:\n  name: ferry\n  version_lt: '1.2'\nthen:\n{bound}")
    outcome = tailrace(*arguments, *channels)
    assert says in outcome.err, outcome
    assert outcome.status == status, outcome
