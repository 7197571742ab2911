"""`--help` is quick because it imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "rich",
    "rattler",
    "unearth",
    "ty",
    "fissix",
    "yaml",
    "ruamel",
    "msgspec",
    "packaging",
    "griffe",
    "httpx",
    "asyncio",
    "ssl",
    "tomllib",
    "duckdb",
    "obstore",
    "distributed",
    "jinja2",
    "PIL",
)


def imported(*arguments: str) -> set[str]:
    program = """if True:
        import sys
        before = set(sys.modules)  # what measures coverage has imported already
        from tailrace.cli.app import app
        from tailrace.cli.failure import run
        run(app, sys.argv[1:])
        print("\\n" + " ".join(set(sys.modules) - before))
    """
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["check", "--help"],
        ["diff", "--help"],
        ["explain", "--help"],
        ["uses", "--help"],
        ["matrix", "--help"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    loaded = imported(*arguments)
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_config_show_needs_none_of_the_rooms_that_check() -> None:
    rooms = {
        "tailrace.check",
        "tailrace.sources",
        "tailrace.python",
        "tailrace.artifacts",
        "tailrace.report.views.check",
    }
    assert imported("config", "show").isdisjoint(rooms)
