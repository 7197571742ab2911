"""A project's history through the gate: which releases are checked against whom, and what the evaluation says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tailrace import __version__
from tailrace.check.code_version import code_version, digest_files
from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.gate.git import TaggedVersion
from tailrace.gate.moments import parse_time
from tailrace.gate.past import own_tags, plan_checks


def tag(name: str, at: str = "2022-01-01") -> TaggedVersion:
    return TaggedVersion(name, name.rpartition("-")[2].removeprefix("v"), parse_time(at), name)


@pytest.mark.parametrize(
    ("name", "tags", "expected"),
    [
        ("conda", ["23.1.0", "22.9.0", "22.11.1"], ["22.9.0", "22.11.1", "23.1.0"]),
        ("mamba", ["mamba-1.0", "libmamba-1.0", "0.27.0", "mamba-1.5.10", "mamba-1.5.9"],
         ["mamba-1.0", "mamba-1.5.9", "mamba-1.5.10"]),
        ("up", ["v1.0", "v2.0rc1", "v2.0"], ["v1.0", "v2.0"]),
        ("up", ["other-1.0"], []),
    ],
)  # fmt: skip
def test_the_tags_of_one_project(name: str, tags: list[str], expected: list[str]) -> None:
    assert [one.tag for one in own_tags(name, [tag(text) for text in tags])] == expected


UPS = [tag("1.0.0", "2022-01-01"), tag("1.0.1", "2022-01-05"), tag("1.1.0", "2022-02-01"), tag("2.0.0", "2022-03-01")]
DOWNS = [tag("0.9", "2021-12-01"), tag("1.0", "2022-01-20"), tag("1.1", "2022-02-20")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [("1.1.0", "1.0.1", ["1.0"]), ("2.0.0", "1.1.0", ["1.1"])]),
        ({"since": "2"}, [("2.0.0", "1.1.0", ["1.1"])]),
        ({"until": "1.1"}, [("1.1.0", "1.0.1", ["1.0"])]),
        ({"until": "1"}, [("1.1.0", "1.0.1", ["1.0"])]),
        ({"versions": 2, "since": "2.0"}, [("2.0.0", "1.1.0", ["1.1", "1.0"])]),
        ({"patches": True, "until": "1.0"}, [("1.0.1", "1.0.0", ["0.9"])]),
        ({"since": "3"}, []),
    ],
)
def test_each_release_is_checked_against_what_there_was_on_its_day(
    options: dict[str, object], expected: list[tuple[str, str, list[str]]]
) -> None:
    found = plan_checks(UPS, {"down": DOWNS}, **({"since": None, "until": None} | options))  # type: ignore[arg-type]
    assert [(c.release.version, c.baseline.version, [t.version for _, t in c.downstreams]) for c in found] == expected


def test_the_key_of_a_report_is_all_that_it_depends_on() -> None:
    (one, other) = plan_checks(UPS, {"down": DOWNS}, since=None, until=None)
    assert one.key("up", "1") == one.key("UP", "1")
    keys = [one.key("up", "1"), one.key("up", "2"), other.key("up", "1"), one.key("x", "1")]
    keys += [one.key("up", "1", "deprecations cep-9"), one.key("up", "1", options=("strict=True",))]
    assert len(set(keys)) == len(keys)


CODE = {"a.py": b"x = 1\n", "rules/b.py": b"", "rules/data.txt": b"one\n"}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"__pycache__/a.cpython-311.pyc": b"\0"}, True),  # compiled from the same text
        ({"a.py": b"x = 2\n"}, False),
        ({"rules/data.txt": b"two\n"}, False),
        ({"rules/c.py": b""}, False),
        ({"a.py": b"", "rules/b.py": b"x = 1\n"}, False),
    ],
)
def test_the_version_of_the_code_changes_with_each_of_its_files(
    tmp_path: Path, change: dict[str, bytes], same: bool
) -> None:
    for folder, files in (("one", CODE), ("other", CODE | change)):
        for name, data in files.items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_bytes(data)
    assert (digest_files(tmp_path / "one") == digest_files(tmp_path / "other")) is same
    assert code_version() == code_version()
    assert __version__ in code_version()


def commit(folder: Path, files: dict[str, str], version: str, day: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    when = {"GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z"}
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", version], ["tag", version]):
        command = ["git", *settings, "-C", str(folder), *arguments]
        subprocess.run(command, check=True, env={**os.environ, **when}, capture_output=True)


@pytest.fixture
def repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = '[project]\nname = "{}"\nversion = "0"\n'
    up, down = tmp_path / "up", tmp_path / "down"
    both = "def old(): ...\ndef new(): ...\n"
    commit(up, {"pyproject.toml": project.format("up"), "up/__init__.py": both}, "1.0.0", "2026-03-02")
    commit(up, {"up/__init__.py": both + "x = 1\n"}, "1.1.0", "2026-03-03")
    down_files = {
        "pyproject.toml": project.format("down") + 'dependencies = ["up"]\n',
        "down/__init__.py": "from up import old\n",
    }
    commit(down, down_files, "5.0", "2026-03-02")
    commit(up, {"up/__init__.py": "def new(): ...\n"}, "2.0.0", "2026-03-06")
    commit(down, {"down/__init__.py": "from up import new\n"}, "5.1", "2026-03-09")
    commit(up, {"up/__init__.py": "def new(): ...\ny = 1\n"}, "2.1.0", "2026-03-10")
    return tmp_path


REPLAY = ["gate", "replay", "--repo", "up=up", "--repo", "down=down"]


def test_a_replay_says_what_would_have_been_stopped_and_why(
    repositories: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(app, REPLAY) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["1.1.0", "2026-03-03", "12:00", "go"]
    # A Friday, too.
    assert lines[1].startswith(
        "2.0.0      2026-03-06 12:00  stop     no-new-breaks: breaks down 5.0; quiet-days: 2 quiet"
    )
    assert lines[3].strip() == "down/__init__.py:1: down 5.0: name-removed up.old"
    assert lines[4].split()[:4] == ["2.1.0", "2026-03-10", "12:00", "go"]
    assert lines[-1] == "3 releases of up: 1 stop, 2 go"
    assert run(app, [*REPLAY, "--cached", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "tailrace.gate-replay/1"
    assert [one["decision"]["verdict"] for one in found["releases"]] == ["go", "stop", "go"]
    assert found["releases"][1]["decision"]["schema"] == "tailrace.decision/1"
    monkeypatch.setattr("tailrace.check.code_version.code_version", lambda: "of other code")
    assert run(app, [*REPLAY, "--cached", "--since", "2.0", "--until", "2.0"]) == 0
    assert "there is no check report of up 2.0.0" in capsys.readouterr().out


def test_what_is_not_in_the_cache_is_not_known(repositories: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, [*REPLAY, "--cached", "--since", "2.0", "--until", "2.0"]) == 0
    out = capsys.readouterr().out
    assert "unknown  removals-due: there is no deprecation report of up 2.0.0" in out
    assert "no-new-breaks: there is no check report of up 2.0.0" in out


def test_a_removal_that_is_overdue_is_found_without_any_downstream(
    repositories: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = """
        import warnings
        def old():
            \"\"\".. deprecated:: 1.0
               It will be removed in 2.2.\"\"\"
            warnings.warn("old is deprecated and will be removed in version 2.2", DeprecationWarning, stacklevel=2)
    """
    text = "\n".join(line[8:] for line in marked.splitlines())
    commit(repositories / "up", {"up/__init__.py": text}, "2.2.0", "2026-03-16")
    assert run(app, ["gate", "replay", "--repo", "up=up", "--since", "2.1"]) == 0
    told = capsys.readouterr()
    assert [line.split()[3] for line in told.out.splitlines()[:2]] == ["go", "stop"], told.out
    assert "removal-overdue" in told.out
    assert "no downstream is named" in told.err


def test_the_records_of_a_channel_contain_what_the_trees_do_not(
    repositories: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = repositories / "channel" / "noarch"
    folder.mkdir(parents=True)
    record = {
        "name": "down", "version": "5.0", "build": "0", "build_number": 0, "depends": ["up <2"], "subdir": "noarch",
        "timestamp": parse_time("2026-03-02"),
    }  # fmt: skip
    (folder / "repodata.json").write_text(json.dumps({"packages": {}, "packages.conda": {"down-5.0-0.conda": record}}))
    assert run(app, [*REPLAY, "--since", "2.0", "--until", "2.0", "--channel", "mine=./channel"]) == 0
    out = capsys.readouterr().out
    assert "contained: down/__init__.py:1: down 5.0: name-removed up.old" in out
    assert "stop" not in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--repo", "up"], "write NAME=PATH"),
        (["--repo", "up=nowhere"], "nowhere is not a git repository"),
        (["--repo", "up=up#branch=x"], "after # only subdirectory=DIR is known"),
        (["--repo", "up=up", "--channel", "x"], "write NAME=PLACE"),
        ([], "Missing option '--repo'"),
    ],
)
def test_mistakes_of_a_call(
    repositories: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert run(app, ["gate", "replay", *arguments]) == 2
    assert expected in capsys.readouterr().err
