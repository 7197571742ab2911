"""The command line: arguments in, a report and an exit status out. Decides nothing about releases itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and leaves with its exit status (`cli/failure.py` lists them)."""
    import gc

    # Syntax trees and facts are many small objects without cycles: the collector would walk them again and again.
    gc.set_threshold(200_000, 20, 100)

    try:
        from tailrace.cli.app import app
        from tailrace.cli.failure import run

        status = run(app, arguments)
    except KeyboardInterrupt:  # while the imports above ran, or at the very end
        status = 130
    raise SystemExit(status)


__all__ = ["main"]
