"""Runs a command line with bounded output and time, and leaves no process behind. Isolation is up to the sandbox."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from tailrace.verify.sandbox.interface import Ended, Limits, Why

_CHUNK = 1 << 16
# How long what is in the pipes is still read after the program has ended: a child may have kept them open.
_REST = 0.2


def run_limited(
    arguments: Sequence[str],
    limits: Limits,
    *,
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
    user: int | None = None,
    reason: Callable[[], Why | None] = lambda: None,
) -> Ended:
    """Runs a program with time and output limits.

    `user`: the numeric user and group that it runs as. `reason`: asked at the end whether another limit was reached.
    """
    started = time.monotonic()
    as_user = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment or {}),
            cwd=folder,
            start_new_session=True,
            close_fds=True,
            **as_user,  # type: ignore[call-overload]  # only where it is wanted
        )
    except OSError as error:
        return Ended(127, "", f"{error.strerror or error}: {arguments[0]}", "not-started", 0.0)
    why: Why = "exited"
    read: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    try:
        why = _read(process, read, limits, started)
    finally:
        _kill(process)
        status = process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    if why == "exited" and status != 0:
        why = reason() or why
    return Ended(
        128 - status if status - 128 in _SIGNALS else status,  # a sandbox's way to say that a signal ended the program
        read["stdout"].decode("utf-8", "replace"),
        read["stderr"].decode("utf-8", "replace"),
        why,
        time.monotonic() - started,
    )


_SIGNALS = frozenset(int(number) for number in signal.Signals)


def _read(process: subprocess.Popen[bytes], read: dict[str, bytearray], limits: Limits, started: float) -> Why:
    deadline = started + limits.seconds
    with selectors.DefaultSelector() as selector:
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ, name)
        ended: float | None = None
        while selector.get_map():
            now = time.monotonic()
            if now >= deadline and ended is None:
                return "time"
            if ended is None and process.poll() is not None:
                ended = now
            if ended is not None and now - ended > _REST:
                break
            for key, _ in selector.select(timeout=min(0.05, max(0.0, deadline - now))):
                try:
                    data = os.read(key.fd, _CHUNK)
                except BlockingIOError:
                    continue
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                room = limits.output - sum(len(part) for part in read.values())
                read[key.data] += data[:room]
                if len(data) > room:
                    return "output"
    while process.poll() is None:
        if time.monotonic() >= deadline:
            return "time"
        time.sleep(0.002)
    return "exited"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and its process group; what has left the group ends with its sandbox."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
