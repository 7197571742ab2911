"""Which Python is taken: of the time of the releases, and one that they admit."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tailrace.verify.interpreters import Interpreter, InterpreterCache, find_interpreters, order_interpreters

ALL = tuple(Interpreter(f"/p/3.{minor}", (3, minor, 1), f"/h/3.{minor}") for minor in range(13, 5, -1))
# day, Requires-Python, the series to try in order
CASES = {
    "of its time, then older, then newer": ("2022-01-17", [None], [9, 8, 7, 6, 10, 11, 12, 13]),
    "settled for some months": ("2022-03-01", [">=3.6"], [10, 9, 8, 7, 6, 11, 12, 13]),
    "no day known: the newest": (None, [None], [13, 12, 11, 10, 9, 8, 7, 6]),
    "what both admit": ("2024-12-01", [">=3.8", "<3.12"], [11, 10, 9, 8]),
    "exclusions count": ("2024-12-01", [">=3.8,!=3.11.*", "<3.12"], [10, 9, 8]),
    "before any": ("2015-01-01", [None], [6, 7, 8, 9, 10, 11, 12, 13]),
    "none fits": ("2024-12-01", [">=4"], []),
    "a requirement that is none is passed over": ("2022-03-01", ["~=banana", ">=3.9,<3.11"], [10, 9]),
}


@pytest.mark.parametrize("name", CASES)
def test_interpreters_are_tried_in_the_order_of_their_likeliness(name: str) -> None:
    day, requires, expected = CASES[name]
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    assert [one.version[1] for one in order_interpreters(ALL, requires, moment)] == expected


def test_this_interpreter_is_found_and_remembered(tmp_path: Path) -> None:
    cache = InterpreterCache(tmp_path / "interpreters.json")
    found = find_interpreters(cache)
    assert tuple(sys.version_info[:3]) in {one.version for one in found}
    assert all("shims" not in Path(one.path).parts for one in found)
    assert find_interpreters(cache) == found
    assert cache.read()


@pytest.mark.parametrize("entry", [".", "bin", ""])
def test_no_interpreter_of_the_working_directory_is_started(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, tmp_path / "bin"):
        folder.mkdir(exist_ok=True)
        for name in ("python", "python3", "python3.11"):
            program = folder / name
            program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
            program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{entry}:/nowhere")
    find_interpreters(InterpreterCache(tmp_path / "interpreters.json"))
    assert not (tmp_path / "started").exists()


def test_a_spoiled_cache_is_made_anew(tmp_path: Path) -> None:
    cache = InterpreterCache(tmp_path / "interpreters.json")
    cache.file.write_text("{not json")
    assert cache.read() == {}
