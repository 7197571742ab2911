"""Shows the progress of a check as a bar on a terminal, and nothing in a pipe. Writes to stderr only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tailrace.cli.failure import plain, say

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from tailrace.check.options import Progress


class Bar:
    """A `tailrace.check.options.Progress` over a rich progress bar."""

    def __init__(self, bar: RichProgress) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", total=None)

    def start(self, total: int) -> None:
        """See `Progress`."""
        self._bar.update(self._task, total=total, completed=0)

    def step(self, name: str) -> None:
        """See `Progress`."""
        self._bar.update(self._task, advance=1, description=_short(name))

    def say(self, text: str) -> None:
        """See `Progress`."""
        self._bar.update(self._task, description=_short(text))


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress | None]:
    """A bar while the block runs when stderr is a terminal, else nothing. `NO_COLOR` is honoured by rich itself."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Bar(bar)


def _short(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= 48 else line[:47] + "…"


class Lines:
    """A line on stderr now and then, where there is no terminal: a log of a scan that takes hours."""

    def __init__(self, every: float = 10.0) -> None:
        self._every = every
        self._last = time.monotonic()

    def start(self, total: int) -> None:
        """See `Progress`."""

    def step(self, name: str) -> None:
        """See `Progress`."""

    def say(self, text: str) -> None:
        """See `Progress`: at most one line in `every` seconds."""
        if time.monotonic() - self._last >= self._every:
            self._last = time.monotonic()
            say(text)


@contextmanager
def long_progress(quiet: bool = False) -> Iterator[Progress | None]:
    """As `progress`, and lines where stderr is no terminal."""
    if not quiet and not sys.stderr.isatty():
        yield Lines()
        return
    with progress(quiet) as bar:
        yield bar
