"""Read the channels, packages and commands of a tox configuration. Expands no substitution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tailrace.lint.commands import collect_command, collect_shell, command_of_arguments, finish_config
from tailrace.lint.facts import ChannelList, Document, Facts, SpecList
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.files.shelltext import blank_except
from tailrace.lint.source import Source, Word

_SECTION = re.compile(r"^\[([^\]\r\n]+)\]")
_ENTRY = re.compile(r"^([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*")
_FACTOR = re.compile(r"^[\w{},!.-]+:[ \t]+")
_COMMANDS = frozenset({"commands", "commands_pre", "commands_post"})
_VARIABLES = frozenset({"setenv", "set_env"})


def read(source: Source) -> Document:
    """The document. tox.ini, and the sections of tox in setup.cfg."""
    facts = Facts()
    scripts: list[tuple[int, str]] = []
    for section, key, lines in _entries(source):
        name = key.text
        if name == "conda_channels":
            words = [word for line in lines for word in _words(line, r"[^,\s]+")]
            if words:
                facts.channels.append(ChannelList(tuple(words), "manifest", key))
        elif name == "conda_deps":
            specs = tuple(Word(line.text.strip(), line.start, line.end) for line in lines if line.text.strip())
            if specs:
                facts.specs.append(SpecList(specs, f"[{section}] {name}", key))
        elif name in ("conda_create_args", "conda_install_args"):
            for line in lines:
                verb = "create" if name == "conda_create_args" else "install"
                words = list(_words(line, r"\S+"))
                collect_command(facts, command_of_arguments("conda", verb, key, words), section=f"[{section}] {name}")
        elif name in _COMMANDS:
            scripts += ((line.start, re.sub(r"^[-!]+(?=[ \t])", _blank, line.text)) for line in lines)
        elif name in _VARIABLES:
            for line in lines:
                found = re.match(r"([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)", line.text)
                if found:
                    shell = f"{found[1]}=".rjust(found.start(2)) + found[2]
                    scripts.append((line.start, shell))
    collect_shell(facts, blank_except(source.text, scripts))
    facts.channels.sort(key=lambda listing: listing.at.start)
    known = tuple(word.text for listing in facts.channels if listing.scope == "manifest" for word in listing.channels)
    facts.specs = [replace(listing, channels=(*listing.channels, *known)) for listing in facts.specs]
    finish_config(facts)
    return facts.document(source, "tox")


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _entries(source: Source) -> Iterator[tuple[str, Word, list[Word]]]:
    """Section, key and the lines of its value, without comments and factors such as `py312:`."""
    section, key, lines = "", None, list[Word]()
    for number in range(1, source.line_count + 1):
        line, start = source.line(number), source.offset(number)
        header = _SECTION.match(line)
        entry = _ENTRY.match(line)
        if header or entry:
            if key is not None:
                yield section, key, lines
            key, lines = None, []
        if header:
            section = header[1].strip()
        elif entry and ("testenv" in section or section in ("tox", "testenv", "env_run_base")):
            key = Word(entry[1], start, start + len(entry[1]))
            _add(lines, line, entry.end(), start)
        elif key is not None and line[:1] in " \t":
            _add(lines, line, len(line) - len(line.lstrip()), start)
    if key is not None:
        yield section, key, lines


def _add(lines: list[Word], line: str, at: int, start: int) -> None:
    text = re.split(r"(?:^|\s)#", line[at:], maxsplit=1)[0].rstrip()
    factor = _FACTOR.match(text)
    if factor:
        at += factor.end()
        text = text[factor.end() :]
    if text:
        lines.append(Word(text, start + at, start + at + len(text)))


def _words(line: Word, pattern: str) -> Iterator[Word]:
    for found in re.finditer(pattern, line.text):
        yield Word(found[0], line.start + found.start(), line.start + found.end())


KIND = FileKind(
    id="tox",
    matches=lambda path: path.name in ("tox.ini", "setup.cfg"),
    mentions=lambda path, data: mentions_conda(path, data) and (path.name == "tox.ini" or b"testenv" in data),
    read=read,
    rank=20,
)
