"""Measures the wall time of a command and the peak memory of its process tree."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]  # its stubs are a distribution of their own

#: Between two looks at the process tree. A child that lives shorter than this may not be seen.
INTERVAL = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds by the wall, and the highest sum of resident memory seen over the process and its children, in bytes.

    `cpu_seconds`: processor time of all of them together, which other programs on the machine disturb least.
    """

    seconds: float
    peak_bytes: int
    cpu_seconds: float = 0.0


class CommandFailedError(Exception):
    """The command ended with an unexpected status. Carries the command, the status and the end of its stderr."""


def measure(command: Sequence[str], expected: Sequence[int] = (0,)) -> Measured:
    """Run once. Raises `CommandFailedError`: a number of a failed run is no number."""
    started, used = time.perf_counter(), _used()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=_environment()
    )
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - started
    watcher.join()
    if process.returncode not in expected:
        raise CommandFailedError(list(command), process.returncode, errors[-500:])
    return Measured(seconds, peak[0], _used() - used)


def _used() -> float:
    """Processor seconds of all children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _environment() -> dict[str, str]:
    """Ours, but compiled bytecode is kept from run to run, as on every machine that does not forbid it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _watch(pid: int, peak: list[int]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in [root, *root.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += process.memory_info().rss
            peak[0] = max(peak[0], total)
            time.sleep(INTERVAL)
