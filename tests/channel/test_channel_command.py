"""`tailrace channel` as it is typed: exit statuses, sentences, and nothing half-done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from own_parts import make_package

from tailrace.cli.app import app
from tailrace.cli.failure import run

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tailrace(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = run(app, ["channel", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["init", "{channel}"], 2, "is a channel already"),
        (["add", "{channel}"], 2, "Missing argument"),
        (["add", "{channel}", "none.conda"], 2, "is not there"),
        (["add", "{tmp}/none", "{package}"], 2, "is not a channel of Tailrace"),
        (["add", "{channel}", "{package}", "--label", "a/b"], 2, "is not a label"),
        (["index", "{channel}", "--patches", "{tmp}/none.yaml"], 2, "no hotfixes at"),
        (["index", "{channel}", "--patches", "x", "--no-patches"], 2, "exclude each other"),
        (["promote", "{channel}", "conda"], 2, "--from"),
        (["promote", "{channel}", "--from", "beta", "conda"], 2, "There is: canary, main"),
        (["promote", "{channel}", "--from", "canary", "cnda"], 2, "conda=4.13.0=0"),
        (["promote", "{channel}", "--from", "canary", "--report", "{package}", "conda"], 2, "is not a check report"),
        (["hold", "{channel}", "conda"], 2, "--reason"),
        (["hold", "{channel}", "conda", "--reason", " "], 2, "needs a reason"),
        (["hold", "{channel}", "conda", "--release"], 2, "No hold is on"),
        (["hold", "{channel}", "conda", "--release", "--label", "main"], 2, "no place beside it"),
        (["serve", "{tmp}/none"], 2, "no such folder"),
        (["serve", "{channel}", "--port", "70000"], 2, "70000"),
        (["check", "{tmp}/none"], 2, "no such folder"),
        (["check", "{channel}", "--subdir", "linux-65"], 2, "Did you mean 'linux-64'"),
        (["check", "{channel}", "--subdir", "win-64"], 3, "It has: linux-64, noarch"),
        (["check", "ftp://example.invalid/x"], 3, "not a web address"),
        (["chek"], 2, "chek"),
        (["check", "{channel}"], 0, ""),
        (["check", "{channel}", "--against", "{channel}"], 0, ""),
        (["check", "{channel}", "-c", "{channel}", "--no-files", "--subdir", "noarch"], 0, ""),
    ],
)
def test_what_is_typed_and_what_comes(
    tailrace: Call, channel: Path, archives: dict[str, Path], tmp_path: Path, arguments: list[str], status: int,
    expected: str,
) -> None:  # fmt: skip
    before = (channel / "current").readlink()
    values = {"channel": channel, "tmp": tmp_path, "package": archives["tool-1.0-0.conda"]}
    found, out, err = tailrace(*(argument.format(**values) for argument in arguments))
    assert (found, expected in err) == (status, True), err
    assert "Traceback" not in err
    assert "fault of Tailrace" not in err
    assert bool(out) == (status == 0)
    assert (channel / "current").readlink() == before


def test_the_whole_life_of_a_release(tailrace: Call, tmp_path: Path) -> None:
    one, two = make_package(tmp_path, "river", "1.0"), make_package(tmp_path, "river", "2.0")
    root = tmp_path / "channel"
    assert tailrace("init", root)[0] == 0
    assert tailrace("add", root, one)[1] == "noarch/river-1.0-0.conda\n"
    assert tailrace("add", root, two, "--label", "label/canary")[1] == "label/canary/noarch/river-2.0-0.conda\n"
    assert tailrace("add", root, two, "--label", "canary")[1].endswith("(known)\n")
    assert tailrace("index", root)[0] == 0
    status, out, err = tailrace("promote", root, "--from", "label/canary", "river")
    assert (status, out) == (0, "noarch/river-2.0-0.conda\n")
    assert "no check report was given" in err
    assert tailrace("hold", root, "river=2.0", "--reason", "harm")[0] == 0
    assert tailrace("hold", root, "river", "--release")[1] == "noarch/river-2.0-0.conda\n"
    status, out, _ = tailrace("check", root, "--format", "json")
    assert (status, json.loads(out)["status"]) == (0, "fine")
    assert len((root / "tailrace-log.jsonl").read_text().splitlines()) == 5


def test_differences_are_exit_status_1(tailrace: Call, channel: Path) -> None:
    (channel / "current/noarch/repodata.json.zst").unlink()
    (channel / "current/noarch/repodata.json.zst").write_bytes(b"")
    status, out, _ = tailrace("check", channel)
    assert status == 1
    assert " ".join(out.split()).startswith("differences: one in ")


def test_an_index_that_is_a_folder_could_not_be_checked(tailrace: Call, channel: Path) -> None:
    (channel / "current/noarch/repodata.json").unlink()
    (channel / "current/noarch/repodata.json").mkdir()
    status, out, err = tailrace("check", channel)
    assert (status, out) == (3, "")
    assert "noarch/repodata.json cannot be read" in err


@pytest.mark.parametrize(
    "arguments", [[], *([name] for name in ("init", "add", "index", "promote", "hold", "serve", "check"))]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = "import sys\nfrom tailrace.cli.app import app\nfrom tailrace.cli.failure import run\n"
    program += "run(app, sys.argv[1:])\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program, "channel", *arguments, "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: tailrace channel" in done.stdout
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded.isdisjoint({"rattler", "msgspec", "zstandard", "http.server", "asyncio", "yaml", "tailrace.conda"})


@pytest.mark.online
def test_a_channel_that_does_not_answer_could_not_be_checked(tailrace: Call) -> None:
    status, out, err = tailrace("check", "http://user:secret@127.0.0.1:9/t/token/x", "--subdir", "linux-64")
    assert (status, out) == (3, "")
    assert "cannot be fetched" in err
    assert "secret" not in err
    assert "token" not in err


@pytest.mark.online
def test_serving_ends_with_an_interrupt(channel: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "tailrace", "channel", "serve", str(channel), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TAILRACE_DEBUG": ""},
    )  # fmt: skip
    assert server.stdout
    address = urlsplit(server.stdout.readline().strip().rpartition(" ")[2])
    assert address.path == f"/{channel.name}"
    port = str(address.port)
    taken = subprocess.run(
        [sys.executable, "-m", "tailrace", "channel", "serve", str(channel), "--port", port],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert taken.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in taken.stderr
    server.send_signal(signal.SIGINT)
    _, err = server.communicate(timeout=20)
    assert (server.returncode, err.strip().splitlines()[-1]) == (130, "interrupted")


def test_a_url_is_no_folder_for_a_new_channel(tailrace: Call, tmp_path: Path) -> None:
    status, out, err = tailrace("init", "https://me:secret@host.example/chan")
    assert (status, out) == (2, "")
    assert "is a URL" in err
    assert "secret" not in err
    assert not (tmp_path / "https:").exists()
