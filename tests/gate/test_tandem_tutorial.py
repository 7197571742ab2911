"""The tutorial works as it is written: its files are saved, its commands run, and what it shows is what comes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.pages import DOCS, is_shown, steps, typed_and_shown

PAGE = DOCS / "tutorial" / "release-in-tandem.md"


def saved_as(text: str) -> str:
    found = re.match(r"# ([\w/]+\.\w+)\n", text)
    return found[1] if found else "hotfix.yaml"


@pytest.mark.slow
def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TAILRACE_")},
        "PATH": os.pathsep.join((sysconfig.get_path("scripts"), str(Path(sys.executable).parent), os.environ["PATH"])),
        "RATTLER_CACHE_DIR": str(tmp_path / "rattler"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    work = tmp_path / "work"
    work.mkdir()
    status, said = 0, []
    page = list(steps(PAGE))
    for number, (kind, text) in enumerate(page):
        if kind == "save":
            (work / saved_as(text)).write_text(text)
            continue
        command, shown = typed_and_shown(text)
        done = subprocess.run(
            ["bash", "-c", f"(exit {status}); {command}"],
            cwd=work, env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        status = done.returncode
        assert "Traceback" not in done.stderr, (command, done.stderr)
        told = number + 1 < len(page) and page[number + 1][1].startswith("echo $?")
        assert told or status == 0, (command, done.stdout, done.stderr)
        if shown.strip():
            assert is_shown(done.stdout, shown), (command, done.stdout, done.stderr)
        if command.startswith("tailrace gate evaluate"):
            said.append(status)
    assert said == [3, 1, 4, 0], "unknown, stop, wait and go"
