"""What goes wrong in the room `lint`, as data with a sentence. Never prints."""

from __future__ import annotations

from tailrace.model import TailraceError


class LintError(TailraceError):
    """Base of everything this room raises."""


class UnreadableFileError(LintError):
    """A file that could not be read, so was not checked. `reason` is a clause, `line` is 1-based, 0 if not known."""

    exit_status = 3

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class NoSuchPathError(LintError):
    """A path that was named does not exist. `path` is as it was named."""

    def __init__(self, path: str) -> None:
        super().__init__(f"there is no file or folder {path!r}.", hint="Name a folder to look through, or a file.")
        self.path = path
