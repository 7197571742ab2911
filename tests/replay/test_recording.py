"""A report is recorded by the real command on real repositories, and names no place of this machine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tailrace.replay.recording import RecordingError, command_line, make_report, shown_command
from tailrace.replay.scenario import Recording

RECORDING = Recording(
    file="check.json",
    recorded="2026-01-01",
    git={"dock": "https://git.example/dock", "ferry": "https://git.example/ferry"},
    candidate="dock@2.0",
    baseline="dock@1.0",
    downstreams=("ferry@1.0", "ferry@1.1#subdirectory=py"),
)


def repository(folder: Path, *versions: tuple[str, dict[str, str]]) -> Path:
    folder.mkdir()

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    for tag, content in versions:
        for name, text in content.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        git("add", "-A")
        git("commit", "-qm", tag)
        git("tag", tag)
    return folder


def project(name: str, version: str) -> str:
    return f'[project]\nname = "{name}"\nversion = "{version}"\n'


def test_the_shown_command_names_public_places_only() -> None:
    assert shown_command(RECORDING) == (
        "tailrace check git+https://git.example/dock@2.0 --baseline git+https://git.example/dock@1.0 "
        "--downstream git+https://git.example/ferry@1.0 "
        "--downstream 'git+https://git.example/ferry@1.1#subdirectory=py' --format json"
    )
    assert command_line(RECORDING, {"dock": "/a", "ferry": "/b"})[1] == "git+/a@2.0"


def test_a_recorded_report_is_that_of_the_command(tmp_path: Path) -> None:
    dock = repository(
        tmp_path / "dock",
        ("1.0", {"pyproject.toml": project("dock", "1.0"), "dock.py": "def moor(): ...\n"}),
        ("2.0", {"pyproject.toml": project("dock", "2.0"), "dock.py": "def tie(): ...\n"}),
    )
    ferry = repository(
        tmp_path / "ferry",
        ("1.0", {"pyproject.toml": project("ferry", "1.0"), "ferry.py": "from dock import moor\n"}),
        ("1.1", {"py/pyproject.toml": project("ferry", "1.1"), "py/ferry.py": "import dock\n"}),
    )
    text = make_report(RECORDING, {"dock": str(dock), "ferry": str(ferry)})
    report = json.loads(text)
    assert str(tmp_path) not in text
    assert report["candidate"]["spec"] == "git+https://git.example/dock@2.0"
    assert {d["spec"]: d["status"] for d in report["downstreams"]} == {
        "git+https://git.example/ferry@1.0": "breaks",
        "git+https://git.example/ferry@1.1#subdirectory=py": "clear",
    }


def test_a_check_that_fails_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="did not succeed"):
        make_report(RECORDING, {"dock": str(tmp_path / "none"), "ferry": str(tmp_path / "none")})
