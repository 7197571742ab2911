"""Maps offsets in a file's text to lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from tailrace.lint.errors import UnreadableFileError

MAX_BYTES = 2 << 20
"""The files that lint is about are written by hand; a larger one is something else under the same name."""

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Word:
    """A text as it is meant, and where it stands: `start` and `end` are offsets into `Source.text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """One file. `path`: as shown to the reader, POSIX. `text`: decoded, line ends as they are, no byte order mark."""

    path: str
    text: str
    bom: bool = False
    _starts: tuple[int, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        object.__setattr__(self, "_starts", tuple(starts))

    @property
    def newline(self) -> str:
        """The line end that the file uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def place(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column, the column in characters."""
        line = bisect_right(self._starts, max(offset, 0))
        return line, max(offset, 0) - self._starts[line - 1] + 1

    def line_at(self, offset: int) -> tuple[int, int]:
        """Where the line around the offset begins and ends, its line end left out."""
        number = bisect_right(self._starts, max(offset, 0))
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return start, end

    def line(self, number: int) -> str:
        """The text of a 1-based line, empty beyond the file."""
        if not 1 <= number <= len(self._starts):
            return ""
        start, end = self.line_at(self._starts[number - 1])
        return self.text[start:end]

    def offset(self, number: int) -> int:
        """Where a 1-based line begins."""
        return self._starts[number - 1]

    @property
    def line_count(self) -> int:
        """How many lines there are, a last one without a line end included."""
        return len(self._starts)

    def encode(self, text: str) -> bytes:
        """The bytes of a changed text, as this file is encoded."""
        return ((_BOM if self.bom else "") + text).encode("utf-8")


def read_source(path: str, data: bytes, max_bytes: int = MAX_BYTES) -> Source:
    """The decoded text. Raises `UnreadableFileError` for data that is not text, or is larger than `max_bytes`."""
    if len(data) > max_bytes:
        raise UnreadableFileError(f"it is larger than {max_bytes >> 20} MiB")
    if b"\0" in data:
        raise UnreadableFileError("it is not a text file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError("it is not UTF-8 text", line) from None
    return Source(path, text.removeprefix(_BOM), bom=text.startswith(_BOM))


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for tables of words that read as text."""
    return frozenset(text.split())
