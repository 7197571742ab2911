"""The pages on exposure and hotfixes work as they are written: every command is run, and shows what the page shows."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from support.pages import DOCS, is_shown, steps, typed_and_shown

from .conftest import Outcome

Run = Callable[..., Outcome]


@pytest.mark.parametrize("page", ["exposure", "hotfix"])
def test_a_page_works_as_it_is_written(tailrace: Run, page: str) -> None:
    commands = [text for kind, text in steps(DOCS / "how-to" / f"{page}.md") if kind == "run"]
    status = 0
    for text in commands:
        command, shown = typed_and_shown(text)
        words = shlex.split(command)
        match words:
            case ["echo", "$?"]:
                out = str(status)
            case ["cat", file]:
                out = Path(file).read_text("utf-8")
            case ["tailrace", *arguments]:
                done = tailrace(*arguments)
                status, out = done.status, done.out
                expected = (0, 1) if shown.startswith(("EXPOSED", "NOT PROVEN", "MISSED")) else (0,)
                assert status in expected, (command, done.err)
            case _:
                pytest.fail(f"what is {command!r}?")
        assert not shown.strip() or is_shown(out, shown), (command, out)
    assert len(commands) > 5


@pytest.mark.parametrize(
    ("output", "shown", "expected"),
    [
        ("a\nb\n", "a\nb", True),
        ("a\nb\nc\n", "a\n…", True),
        ("a\nb\nc\n", "…\nc", True),
        ("a\nb\nc\n", "a\n…\nc", True),
        ("a\nb\n", "a", False),
        ("a\nb\n", "a\nc", False),
        ("a.b\n", "a*b", False),
        ("ab\n", "a\n…", False),
    ],
)
def test_what_a_page_shows(output: str, shown: str, expected: bool) -> None:
    assert is_shown(output, shown) is expected
