"""The errors of the room `report`: what cannot be rendered, and what cannot be read back."""

from __future__ import annotations

from tailrace.model import TailraceError


class ReportError(TailraceError):
    """The base of this room's errors."""


class UnknownFormatError(ReportError):
    """No such format. `format` is what was asked for."""

    def __init__(self, format: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no report format {format!r}.", hint=f"Formats are {', '.join(known)}.")
        self.format = format


class ReportFileError(ReportError):
    """A file that should hold a check report cannot be read, or holds something else. `path` is the file."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}{reason}")
        self.path = path


class UnreadableReportError(ReportError):
    """A text is no report of `tailrace.check/1`. `reason` says where it stops being one."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is not a report of the schema tailrace.check/1: {reason}.")
        self.reason = reason
