"""Talks to a running `ty server` over two pipes, each request with a deadline.

Only what is needed of the Language Server Protocol 3.17 (JSON-RPC 2.0 with `Content-Length` headers). Never raises
for a server that dies or hangs: replies that did not come are missing, and `gone` says why. The server is its own
process group, killed as one.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

from tailrace.processes.worker import is_worker

# The server refuses requests when too many wait ("Worker queue is full").
_AT_ONCE = 32
_LONGEST_MESSAGE = 64 * 1024 * 1024

Json = dict[str, Any]


class LanguageServer:
    """One server process. Not thread-safe: one thread asks."""

    def __init__(self, program: Path, *, folder: Path, environment: Mapping[str, str], log: Path) -> None:
        self.gone: Literal["", "crashed", "timed-out"] = ""
        self._log = log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                [str(program), "server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=folder,
                env=dict(environment),
                start_new_session=not is_worker(),  # the group of a worker is killed as one, with us in it
            )
        self._replies: dict[int, Json] = {}
        self._arrived = threading.Condition()
        self._ended = False
        self._number = 0
        self._writing = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="ty-server", daemon=True)
        self._reader.start()

    def notify(self, method: str, params: Json) -> None:
        """Tell something that has no reply."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Json, *, deadline: float) -> Json | None:
        """One reply (an object with `result` or `error`), or `None` when the server is gone."""
        return self.ask_many([(method, params)], deadline=deadline).get(0)

    def ask_many(self, requests: Sequence[tuple[str, Json]], *, deadline: float) -> dict[int, Json]:
        """Replies by position in `requests`. `deadline` is a `time.monotonic()` value; past it the server is killed."""
        watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), self._expire)
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._ask_many(requests)
        finally:
            watchdog.cancel()

    def _ask_many(self, requests: Sequence[tuple[str, Json]]) -> dict[int, Json]:
        waiting: dict[int, int] = {}
        answers: dict[int, Json] = {}
        todo = iter(enumerate(requests))
        more = True
        while True:
            while more and len(waiting) < _AT_ONCE and not self.gone:
                position, request = next(todo, (-1, None))
                if request is None:
                    more = False
                    break
                self._number += 1
                waiting[self._number] = position
                self._send({"jsonrpc": "2.0", "id": self._number, "method": request[0], "params": request[1]})
            with self._arrived:
                while not self._ended and not (waiting.keys() & self._replies.keys()) and waiting:
                    self._arrived.wait()
                for number in list(waiting.keys() & self._replies.keys()):
                    answers[waiting.pop(number)] = self._replies.pop(number)
                if self._ended:
                    self.gone = self.gone or "crashed"
            if self.gone or (not waiting and not more):
                return answers

    def close(self) -> None:
        """End the process and wait for it."""
        self._kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._reader.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def last_words(self) -> str:
        """The end of what the server wrote to its log, for the reader of a report."""
        with contextlib.suppress(OSError):
            return self._log.read_bytes()[-600:].decode("utf-8", "replace").strip()
        return ""

    def _expire(self) -> None:
        self.gone = self.gone or "timed-out"
        self._kill()

    def _kill(self) -> None:
        if self._process.poll() is not None:
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32" or is_worker():
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _send(self, message: Json) -> None:
        body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()
        assert self._process.stdin is not None
        try:
            with self._writing:
                self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
                self._process.stdin.flush()
        except (OSError, ValueError):
            self.gone = self.gone or "crashed"

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            while (message := _message(self._process.stdout)) is not None:
                self._receive(message)
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def _receive(self, message: Json) -> None:
        number = message.get("id")
        if "method" in message:
            if number is not None:  # The server asks us: settings (none), registrations (fine).
                items = (message.get("params") or {}).get("items")
                self._send({"jsonrpc": "2.0", "id": number, "result": [{} for _ in items] if items else None})
            return
        if isinstance(number, int):
            with self._arrived:
                self._replies[number] = message
                self._arrived.notify_all()


def _message(stream: IO[bytes]) -> Json | None:
    length = -1
    while True:
        line = stream.readline(4096)
        if not line:
            return None
        if not line.strip():
            break
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    if not 0 <= length <= _LONGEST_MESSAGE:
        return None
    body = stream.read(length)
    if len(body) < length:
        return None
    decoded = json.loads(body)
    return decoded if isinstance(decoded, dict) else {}
