"""What went wrong in the room `hotfix`, as data with a sentence. Never prints."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.model import TailraceError


class HotfixError(TailraceError):
    """Base of everything this room raises."""


@dataclass(frozen=True, slots=True, order=True)
class DocumentMistake:
    """One mistake in a patch file. `document` and `line` are 1-based; `document` is 0 when the whole file is meant."""

    file: str
    document: int
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: document {self.document}: {self.message}" if self.document else f"{place}: {self.message}"


class PatchLanguageError(HotfixError):
    """Patch YAML that is not in the language. `mistakes` holds every one of them, sorted by file and line."""

    exit_status = 2

    def __init__(self, mistakes: tuple[DocumentMistake, ...]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        count = len(self.mistakes)
        title = "1 mistake in the hotfix documents:" if count == 1 else f"{count} mistakes in the hotfix documents:"
        super().__init__("\n  ".join((title, *map(str, self.mistakes))))


@dataclass(frozen=True, slots=True, order=True)
class Unanswered:
    """A document that could not be decided or carried out for one record, which that document therefore left as it was.

    `reason` says why: the record lacks the field, or has a version that PEP 440 cannot compare.
    """

    subdir: str
    fn: str
    file: str
    document: int
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.subdir}/{self.fn}: {self.file}:{self.line} (document {self.document}) not applied: {self.reason}"


class UnansweredError(HotfixError):
    """Some documents could not be decided for some records; nothing was written."""

    exit_status = 3

    SHOWN = 20

    def __init__(self, unanswered: tuple[Unanswered, ...]) -> None:
        self.unanswered = unanswered
        lines = [str(one) for one in unanswered[: self.SHOWN]]
        if len(unanswered) > self.SHOWN:
            lines.append(f"and {len(unanswered) - self.SHOWN} more")
        title = f"{len(unanswered)} times a document could not be decided for a record:"
        super().__init__("\n  ".join((title, *lines)))


class PatchHistoryError(HotfixError):
    """What should say which patches a channel had when does not."""

    exit_status = 2
