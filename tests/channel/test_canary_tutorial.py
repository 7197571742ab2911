"""The tutorial works as it is written: its files are saved, its commands run, and what it shows is what comes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.pages import DOCS, steps, typed_and_shown

PAGE = DOCS / "tutorial" / "canary-channel.md"


def saved_as(text: str) -> str:
    found = re.match(r"# (\w+\.py)\n", text)
    return found[1] if found else "hotfix.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["folder", pytest.param("http", marks=pytest.mark.online)])
def test_the_tutorial_works_as_it_is_written(tmp_path: Path, way: str) -> None:
    scripts = sysconfig.get_path("scripts")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TAILRACE_")},
        "PATH": f"{scripts}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "RATTLER_CACHE_DIR": str(tmp_path / "rattler"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    work = tmp_path / "work"
    work.mkdir()
    address = (work / "channel" / "current").as_uri()
    if way == "http":
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"http://127.0.0.1:{free.getsockname()[1]}/channel"
    server = None
    status, commands = 0, 0
    try:
        page = list(steps(PAGE))
        for number, (kind, text) in enumerate(page):
            if kind == "save":
                (work / saved_as(text)).write_text(text)
                continue
            command, shown = typed_and_shown(text)
            # Without a network, the folder itself is the address: it is the same tree that is served.
            command, shown = (
                part.replace("http://127.0.0.1:8000/channel", address).replace(
                    "8000", str(urlsplit(address).port or 8000)
                )
                for part in (command, shown)
            )
            commands += 1
            if command.startswith("tailrace channel serve"):
                if way == "http":
                    server = subprocess.Popen(
                        command.split(), cwd=work, env=environment, stdout=subprocess.PIPE, text=True
                    )
                    assert server.stdout
                    assert server.stdout.readline() == shown
                continue
            done = subprocess.run(
                ["bash", "-c", f"(exit {status}); {command}"],
                cwd=work, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            status = done.returncode
            assert "Traceback" not in done.stderr, (command, done.stderr)
            told = number + 1 < len(page) and page[number + 1][1].startswith("echo $?")
            assert told or status == 0, (command, done.stderr)
            if shown.strip():
                assert done.stdout.strip() == shown.strip(), (command, done.stderr)
    finally:
        if server is not None:
            server.send_signal(2)
            assert server.wait(20) == 130
            assert server.stdout
            server.stdout.close()
    assert commands > 20
