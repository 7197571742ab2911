"""The loop of a worker process: receives calls and returns results until its input ends.

A message is its length (8 bytes, big endian) and a pickle. The parent sends `(function, arguments)`; the worker sends
`("ready",)` once, then `("done", value, leaves)` or `("failed", text)` for each call. `leaves`: it ends itself now,
because it has grown large.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A worker that has used this part of its memory limit makes room for a new one.
_LARGE = 0.5
# So many objects may have come since the last collection; between two calls cycles among them are freed.
_MANY_OBJECTS = 1_000_000
_is_worker = False


def is_worker() -> bool:
    """Whether this process is a worker: it is the leader of a process group that is killed as one."""
    return _is_worker


class Message:
    """Framing of one message."""

    HEAD = 8

    @staticmethod
    def encode(value: object) -> bytes:
        """The bytes of one message."""
        body = pickle.dumps(value, protocol=5)
        return len(body).to_bytes(Message.HEAD, "big") + body

    @staticmethod
    def receive(descriptor: int) -> bytes | None:
        """The body of the next message, `None` at the end of the stream."""
        head = _read(descriptor, Message.HEAD)
        return None if head is None else _read(descriptor, int.from_bytes(head, "big"))

    @staticmethod
    def send(descriptor: int, data: bytes) -> None:
        """Writes all of an encoded message. Raises `OSError` where the other end is closed."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]


def _read(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def main() -> None:
    """The start of a worker that is a new interpreter: `PARENT MEMORY-LIMIT FOLDER MODULE` on its command line.

    `FOLDER` is where relative paths are meant; it is entered after everything is imported.
    """
    parent, memory_limit, folder, module = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    tasks, results = os.dup(0), os.dup(1)
    prepare(parent, memory_limit)
    __import__(module)
    with contextlib.suppress(OSError):
        os.chdir(folder)
    serve(tasks, results, memory_limit)


def prepare(parent: int, memory_limit: int) -> None:
    """Makes this process a worker: quiet, limited, and gone when its parent is."""
    global _is_worker  # noqa: PLW0603 - one value per process, set once
    _is_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(parent)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    gc.disable()  # a syntax tree has no cycles, and its many nodes set the collector off again and again
    limit_memory(memory_limit)


def limit_memory(limit: int) -> None:
    """Lets this process and each child of it hold at most `limit` bytes (Linux; elsewhere as far as the system can).

    Past it an allocation fails. Nor does a crash leave a core file in somebody's folder.
    """
    if sys.platform == "win32":
        return
    import resource

    for kind, wanted in ((resource.RLIMIT_DATA, limit), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (allowed, hard))


def end_with_parent(parent: int) -> None:
    """Ends this process when the one that started it is gone, however that ended: no process waits for its answers."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    elif sys.platform != "win32":
        import threading
        import time

        def watch() -> None:
            while os.getppid() == parent:
                time.sleep(1)
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
    if sys.platform != "win32" and os.getppid() != parent:
        os._exit(1)


def serve(tasks: int, results: int, memory_limit: int) -> None:
    """Answers calls until the parent closes its end."""
    with contextlib.suppress(OSError):
        Message.send(results, Message.encode(("ready",)))
        while (body := Message.receive(tasks)) is not None:
            if gc.get_count()[0] > _MANY_OBJECTS:
                gc.collect()
            answer, leaves = _answer(body, memory_limit)
            Message.send(results, answer)
            if leaves:
                return


def _answer(body: bytes, memory_limit: int) -> tuple[bytes, bool]:
    try:
        function: Callable[..., Any]
        function, arguments = pickle.loads(body)  # noqa: S301 - from our own parent
        value = function(*arguments)
        leaves = peak_memory() > memory_limit * _LARGE
        return Message.encode(("done", value, leaves)), leaves
    except MemoryError:
        return Message.encode(("failed", "MemoryError")), True
    except Exception as error:
        # Whoever shows it takes secrets out and makes it short, in this order.
        return Message.encode(("failed", f"{type(error).__name__}: {str(error)[:4000]}")), False


def peak_memory() -> int:
    """The largest number of bytes that this process has held; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    if sys.platform == "linux":  # what `getrusage` says includes what the parent held before this program was started
        with contextlib.suppress(OSError, ValueError, StopIteration):
            lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
            return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def fork_here(tasks: int, results: int, close: list[int], memory_limit: int, scratch: Path) -> int:
    """Makes a worker out of a copy of this process, which must have one thread only; its process id.

    `close`: descriptors that belong to the parent alone.
    """
    parent = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or none at all
            stream.flush()
    number = os.fork()
    if number:
        return number
    try:
        os.setsid()
        prepare(parent, memory_limit)
        for descriptor in close:
            os.close(descriptor)
        import tempfile

        tempfile.tempdir = str(scratch)
        serve(tasks, results, memory_limit)
    finally:
        os._exit(0)
