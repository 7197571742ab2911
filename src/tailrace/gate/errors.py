"""What can go wrong with a ledger. Each error is one sentence with the way out; nothing of the ledger is changed."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from tailrace.model.errors import TailraceError


class GateError(TailraceError):
    """The base of what this room raises."""


class NoLedgerError(GateError):
    """There is no ledger where one was looked for."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"there is no ledger at {folder}: it has no policy.toml.",
            hint="Make one with `tailrace gate init`, or name one with --ledger DIR.",
        )
        self.folder = folder


class CannotInitLedgerError(GateError):
    """A ledger cannot be made in a folder that holds something."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"{folder} {reason}.", hint="Name a folder that is empty, or not there yet, with --ledger.")
        self.folder = folder


class SubjectError(GateError):
    """A subject or target that cannot be read, or that the policy does not cover."""


class EvidenceError(GateError):
    """A file that cannot be evidence."""


class DamagedLedgerError(GateError):
    """A file of the ledger is not what it was when it was written, or cannot be read."""

    def __init__(self, problems: Sequence[str], *, hint: str) -> None:
        found = tuple(problems)
        head = found[0] if len(found) == 1 else f"{len(found)} problems in the ledger"
        more = "" if len(found) == 1 else "".join(f"\n  {problem}" for problem in found[:20])
        super().__init__(f"{head}{more}" if more else f"{head}", hint=hint)
        self.problems = found


class UnsettledLedgerError(GateError):
    """The ledger is in a state of git in which it says nothing reliable: in conflict, or changed without review."""


class ClockError(GateError):
    """The moment lies before one that is recorded already."""


class WaiverError(GateError):
    """Waivers that match nothing, have expired, or cannot be made. `problems`: every reason; `of`: what is counted."""

    def __init__(self, problems: Sequence[str], *, hint: str, of: str = "waivers are wrong") -> None:
        found = tuple(problems)
        text = found[0] if len(found) == 1 else "\n".join([f"{len(found)} {of}", *(f"  {p}" for p in found)])
        super().__init__(text, hint=hint)
        self.problems = found


class BusyLedgerError(GateError):
    """Another process is writing to the ledger."""

    exit_status = 3

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} is being written to by another process.", hint="Wait until it is done, then try again."
        )
        self.folder = folder


class LedgerDiskError(GateError):
    """The disk refused to read or write."""

    exit_status = 3

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}. What was recorded before is unchanged.")
        self.path = path
        self.reason = reason


class RepositoryError(GateError):
    """A git repository that cannot be read."""


class GateClosedError(GateError):
    """A promotion that the gate does not let through. `status`: 1 stop, 3 unknown, 4 wait."""

    def __init__(self, said: str, *, status: int, subject: str) -> None:
        super().__init__(
            f"Not promoted: {said}.",
            hint=f"`tailrace gate why {quote(subject)}` shows who must do what; --override REASON promotes all the "
            "same, and the log keeps it.",
        )
        self.exit_status = status
