"""Writes rendered text to stdout or to files. A file is written whole or not at all."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.cli.failure import silence_stdout
from tailrace.model.errors import TailraceError
from tailrace.report.ink import PROSE

if TYPE_CHECKING:
    from tailrace.cli.formats import Output
    from tailrace.report import RenderOptions

# What GitHub keeps of one step's summary.
_SUMMARY_LIMIT = 1 << 20


class OutputError(TailraceError):
    """A report could not be written."""

    exit_status = 3


def write_stdout(text: str, format: str = "text") -> None:
    """Writes the text and one line break. Machine formats are UTF-8 in any locale; the others never fail to encode.

    Text for people is made inert once more here, whoever wrote it: no escape sequence but colours, no command to a CI
    service, no secret of an address.
    """
    from tailrace.model.inert import inert, visible_lines
    from tailrace.report.formats import is_machine

    if format == "github":
        text = visible_lines(text)
    elif not is_machine(format):
        text = inert(text, color=True)
    encoding = "utf-8" if is_machine(format) else (sys.stdout.encoding or "utf-8")
    _to_stdout((text.rstrip("\n") + "\n").encode(encoding, "backslashreplace"))


def _to_stdout(data: bytes) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence_stdout()
    except (OSError, AttributeError, ValueError) as error:
        silence_stdout()
        reason = getattr(error, "strerror", None) or "it is closed"
        raise OutputError(f"the report could not be written to stdout: {reason}.") from None


def write_file(path: Path, text: str) -> None:
    """Writes the file atomically: under another name beside it first, then moved into place."""
    write_bytes(path, (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Writes the file atomically: under another name beside it first, then moved into place."""
    if path.exists() and not path.is_file():  # /dev/stderr, a named pipe: nothing to move into place
        _plainly(path, data, "wb")
        return
    beside = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(data)
        beside.chmod(_mode(path))
        beside.replace(path)
    except OSError as error:
        if beside:
            beside.unlink(missing_ok=True)
        raise OutputError(f"the report could not be written to {path}: {error.strerror or error}.") from None


def publish(
    report: object, outputs: Sequence[Output], options: RenderOptions, *, color: str = "auto", limit: int = PROSE
) -> None:
    """Renders and writes each output, files first, so that a reader who leaves stdout early loses none.

    `options`: what applies to each of them; colours and the width are those of stdout, at most `limit` columns. Raises
    what the first one raises that fails, when all others are written.
    """
    failed: TailraceError | None = None
    for output in sorted(outputs, key=lambda output: output.path is None):
        here = options
        if output.path is None:
            here = dataclasses.replace(options, color=use_color(color, os.environ), width=text_width(limit))
        try:
            _publish_one(report, output, here)
        except TailraceError as error:  # the others are written all the same
            failed = failed or error
    if failed is not None:
        raise failed


def _publish_one(report: object, output: Output, options: RenderOptions) -> None:
    from tailrace.report import render_output

    made = render_output(report, output.format, options=options)
    if isinstance(made, bytes):
        _write_picture(output, made)
    elif output.path:
        write_file(output.path, made)
    else:
        write_stdout(made, output.format)


def _write_picture(output: Output, data: bytes) -> None:
    if output.path:
        write_bytes(output.path, data)
        return
    if sys.stdout.isatty():
        raise OutputError(
            "a picture cannot be shown in a terminal.", hint=f"Name a file: --format {output.format}:PATH"
        )
    _to_stdout(data)


def append_summary(path: Path, markdown: str) -> None:
    """Appends to a GitHub step summary, cut at a line when it would not fit."""
    data = (markdown.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
    room = _SUMMARY_LIMIT - (path.stat().st_size if path.is_file() else 0)
    if len(data) > room:
        note = b"\n\n*The summary is longer than GitHub shows; the other report formats hold all of it.*\n"
        data = data[: max(room - len(note), 0)].rpartition(b"\n")[0] + note
        if len(data) > room:
            return
    _plainly(path, data, "ab")


def use_color(setting: str, environment: Mapping[str, str]) -> bool:
    """Whether text on stdout is coloured: as told, else on a terminal that is not dumb unless `NO_COLOR` is set."""
    if setting != "auto":
        return setting == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return sys.stdout.isatty() and environment.get("TERM") != "dumb"


def text_width(limit: int = PROSE) -> int:
    """The columns of the terminal that stdout is, at least 40 and at most `limit`; 100 where it is a file or a pipe."""
    return max(40, min(shutil.get_terminal_size().columns, limit)) if sys.stdout.isatty() else 100


def _plainly(path: Path, data: bytes, mode: str) -> None:
    try:
        with path.open(mode) as file:
            file.write(data)
    except OSError as error:
        raise OutputError(f"the report could not be written to {path}: {error.strerror or error}.") from None


def _mode(path: Path) -> int:
    """The permissions the file has, or that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
