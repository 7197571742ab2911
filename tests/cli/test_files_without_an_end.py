"""A pipe that nobody writes to, a device without an end and a folder in place of a file: a sentence, and no waiting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tailrace import disk

from .conftest import Outcome

Run = Callable[..., Outcome]
CALLS = {
    "a list of downstreams": ("check", "{up}", "--baseline", "{up}", "--downstream-from", "{odd}"),
    "a list to scan": ("scan", "--from", "{odd}", "--store", "{tmp}/store"),
    "a configuration": ("config", "show", "--config", "{odd}"),
    "a report to notify of": ("notify", "send", "{odd}", "--dir", "{tmp}"),
    "a report to suggest a hotfix from": ("hotfix", "suggest", "{odd}", "-c", "{tmp}"),
    "a report to run": ("verify", "{odd}"),
    "coverage": ("tests", "{up}", "--coverage", "{odd}"),
    "a lock file": ("hotfix", "reach", "{tmp}", "-c", "{tmp}", "--lock", "{odd}"),
    "a post-mortem": ("incident", "import", "{odd}"),
    "a file to lint": ("lint", "{odd}"),
    "a release": ("check", "{odd}", "--baseline", "{up}", "--downstream", "{up}"),
}


@pytest.fixture
def odd_files(tmp_path: Path) -> dict[str, Path]:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "endless.json").symlink_to("/dev/zero")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "up.py").write_text("")
    return {
        "a pipe": tmp_path / "pipe.json",
        "a device": tmp_path / "endless.json",
        "a folder": tmp_path / "folder.json",
    }


@pytest.mark.parametrize("odd", ["a pipe", "a device", "a folder"])
@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_a_file_is_named_and_not_waited_for(
    tailrace: Run, odd_files: dict[str, Path], tmp_path: Path, call: str, odd: str
) -> None:
    if (call, odd) == ("a file to lint", "a folder"):
        pytest.skip("folders are searched")
    names = {"up": str(tmp_path / "up.py"), "odd": str(odd_files[odd]), "tmp": str(tmp_path)}
    found = tailrace(*(part.format(**names) for part in CALLS[call]))
    assert found.status in (2, 3)
    assert (found.err + found.out).strip()
    assert "Traceback" not in found.err
    assert "fault of Tailrace" not in found.err


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert disk.read_bounded(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than"):
        disk.read_bounded(path, 4)


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="no /dev/fd")
def test_the_pipe_of_a_shell_is_read_to_its_end() -> None:
    ours, theirs = os.pipe()
    writer = threading.Timer(0.05, lambda: (os.write(theirs, b"flask==1.0\n"), os.close(theirs)))
    writer.start()
    try:
        assert disk.read_bounded(Path(f"/dev/fd/{ours}")) == b"flask==1.0\n"
    finally:
        writer.join()
        os.close(ours)
