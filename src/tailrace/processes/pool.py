"""Runs calls in worker processes with time and memory limits. A lost call is a result with a reason.

One worker that dies costs nothing but what it had in hand, and that is tried once more, alone, after all others. A
worker that does not come back in time is killed with everything that it started.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tailrace.processes.environment import child_environment, python_command
from tailrace.processes.worker import Message, fork_here, peak_memory

_CODE = "from tailrace.processes.worker import main; main()"
# Seconds that a new interpreter may take to import us on a machine that is busy.
_STARTING = 120.0
_STARTS_IN_VAIN = 3
_POLL = 0.5
# From this part of the memory limit on, a copy of this process would be blamed for what this process holds.
_LARGE_PARENT = 0.25

Why = Literal["time-limit", "memory-limit", "killed", "failed", "not-started"]


@dataclass(frozen=True, slots=True)
class Done:
    """What the call returned."""

    value: Any


@dataclass(frozen=True, slots=True)
class Lost:
    """A call without a result. `detail` is a text for `killed` (the signal or the exit status) and `failed`."""

    why: Why
    detail: str = ""


@dataclass(eq=False, slots=True)
class _Task:
    number: int
    message: bytes
    tried: bool = False


@dataclass(eq=False, slots=True)
class _Worker:
    pid: int
    tasks: int
    results: int
    process: subprocess.Popen[bytes] | None
    started: float
    ready: bool = False
    leaves: bool = False
    late: bool = False
    task: _Task | None = None
    deadline: float = field(default=0.0)
    reader: threading.Thread | None = None
    #: What this process held when it started the worker: the system counts it for the worker too, even a new program.
    inherited: int = field(default_factory=peak_memory)


class Pool:
    """Up to `size` workers. Use as a context manager: at its end no worker is left.

    `module`: what a new worker imports. `time_limit`: seconds for each call. `memory_limit`: bytes that each process of
    a call may hold. While this process has one thread only, a worker is a copy of it, which costs milliseconds; else it
    is a new, isolated interpreter.
    """

    def __init__(self, size: int, *, module: str, time_limit: float, memory_limit: int) -> None:
        self._size = max(size, 1)
        self._module = module
        self._limit = time_limit
        self._memory = memory_limit
        self._scratch = tempfile.TemporaryDirectory(prefix="tailrace-", ignore_cleanup_errors=True)
        self.folder = Path(self._scratch.name)
        self._workers: list[_Worker] = []
        self._arrived: queue.SimpleQueue[tuple[_Worker, bytes | None]] = queue.SimpleQueue()
        self._in_vain = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, wanted: int) -> None:
        """Starts workers ahead of the calls, up to `wanted` in all."""
        while len(self._workers) < min(wanted, self._size):
            self._start()

    def run(self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Done | Lost]]:
        """Calls `function` with each tuple of arguments; the position of the call and its outcome, as they come.

        `function` is importable by its name, and arguments and results can be pickled; raises what pickling raises.
        """
        waiting = deque(_Task(i, Message.encode((function, arguments))) for i, arguments in enumerate(calls))
        again: deque[_Task] = deque()
        self._in_vain = 0
        while waiting or again or self._busy():
            yield from self._hand_out(waiting, again)
            yield from self._collect(again)

    def close(self) -> None:
        """Kills every worker with what it started, and removes the scratch folder."""
        for worker in self._workers:
            _kill(worker)
        while self._workers:
            self._forget(self._workers[-1])
        self._scratch.cleanup()

    # -- handing out ---------------------------------------------------------------------------------------------------

    def _busy(self) -> bool:
        return any(worker.task is not None for worker in self._workers)

    def _hand_out(self, waiting: deque[_Task], again: deque[_Task]) -> Iterator[tuple[int, Lost]]:
        while waiting or (again and not self._busy()):
            worker = next((w for w in self._workers if w.task is None and not w.leaves), None)
            if worker is None:
                if len(self._workers) >= self._size:
                    return
                if self._in_vain >= _STARTS_IN_VAIN:
                    left = [*waiting, *again]
                    waiting.clear()
                    again.clear()
                    yield from ((task.number, Lost("not-started")) for task in left)
                    return
                try:
                    worker = self._start()
                except OSError:
                    self._in_vain += 1
                    if self._busy():
                        return
                    time.sleep(0.1)
                    continue
            task = waiting.popleft() if waiting else again.popleft()
            worker.task = task
            worker.deadline = time.monotonic() + self._limit
            with contextlib.suppress(OSError):  # it died: its reader reports that
                Message.send(worker.tasks, task.message)

    # -- collecting ----------------------------------------------------------------------------------------------------

    def _collect(self, again: deque[_Task]) -> Iterator[tuple[int, Done | Lost]]:
        self._listen()
        now = time.monotonic()
        ends = [self._end_of(worker) for worker in self._workers if worker.task is not None]
        try:
            worker, body = self._arrived.get(timeout=max(0.0, min([*(end - now for end in ends), _POLL])))
        except queue.Empty:
            self._end_the_late()
            return
        if body is None:
            yield from self._bury(worker, again)
            return
        message = pickle.loads(body)  # noqa: S301 - from our own worker
        if message[0] == "ready":
            worker.ready = True
            worker.deadline = time.monotonic() + self._limit
            self._in_vain = 0
            return
        task, worker.task = worker.task, None
        if message[0] == "done":
            worker.leaves = message[2]
            outcome: Done | Lost = Done(message[1])
        else:
            worker.leaves = message[1] == "MemoryError"
            outcome = Lost("memory-limit") if worker.leaves else Lost("failed", message[1])
        if task is not None:
            yield task.number, outcome

    def _end_of(self, worker: _Worker) -> float:
        return worker.deadline if worker.ready else worker.started + _STARTING

    def _end_the_late(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.task is not None and self._end_of(worker) <= now:
                worker.late = True
                _kill(worker)

    def _bury(self, worker: _Worker, again: deque[_Task]) -> Iterator[tuple[int, Lost]]:
        if worker not in self._workers:
            return
        status, peak = self._forget(worker)
        task = worker.task
        if not worker.ready:
            self._in_vain += 1
        if task is None:
            return
        if worker.late and worker.ready:
            yield task.number, Lost("time-limit")
        elif not worker.ready:
            if self._in_vain >= _STARTS_IN_VAIN:
                yield task.number, Lost("not-started")
            else:
                again.append(task)
        elif peak > max(self._memory * 0.9, worker.inherited * 1.1):
            yield task.number, Lost("memory-limit")
        elif task.tried:
            yield task.number, Lost("killed", _told(status))
        else:
            task.tried = True
            again.append(task)

    # -- processes -----------------------------------------------------------------------------------------------------

    def _start(self) -> _Worker:
        worker = self._fork() if self._may_fork() else self._spawn()
        self._workers.append(worker)
        return worker

    def _may_fork(self) -> bool:
        """Whether a copy of this process is whole and cheap: what this process holds counts for the copy as well."""
        return _has_one_thread() and peak_memory() < self._memory * _LARGE_PARENT

    def _fork(self) -> _Worker:
        read_tasks, write_tasks = os.pipe()
        read_results, write_results = os.pipe()
        ours = [write_tasks, read_results, *(fd for w in self._workers for fd in (w.tasks, w.results))]
        try:
            pid = fork_here(read_tasks, write_results, ours, self._memory, self.folder)
        except OSError:
            os.close(write_tasks)
            os.close(read_results)
            raise
        finally:
            os.close(read_tasks)
            os.close(write_results)
        return _Worker(pid, write_tasks, read_results, None, time.monotonic())

    def _spawn(self) -> _Worker:
        try:
            here = str(Path.cwd())
        except OSError:  # the working directory was removed
            here = str(self.folder)
        temporary = {name: str(self.folder) for name in ("TMPDIR", "TEMP", "TMP")}
        process = subprocess.Popen(
            python_command(_CODE, str(os.getpid()), str(self._memory), here, self._module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self.folder,
            env=child_environment() | temporary,
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        tasks, results = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
        process.stdin.close()
        process.stdout.close()
        return _Worker(process.pid, tasks, results, process, time.monotonic())

    def _listen(self) -> None:
        """A thread for each worker that reads what it sends; not before they are needed, as threads forbid a fork."""
        for worker in self._workers:
            if worker.reader is None:
                worker.reader = threading.Thread(target=self._read, args=(worker,), daemon=True)
                worker.reader.start()

    def _read(self, worker: _Worker) -> None:
        body: bytes | None = b""
        while body is not None:
            try:
                body = Message.receive(worker.results)
            except OSError:
                body = None
            self._arrived.put((worker, body))

    def _forget(self, worker: _Worker) -> tuple[int, int]:
        """Takes a worker that is dead or dying out of the pool; its exit status and its peak memory in bytes."""
        self._workers.remove(worker)
        _kill(worker)
        status, peak = _wait(worker)
        if worker.reader is not None:
            worker.reader.join(5)
        for descriptor in (worker.tasks, worker.results):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return status, peak


def _has_one_thread() -> bool:
    """Whether a copy of this process is whole: it has one thread only, also counting those of compiled libraries."""
    if sys.platform != "linux":
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - counted, not walked
    except OSError:
        return False


def _kill(worker: _Worker) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            if worker.process is not None:
                worker.process.kill()
        else:
            os.killpg(worker.pid, signal.SIGKILL)
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # one that has not become the leader of its group yet
            os.kill(worker.pid, signal.SIGKILL)


def _wait(worker: _Worker) -> tuple[int, int]:
    if sys.platform == "win32":
        return (worker.process.wait() if worker.process is not None else 0), 0
    try:
        _, status, usage = os.wait4(worker.pid, 0)
    except ChildProcessError:  # somebody else has waited for it
        return 0, 0
    code = os.waitstatus_to_exitcode(status)
    if worker.process is not None:
        worker.process.returncode = code
    return code, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _told(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
