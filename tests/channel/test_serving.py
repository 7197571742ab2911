"""What the server answers, asked without a network; and, behind the marker, real clients over one."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from own_parts import WHEN, patcher

from tailrace import channel as own
from tailrace.channel.serve import Handler, address_of, find_answer, make_server
from tailrace.conda.errors import ChannelUnreadableError


def ask(root: Path, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a GET."""
    answer = find_answer(root, target, {name.replace("_", "-"): value for name, value in headers.items()})
    body = b""
    if answer.file is not None:
        with answer.file as file:
            file.seek(answer.start)
            body = file.read(answer.length)
    return answer.status, dict(answer.headers), body


CONDA = "/noarch/conda-4.12.0-0.conda"


@pytest.mark.parametrize(
    ("target", "kind", "lasting"),
    [
        ("/noarch/repodata.json", "application/json", False),
        ("/noarch/repodata.json.zst", "application/zstd", False),
        ("/noarch/repodata_shards.msgpack.zst", "application/zstd", False),
        ("/noarch/repodata.json?x=1", "application/json", False),
        ("/channel/noarch/repodata.json", "application/json", False),
        ("/channel/label/canary/noarch/repodata.json", "application/json", False),
        ("//noarch//repodata%2Ejson", "application/json", False),
        ("/label/canary/noarch/repodata.json", "application/json", False),
        ("/label/canary/noarch/conda-build-3.21.9-0.tar.bz2", "application/x-bzip2", True),
        (CONDA, "application/octet-stream", True),
    ],
)
def test_files_with_their_types_and_how_long_they_last(channel: Path, target: str, kind: str, lasting: bool) -> None:
    status, headers, body = ask(channel, target)
    assert status == HTTPStatus.OK
    assert headers["Content-Type"] == kind
    assert int(headers["Content-Length"]) == len(body)
    assert ("immutable" in headers["Cache-Control"]) == lasting
    assert ask(channel, target, If_None_Match=headers["ETag"])[0] == HTTPStatus.NOT_MODIFIED


@pytest.mark.parametrize(
    "target",
    [
        "/", "", "/noarch", "/noarch/", "/none/repodata.json", "/noarch/repodata.json/x", "/state.json",
        "/../state.json", "/noarch/../../state.json", "/%2e%2e/state.json", "/..%2fstate.json",
        "/noarch/..%5c..%5cstate.json",
        "/../../../tailrace-log.jsonl", "//etc/passwd", "/%00", "/noarch/repodata.json%00.conda", "/%ff", "/.hidden",
        "/channel", "/channel/", "/channel/channel/noarch/repodata.json", "/channel/../state.json", "/channel/.hidden",
        "/noarch/outside", "/noarch/" + "x" * 5000, "/\ud800",
    ],
)  # fmt: skip
def test_nothing_else_is_served(channel: Path, target: str) -> None:
    (channel / "current/noarch/outside").symlink_to(channel / "tailrace-log.jsonl")
    (channel / "current/.hidden").write_text("x")
    assert ask(channel, target)[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-9", 0, 9), ("bytes=10-", 10, -1), ("bytes=-10", -10, -1), ("bytes=0-99999999", 0, -1),
        ("bytes=5-5", 5, 5), ("bytes=-99999999", 0, -1),
    ],
)  # fmt: skip
def test_a_part_of_a_file(channel: Path, wanted: str, first: int, last: int) -> None:
    whole = (channel / "current" / CONDA[1:]).read_bytes()
    first, last = first % len(whole), last % len(whole)
    status, headers, body = ask(channel, CONDA, Range=wanted)
    assert status == HTTPStatus.PARTIAL_CONTENT
    assert headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    assert body == whole[first : last + 1]
    assert ask(channel, CONDA, Range=wanted, If_Range=headers["ETag"])[0] == HTTPStatus.PARTIAL_CONTENT
    assert ask(channel, CONDA, Range=wanted, If_Range='"other"')[0] == HTTPStatus.OK


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("bytes=99999999-", 416), ("bytes=-0", 416), ("bytes=9-5", 416), ("bytes=0-1,5-6", 200), ("lines=1-2", 200),
        ("bytes=-", 200), ("bytes=a-b", 200), ("bytes=" + "9" * 40 + "-", 200),
    ],
)  # fmt: skip
def test_parts_that_there_are_not(channel: Path, wanted: str, status: int) -> None:
    assert ask(channel, CONDA, Range=wanted)[0] == status


def test_an_index_has_another_tag_after_the_switch_and_a_package_has_the_same(channel: Path) -> None:
    before = {target: ask(channel, target)[1]["ETag"] for target in ("/linux-64/repodata.json", CONDA)}
    own.index(channel, patcher, WHEN)
    after = {target: ask(channel, target)[1]["ETag"] for target in before}
    assert after[CONDA] == before[CONDA]
    assert after["/linux-64/repodata.json"] != before["/linux-64/repodata.json"]


class Wire:
    """A connection that is two buffers."""

    def __init__(self, request: bytes) -> None:
        self.request = io.BytesIO(request)
        self.sent = io.BytesIO()

    def makefile(self, *_: Any) -> io.BytesIO:
        return self.request

    def sendall(self, data: bytes) -> None:
        self.sent.write(data)

    def settimeout(self, _: float) -> None:
        """Buffers do not wait."""


def spoken(root: Path, request: str) -> str:
    wire = Wire(request.replace("\n", "\r\n").encode("latin-1"))
    type("H", (Handler,), {"root": root})(wire, ("127.0.0.1", 0), None)  # type: ignore[arg-type]
    return wire.sent.getvalue().decode("latin-1")


def test_head_sends_the_headers_alone_and_the_connection_is_kept(channel: Path) -> None:
    text = spoken(channel, f"HEAD {CONDA} HTTP/1.1\nHost: x\n\nGET /none HTTP/1.1\nHost: x\n\n")
    head, second, rest = text.split("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200")
    assert "Content-Length: " in head
    assert second.startswith("HTTP/1.1 404")
    assert rest == ""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "do_GET"])
def test_nothing_can_be_written(channel: Path, method: str) -> None:
    text = spoken(channel, f"{method} {CONDA} HTTP/1.1\nHost: x\nContent-Length: 5\n\nGET /\n\n")
    assert text.startswith("HTTP/1.1 405")
    assert "Allow: GET, HEAD" in text
    assert text.count("HTTP/1.1") == 1


def test_what_clients_send_does_not_reach_the_terminal(channel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoken(channel, "GET /\x1b[31m HTTP/1.1\n\n")
    assert "\x1b" not in capsys.readouterr().err


@pytest.fixture
def url(channel: Path) -> Iterator[str]:
    with make_server(channel, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield address_of(server)
        server.shutdown()
        thread.join()


# A program of its own: py-rattler keeps its connections and caches as long as the process lives.
CLIENT = """
import asyncio, sys
from pathlib import Path
from tailrace.conda.rattler import library
rattler = library()

async def main(form, folder, *channels):
    off = {"shards": {}, "zst": {"sharded_enabled": False},
           "json": {"sharded_enabled": False, "zstd_enabled": False, "bz2_enabled": False}}[form]
    gateway = rattler.Gateway(cache_dir=Path(folder) / "repodata", default_config=rattler.SourceConfig(**off))
    records = await rattler.solve(list(channels), ["conda-build"], platforms=["linux-64", "noarch"], gateway=gateway)
    await rattler.install(records, Path(folder) / "prefix", cache_dir=Path(folder) / "packages", show_progress=False)
    print(*sorted(f"{r.name.normalized}={r.version}" for r in records))

asyncio.run(main(*sys.argv[1:]))
"""


def installed(folder: Path, form: str, *channels: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, form, str(folder), *channels], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    names = sorted(path.stem for path in (folder / "prefix/share").iterdir())
    assert names == ["conda", "conda-build"]
    return done.stdout.strip()


@pytest.mark.online
@pytest.mark.parametrize("form", ["shards", "zst", "json"])
def test_rattler_installs_over_http_whichever_form_it_reads(url: str, channel: Path, tmp_path: Path, form: str) -> None:
    assert installed(tmp_path / "1", form, url) == "conda-build=3.21.8 conda=4.12.0"
    assert installed(tmp_path / "2", form, f"{url}/label/canary", url) == "conda-build=3.21.9 conda=4.13.0"
    own.promote(channel, ["conda", "conda-build"], patcher, WHEN, source="canary")
    assert installed(tmp_path / "3", form, url) == "conda-build=3.21.9 conda=4.13.0"
    own.hold(channel, ["conda=4.13.0"], patcher, WHEN, reason="harm")
    assert "conda=4.12.0" in installed(tmp_path / "4", form, url)


@pytest.mark.online
def test_the_check_over_http_finds_what_it_finds_on_disk(url: str) -> None:
    found = own.check_channel(own.place_of(url), ["linux-64"], hash_files=True)
    assert (found.status, [one.files for one in found.folders]) == ("fine", [1, 2])
    missing = own.place_of(f"{url}/none")
    with pytest.raises(ChannelUnreadableError, match="no repodata"):
        own.check_channel(missing, ["linux-64"], hash_files=False)


@pytest.mark.online
def test_the_connection_speaks_http(url: str, channel: Path) -> None:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", CONDA, headers={"Range": "bytes=0-3"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (206, (channel / "current" / CONDA[1:]).read_bytes()[:4])
    connection.close()


@pytest.mark.parametrize("form", ["shards", "zst", "json"])
def test_rattler_installs_from_the_folder_whichever_form_it_reads(channel: Path, tmp_path: Path, form: str) -> None:
    address = (channel / "current").as_uri()
    assert installed(tmp_path / "1", form, address) == "conda-build=3.21.8 conda=4.12.0"


SECOND = "GET /noarch/repodata.json HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        f"Content-Length: {len(SECOND)}",
        f"content-length:{len(SECOND)}",
        f"Content-Length : {len(SECOND)}",
        f"Content-Length: 0\r\nContent-Length: {len(SECOND)}",
        f"Content-Length: {len(SECOND)}, {len(SECOND)}",
        "Content-Length: -1",
        "Content-Length: +0",
        "Content-Length: 0x0",
        "Content-Length: 00",
        "Content-Length: ٠",
        "Content-Length: " + "9" * 5_000,
        "Content-Length:",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
        "Host: y",
        "Expect: nonsense",
        "Expect: 100-continue",
        "no colon here\r\nContent-Length: 5",
        " folded: x",
        "X\x00Y: z",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_a_request_brings_along_is_never_the_next_request(channel: Path, lines: str, method: str) -> None:
    request = f"{method} {CONDA} HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n{SECOND}"
    wire = Wire(request.encode("utf-8"))
    type("H", (Handler,), {"root": channel})(wire, ("127.0.0.1", 0), None)  # type: ignore[arg-type]
    text = wire.sent.getvalue()
    assert text.count(b"HTTP/1.1 ") == 1
    assert text.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 417 "))
    assert b"Connection: close" in text


@pytest.mark.parametrize("lines", ["Content-Length: 0", "Connection: keep-alive", "Accept: */*", "X-Y: " + "z" * 1000])
def test_a_sound_request_is_followed_by_the_next(channel: Path, lines: str) -> None:
    wire = Wire(f"HEAD {CONDA} HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n{SECOND}".encode())
    type("H", (Handler,), {"root": channel})(wire, ("127.0.0.1", 0), None)  # type: ignore[arg-type]
    assert wire.sent.getvalue().count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("head", ["GET /" + "a" * 70_000, "GET / HTTP/1.1\r\nX: " + "a" * 70_000])
def test_a_request_that_is_too_large_ends_the_connection(channel: Path, head: str) -> None:
    wire = Wire(f"{head}\r\n\r\n{SECOND}".encode())
    type("H", (Handler,), {"root": channel})(wire, ("127.0.0.1", 0), None)  # type: ignore[arg-type]
    assert wire.sent.getvalue().count(b"HTTP/1.1 ") <= 1
    assert b" 200 " not in wire.sent.getvalue()


def test_too_many_headers_end_the_connection(channel: Path) -> None:
    lines = "".join(f"X-{number}: y\r\n" for number in range(5_000))
    wire = Wire(f"GET {CONDA} HTTP/1.1\r\n{lines}\r\n{SECOND}".encode())
    type("H", (Handler,), {"root": channel})(wire, ("127.0.0.1", 0), None)  # type: ignore[arg-type]
    assert wire.sent.getvalue().startswith(b"HTTP/1.1 431")
    assert wire.sent.getvalue().count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "link out", "link to a pipe", "link to itself", "folder"])
def test_what_is_not_a_file_is_not_there_and_holds_nobody_up(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import socket

    monkeypatch.chdir(tmp_path)
    root = tmp_path / "channel"
    (root / "noarch").mkdir(parents=True)
    place = root / "noarch" / "repodata.json"
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "socket":
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind("channel/noarch/repodata.json")
        case "device":
            place.symlink_to("/dev/zero")
        case "link out":
            (tmp_path / "private").write_text("secret")
            place.symlink_to(tmp_path / "private")
        case "link to a pipe":
            os.mkfifo(root / "pipe")
            place.symlink_to(root / "pipe")
        case "link to itself":
            place.symlink_to(place)
        case "folder":
            place.mkdir()
    assert ask(root, "/noarch/repodata.json")[0] == HTTPStatus.NOT_FOUND


def test_a_request_that_does_not_arrive_gives_its_thread_back(channel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr("tailrace.channel.serve.REQUEST_SECONDS", 0.3)
    with make_server(channel, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            host, port = server.server_address[:2]
            with socket.create_connection((str(host), int(port)), timeout=20) as client:
                for _ in range(200):  # a byte at a time, for ever
                    try:
                        client.sendall(b"G")
                        client.settimeout(0.05)
                        if client.recv(1) == b"":
                            break
                    except TimeoutError:
                        continue
                    except ConnectionError:
                        break
                else:
                    pytest.fail("the server still listens to a request that never ends")
        finally:
            server.shutdown()
            thread.join()


def test_there_are_only_so_many_connections(channel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr("tailrace.channel.serve.MAX_CONNECTIONS", 2)
    with make_server(channel, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            host, port = str(server.server_address[0]), int(server.server_address[1])
            idle = [socket.create_connection((host, port), timeout=20) for _ in range(2)]
            third = socket.create_connection((host, port), timeout=20)
            with third, contextlib.suppress(ConnectionError):
                assert third.recv(1) == b""
            for client in idle:
                client.sendall(b"HEAD /noarch/repodata.json HTTP/1.0\r\n\r\n")
                assert client.recv(15) == b"HTTP/1.1 200 OK"
                client.close()
        finally:
            server.shutdown()
            thread.join()
