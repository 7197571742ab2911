"""What a child process gets of the user's environment, and where programs are looked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tailrace.processes import child_environment, clean_import_path, find_program, python_command


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PYTHONPATH", False),
        ("PYTHONSTARTUP", False),
        ("PYTHONHOME", False),
        ("PYTHONINSPECT", False),
        ("PYTHONBREAKPOINT", False),
        ("GIT_DIR", False),
        ("GIT_EXEC_PATH", False),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", False),
        ("GIT_TRACE2_EVENT", False),
        ("GIT_SSH_COMMAND", True),
        ("HTTPS_PROXY", True),
        ("HOME", True),
        ("SSL_CERT_FILE", True),
        ("MY_PYTHONPATH", True),
    ],
)
def test_what_steers_a_child_is_taken_out(name: str, stays: bool) -> None:
    assert (name in child_environment({name: "x"})) is stays


def test_a_child_never_imports_from_its_folder() -> None:
    assert child_environment({}) == {"PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1"}


@pytest.mark.skipif(sys.platform == "win32", reason="programs are told by their suffix there")
@pytest.mark.parametrize(
    ("path", "found"), [(".:{safe}", True), (":{safe}:", True), ("bin", False), ("", False), (".", False)]
)
def test_a_program_in_the_working_directory_is_never_found(
    path: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("here", "here/bin", "safe"):
        (tmp_path / folder).mkdir()
        program = tmp_path / folder / "tool"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path / "here")
    expected = tmp_path / "safe" / "tool" if found else None
    assert find_program("tool", {"PATH": path.format(safe=tmp_path / "safe")}) == expected


def test_what_means_the_working_directory_leaves_the_import_path(tmp_path: Path) -> None:
    below = str(tmp_path / ".venv")
    path = ["", ".", "lib", str(tmp_path), below, str(tmp_path / "x" / ".."), "/usr/lib/python3"]
    clean_import_path(path, str(tmp_path))
    assert path == [below, "/usr/lib/python3"]


def test_a_child_interpreter_imports_nothing_of_its_folder(tmp_path: Path) -> None:
    for name in ("tailrace", "queue", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)")
    code = "import queue, tailrace.processes.pool; print(tailrace.__file__)"
    done = subprocess.run(python_command(code), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, str(tmp_path) in done.stdout) == (0, False), done.stderr
