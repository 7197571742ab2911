"""Calls that die, hang, grow or misbehave cost only themselves; and no process is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tailrace.processes import Done, Lost, Pool
from tailrace.processes.worker import peak_memory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
SIZE = 200 << 20


def act(kind: str, folder: str) -> str:
    """What one call does in its worker."""
    match kind:
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "killed once":
            try:
                Path(folder, "once").mkdir()
            except FileExistsError:
                return "second time"
            os.kill(os.getpid(), signal.SIGKILL)
        case "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "leaves":
            os._exit(7)
        case "exits":
            raise SystemExit(0)
        case "sleeps":
            time.sleep(600)
        case "holds the lock of the interpreter":
            re.match(r"(a+)+$", "a" * 40 + "b")
        case "stops":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "grows":
            held = []
            while True:
                held.append(bytearray(10 << 20))
        case "raises":
            raise KeyError("a fault of ours")
        case "prints":
            os.write(1, b"noise on the pipe")
            print("more noise")
        case "starts a child":
            child = subprocess.Popen(["sleep", "600"])
            Path(folder, "child").write_text(str(child.pid))
            time.sleep(600)
    return kind


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(2, module=__name__, time_limit=2, memory_limit=SIZE) as pool:
        yield pool


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("fine", Done("fine")),
        ("prints", Done("prints")),
        ("killed once", Done("second time")),
        ("killed", Lost("killed", "SIGKILL")),
        ("crashes", Lost("killed", "SIGSEGV")),
        ("leaves", Lost("killed", "exit status 7")),
        ("sleeps", Lost("time-limit")),
        ("holds the lock of the interpreter", Lost("time-limit")),
        ("stops", Lost("time-limit")),
        ("grows", Lost("memory-limit")),
        ("raises", Lost("failed", "KeyError: 'a fault of ours'")),
    ],
)
def test_a_call_that_goes_wrong_costs_only_itself(kind: str, expected: Done | Lost, pool: Pool, tmp_path: Path) -> None:
    kinds = ["a", "b", kind, "c", "d"]
    found = dict(pool.run(act, [(each, str(tmp_path)) for each in kinds]))
    assert found.pop(2) == expected
    assert found == {i: Done(each) for i, each in enumerate(kinds) if i != 2}


def test_everything_that_a_late_call_started_ends_with_it(pool: Pool, tmp_path: Path) -> None:
    assert list(pool.run(act, [("starts a child", str(tmp_path))])) == [(0, Lost("time-limit"))]
    child = int((tmp_path / "child").read_text())
    assert _gone(child)


def test_a_copy_of_a_process_with_threads_is_never_made(tmp_path: Path) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with Pool(1, module="tailrace.processes", time_limit=60, memory_limit=SIZE) as pool:
            (found,) = pool.run(os.getcwd, [()])
            assert pool._workers[0].process is not None
    finally:
        ended.set()
        thread.join()
    assert found == (0, Done(str(Path.cwd()))), "a relative path means the same in a worker"


_MAIN = """
import os, sys, time
from tailrace.processes import Pool
with Pool(2, module="tailrace.processes", time_limit=600, memory_limit=1 << 30) as pool:
    pool.start(2)
    print(*[worker.pid for worker in pool._workers], flush=True)
    list(pool.run(time.sleep, [(600,), (600,)]))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_the_process_that_started_it(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _MAIN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = [int(text) for text in process.stdout.readline().split()]
        process.send_signal(number)
        process.wait(30)
    assert len(workers) == 2
    assert all(_gone(worker) for worker in workers)


def _gone(number: int) -> bool:
    """Whether a process ends within a while; one that nobody has waited for yet has ended."""
    for _ in range(200):
        try:
            os.kill(number, 0)
            status = Path(f"/proc/{number}/status")
            if status.exists() and "\nState:\tZ" in status.read_text():
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_a_large_parent_is_not_copied_and_not_blamed(tmp_path: Path) -> None:
    held = peak_memory()
    with Pool(1, module=__name__, time_limit=20, memory_limit=max(held, 1 << 27)) as pool:
        assert dict(pool.run(act, [("killed", str(tmp_path))])) == {0: Lost("killed", "SIGKILL")}
