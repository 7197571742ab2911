"""Nothing in the folder where Tailrace is started is imported or run, and nothing there spoils a check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="false programs are shell scripts, signals are POSIX")
MODULES = (
    *("queue", "random", "string", "copy", "tempfile", "subprocess", "selectors", "pickle", "resource", "ctypes"),
    *("sitecustomize", "usercustomize", "json", "ast", "email", "hashlib", "socket", "ssl", "dataclasses", "typing"),
    *("msgspec", "yaml", "click", "ty", "packaging", "unearth", "rattler", "zstandard", "simplejson", "brotli"),
)
PACKAGES = ("loky", "msgspec_x", "ruamel", "requests", "multiprocessing", "concurrent")
# These the interpreter itself imports for `-m`, before any line of Tailrace runs (see SECURITY.md).
OF_THE_INTERPRETER = ("types", "contextlib", "functools", "collections", "re", "enum", "importlib")
COMMANDS = {
    "the command": [str(Path(sys.executable).parent / "tailrace")],
    "python -m": [sys.executable, "-m", "tailrace"],
    "python -P -m": [sys.executable, "-P", "-m", "tailrace"],
}


def project(root: Path, name: str, version: str, source: str) -> None:
    (root / name).mkdir(parents=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "{version}"\n')
    (root / name / "__init__.py").write_text(source)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stranger's folder, with the releases to check below it."""
    here = tmp_path / "here"
    project(here / "old", "up", "1.0", "def gone(): ...\ndef kept(): ...\n")
    project(here / "new", "up", "2.0", "def kept(): ...\n")
    for number in range(5):
        project(here / f"user{number}", f"user{number}", "1", "from up import gone\n")
    mark = f"open({str(tmp_path / 'executed')!r}, 'a').write(__name__ + ' ')\n"
    for name in MODULES:
        (here / f"{name}.py").write_text(mark)
    for name in PACKAGES:
        (here / name).mkdir()
        (here / name / "__init__.py").write_text(mark)
    (here / "evil.pth").write_text(f"import os; {mark}")
    for name in ("git", "ty", "python", "python3", "uv"):
        (here / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path / 'executed'}\nexit 1\n")
        (here / name).chmod(0o755)
    return here


def run(command: list[str], folder: Path, downstreams: int, **more: str) -> subprocess.CompletedProcess[str]:
    names = [part for number in range(downstreams) for part in ("--downstream", f"./user{number}")]
    arguments = ["check", "./new", "--baseline", "./old", *names, "--format", "json"]
    env = os.environ | {"TAILRACE_CACHE_DIR": str(folder.parent / "cache")} | more
    return subprocess.run([*command, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("downstreams", [1, 5])
@pytest.mark.parametrize("how", COMMANDS)
def test_nothing_in_the_working_directory_runs(how: str, downstreams: int, folder: Path) -> None:
    if "-m" not in COMMANDS[how] or "-P" in COMMANDS[how]:
        for name in OF_THE_INTERPRETER:
            (folder / f"{name}.py").write_text((folder / "queue.py").read_text())
    done = run(COMMANDS[how], folder, downstreams, PATH=f".{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 1, done.stderr
    assert [d["status"] for d in json.loads(done.stdout)["downstreams"]] == ["breaks"] * downstreams
    assert not (folder.parent / "executed").exists()


# Where the program is when the signal comes. Python drops what is raised in `__del__`.
SLOW = "def slow(*given, **more): pathlib.Path('../ready').touch(); time.sleep(600)\n"
WAITING = {
    "in a check": SLOW + "import tailrace.check.run as run\nrun.check_spec = slow\n",
    "where exceptions are dropped": SLOW + "class Dropping: __del__ = slow\n"
    "def drop(*given, **more): Dropping(); time.sleep(600)\n"
    "import click\nclick.Command.main = drop\n",
}


@pytest.mark.parametrize("where", WAITING)
@pytest.mark.parametrize(
    ("number", "status", "says"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")]
)
def test_a_signal_ends_with_a_sentence(
    number: signal.Signals, status: int, says: str, where: str, folder: Path
) -> None:
    code = (
        "import signal, time, pathlib; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"{WAITING[where]}from tailrace.cli import main; main()"
    )
    command = [sys.executable, "-P", "-c", code, "check", "./new", "--baseline", "./old", "--downstream", "./user0"]
    env = os.environ | {"TAILRACE_CACHE_DIR": str(folder.parent / "cache")}
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for _ in range(600):
            if (folder.parent / "ready").exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out) == (status, b"")
    assert says in err.decode()
    assert "Traceback" not in err.decode()
