"""What a check tells while it runs in, a bar on a terminal out. Nothing in pipes; never touches stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tailrace.cli.failure import plain

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
