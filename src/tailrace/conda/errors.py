"""What can go wrong with a channel, a spec or a question about them. Sentences for the user; never a traceback."""

from __future__ import annotations

from pathlib import Path

from tailrace.model.errors import TailraceError


class ChannelError(TailraceError):
    """The base of everything this room raises."""


class ChannelUnreadableError(ChannelError):
    """A channel could not be reached, or its repodata is half-written or of the wrong shape. Could not check: exit
    status 3.
    """

    exit_status = 3

    def __init__(self, channel: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"Channel {channel}: {reason}", hint=hint)
        self.channel = channel
        self.reason = reason


class MissingChannelError(ChannelUnreadableError):
    """The folder of a channel does not exist: the user has to correct its path."""

    exit_status = 2

    def __init__(self, channel: str) -> None:
        super().__init__(channel, "there is no such folder", hint="Check the path, or name a channel or a URL.")


class UnknownSubdirError(ChannelError):
    """A platform that no conda client knows."""

    def __init__(self, subdir: str, nearest: str | None) -> None:
        super().__init__(
            f"{subdir!r} is not a conda platform.", hint=f"Did you mean {nearest!r}?" if nearest else "Try linux-64."
        )
        self.subdir = subdir


class MatchSpecError(ChannelError):
    """A match spec that no client would accept."""

    def __init__(self, spec: str, reason: str) -> None:
        super().__init__(
            f"Cannot read the spec {spec!r}: {reason}.", hint="Write it as in NAME >=1.0,<2 or NAME=1.0=BUILD."
        )
        self.spec = spec


class ExpressionError(ChannelError):
    """A `--broken` expression that cannot be read. `column` is 1-based."""

    def __init__(self, text: str, column: int, reason: str) -> None:
        super().__init__(
            f"Cannot read {text!r} at column {column}: {reason}.",
            hint='Write it as in "conda >=4.13 & conda-build <3.21.9".',
        )
        self.text = text
        self.column = column


class PrefixError(ChannelError):
    """The folder given as an installed environment is none, or its records cannot be read."""

    exit_status = 3


class RepodataError(TailraceError):
    """Repodata or patch instructions that cannot be read or written; nothing was written. `path` is the file,
    `reason` a sentence without its subject.
    """

    exit_status = 3

    def __init__(self, path: Path | str, message: str, *, hint: str | None = None) -> None:
        self.path = str(path)
        self.reason = message
        super().__init__(f"{path}: {message}", hint=hint)


class SubdirError(TailraceError):
    """The subdir of a repodata file is not known, or not the one that was asked for."""

    exit_status = 2
