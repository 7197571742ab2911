"""Reports whatever a command raises in one clear sentence on stderr, and gives the exit status (`tailrace.outcome`).

A failure is never shown as success.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence

import click

from tailrace.outcome import CommandOutcome, exit_status

# What a full or failing disk says is no fault of the program.
_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE}
)
CLEAR = exit_status(CommandOutcome.CLEAR)
BREAKS = exit_status(CommandOutcome.BREAKS)
USAGE = exit_status(CommandOutcome.USAGE)
INCOMPLETE = exit_status(CommandOutcome.INCOMPLETE)
INTERRUPTED = exit_status(CommandOutcome.INTERRUPTED)
TERMINATED = exit_status(CommandOutcome.TERMINATED)


def run(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """The exit status of the command; every message that belongs to a failure is on stderr afterwards."""
    try:
        ended = command.main(args=arguments, prog_name="tailrace", standalone_mode=False)
        status = ended if isinstance(ended, int) else CLEAR
    except click.exceptions.Abort as abort:
        status = _interrupted(abort.__cause__)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        status = USAGE
    except click.ClickException as error:
        _show_usage(error)
        status = USAGE
    except KeyboardInterrupt as interrupt:
        status = _interrupted(interrupt)
    except BrokenPipeError:
        silence_stdout()
        status = INCOMPLETE
    except Exception as error:
        status = _show_error(error)
    try:
        if sys.stdout.writable():
            sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except (OSError, ValueError) as error:
        say(f"error: stdout could not be written to: {getattr(error, 'strerror', None) or error}.")
        silence_stdout()
        status = INCOMPLETE
    return status


def silence_stdout() -> None:
    """Sends what is still to come to nowhere: the reader has gone, and the interpreter flushes once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def plain(text: str) -> str:
    """Text that may come from a package, safe for a terminal and a log: no control characters but line breaks,
    no secret of an address, no line that a CI service obeys."""
    from tailrace.model.address import redact
    from tailrace.model.inert import without_commands

    return without_commands("".join(c if c.isprintable() or c == "\n" else "�" for c in redact(text)))


def say(text: str) -> None:
    """A line on stderr; a closed stderr is no failure."""
    try:
        data = (plain(text) + "\n").encode(sys.stderr.encoding or "utf-8", "backslashreplace")
        sys.stderr.write(data.decode(sys.stderr.encoding or "utf-8"))
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _show_usage(error: click.ClickException) -> None:
    say(f"error: {error.format_message()}")
    context = getattr(error, "ctx", None)
    if context is not None:
        say(f"hint: `{context.command_path} --help` shows how it is used")


def _show_error(error: Exception) -> int:
    from tailrace.model.errors import TailraceError

    _traceback()
    if isinstance(error, TailraceError):
        say(f"error: {error.message}")
        if error.hint:
            say(f"hint: {error.hint}")
        return error.exit_status
    from tailrace.model.address import redact

    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        place = f": {error.filename}" if error.filename else ""
        say(f"error: {error.strerror}{place}.")
        say("hint: make room, or let --cache-dir name a folder on another file system")
        return INCOMPLETE
    say(f"error: Tailrace failed: {type(error).__name__}: {redact(str(error))[:500]}")
    say(f"hint: this is a fault of Tailrace; please report it{_where()} with what `TAILRACE_DEBUG=1` adds")
    return INCOMPLETE


def _interrupted(cause: BaseException | None) -> int:
    from tailrace.cli import Terminated

    # A library may have put another exception in its place; the signal is ignored from then on.
    terminated = isinstance(cause, Terminated) or signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    say("terminated: nothing was reported" if terminated else "interrupted")
    return TERMINATED if terminated else INTERRUPTED


def _traceback() -> None:
    if os.environ.get("TAILRACE_DEBUG", "") not in ("", "0"):
        import traceback

        say(traceback.format_exc())


def _where() -> str:
    """Where the installed distribution says that faults are reported."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("tailrace").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    found = [url.partition(",")[2].strip() for url in urls if url.lower().startswith(("issues", "bug"))]
    return f" at {found[0]}" if found else ""
