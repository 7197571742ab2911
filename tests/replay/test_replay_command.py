"""`tailrace replay`: what is typed, what comes out, with which status, and that nothing is asked of a network."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import shutil
import socket
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from replayed import NAMES, replayed

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.report import RenderOptions, render

SHIPPED = Path(str(files("tailrace.replay"))) / "scenarios"


def test_every_scenario_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, ["replay", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["conda-23.9", "conda-4.13"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["conda-4.31"], "Did you mean conda-4.13?"),
        ([], "name one scenario, or ask for --list"),
        (["conda-4.13", "--list"], "name one scenario, or ask for --list"),
        (["conda-4.13", "--step", "--format", "json"], "--step goes with --format text"),
        (["conda-4.13", "--format", "pdf"], "'pdf' is not one of"),
    ],
)
def test_a_wrong_command_has_status_2(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert run(app, ["replay", *arguments]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert not out


def test_a_replay_asks_nothing_of_a_network(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("something was asked of a network")

    # asyncio opens a pair of sockets for itself, so it is connecting and resolving that is refused.
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert run(app, ["replay", "conda-23.9", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "tailrace.replay/1"


def _apart() -> list[str]:
    """A command that runs another one where there is no network at all; empty where that cannot be had."""
    tool = shutil.which("unshare")
    if not tool:
        return []
    tried = subprocess.run([tool, "-rn", "true"], capture_output=True, check=False)
    return [tool, "-rn"] if tried.returncode == 0 else []


def test_a_replay_needs_no_network() -> None:
    """Libraries that are not written in Python could go past the test above."""
    apart = _apart()
    if not apart:
        pytest.skip("this machine cannot run a program apart from the network")
    done = subprocess.run(
        [*apart, sys.executable, "-m", "tailrace", "replay", "conda-23.9"], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"6/6" in done.stdout


def test_the_text_says_each_verdict_first_and_fits_100_columns() -> None:
    text = render(replayed("conda-4.13"), "text")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in text
    for number, verdict in enumerate(
        ["BREAKS", "EXPOSED", "SAME BOUNDS", "PROVEN", "MISSED", "AVOIDABLE", "HOLD"], start=1
    ):
        place = next(n for n, line in enumerate(lines) if line.startswith(f"── {number}/7 "))
        assert lines[place + 1].startswith(f"  {verdict}  ")


def test_colour_adds_nothing_but_colour() -> None:
    plain = render(replayed("conda-4.13"), "text")
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", render(replayed("conda-4.13"), "text", options=RenderOptions(color=True)))

    def words(text: str) -> list[str]:
        return text.split()

    assert words(coloured) == words(plain)


def test_the_json_is_the_whole_view_and_parses_back() -> None:
    import msgspec

    from tailrace.replay import Replay

    text = render(replayed("conda-4.13"), "json")
    assert msgspec.json.decode(text, type=Replay) == replayed("conda-4.13")


class Page(HTMLParser):
    """Tags in balance, ids, links and what would be fetched."""

    VOID = frozenset({"meta", "br", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.ids += [value for key, value in attrs if key == "id" and value]
        self.targets += [value for key, value in attrs if key == "href" and value]
        self.fetched += [f"{tag} {key}" for key in ("src", "srcset", "data", "poster") if key in found]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def page(html: str) -> Page:
    made = Page()
    made.feed(html)
    assert not made.open
    return made


def test_the_page_is_whole_and_fetches_nothing() -> None:
    html = render(replayed("conda-4.13"), "html")
    made = page(html)
    assert not made.fetched
    assert made.tags.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert "@import" not in html
    assert "url(" not in html
    assert len(made.ids) == len(set(made.ids))
    for target in made.targets:
        assert target.startswith("https://") or target[1:] in made.ids
    assert html.count("<table") == html.count("<caption") + html.count("<details><summary>What they got")
    assert "prefers-color-scheme:dark" in html
    assert "@media print" in html


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A scenario in whose every sentence somebody hid something."""
    folder = Path(shutil.copytree(SHIPPED / "conda-23.9", tmp_path / "hostile"))
    text = (folder / "scenario.toml").read_text("utf-8")
    trick = "<script>alert(1)</script>\\u001b[2J\\u202e"
    text = text.replace('title = "conda 23', f'title = "{trick} 23', 1)
    text = text.replace('who = "', f'who = "{trick}').replace('event = "', f'event = "{trick}')
    text = text.replace('source = "https', 'source = "javascript:https')
    (folder / "scenario.toml").write_text(text, "utf-8")
    return folder


def test_nothing_that_a_scenario_says_reaches_terminal_or_page_as_code(
    hostile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("text", "html", "json"):
        assert run(app, ["replay", str(hostile), "--format", name, "--color", "never"]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\u202e" not in out
        if name == "html":
            assert page(out).tags.isdisjoint({"script"})
            assert 'href="javascript' not in out


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are those of POSIX")
def test_steps_wait_for_enter_on_a_terminal() -> None:
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tailrace", "replay", "conda-23.9", "--step", "--color", "never"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
    ) as process:
        os.close(theirs)
        seen, entered = "", 0
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    seen += os.read(ours, 65536).decode("utf-8", "replace")
                except OSError:
                    break
            if seen.count("Enter for the next step") > entered:
                assert f"── {entered + 1}/6 " not in seen, "a step is shown only after Enter"
                entered += 1
                os.write(ours, b"\n")
        assert process.wait() == 0
    os.close(ours)
    assert entered == 6
    assert "── 6/6 " in seen


def test_a_saved_incident_can_be_worked_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = {
        "conda-4.13": [(1, "EXPOSED  conda-smithy"), (1, "EXPOSED  conda-smithy"), (0, ""), (0, "PROVEN")],
        "conda-23.9": [(1, "EXPOSED  'conda-build 3"), (1, "EXPOSED  'conda-build 3"), (0, ""), (0, "PROVEN")],
    }
    for name, wanted in expected.items():
        assert run(app, ["replay", name, "--save", name]) == 0
        told = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  tailrace ")]
        found = []
        for line in told:
            status = run(app, shlex.split(line)[1:])
            found.append((status, capsys.readouterr().out))
        assert [(status, out[: len(begin)]) for (status, out), (_, begin) in zip(found, wanted, strict=True)] == wanted
    # The derived hotfix of each channel, as in the replay.
    assert sorted(path.name for path in (tmp_path / "hotfixes").iterdir()) == ["conda-forge.yaml", "defaults.yaml"]
    assert "version_le: 3.21.8" in (tmp_path / "hotfixes/defaults.yaml").read_text()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("there", ["file", "folder/with"])
def test_an_incident_is_not_saved_over_something(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, there: str
) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    target = tmp_path / there.partition("/")[0]
    assert run(app, ["replay", "conda-4.13", "--save", str(target)]) == 2
    assert "is there already; name a folder that is new or empty" in capsys.readouterr().err
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("name", NAMES)
def test_grids_and_courses_fit_the_terminal(name: str, width: int) -> None:
    lines = render(replayed(name), "text", options=RenderOptions(width=width)).splitlines()
    wide = [line for line in lines if len(line) > width]
    # An address in a command is one word, and so is the place of a break.
    assert all(line.lstrip().startswith(("--", "breaks")) for line in wide), wide
    assert any("█" in line for line in lines)
