"""What can go wrong with a channel of one's own. Sentences with the way out; whatever is raised, the served channel is
unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tailrace.conda.errors import ChannelError


class OwnChannelError(ChannelError):
    """The base of what this sub-room raises."""


class NotAChannelError(OwnChannelError):
    """The folder is no channel that `tailrace channel init` made."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} is not a channel of Tailrace.", hint=f"Make one with `tailrace channel init {folder}`."
        )
        self.folder = folder


class CannotInitError(OwnChannelError):
    """A channel cannot be made in a folder that holds something."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"{folder} {reason}.", hint="Name a folder that is empty, or not there yet.")
        self.folder = folder


class PackageError(OwnChannelError):
    """An archive that cannot become part of the channel."""

    def __init__(self, path: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{path} {reason}.", hint=hint)
        self.path = path
        self.reason = reason


class NameTakenError(OwnChannelError):
    """A different file of that name is, or once was, in the channel; clients may have either in their caches."""

    def __init__(self, file_name: str, where: str) -> None:
        super().__init__(
            f"{file_name} is in the channel already ({where}), with other content.",
            hint="A file name stands for one content forever: build it again with a higher build number.",
        )
        self.file_name = file_name


class SelectionError(OwnChannelError):
    """A package, label or subdir that was named and is not there."""


class HeldError(OwnChannelError):
    """A package that is held cannot be added or promoted."""

    def __init__(self, file_name: str, reason: str) -> None:
        super().__init__(
            f"{file_name} is held: {reason}.", hint="Take the hold off first: tailrace channel hold --release."
        )
        self.file_name = file_name


class RefusedError(OwnChannelError):
    """The gate is closed: a check report speaks against the promotion. Exit status 1."""

    exit_status = 1


class GateReportError(OwnChannelError):
    """A check report that cannot be used."""


class BusyError(OwnChannelError):
    """Another process is writing the channel."""

    exit_status = 3

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} is being written by another process.", hint="Wait until it is done, then try again."
        )
        self.folder = folder


class DiskError(OwnChannelError):
    """The disk said no. The served channel is as it was."""

    exit_status = 3

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}. The served channel is unchanged.")
        self.path = path
        self.reason = reason


class DamagedError(OwnChannelError):
    """What Tailrace keeps of the channel cannot be read."""

    exit_status = 3

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} is damaged: {reason}.", hint="Restore it from a backup; nothing was changed.")
        self.path = path


class IndexFaultError(OwnChannelError):
    """The index that was made is not the one that was asked for, so it was not put in place."""

    exit_status = 3


@contextmanager
def faults_named(where: Path) -> Iterator[None]:
    """What the operating system refuses becomes a sentence that names the path."""
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename or where
        raise DiskError(str(name), error.strerror or str(error)) from None
