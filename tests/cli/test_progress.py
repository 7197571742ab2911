"""A bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from tailrace.cli.progress import Bar, progress


def test_in_a_pipe_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as bar:
        assert bar is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("term", "shown"), [("xterm", True), ("dumb", False)])
def test_on_a_terminal_there_is_one(monkeypatch: pytest.MonkeyPatch, term: str, shown: bool) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress() as bar:
        assert (bar is not None) is shown


def test_the_bar_counts_downstreams_and_shows_no_control_characters() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=False, width=100)
    with Progress(console=console, disable=True) as rich_bar:
        bar = Bar(rich_bar)
        bar.say("fetching [bold]up 2.0\x1b[31m")
        bar.start(2)
        bar.step("down" * 40)
        (task,) = rich_bar.tasks
        assert (task.completed, task.total) == (1, 2)
        assert len(task.description) == 48
