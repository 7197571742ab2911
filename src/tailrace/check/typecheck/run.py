"""Runs the type checker over downstream files with one upstream. A checker that fails is a result, not an exception."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tailrace.check.typecheck.session import Session, Setup
from tailrace.check.typecheck.values import Answer, Diagnostic, Query, TypecheckRun, Unchecked
from tailrace.processes.environment import find_program as find_program_on_path

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
        return find_program_on_path("ty")


class Side:
    """One side of a comparison: first `check`, then any number of `ask`. Use as a context manager."""

    def __init__(self, setup: Setup, *, time_limit: float, program: Path | None = None) -> None:
        self.setup = setup
        self._program = program or find_program()
        self._limit = time_limit
        self._end = time.monotonic() + time_limit
        self._session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            self._session.close()

    def check(self, files: Sequence[str]) -> TypecheckRun:
        """Diagnose `files` (relative to the downstream's root).

        All files share one process. When it dies or does not come back, the files without an answer are tried again
        one by one in a process of their own, as far as the time goes, so that one bad file costs only itself.
        """
        if self._program is None or not self._program.is_file():
            return TypecheckRun(unchecked=(Unchecked("", "not-found", "the type checker ty is not installed"),))
        files = tuple(dict.fromkeys(files))
        found, unchecked, left = self._attempt(files, self._limit * _FIRST_PASS)
        for file, reason in left.items():
            remaining = self._end - time.monotonic()
            if remaining <= 0 or len(files) == 1:
                unchecked.append(reason)
                continue
            more, failures, still = self._attempt((file,), remaining / 2)
            found.update(more)
            unchecked.extend([*failures, *still.values()])
        diagnostics = sorted(
            (one for each in found.values() for one in each),
            key=lambda one: (one.file, one.line, one.column, one.rule, one.message),
        )
        return TypecheckRun(tuple(diagnostics), tuple(sorted(unchecked, key=lambda entry: entry.file)))

    def ask(self, queries: Iterable[Query]) -> dict[Query, Answer]:
        """What this side knows about attribute uses. A query that got no answer in time is not in the result."""
        wanted = tuple(dict.fromkeys(queries))
        if not wanted or self._program is None or not self._program.is_file():
            return {}
        session = self._session
        if session is None or session.server.gone:
            session = self._fresh()
        if not session.start(self._end):
            return {}
        session.open(sorted({query.file for query in wanted}))
        return session.ask(wanted, time_limit=self._end - time.monotonic())

    @property
    def time_left(self) -> float:
        """Seconds until this side's time is over."""
        return self._end - time.monotonic()

    @property
    def gone(self) -> str:
        """Why the checker answers no more: `crashed` or `timed-out`; empty while it does, or was never asked."""
        return self._session.server.gone if self._session is not None else ""

    def text(self, file: str) -> str:
        """The text of a file as the checker was shown it, empty when it was not."""
        return self._session.texts.get(file, "") if self._session is not None else ""

    def _fresh(self) -> Session:
        assert self._program is not None
        if self._session is not None:
            self._session.close()
        self._session = Session(self.setup, program=self._program)
        return self._session

    def _attempt(
        self, files: tuple[str, ...], time_limit: float
    ) -> tuple[dict[str, tuple[Diagnostic, ...]], list[Unchecked], dict[str, Unchecked]]:
        """Diagnostics by file, files that the server gave up, and files without an answer, with the reason so far."""
        end = time.monotonic() + time_limit
        session = self._fresh()
        found: dict[str, tuple[Diagnostic, ...]] = {}
        broken: dict[str, str] = {}
        if session.start(end):
            session.open(files)
            found, broken = session.diagnose(files, time_limit=end - time.monotonic())
        unchecked = [*session.unreadable, *(Unchecked(file, "crashed", detail) for file, detail in broken.items())]
        known = found.keys() | {entry.file for entry in unchecked}
        reason, words = session.server.gone or "crashed", session.server.last_words()
        return found, unchecked, {file: Unchecked(file, reason, words) for file in files if file not in known}


def run(files: Sequence[str], setup: Setup, *, time_limit: float, program: Path | None = None) -> TypecheckRun:
    """Check `files` on one side, and let go of the checker."""
    with Side(setup, time_limit=time_limit, program=program) as side:
        return side.check(files)
