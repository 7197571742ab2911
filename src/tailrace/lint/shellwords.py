"""Splits shell text into simple commands, each a list of words with offsets. Nothing is expanded.

Good for finding commands in scripts of several shells, not for judging a script: what is put together at run time stays
as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.lint.source import Word

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_SEPARATORS = frozenset(";&|()\n")
_BLANK = frozenset(" \t\r")
# A backslash before these stands for the character; elsewhere it is a Windows path's.
_ESCAPABLE = frozenset("\"'\\$` \t;&|()<>{}[]*?#!~")


def split_commands(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[Word, ...]]:
    """The words of each simple command between two offsets, quotes taken off."""
    at = start
    end = len(text) if end is None else end
    words: list[Word] = []
    heredocs: list[str] = []
    while at < end:
        char = text[at]
        if char in _BLANK:
            at += 1
        elif _continues(text, at, end):
            at = text.index("\n", at) + 1
        elif char == "#":
            at = _line_end(text, at, end)
        elif text.startswith("<<", at) and (found := _HEREDOC.match(text, at, end)):
            heredocs.append(found[2])
            at = found.end()
        elif char in "<>":
            at += 1
        elif char in _SEPARATORS:
            if words:
                yield tuple(words)
                words = []
            at += 1
            if char == "\n" and heredocs:
                at = _after_heredocs(text, at, end, heredocs)
                heredocs = []
        else:
            read, at = _read_word(text, at, end)
            if read:
                words.append(read)
            if text.startswith("$(", at) or text.startswith("`", at):
                if words:
                    yield tuple(words)
                    words = []
                at += 2 if text[at] == "$" else 1
    if words:
        yield tuple(words)


def _continues(text: str, at: int, end: int) -> bool:
    """Whether a continuation mark of sh, PowerShell or cmd ends the line here."""
    return text[at] in "\\`^" and bool(re.compile(r".[ \t]*\r?\n").match(text, at, end))


def _line_end(text: str, at: int, end: int) -> int:
    found = text.find("\n", at, end)
    return end if found < 0 else found


def _after_heredocs(text: str, at: int, end: int, marks: list[str]) -> int:
    for mark in marks:
        while at < end:
            stop = _line_end(text, at, end)
            line = text[at:stop].strip()
            at = min(stop + 1, end)
            if line == mark:
                break
    return at


def _read_word(text: str, at: int, end: int) -> tuple[Word | None, int]:
    start, parts = at, []
    while at < end:
        char = text[at]
        if text.startswith("${{", at):  # a template expression of a CI system: blanks in it are no separators
            stop = text.find("}}", at, end)
            stop = end if stop < 0 else stop + 2
            parts.append(text[at:stop])
            at = stop
        elif char in _BLANK or char in _SEPARATORS or char in "<>`" or text.startswith("$(", at):
            break
        elif char == "\\" and at + 1 < end:
            if _continues(text, at, end):
                break
            following = text[at + 1]
            parts.append(following if following in _ESCAPABLE else char + following)
            at += 2
        elif char in "'\"":
            at, quoted = _quoted(text, at, end)
            parts.append(quoted)
        else:
            parts.append(char)
            at += 1
    if at == start:
        # A lone mark such as a backslash at the very end, or one that begins a substitution.
        return None, at if text.startswith("$(", at) or text.startswith("`", at) else at + 1
    read = "".join(parts)
    # A blank at the end stands for an escape of the format around the script.
    return Word(read.strip(" ") or read, start, at), at


def _quoted(text: str, at: int, end: int) -> tuple[int, str]:
    mark, parts = text[at], []
    at += 1
    while at < end and text[at] != mark:
        if mark == '"' and text[at] == "\\" and at + 1 < end and text[at + 1] in '"\\$`':
            at += 1
        parts.append(text[at])
        at += 1
    return min(at + 1, end), "".join(parts)
