"""Read the channels that a Nextflow configuration gives to conda. Evaluates nothing."""

from __future__ import annotations

import re

from tailrace.lint.facts import ChannelList, Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.source import Source, Word

_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'", re.DOTALL)
_CHANNELS = re.compile(r"\bconda[ \t]*\.[ \t]*channels[ \t]*=[ \t]*")
_BLOCK = re.compile(r"\bconda[ \t]*\{([^{}]*)\}")
_IN_BLOCK = re.compile(r"(?:^|[\s;])(channels)[ \t]*=[ \t]*")
_VALUE = re.compile(r"\[([^\[\]]*)\]|([\"'][^\"'\r\n]*[\"'])")
_MAX_BLOCK = 10_000


def read(source: Source) -> Document | None:
    """The document; `None` for a configuration that gives conda no channels."""
    text = _COMMENT.sub(
        lambda found: found[0] if found[0][0] != "/" else re.sub(r"[^\r\n]", " ", found[0]), source.text
    )
    facts = Facts()
    places = [(found.start(), found.end()) for found in _CHANNELS.finditer(text)]
    for block in _BLOCK.finditer(text):
        places += (
            (block.start(1) + found.start(1), block.start(1) + found.end())
            for found in _IN_BLOCK.finditer(block[1][:_MAX_BLOCK])
        )
    for start, end in sorted(places):
        value = _VALUE.match(text, end)
        if value:
            names = tuple(
                Word(found[0], value.start() + found.start(), value.start() + found.end())
                for found in re.finditer(r"[^\[\]\s,\"']+", value[0])
            )
            facts.channels.append(ChannelList(names, "manifest", Word("channels", start, end)))
    return facts.document(source, "nextflow") if facts.channels else None


KIND = FileKind(
    id="nextflow",
    matches=lambda path: path.name == "nextflow.config" or path.suffix == ".config",
    mentions=mentions_conda,
    read=read,
    rank=20,
)
