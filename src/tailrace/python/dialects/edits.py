"""Edits a text and maps each position of the result to one in the original."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece without text: where it stands in the new text is kept under its `kind`."""

    kind: str


Piece = str | Mark | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """What takes the place of `start` to `end`: texts, marks, and ranges of the original (edited in their turn)."""

    start: int
    end: int
    pieces: tuple[Piece, ...] = ()


class Edited:
    """A text after its edits."""

    def __init__(self, text: str, edits: list[Edit]) -> None:
        self._source = text
        self._edits = sorted(edits, key=lambda e: (e.start, e.end))
        self._starts = [edit.start for edit in self._edits]
        self._parts: list[str] = []
        self._length = 0
        # Where each part begins in the new text, where in the original, and whether it was copied.
        self._from: list[int] = []
        self._to: list[tuple[int, bool]] = []
        self.marks: dict[str, set[int]] = {}
        self._render(0, len(text))
        self.text = "".join(self._parts)
        self._new_lines = _line_starts(self.text)
        self._old_lines = _line_starts(text)

    def _put(self, text: str, origin: int, copied: bool) -> None:
        if text:
            self._from.append(self._length)
            self._to.append((origin, copied))
            self._parts.append(text)
            self._length += len(text)

    def _render(self, start: int, end: int, skip: Edit | None = None) -> None:
        position, index = start, bisect_right(self._starts, start - 1)
        while index < len(self._edits):
            edit = self._edits[index]
            index += 1
            if edit.start > end or (edit.start == end and edit.end > end):
                break
            if edit is skip or edit.start < position or edit.end > end:
                continue
            self._put(self._source[position : edit.start], position, True)
            for piece in edit.pieces:
                match piece:
                    case str():
                        # A word for a word of the same length keeps every place.
                        self._put(piece, edit.start, len(piece) == edit.end - edit.start)
                    case Mark(kind=kind):
                        self.marks.setdefault(kind, set()).add(self._length)
                    case (inner_start, inner_end):
                        self._render(inner_start, inner_end, edit)
            position = edit.end
        self._put(self._source[position:end], position, True)

    def offset(self, line: int, column: int) -> int:
        """The offset of a place in the new text; `line` 1-based, `column` in UTF-8 bytes, 0-based."""
        return _offset(self.text, self._new_lines, line, column)

    def place(self, line: int, column: int, *, end: bool = False) -> tuple[int, int]:
        """The place in the original. `end`: the place is where something ends."""
        offset = self.offset(line, column) - end
        index = max(bisect_right(self._from, offset) - 1, 0)
        origin, copied = self._to[index] if self._to else (0, False)
        if copied:
            origin += offset - self._from[index] + end
        line = bisect_right(self._old_lines, origin)
        start = self._old_lines[line - 1]
        return line, len(self._source[start:origin].encode("utf-8", "surrogatepass"))


def _line_starts(text: str) -> list[int]:
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts


def _offset(text: str, lines: list[int], line: int, column: int) -> int:
    start = lines[line - 1]
    part = text[start : start + column]
    if part.isascii():
        return start + column
    return start + len(part.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
