"""One module for each way to try a project out. Each has `run`, which notes failures and says what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from tailrace.nightly.bench import CellBench
from tailrace.nightly.values import LevelName, LevelResult

_FOUND_IN: Mapping[LevelName, str] = {
    "check": "static",
    "import": "imports",
    "help": "helps",
    "call": "calls",
    "plugins": "plugins",
    "shell": "shells",
    "build": "recipes",
    "hidden": "hidden",
    "commands": "configured",
}


def level(name: LevelName) -> Callable[[CellBench], LevelResult]:
    """What runs a level."""
    run: Callable[[CellBench], LevelResult] = import_module(f"{__name__}.{_FOUND_IN[name]}").run
    return run
