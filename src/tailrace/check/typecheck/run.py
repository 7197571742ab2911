"""Downstream files and one or two upstreams in, diagnostics out. Never raises for a checker that crashes, hangs or is not there."""

from __future__ import annotations

import functools
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tailrace.check.typecheck.session import Session, Setup
from tailrace.check.typecheck.values import Diagnostic, TypecheckRun, Unchecked

# The part of the time that the common pass may take, so that a file that hangs leaves time for the others.
_FIRST_PASS = 0.6
_FINDING = threading.Lock()


def find_program() -> Path | None:
    """The pinned `ty` of this installation, else one on PATH."""
    # `sysconfig` fills its table without a lock (CPython 3.11), and `find_ty_bin` stumbles over half of it.
    with _FINDING:
        return _find_program()


@functools.cache
def _find_program() -> Path | None:
    try:
        from ty import find_ty_bin  # type: ignore[import-not-found,import-untyped,unused-ignore]

        return Path(find_ty_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("ty")
        return Path(found) if found else None


def run(files: Sequence[str], setup: Setup, *, time_limit: float, program: Path | None = None) -> TypecheckRun:
    """Check `files` (relative to the downstream's root) on one side.

    All files share one process. When it dies or does not come back, the files without an answer are tried again one by one in
    a process of their own, as far as the time goes, so that one bad file costs only itself.
    """
    program = program or find_program()
    if program is None or not program.is_file():
        return TypecheckRun(unchecked=(Unchecked("", "not-found", "the type checker ty is not installed"),))
    end = time.monotonic() + time_limit
    found, unchecked, left = _attempt(tuple(files), setup, program, time_limit * _FIRST_PASS)
    if left:
        for file in left:
            remaining = end - time.monotonic()
            if remaining <= 0:
                unchecked.append(Unchecked(file, "timed-out"))
                continue
            more, failures, still = _attempt((file,), setup, program, max(remaining / 2, 0.1))
            found.update(more)
            unchecked.extend(failures)
            unchecked.extend(still.values())
    diagnostics = sorted(
        (one for each in found.values() for one in each),
        key=lambda one: (one.file, one.line, one.column, one.rule, one.message),
    )
    return TypecheckRun(tuple(diagnostics), tuple(sorted(unchecked, key=lambda entry: entry.file)))


def _attempt(
    files: tuple[str, ...], setup: Setup, program: Path, time_limit: float
) -> tuple[dict[str, tuple[Diagnostic, ...]], list[Unchecked], dict[str, Unchecked]]:
    """Diagnostics by file, files that the server itself gave up, and files without any answer with the reason so far."""
    end = time.monotonic() + time_limit
    with Session(setup, program=program) as session:
        found: dict[str, tuple[Diagnostic, ...]] = {}
        broken: dict[str, str] = {}
        if session.start(end):
            session.open(files)
            found, broken = session.diagnose(files, time_limit=end - time.monotonic())
        unchecked = [*session.unreadable, *(Unchecked(file, "crashed", detail) for file, detail in broken.items())]
        known = found.keys() | {entry.file for entry in unchecked}
        reason, words = session.server.gone or "crashed", session.server.last_words()
        return found, unchecked, {file: Unchecked(file, reason, words) for file in files if file not in known}
