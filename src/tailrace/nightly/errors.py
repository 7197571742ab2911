"""What keeps a nightly from running at all. Sentences for the user."""

from __future__ import annotations

from tailrace.model import TailraceError


class NightlyError(TailraceError):
    """Base of the room's errors: the nightly could not be run."""

    exit_status = 3


class NoConfigurationError(NightlyError):
    """There is no nightly.toml."""

    exit_status = 2

    def __init__(self, path: str) -> None:
        super().__init__(
            f"there is no {path}.",
            hint="Write one with `tailrace nightly init`, or name releases with --candidate, --baseline and --with.",
        )


class NightlyRunningError(NightlyError):
    """Another nightly writes into the same folder."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"another nightly is running in {folder}; nothing was run.",
            hint="Wait for it, or name another folder with --ledger.",
        )
