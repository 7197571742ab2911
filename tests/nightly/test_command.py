"""`tailrace nightly` as it is called: exit statuses, formats, files, mistakes."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from nightly_world import NightlyWorld

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.nightly.run import NightFolder

Run = Callable[..., int]


@pytest.fixture
def call(world: NightlyWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a folder of its own, with the folder of wheels as the only index."""
    for variable in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TAILRACE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.chdir(tmp_path)

    def do(*arguments: str) -> int:
        more = ["--find-links", str(world.wheels), "--offline"] if arguments[0] in ("run", "report") else []
        return run(app, ["nightly", *arguments, *more])

    return do


def two(world: NightlyWorld, old: str = "def gone(): pass\n", new: str = "") -> None:
    world.add("up", "1.0", {"up.py": old})
    world.add("up", "2.0", {"up.py": new})
    world.add("down", "1.0", {"down.py": "from up import gone\n"}, requires=["up"])


ROW = ("run", "--candidate", "up==2.0", "--baseline", "up==1.0", "--with", "down==1.0", "--level", "import,hidden")


@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize(
    ("new", "status", "word"),
    [("", 1, "red: 1 cause"), ("def gone(): pass\n", 0, "green: 1 cell")],
)
def test_one_row_is_red_or_green(
    new: str, status: int, word: str, call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    two(world, new=new)
    assert call(*ROW, "--repeat", "2") == status
    assert capsys.readouterr().out.startswith(word)
    assert not Path("gate").exists()  # one row is only shown


@pytest.mark.usefixtures("sandboxed")
def test_a_row_that_cannot_be_run_is_status_3(
    call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    two(world)
    assert call("run", "--candidate", "up==2.0", "--baseline", "up==1.0", "--with", "nowhere==1.0") == 3
    assert capsys.readouterr().out.startswith("not run: 1 of 1 cell could not be run")


@pytest.mark.usefixtures("sandboxed")
def test_every_format_shows_the_same_verdict_and_none_is_tricked(
    call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    trick = "::error::x\\n<script>alert(1)</script> | `@all` \\x1b[31m"
    two(world, "def gone(): pass\n", f"raise ImportError('{trick}')\n")
    formats = ("--format", "text", "--format", "markdown:a.md", "--format", "html:a.html", "--format", "json:a.json")
    assert call(*ROW, "--repeat", "1", *formats) == 1
    text, markdown, page = capsys.readouterr().out, Path("a.md").read_text(), Path("a.html").read_text()
    report = json.loads(Path("a.json").read_text())
    assert (report["schema"], report["verdict"]) == ("tailrace.nightly/1", "red")
    assert report["candidate"]["name"] == "up"
    assert report["counts"]["green"] + report["counts"]["red"] + report["counts"]["not_run"] == 1
    cause = report["causes"][0]["id"]
    for shown in (text, markdown, page):
        assert cause in shown
        assert "\x1b" not in shown
        assert not any(line.startswith("::") for line in shown.splitlines())
    assert "<script>alert" not in page
    assert all("``" in line for line in markdown.splitlines() if "<script>alert" in line)  # in a span of code


# the call, words of the message; every one is a mistake of the user
MISTAKES = {
    ("run", "--candidate", "up==2.0"): "needs --candidate, --baseline and at least one --with",
    ("run", "--command", "true"): "needs --candidate",
    (*ROW, "--level", "imports"): "did you mean import",
    (*ROW, "--requires", "???"): "is not a requirement",
    ("run",): "there is no nightly.toml",
    ("plan",): "there is no nightly.toml",
    ("plan", "--config", "other.toml"): "there is no other.toml",
    ("init", "--project", "nothing"): "write NAME=SPEC",
    ("init",): "no project is named",
    ("init", "--forge", "github"): "no project is named",
    ("init", "--project", "up=git+../up@v1"): "up alone has nothing to run with",
    ("init", "--project", "up=up==1", "--project", "down=down==1"): "no project has a canary",
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=" ".join)
def test_a_mistake_is_one_sentence(arguments: tuple[str, ...], call: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*arguments) == 2
    assert MISTAKES[arguments] in " ".join(capsys.readouterr().err.split())


CONFIG = """
schema = "tailrace.nightly-config/1"
levels = ["import"]
repeat = 1
[[projects]]
name = "up"
canary = "up==2.0"
releases = ["up==1.0"]
owner = "the team of up"
[[projects]]
name = "down"
releases = ["down==1.0"]
"""


@pytest.mark.usefixtures("sandboxed")
def test_a_configured_night_is_planned_run_kept_and_reported(
    call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    two(world)
    Path("nightly.toml").write_text(CONFIG)
    assert call("plan") == 0
    assert "1. up==2.0 instead of up==1.0, with down==1.0" in capsys.readouterr().out
    assert call("report") == 1
    assert "the nightly of up never ran" in capsys.readouterr().out
    assert call("run") == 1
    shown = capsys.readouterr()
    assert "1 cell, about" in shown.err  # the plan, before it runs
    assert "the team of up" in shown.out
    (file,) = Path("gate", "evidence").iterdir()
    evidence = json.loads(file.read_text())
    assert (evidence["kind"], evidence["subject"]["name"], evidence["body"]["verdict"]) == ("nightly", "up", "red")
    assert call("report", "--since", "2020-01-01") == 1
    two(world, new="def gone(): pass\n")


@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize("canary", ["up==9.9", "nowhere==1", "./nowhere::up", "git+./nowhere@main"])
def test_a_canary_that_is_not_there_is_red_with_its_owner(
    canary: str, call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    two(world)
    Path("nightly.toml").write_text(CONFIG.replace("up==2.0", canary))
    assert call("run", "--quiet") == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "canary-missing" in out
    assert "the team of up" in out
    assert call("plan") == 0
    assert ("warning: the canary of up is not there" in capsys.readouterr().err) == canary.startswith("git+")


@pytest.mark.usefixtures("sandboxed")
def test_two_at_once_run_nothing_twice(call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]) -> None:
    two(world)
    Path("nightly.toml").write_text(CONFIG)
    with NightFolder(Path("gate")).running():
        assert call("run", "--quiet") == 3
    assert "another nightly is running" in capsys.readouterr().err


def test_the_workflow_of_a_forge_is_sound_and_calls_what_there_is(
    call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ("--project", "up=git+../up@v1", "--project", "down=down==1")
    assert call("init", "--forge", "github", *both) == 0
    assert "git+../up@v1 is not in this repository" in capsys.readouterr().err
    workflow = yaml.safe_load(Path(".github/workflows/nightly.yml").read_text())
    assert workflow[True]["schedule"]
    steps = workflow["jobs"]["nightly"]["steps"]
    commands = "\n".join(step.get("run", "") for step in steps)
    for line in commands.replace("\\\n", " ").splitlines():
        if line.strip().startswith("tailrace nightly"):
            words = line.split("||")[0].split()[2:]
            group = app.get_command(None, "nightly")  # type: ignore[arg-type]
            command = group.get_command(None, words[0])  # type: ignore[union-attr]
            command.make_context(words[0], words[1:])
    assert call("init", *both) == 2  # nothing is overwritten
    assert "--force" in capsys.readouterr().err
    assert call("init", "--force", *both) == 0
    Path("nightly.toml").write_text(CONFIG)
    assert call("init", "--forge", "github", "--force") == 0
    assert Path("nightly.toml").read_text() == CONFIG  # it is of a person, and no project was named


def test_the_project_of_the_folder_is_taken(call: Run) -> None:
    Path("pyproject.toml").write_text('[project]\nname = "up"\nversion = "2.0"\n')
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["tag", "v1.9"],
        ["tag", "v1.10"],
        ["tag", "x"],
    ):
        subprocess.run([*git, *command], check=True)
    assert call("init", "--project", "down=down==1") == 0
    config = tomllib.loads(Path("nightly.toml").read_text())
    assert [(one["name"], one.get("canary"), one["releases"]) for one in config["projects"]] == [
        ("up", "git+.@HEAD", ["git+.@v1.10"]), ("down", None, ["down==1"]),
    ]  # fmt: skip


@pytest.mark.usefixtures("sandboxed")
def test_cells_on_a_cluster_give_what_this_machine_gives(
    call: Run, world: NightlyWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    distributed = pytest.importorskip("distributed")
    two(world)
    options = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(host="127.0.0.1", protocol="tcp://", **options) as cluster:
        assert call(*ROW, "--repeat", "1", "--dask", cluster.scheduler_address) == 1
    assert capsys.readouterr().out.startswith("red: 1 cause")
