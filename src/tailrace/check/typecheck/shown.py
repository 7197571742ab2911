"""Makes room in a source text to point at the end of a call, and translates positions.

The server answers for the token at a place, and of two neighbours it prefers a name or a number: at the end of `f(a)`
it would tell about `a`. With a blank before the bracket, `f(a )`, the bracket stands alone and means the whole call.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from itertools import pairwise

_LINE_ENDS = re.compile("(\r\n|\r|\n)")


class ShownText:
    """One file's text and the blanks put into it. Lines and columns as in `Query`: 1-based, in UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        self._parts = _LINE_ENDS.split(text)
        self._blanks: dict[int, list[int]] = {}

    def make_room(self, line: int, column: int) -> bool:
        """Let a closing bracket at this place stand alone. True when that changes the text."""
        source = self._line(line)
        place = column - 1
        if not 0 < place < len(source) or source[place] not in b")]" or source[place - 1] in b" \t([,":
            return False
        blanks = self._blanks.setdefault(line, [])
        if place in blanks:
            return False
        insort(blanks, place)
        return True

    @property
    def text(self) -> str:
        """The text with its blanks."""
        parts = list(self._parts)
        for line, blanks in self._blanks.items():
            source = self._line(line)
            cuts = [0, *blanks, len(source)]
            parts[2 * (line - 1)] = b" ".join(source[a:b] for a, b in pairwise(cuts)).decode()
        return "".join(parts)

    def there(self, line: int, column: int) -> int:
        """The column in `text` of a column of the source."""
        return column + bisect_right(self._blanks.get(line, ()), column - 1)

    def back(self, line: int, column: int) -> int:
        """The column in the source of a column of `text`."""
        blanks = self._blanks.get(line, ())
        shifted = [place + index for index, place in enumerate(blanks)]
        return column - bisect_left(shifted, column - 1)

    def _line(self, line: int) -> bytes:
        index = 2 * (line - 1)
        return self._parts[index].encode() if 0 <= index < len(self._parts) else b""
