"""Lines of styled text, with or without ANSI colours. Neither the terminal nor the environment is read."""

from __future__ import annotations

import io
import re
import textwrap
from typing import TYPE_CHECKING

from tailrace.model.inert import inert

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

#: The widest line of prose that reads well, in columns.
PROSE = 120
LEVEL_STYLE = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_CODE = re.compile(r"`[^`]+`")


# What moves the cursor within a line, as rich leaves it out.
_MOVING = dict.fromkeys(map(ord, "\a\b\v\f\r"))


def _console(file: io.StringIO, width: int) -> Console:
    """A console in colour that writes to a string and behaves the same on every machine: no detection, no
    environment."""
    from rich.console import Console

    return Console(
        file=file,
        color_system="standard",
        force_terminal=True,
        force_interactive=False,
        force_jupyter=False,
        legacy_windows=False,
        width=width or 10_000,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )


class Ink:
    """Collects lines. `width`: columns that prose is wrapped to, 0 for never; other lines are never wrapped.

    Only colours need rich, which takes longer to import than most reports to write.
    """

    def __init__(self, *, color: bool, width: int) -> None:
        self._file = io.StringIO()
        self._console = _console(self._file, width) if color else None
        self._width = width
        self._color = color

    def text(self) -> str:
        """All lines. Nothing in them acts on a terminal, but for colours, or on a CI service."""
        return inert(self._file.getvalue(), color=self._color)

    def blank(self) -> None:
        """An empty line."""
        self._file.write("\n")

    def line(self, *pieces: tuple[str, str]) -> None:
        """`(text, style)` pieces on one line, never wrapped and without blanks at the end."""
        if self._console is None:
            self._write("".join(text for text, _ in pieces).translate(_MOVING).rstrip())
            return
        from rich.text import Text

        line = Text.assemble(*pieces)
        line.rstrip()
        self._print(line)

    def _write(self, line: str) -> None:
        self._file.write(line.translate(_MOVING).expandtabs() + "\n")

    def _print(self, line: Text) -> None:
        assert self._console is not None
        # soft_wrap: a terminal may fold the line, but it stays one line to whoever copies or clicks it.
        self._console.print(line, soft_wrap=True)

    def title(self, word: str, style: str, text: str) -> None:
        """The verdict as a badge, and what it is about in bold; further lines begin at column 2."""
        badge = f" {word} " if self._color else word
        lines = self._wrapped(text, first=len(badge) + 2, rest=2)
        self.line((badge, style), ("  ", ""), (lines[0], "bold"))
        for line in lines[1:]:
            self.line(("  ", ""), (line, "bold"))

    def _wrapped(self, text: str, *, first: int, rest: int) -> list[str]:
        """The lines of a text whose first begins at column `first`, and the others at column `rest`."""
        if not self._width:
            return [text]
        lines = textwrap.wrap(
            text,
            max(20, self._width),
            initial_indent=" " * first,
            subsequent_indent=" " * rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.strip() for line in lines] or [text]

    def prose(
        self, text: str, *, indent: int, first: tuple[str, str] = ("", ""), style: str = "", hang: int = 0
    ) -> None:
        """A sentence at `indent`; words such as paths and names are never broken; `code` stands out.

        `hang`: how much deeper its further lines begin.
        """
        whole = first[0] + text
        for number, line in enumerate(self._wrapped(whole, first=indent, rest=indent + hang)):
            margin = " " * (indent + (hang if number else 0))
            if self._console is None:
                self._write(margin + line)
                continue
            from rich.text import Text

            said = Text(line, style=style)
            if not style:
                for code in _CODE.finditer(line):
                    said.stylize("bold", *code.span())
            if number == 0 and first[0]:
                said.stylize(first[1], 0, len(first[0].rstrip()))
            self._print(Text(margin).append_text(said))
