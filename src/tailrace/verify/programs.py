"""Makes the command that runs a program in an environment, and parses what the program wrote."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tailrace.verify.sandbox import Command, Ended
from tailrace.verify.sandbox.interface import Why

# Runs a program as the interpreter's own, shows a traceback without this driver in it, and says whether the end was
# reached. Old syntax on purpose: it runs in Python 3.6 too.
_DRIVER = """\
import linecache, os, sys, traceback
source, token = sys.argv[1:3]
sys.argv[:] = ["probe"]
linecache.cache["<program>"] = (len(source), None, [line + "\\n" for line in source.splitlines()], "<program>")
status = 1
try:
    exec(compile(source, "<program>", "exec"), {"__name__": "__program__"})
    status = 0
except BaseException as error:
    sys.stdout.flush()
    kind, error, trace = sys.exc_info()
    traceback.print_exception(kind, error, trace.tb_next or trace)
try:
    sys.stdout.flush()
    sys.stderr.flush()
finally:
    os.write(2, ("\\n" + token + ":" + str(status) + "\\n").encode())
    os._exit(status)
"""
# The same for the lines of one file that the program reaches: they are written behind the token.
_TRACER = """\
import os, sys
_end, _wanted, _seen = sys.argv[3], set(map(int, sys.argv[4].split(","))), set()
def _line(frame, event, argument):
    if event == "line" and frame.f_lineno in _wanted:
        _seen.add(frame.f_lineno)
    return _line
def _call(frame, event, argument):
    if frame.f_code.co_filename.replace(os.sep, "/").endswith(_end):
        if frame.f_lineno in _wanted:
            _seen.add(frame.f_lineno)
        return _line
sys.settrace(_call)
"""
_TRACED = _DRIVER.replace('":" + str(status)', '":" + str(status) + ":" + ",".join(map(str, sorted(_seen)))')
# Where the files of a source are copied to, so that they may be written.
_COPIED = re.compile(r"/tmp/(?:[\w.-]{1,80}/){1,2}tree/")  # noqa: S108 - inside the sandbox
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Environment:
    """An installed environment: `place` is its folder, `home` the folder of its interpreter's installation."""

    place: Path
    home: Path

    @property
    def python(self) -> str:
        """The path of its interpreter."""
        return str(self.place / "bin" / "python")


@dataclass(frozen=True, slots=True)
class Result:
    """What one program did in one environment.

    `completed`: it reached its end. `why`: see `Ended`. `error`: the last line of its traceback. `lines`: the lines of
    the traceback, paths relative to the environment. `frames`: (file, line) of each frame, outermost first. `reached`:
    the lines that were asked for and ran.
    """

    completed: bool
    why: Why
    status: int
    error: str = ""
    lines: tuple[str, ...] = ()
    frames: tuple[tuple[str, int], ...] = ()
    reached: frozenset[int] = field(default_factory=frozenset)
    output: str = ""
    stdout: str = ""

    @property
    def limited(self) -> bool:
        """A limit ended it, or it could not be started."""
        return self.why != "exited"


@dataclass(frozen=True, slots=True)
class Trace:
    """The lines (1-based) of a file (POSIX path, the end of it) that are watched."""

    file: str
    lines: tuple[int, ...]


def command_for(
    source: str, environment: Environment, trace: Trace | None = None, seen: tuple[Path, ...] = ()
) -> tuple[Command, str]:
    """The command that runs Python source in an environment, and the token that it writes at its end.

    `seen`: folders that the program may read besides.
    """
    token = f"tailrace-{secrets.token_hex(8)}"
    driver = _DRIVER
    more: tuple[str, ...] = ()
    if trace is not None:
        driver = _TRACER + _TRACED
        more = (f"/{trace.file}", ",".join(map(str, trace.lines)))
    arguments = (environment.python, "-I", "-B", "-c", driver, source, token, *more)
    path = os.pathsep.join((str(Path(environment.python).parent), "/usr/bin", "/bin"))
    variables = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "PATH": path}
    return Command(arguments, read_only=(environment.home, environment.place, *seen), environment=variables), token


def read_result(ended: Ended, token: str, environment: Environment) -> Result:
    """What a program did, from how it ended and what it wrote."""
    head, _, tail = ended.stderr.rpartition(f"\n{token}:")
    said = tail.strip().partition(":")
    text = head if tail else ended.stderr
    error, shown, frames = read_traceback(text, environment)
    return Result(
        completed=said[0] == "0" and ended.fine,
        why="not-started" if ended.refused and not tail else ended.why,
        status=ended.status,
        error=error,
        lines=shown,
        frames=frames,
        reached=frozenset(int(n) for n in said[2].split(",") if n.isdigit()),
        output=_relative(ended.stdout + text, environment),
        stdout=_relative(ended.stdout, environment),
    )


def read_traceback(text: str, environment: Environment) -> tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]]:
    """The last line, the lines and the frames (file, line) of the last traceback in a text."""
    text = _relative(text, environment)
    at = text.rfind("Traceback (most recent call last)")
    shown = [line.rstrip() for line in (text[at:] if at >= 0 else text).strip().splitlines()]
    frames = tuple((file, int(line)) for file, line in _FRAME.findall(text[at:] if at >= 0 else ""))
    return _error(shown), tuple(shown), frames


def _relative(text: str, environment: Environment) -> str:
    text = text.replace(f"{environment.place}/", "").replace(str(environment.home), "PYTHON")
    return _COPIED.sub("", text)


def _error(lines: list[str]) -> str:
    """`ImportError: …`: the first line of the exception at the end of a traceback."""
    for line in reversed(lines):
        if re.match(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning|Fault|Found|Missing)?\b(: |$)", line):
            return line
    return lines[-1] if lines else ""
