"""Logins of netrc, of keyrings and of addresses reach the server that asks for them, and nobody else."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from support.releases import wheel_bytes
from tailrace.sources import Sources, SourceSettings
from tailrace.sources.errors import SourceError

USER, SECRET = "ann", "s3cr3t-w0rd"
FILE = "up-1.0-py3-none-any.whl"


class _Asking(BaseHTTPRequestHandler):
    """An index with one wheel, behind a login. `seen`: the logins of all requests."""

    seen: ClassVar[list[str | None]] = []
    moved_to: str | None = None

    def do_GET(self) -> None:
        given = self.headers.get("Authorization")
        self.seen.append(given)
        if given != "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self._answer(b"")
        elif self.moved_to is not None and self.path.endswith(FILE):
            self.send_response(302)
            self.send_header("Location", f"{self.moved_to}/{FILE}")
            self._answer(b"")
        else:
            self.send_response(200)
            page = self.path.rstrip("/").endswith("simple/up")
            self.send_header("Content-Type", "text/html" if page else "application/octet-stream")
            body = f'<a href="/files/{FILE}">{FILE}</a>'.encode()
            self._answer(body if page else wheel_bytes("up", "1.0", {"up.py": "x = 1"}))

    def _answer(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _serve(**more: Any) -> tuple[ThreadingHTTPServer, Any]:
    handler = type("Handler", (_Asking,), {"seen": [], **more})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, handler


@pytest.fixture
def index() -> Iterator[tuple[str, Any]]:
    server, handler = _serve()
    yield f"127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    server.server_close()


def find(tmp_path: Path, url: str) -> str:
    sources = Sources(SourceSettings(index_urls=(url,), extra_index_urls=(), cache_dir=tmp_path / "cache"))
    return sources.locate("up==1.0").path.name


def keyring(folder: Path, lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / "keyring"
    program.write_text("#!/bin/sh\n" + lines)
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(tmp_path)


def test_the_login_of_an_address_is_given(index: tuple[str, Any], tmp_path: Path) -> None:
    assert find(tmp_path, f"http://{USER}:{SECRET}@{index[0]}/simple").startswith("up-1.0")


def test_the_login_of_netrc_is_given(index: tuple[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {USER} password {SECRET}\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert find(tmp_path, f"http://{index[0]}/simple").startswith("up-1.0")


def test_the_login_of_a_keyring_is_given(
    index: tuple[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring(tmp_path / "programs", f"echo {USER}\necho {SECRET}\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}")
    assert find(tmp_path, f"http://{index[0]}/simple").startswith("up-1.0")


@pytest.mark.parametrize("entry", [".", "", "bin"])
def test_a_keyring_of_the_working_directory_is_not_started(
    index: tuple[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    keyring(tmp_path / "bin", f"touch {tmp_path}/started\n").rename(tmp_path / (entry or ".") / "keyring")
    monkeypatch.setenv("PATH", f"{entry}:/nowhere")
    with pytest.raises(SourceError):
        find(tmp_path, f"http://{index[0]}/simple")
    assert not (tmp_path / "started").exists()


def test_a_wrong_login_is_refused_and_not_shown(index: tuple[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        find(tmp_path, f"http://{USER}:wr0ng-w0rd@{index[0]}/simple")
    assert "wr0ng-w0rd" not in str(raised.value)
    assert index[1].seen


def test_another_server_that_a_file_is_moved_to_sees_no_login(tmp_path: Path) -> None:
    other, seen = _serve()
    first, _ = _serve(moved_to=f"http://localhost:{other.server_address[1]}/files")
    try:
        with pytest.raises(SourceError) as raised:
            find(tmp_path, f"http://{USER}:{SECRET}@127.0.0.1:{first.server_address[1]}/simple")
        assert SECRET not in str(raised.value)
        assert seen.seen
        assert set(seen.seen) == {None}
    finally:
        for server in (first, other):
            server.shutdown()
            server.server_close()
