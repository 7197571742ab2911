"""The plug is pulled at every single step: what is served is the old channel or the new one, and the next start
completes the rest.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_parts import channel_of, make_package

from tailrace import channel as own

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a child that dies in the middle is made by forking")


@pytest.fixture
def base(archives: dict[str, Path]) -> Iterator[Path]:
    """A folder with a channel and what the acts need; in memory where that can be had, since it is copied often."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as text:
        folder = Path(text)
        (folder / "fix.yaml").write_text("if:\n  name: conda-build\nthen:\n  - add_constrains: harm <1\n")
        for name in ("new", "newer"):
            make_package(folder, name, "1.0")
        yield folder


def deaths(name: str, base: Path) -> list[list[object]]:
    done = subprocess.run(
        [sys.executable, str(HERE / "crash_runs.py"), name, str(base)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(HERE)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["steps"] > 5
    assert found["changed"] == (name != "add")
    return found["deaths"]  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["promote", "index", "hold", "add"])
def test_a_crash_at_any_step_leaves_the_old_channel_or_the_new_one(
    name: str, base: Path, archives: dict[str, Path]
) -> None:
    root = channel_of(
        base / "channel",
        main=[archives["conda-4.12.0-0.conda"], archives["conda-build-3.21.8-0.conda"]],
        canary=[archives["conda-4.13.0-0.conda"], archives["conda-build-3.21.9-0.tar.bz2"]],
    )
    if name == "index":
        own.add(root, [base / "new-1.0-0.conda"])
    kinds = []
    for step, kind, between, (log, states, serial, parts), completed in deaths(name, base):
        assert kind != "between", (step, between)
        assert completed, step
        assert log == list(range(1, serial + 1)), step  # every act is in the log, once
        assert [int(one) for one in states] == list(range(max(serial - 2, 1), serial + 1)), step
        assert parts == []
        kinds.append(kind)
    assert "old" in kinds
    if name != "add":
        assert "new" in kinds
        by_step = kinds[: len(kinds) - 8]  # those that follow died while the indexer worked
        assert by_step == sorted(by_step, reverse=True), "once new, it stays new"


@pytest.mark.slow
def test_a_crash_while_a_channel_is_made_leaves_none_or_an_empty_one(base: Path) -> None:
    (base / "channel").mkdir()
    for step, kind, between, (log, _, serial, _), _ in deaths("init", base):
        assert kind != "between", (step, between)
        assert (log, serial) == ([1], 1), step


def test_a_line_of_the_log_that_was_cut_short_is_taken_off_and_written_anew(channel: Path) -> None:
    log = channel / "tailrace-log.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole[:-20])
    with own.store.lock_for_writing(channel):
        own.store.recover(channel)
    assert log.read_bytes() == whole


def test_a_damaged_line_in_the_middle_of_the_log_is_named_and_nothing_is_changed(channel: Path) -> None:
    log = channel / "tailrace-log.jsonl"
    log.write_bytes(b"{}\n" + log.read_bytes())
    before = (channel / "current").readlink()
    with pytest.raises(own.OwnChannelError, match="line 1"):
        own.promote(channel, ["conda"], own.no_hotfixes, "2026-01-01T00:00:00+00:00", source="canary")
    assert (channel / "current").readlink() == before


def test_what_a_reader_has_open_stays_whole_while_the_channel_is_switched_over(channel: Path) -> None:
    served = (channel / "current").resolve()
    before = {path: path.read_bytes() for path in served.rglob("*") if path.is_file()}
    for number in range(2):
        own.hold(channel, ["tool"], own.no_hotfixes, "2026-01-01T00:00:00+00:00", reason=f"{number}")
        own.release(channel, ["tool"], own.no_hotfixes, "2026-01-01T00:00:00+00:00")
        if number == 0:
            assert {path: path.read_bytes() for path in served.rglob("*") if path.is_file()} == before
    assert not served.exists()
    shutil.rmtree(channel)
