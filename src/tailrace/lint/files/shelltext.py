"""Read shell text that stands inside a string of another format, so that every offset is one of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import yaml

from tailrace.lint.commands import collect_shell
from tailrace.lint.facts import Facts
from tailrace.lint.source import Word

_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|\r?\n|.)")
_PLAIN = {"n": "\n", "t": "\t", "r": " ", "\n": " "}


def unescape(text: str) -> str:
    """A string with backslash escapes as its reader sees it, blanks before each escape so that it is as long."""

    def plain(found: re.Match[str]) -> str:
        mark = found[0][1]
        return _PLAIN.get(mark, mark if mark not in "uUx" else "?").rjust(len(found[0]))

    return _ESCAPE.sub(plain, text)


def blank_except(text: str, kept: Iterable[tuple[int, str]]) -> str:
    """Blanks as long as the text, with line ends kept and each piece put in at its offset."""
    parts: list[str] = []
    at = 0
    for start, piece in sorted(kept):
        if start >= at:
            parts += (_blank(text[at:start]), piece)
            at = start + len(piece)
    return "".join((*parts, _blank(text[at:])))


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]+", lambda found: " " * len(found[0]), text)


def script_of(text: str, node: yaml.ScalarNode) -> tuple[int, str]:
    """Where the scalar begins, and the script in it: header and quotes are blanked, folded lines joined."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    raw = text[start:end]
    if node.style in ("|", ">"):
        header = raw.find("\n")
        if header < 0:
            return start, ""
        body = raw[header:]
        if node.style == ">":
            body = re.sub(r"(?<=[^\n\r])(\r?)\n(?=[ \t]*[^\s])", lambda found: " " * len(found[0]), body)
        raw = " " * header + body
    elif node.style == "'":
        raw = " " + raw[1:-1] + " "
    elif node.style == '"':
        raw = " " + unescape(raw[1:-1]) + " "
    return start, raw


def collect_scalar(facts: Facts, text: str, node: yaml.ScalarNode) -> None:
    """Adds the commands of a script that is a YAML or JSON string."""
    start, raw = script_of(text, node)
    collect_at(facts, raw, start)


def collect_at(facts: Facts, script: str, start: int) -> None:
    """Adds the commands of a script that begins at an offset of the file."""
    found = Facts()
    collect_shell(found, script)
    add_moved(facts, found, start)


def add_moved(facts: Facts, found: Facts, start: int) -> None:
    """Adds what was found in a text that begins at an offset of the file."""

    def moved(w: Word) -> Word:
        return Word(w.text, w.start + start, w.end + start)

    facts.words += map(moved, found.words)
    for c in found.commands:
        values = {name: tuple(map(moved, words)) for name, words in c.values.items()}
        specs = tuple(map(moved, c.specs))
        facts.commands.append(replace(c, at=moved(c.at), values=values, specs=specs, verb_end=c.verb_end + start))
    for s in found.settings:
        value = moved(s.value) if s.value else None
        facts.settings.append(replace(s, at=moved(s.at), value=value, items=tuple(map(moved, s.items))))
    for listing in found.channels:
        facts.channels.append(replace(listing, channels=tuple(map(moved, listing.channels)), at=moved(listing.at)))
    for sl in found.specs:
        facts.specs.append(replace(sl, specs=tuple(map(moved, sl.specs)), at=moved(sl.at)))
