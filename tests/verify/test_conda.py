"""Verification in environments from conda channels."""

from __future__ import annotations

from pathlib import Path

import pytest
from conda_world import CondaWorld

from tailrace.check import CheckOptions, check
from tailrace.cli import main
from tailrace.conda.timestamps import parse_moment
from tailrace.model import DownstreamReport
from tailrace.sources import Sources, SourceSettings
from tailrace.verify import CondaChoice, Feed, VerifyOptions, verify_report

pytestmark = pytest.mark.usefixtures("sandbox")
KEEP, GONE = "def keep(): pass\ndef gone(): pass\n", "def keep(): pass\n"


@pytest.fixture
def channel(tmp_path: Path) -> CondaWorld:
    world = CondaWorld(tmp_path / "channel")
    world.add("up", "1.0", {"up.py": KEEP})
    world.add("up", "2.0", {"up.py": GONE}, when=1_660_000_000_000)
    return world


def verify(channel: CondaWorld, tmp_path: Path, **more: object) -> DownstreamReport:
    channel.index()
    settings = SourceSettings(index_urls=(), extra_index_urls=(), find_links=(), cache_dir=tmp_path / "cache")
    sources = Sources(settings)
    specs = [f"{channel.url}::{spec}" for spec in ("up=2.0", "up=1.0", "down=1.0")]
    report = check(specs[0], specs[1], (specs[2],), sources=sources, options=CheckOptions(in_process=True))
    options = VerifyOptions(jobs=1, ecosystem="conda", **more)  # type: ignore[arg-type]
    return verify_report(report, Feed(sources), options).downstreams[0]


def test_a_break_is_reproduced_in_environments_from_a_channel(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up")
    report = verify(channel, tmp_path)
    assert report.verification is not None
    assert (report.verification.outcome, report.verification.ecosystem) == ("reproduced", "conda"), report.verification
    (finding,) = report.findings
    assert finding.verification is not None
    assert "cannot import name 'gone'" in finding.verification.traceback[-1]


def test_modules_are_imported_at_smoke(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("down", "1.0", {"down/__init__.py": "", "down/a.py": "import up\nup.keep()\n"}, "up")
    report = verify(channel, tmp_path, level="smoke")
    assert report.verification is not None
    said = [o.reason or "" for o in report.verification.observations]
    assert any("2 of 2 imports and entry points load" in text for text in said), report.verification


USES = {"down.py": "import up\ndef go():\n    up.gone()\n", "other.py": "def go():\n    from up import gone\n"}
CALL = "python -c 'import down; down.go()'"
# what a package carries -> the commands that fail with the candidate alone, and what else is said
CARRIED: dict[str, tuple[dict[str, str], set[str], str]] = {
    "tests.yaml of rattler-build": (
        {
            "tests/tests.yaml": "- python:\n    imports: [down]\n"
            f"- script:\n    - {CALL}\n  requirements:\n    run: [tool >=1]\n"
        },
        {CALL},
        "",
    ),
    "the rendered recipe of conda-build": (
        {
            "recipe/meta.yaml": "package:\n  name: down\n"
            f"test:\n  commands:\n    - {CALL}\n    - python -c 'import down'\n"
        },
        {CALL},
        "`python -c 'import down'` works with both",
    ),
    "a script of Python, with its files": (
        {
            "recipe/meta.yaml": "package:\n  name: down\n",
            "test/run_test.py": "import data, down\ndown.go()\n",
            "test/data.py": "",
            "test/test_time_dependencies.json": '["tool"]',
        },
        {"python run_test.py"},
        "",
    ),
    "a script of the shell that works": (
        {"test/run_test.sh": "set -e\npython -c 'import down'\n"},
        set(),
        "`bash run_test.sh` works with both",
    ),
    "a need that the channel does not have": (
        {"tests/tests.yaml": f"- script: [{CALL!r}]\n  requirements:\n    run: [missing]\n"},
        {CALL},
        "need cannot be installed",
    ),
    "none": ({"recipe/meta.yaml": "package:\n  name: down\n"}, set(), "it has no source distribution"),
    "a link to a file outside": ({"tests/tests.yaml": "->/etc/hostname"}, set(), "it has no source distribution"),
    "what is not YAML": ({"tests/tests.yaml": "a: [\n"}, set(), "the recipe cannot be read"),
}


@pytest.mark.parametrize("kind", CARRIED)
def test_the_tests_that_a_package_carries_are_run(kind: str, channel: CondaWorld, tmp_path: Path) -> None:
    carries, failing, said = CARRIED[kind]
    channel.add("tool", "1.0", {"tool.py": ""})
    channel.add("down", "1.0", USES, "up", carries=carries)
    report = verify(channel, tmp_path, level="test")
    assert report.verification is not None
    seen = [finding.verification for finding in report.findings if finding.verification is not None]
    assert {one.program for one in seen if one.level == "test"} == failing, report.verification
    reasons = "\n".join(one.reason or "" for one in report.verification.observations)
    assert said in reasons, reasons


def test_a_requirement_that_keeps_the_candidate_out_is_left_aside_and_said(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up <2")
    report = verify(channel, tmp_path)
    assert report.verification is not None
    assert report.verification.outcome == "reproduced", report.verification
    assert report.verification.notes == ("the requirement of down on up was left aside",)


def test_what_had_to_move_is_listed_and_nothing_else_moves(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("side", "1.0", {"side.py": ""})
    channel.add("side", "2.0", {"side.py": ""})
    channel.add("other", "1.0", {"other.py": ""})
    for package in channel.folder.glob("noarch/up-*.conda"):
        package.unlink()
    channel.add("up", "2.0", {"up.py": GONE}, "side >=2")
    channel.add("up", "1.0", {"up.py": KEEP}, "side <2")
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up", "other")
    report = verify(channel, tmp_path)
    assert report.verification is not None
    assert report.verification.moved == ("side 1.0 -> 2.0",), report.verification


def test_a_past_day_has_the_packages_of_that_day(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("other", "1.0", {"other.py": "there = 1\n"})
    channel.add("other", "2.0", {"other.py": "raise ImportError('too new')\n"}, when=1_700_000_000_000)
    channel.add("down", "1.0", {"down.py": "import other\nfrom up import gone\n"}, "up", "other")
    now = verify(channel, tmp_path, level="smoke")
    past = CondaChoice(as_of=parse_moment("2023-01-01"))
    then = verify(channel, tmp_path, level="smoke", conda=past)
    traces = [f.verification.program for d in (now, then) for f in d.findings if f.verification]
    assert traces == ["from up import gone", "import down"], traces


def test_a_day_on_which_the_candidate_was_not_there_is_not_run(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up")
    report = verify(channel, tmp_path, conda=CondaChoice(as_of=parse_moment("2022-05-01")))
    assert report.verification is not None
    assert report.verification.outcome == "not-run"
    assert "up" in str(report.verification.reason)


def test_a_channel_that_is_not_there_is_not_run_with_the_reason(channel: CondaWorld, tmp_path: Path) -> None:
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up")
    report = verify(channel, tmp_path, conda=CondaChoice((str(tmp_path / "nowhere"),)))
    assert report.verification is not None
    assert report.verification.outcome == "not-run"
    assert "there is no such folder" in str(report.verification.reason)
    assert report.status == "breaks"


def test_a_python_that_leads_elsewhere_is_refused(channel: CondaWorld, tmp_path: Path) -> None:
    members = {"share/x": b"x"}
    links = {"bin/python": "/usr/bin/env"}
    channel._write("python", "9.9", "0_other", channel.subdir, members, links, (), 1)
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up")
    report = verify(channel, tmp_path)
    assert report.verification is not None
    assert report.verification.outcome == "not-run"
    assert "leads outside" in str(report.verification.reason)


def test_the_example_of_the_tutorial_runs(
    channel: CondaWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Path(__file__).parents[2] / "docs" / "tutorial" / "verify.md"
    (line,) = [line for line in page.read_text().splitlines() if "--ecosystem conda" in line]
    channel.add("down", "1.0", {"down.py": "from up import gone\n"}, "up")
    channel.index()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAILRACE_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(SystemExit) as leaving:
        main(line.removeprefix("$ tailrace ").split())
    assert leaving.value.code == 1
    assert "reproduced: `import down`" in capsys.readouterr().out
