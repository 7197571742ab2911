"""Read which channels the packages of a lock file come from: conda-lock, pixi.lock, and explicit lists of URLs.

Lock files are large and written by tools, so they are read line by line and not as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath

from tailrace.lint.facts import ChannelList, Document, Facts
from tailrace.lint.files.interface import FileKind
from tailrace.lint.names import channel_name, is_defaults
from tailrace.lint.source import Source, Word

MAX_BYTES = 64 << 20
_EXPLICIT = re.compile(r"^[ \t]*@EXPLICIT[ \t]*\r?$", re.MULTILINE)
_PACKAGE = r"(?:https?|file|s3|oci)://[^\s'\"#]{1,1000}?(?=/[^\s'\"/#]+\.(?:conda|tar\.bz2)(?:#|['\"\s]|$))"
_EXPLICIT_URL = re.compile(rf"^[ \t]*({_PACKAGE})", re.MULTILINE)
_LOCKED_URL = re.compile(rf"(?:^|(?<=[\s{{,-]))['\"]?(?:url|conda)['\"]?:[ \t]*['\"]?({_PACKAGE})", re.MULTILINE)
_SUBDIR = re.compile(r"/(?:noarch|(?:linux|osx|win|emscripten|wasi|freebsd|zos)-\w+)$")
_LISTED = re.compile(
    r"^[ \t]*+-?[ \t]*+(?:url:[ \t]*+)?['\"]?([^\s'\"#{}:,]+(?:://[^\s'\"#]+)?)['\"]?[ \t]*(?:#.*)?\r?$"
)
_MAX_LISTED = 100
_MAX_LISTS = 200
_BRACKETS = re.compile(r"['\"]?channels['\"]?[ \t]*:[ \t]*\[")
_MAX_BRACKETS = 10_000
_URL_ENTRY = re.compile(r"\burl['\"]?[ \t]*:[ \t]*['\"]?([^\s'\",{}\[\]]+)")
_NAME = re.compile(r"([^\s'\",{}\[\]]+)")


def read_explicit(source: Source) -> Document | None:
    """A list of URLs below `@EXPLICIT`; `None` for other text."""
    mark = _EXPLICIT.search(source.text)
    if mark is None:
        return None
    facts = Facts()
    _add(facts, (), _EXPLICIT_URL.finditer(source.text, mark.end()), Word("@EXPLICIT", mark.start(), mark.end()))
    return facts.document(source, "lock")


def read_lock(source: Source) -> Document | None:
    """conda-lock.yml of any version, or pixi.lock; `None` for the lock file of another tool."""
    text = source.text
    if not re.search(r"^[ \t{]*['\"]?(?:version|metadata|package|environments)['\"]?[ \t]*:", text, re.MULTILINE):
        return None
    listed = [*_listed(source), *_listed_in_brackets(text)]
    if not listed and _LOCKED_URL.search(text) is None:
        return None
    facts = Facts()
    _add(facts, listed, _LOCKED_URL.finditer(text), listed[0] if listed else Word("", 0, 0))
    return facts.document(source, "lock")


def _listed(source: Source) -> Iterator[Word]:
    """The channels that the file says it was solved from."""
    places = re.finditer(r"^([ \t]*)channels:[ \t]*\r?$", source.text, re.MULTILINE)
    for found in islice(places, _MAX_LISTS):
        number = source.place(found.start())[0] + 1
        indent = len(found[1])
        for below in range(number, min(number + _MAX_LISTED, source.line_count + 1)):
            line, start = source.line(below), source.offset(below)
            depth = len(line) - len(line.lstrip())
            if line.strip() and (depth < indent or (depth == indent and not line.lstrip().startswith("-"))):
                break
            name = _LISTED.match(line)
            if name and line.lstrip().startswith(("-", "url:")) and name[1] != "-":
                yield Word(name[1], start + name.start(1), start + name.end(1))


def _listed_in_brackets(text: str) -> Iterator[Word]:
    """The same where the list is written in brackets, as in JSON."""
    for found in islice(_BRACKETS.finditer(text), _MAX_LISTS):
        depth, end = 1, found.end()
        while end < min(len(text), found.end() + _MAX_BRACKETS) and depth:
            depth += {"[": 1, "]": -1}.get(text[end], 0)
            end += 1
        inside = text[found.end() : end]
        for name in (_URL_ENTRY if _URL_ENTRY.search(inside) else _NAME).finditer(inside):
            yield Word(name[1], found.end() + name.start(1), found.end() + name.end(1))


def _add(facts: Facts, listed: Iterable[Word], packages: Iterable[re.Match[str]], at: Word) -> None:
    """Adds the listed channels, and those of the packages that none of them stands for, each at its first place."""
    seen: dict[str, Word] = {}
    for word in listed:
        seen.setdefault(_key(word.text), word)
    for found in packages:
        channel = _SUBDIR.sub("", found[1])
        seen.setdefault(_key(channel), Word(channel, found.start(1), found.start(1) + len(channel)))
    if seen:
        facts.channels.append(ChannelList(tuple(seen.values()), "lock", at))


def _key(channel: str) -> str:
    """What two spellings of a channel have in common; a secret in one of them makes it another one."""
    if is_defaults(channel) and "@" not in channel and "/t/" not in channel:
        return "defaults"
    bare = channel.rstrip("/")
    return channel_name(bare) if re.match(r"https?://conda\.anaconda\.org/(?!t/)", bare) else bare


def _is_explicit(path: PurePosixPath, data: bytes) -> bool:
    return b"@EXPLICIT" in data


def _is_lock(path: PurePosixPath, data: bytes) -> bool:
    return b"channels:" in data or b"conda" in data


KIND = (
    FileKind(
        id="explicit",
        matches=lambda path: path.suffix.lower() in (".txt", ".lock") or path.name.endswith(".lock.txt"),
        mentions=_is_explicit,
        read=read_explicit,
        max_bytes=MAX_BYTES,
        rank=15,
    ),
    FileKind(
        id="lock",
        matches=lambda path: (
            path.name == "pixi.lock" or bool(re.search(r"(?:^|[-_.])(?:conda-)?lock\.ya?ml$", path.name.lower()))
        ),
        mentions=_is_lock,
        read=read_lock,
        max_bytes=MAX_BYTES,
        rank=15,
    ),
)
