"""Serves a channel's folder to conda clients over HTTP. Read-only; never leaves the folder that is served.

The standard library's threading server: nothing but files is handed out, and a web framework with its server would
be the largest dependency of all for it. What the library does not do is done here: entity tags, ranges, and one state
per request, looked up once, so that a request never sees two. Its makers call it unfit for the open internet, and so
does the help text: there, a web server of one's own can hand out the very same folder.
"""

from __future__ import annotations

import io
import os
import re
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, Protocol, cast
from urllib.parse import quote, unquote, urlsplit

from tailrace.channel.errors import OwnChannelError
from tailrace.conda.errors import MissingChannelError
from tailrace.conda.folders import CURRENT, is_own_channel
from tailrace.model.address import redact

TYPES: Mapping[str, str] = {
    ".json": "application/json",
    ".zst": "application/zstd",
    ".conda": "application/octet-stream",
    ".bz2": "application/x-bzip2",
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml",
}
FOREVER = "public, max-age=31536000, immutable"
#: One who asks for an index gets it checked every time: an index changes under its name.
CHECKED = "no-cache"
CHUNK = 1 << 18
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
#: Seconds that one request may take to arrive, and that one answer may stand still; threads at a time.
REQUEST_SECONDS = 30.0
MAX_CONNECTIONS = 256
_FIELD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_SHARD = re.compile(r"[0-9a-f]{64}\.msgpack\.zst", re.ASCII)


class Headers(Protocol):
    """The headers of a request."""

    def get(self, name: str, /) -> str | None:
        """The value of a header, whatever the case of its name."""


class ServeError(OwnChannelError):
    """The server cannot start."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What one request gets: `start` and `length` say which bytes of the file."""

    status: HTTPStatus
    headers: Mapping[str, str]
    file: IO[bytes] | None = None
    start: int = 0
    length: int = 0


def find_answer(root: Path, target: str, headers: Headers) -> HttpResponse:
    """The answer to a GET of `target` from the channel at `root`. The caller closes the file."""
    found = _open(root, target)
    if found is None:
        return _plain(HTTPStatus.NOT_FOUND)
    file, name, state = found
    try:
        return _answer(file, name, state, headers)
    except BaseException:
        file.close()
        raise


def _answer(file: IO[bytes], name: str, state: str, headers: Headers) -> HttpResponse:
    facts = os.fstat(file.fileno())
    lasting = name.endswith((".conda", ".tar.bz2")) or _SHARD.fullmatch(name) is not None
    # A file with lasting content is the same in every state; an index belongs to its state.
    tag = f'"{facts.st_size:x}-{facts.st_mtime_ns:x}{"" if lasting else "-" + state}"'
    common = {
        "ETag": tag,
        "Cache-Control": FOREVER if lasting else CHECKED,
        "Accept-Ranges": "bytes",
        "Content-Type": TYPES.get(Path(name).suffix, "application/octet-stream"),
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(headers.get("If-None-Match"), tag):
        file.close()
        return HttpResponse(
            HTTPStatus.NOT_MODIFIED, {k: v for k, v in common.items() if k in ("ETag", "Cache-Control")}
        )
    size = facts.st_size
    wanted = headers.get("Range") if headers.get("If-Range") in (None, tag) else None
    part = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if part is None or part.groups() == (
        "",
        "",
    ):  # several ranges, or none that is known: all of it, as RFC 9110 allows
        return HttpResponse(HTTPStatus.OK, {**common, "Content-Length": str(size)}, file, 0, size)
    first, last = part.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end or start >= size or (not first and int(last) == 0):
        file.close()
        return _plain(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"})
    length = end - start + 1
    return HttpResponse(
        HTTPStatus.PARTIAL_CONTENT,
        {**common, "Content-Length": str(length), "Content-Range": f"bytes {start}-{end}/{size}"},
        file,
        start,
        length,
    )


def _plain(status: HTTPStatus, more: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, {**(more or {}), "Content-Length": "0", "Cache-Control": "no-store"})


def _open(root: Path, target: str) -> tuple[IO[bytes], str, str] | None:
    """The file that a request means, opened, with its name and that of the state. `None` for all that is not served."""
    try:
        # Not `urlsplit` alone: it takes what follows two slashes for a host.
        whole = urlsplit(target).path if "://" in target.partition("?")[0] else target.partition("?")[0]
        path = unquote(whole, errors="strict")
    except (ValueError, UnicodeError):
        return None
    parts = [part for part in path.split("/") if part]
    if not parts or any(part.startswith(".") or "\\" in part or not part.isprintable() for part in parts):
        return None
    # Below its name, too: what conda calls a channel is the path of its URL, and without one it has no name.
    ways = [parts[1:], parts] if parts[0] == root.name else [parts]
    for way in ways:
        if way and (found := _open_inside(root, way)) is not None:
            return found
    return None


def _open_inside(root: Path, parts: list[str]) -> tuple[IO[bytes], str, str] | None:
    for _ in range(3):  # the state may be cleared away between the look and the opening
        served = (root / CURRENT if is_own_channel(root) else root).resolve()
        wanted = served.joinpath(*parts)
        try:
            if not wanted.resolve().is_relative_to(served) or not wanted.is_file():
                return None
            # Not waiting: a pipe without a writer would hold this thread for ever.
            file = os.fdopen(os.open(wanted, os.O_RDONLY | _NOT_WAITING), "rb")
        except (OSError, ValueError, RuntimeError):
            if served.is_dir():
                return None
            continue
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file, parts[-1], served.parent.name if is_own_channel(root) else "0"
        file.close()
        return None
    return None


def _matches(header: str | None, tag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in header.split(","))


class _Arriving(io.RawIOBase):
    """What a client sends; the whole of a request has until `until` (in seconds of the monotonic clock)."""

    def __init__(self, connection: socket.socket, stream: Any) -> None:
        self.connection = connection
        self.stream = stream
        self.until = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request did not arrive in time")
        self.connection.settimeout(left)
        return cast("int | None", self.stream.readinto(buffer))

    def close(self) -> None:
        """Close what is read from, too."""
        self.stream.close()
        super().close()


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of files; everything else is not allowed."""

    protocol_version = "HTTP/1.1"
    server_version = "tailrace"
    sys_version = ""
    timeout = 30
    rbufsize = 0  # buffered below, behind the clock
    root: Path

    def setup(self) -> None:
        """Read through a clock: a client that sends a byte now and then would hold its thread for days."""
        super().setup()
        self.arriving = _Arriving(self.connection, self.rfile)
        self.rfile = io.BufferedReader(self.arriving)

    def handle_one_request(self) -> None:
        """One request, which has its time to arrive."""
        self.arriving.until = time.monotonic() + REQUEST_SECONDS
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Refuse at once what the library would ask the client to send."""
        self.close_connection = True
        self._head(_plain(HTTPStatus.EXPECTATION_FAILED, {"Connection": "close"}))
        return False

    def do_GET(self) -> None:
        """Send the file, or the part of it that was asked for."""
        self._respond(send=True)

    def do_HEAD(self) -> None:
        """Send the headers that a GET would get."""
        self._respond(send=False)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The library asks for `do_METHOD`; all but the two above get the same answer.
        if name.startswith("do_"):
            return self._refuse
        raise AttributeError(name)

    def _refuse(self) -> None:
        self.close_connection = True  # what the request brings along is not read
        self._head(_plain(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD", "Connection": "close"}))

    def _respond(self, *, send: bool) -> None:
        if (refused := self._refusal()) is not None:
            self.close_connection = True  # where this request ends, nobody can tell
            self._head(refused)
            return
        answer = find_answer(self.root, self.path, self.headers)
        try:
            self.connection.settimeout(self.timeout)
            self._head(answer)
            if send and answer.file is not None:
                self._body(answer.file, answer.start, answer.length)
        finally:
            if answer.file is not None:
                answer.file.close()

    def _refusal(self) -> HttpResponse | None:
        """Why a request is not answered. What a GET brings along would be read as the next request, so it may bring
        nothing; one whose length can be read in two ways is refused too.
        """
        lengths = self.headers.get_all("Content-Length") or []
        if self.headers.get_all("Transfer-Encoding") or any(length.strip(" \t") != "0" for length in lengths):
            return _plain(HTTPStatus.BAD_REQUEST, {"Connection": "close"})
        sound = all(_FIELD.fullmatch(key) and not set("\r\n\0") & set(value) for key, value in self.headers.items())
        if self.headers.defects or not sound:
            return _plain(HTTPStatus.BAD_REQUEST, {"Connection": "close"})
        if len(self.headers.get_all("Host") or []) > 1:
            return _plain(HTTPStatus.BAD_REQUEST, {"Connection": "close"})
        if self.headers.get("Expect"):
            return _plain(HTTPStatus.EXPECTATION_FAILED, {"Connection": "close"})
        return None

    def _head(self, answer: HttpResponse) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self, file: IO[bytes], start: int, length: int) -> None:
        file.seek(start)
        while length and (chunk := file.read(min(CHUNK, length))):
            self.wfile.write(chunk)
            length -= len(chunk)
        if length:  # the file is shorter than it said: the client must not take this for all of it
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """One line a request on stderr, with nothing in it that a terminal would obey."""
        line = redact((format % args).replace("\n", " "))
        text = "".join(char if char.isprintable() else "�" for char in line)
        sys.stderr.write(f"{self.log_date_time_string()} {text}\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection, if there is one left."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve the connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no fault of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def make_server(root: Path, host: str, port: int) -> ThreadingHTTPServer:
    """A server that listens, and serves once it is told to. Raises ChannelUnreadableError and ServeError."""
    if not root.is_dir():
        raise MissingChannelError(str(root))
    handler = type("ChannelHandler", (Handler,), {"root": root.resolve()})
    try:
        return _Server((host, port), handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ServeError(
            f"Cannot listen on {host}:{port}: {reason}.", hint="Try another --port, or --port 0."
        ) from None


def address_of(server: ThreadingHTTPServer, name: str = "") -> str:
    """What clients call the server, or the channel of that name on it."""
    host, port = server.server_address[:2]
    return f"http://{host if isinstance(host, str) else host.decode()}:{port}" + (f"/{quote(name)}" if name else "")


def serve(root: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is told the address once it answers."""
    with make_server(root, host, port) as server:
        ready(address_of(server, root.resolve().name))
        server.serve_forever(poll_interval=0.2)
