"""Repositories at a URL: the login reaches the server and stays nowhere, and a server cannot send without end."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tailrace.sources import GitError, Limits, Sources, SourceSettings
from tailrace.sources.errors import GitUnreachableError

LOGIN = "user:pass%40word"
DECODED = "user:pass@word"


def _git(*arguments: str, folder: Path) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _backend() -> Path | None:
    done = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=False)
    path = Path(done.stdout.strip(), "git-http-backend")
    return path if path.is_file() else None


class _Git(BaseHTTPRequestHandler):
    """git's own server program behind a password."""

    root: Path
    logins: list[str]

    def _answer(self) -> None:
        given = self.headers.get("Authorization", "")
        wanted = "Basic " + base64.b64encode(DECODED.encode()).decode()
        if given != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.logins.append(given)
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        variables = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        backend = _backend()
        assert backend is not None
        done = subprocess.run([backend], input=body, capture_output=True, env=os.environ | variables, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.decode().partition(": ") for line in head.split(b"\r\n")]
        status = next((int(value.split()[0]) for name, _, value in lines if name == "Status"), 200)
        self.send_response(status)
        for name, _, value in lines:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a repository `demo.git` without its login."""
    if _backend() is None:
        pytest.skip("git's own HTTP server (git-http-backend) is not installed")
    work = tmp_path / "work"
    (work / "demo").mkdir(parents=True)
    (work / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0"\n')
    (work / "demo" / "__init__.py").write_text("a = 1\n")
    _git("init", "-q", folder=work)
    _git("add", "-A", folder=work)
    _git("commit", "-q", "-m", "x", folder=work)
    _git("tag", "v1.0", folder=work)
    (tmp_path / "served").mkdir()
    _git("clone", "-q", "--bare", str(work), str(tmp_path / "served" / "demo.git"), folder=tmp_path)
    _git("config", "uploadpack.allowFilter", "true", folder=tmp_path / "served" / "demo.git")
    _git("config", "uploadpack.allowAnySHA1InWant", "true", folder=tmp_path / "served" / "demo.git")
    handler = type("Handler", (_Git,), {"root": tmp_path / "served", "logins": []})
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{httpd.server_address[1]}/demo.git"
    httpd.shutdown()
    httpd.server_close()


def _sources(tmp_path: Path, **more: Any) -> Sources:
    return Sources(SourceSettings(cache_dir=tmp_path / "cache", **more))


def test_a_login_reaches_the_server_and_is_kept_nowhere(server: str, tmp_path: Path) -> None:
    for refresh in (False, True):
        sources = _sources(tmp_path, refresh=refresh)
        located = sources.locate(f"git+http://{LOGIN}@{server}@v1.0")
        assert (located.path / "demo" / "__init__.py").read_text() == "a = 1\n"
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert b"pass%40word" not in content, path
        assert b"pass@word" not in content, path


def test_the_login_in_a_mirror_of_an_earlier_version_is_taken_out(server: str, tmp_path: Path) -> None:
    spec = f"git+http://{LOGIN}@{server}@v1.0"
    _sources(tmp_path).locate(spec)
    mirror = next((tmp_path / "cache").rglob("HEAD")).parent
    _git("config", "remote.origin.url", f"http://{LOGIN}@{server}", folder=mirror)
    _sources(tmp_path, refresh=True).locate(spec)
    assert "pass" not in (mirror / "config").read_text()


@pytest.mark.parametrize("login", ["", "user:wrong@"])
def test_without_the_right_login_the_error_shows_none(login: str, server: str, tmp_path: Path) -> None:
    with pytest.raises(GitError) as caught:
        _sources(tmp_path).locate(f"git+http://{login}{server}@v1.0")
    assert "wrong" not in str(caught.value)
    assert caught.value.exit_status == 3


def test_a_server_that_sends_more_than_the_limit_is_given_up(server: str, tmp_path: Path) -> None:
    with pytest.raises(GitUnreachableError, match="sends more than 100 bytes"):
        _sources(tmp_path, limits=Limits(archive_size=100)).locate(f"git+http://{LOGIN}@{server}@v1.0")
