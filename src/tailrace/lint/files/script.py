"""Reads the conda commands and variables of a shell, batch or PowerShell script. Runs nothing."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tailrace.lint.commands import collect_shell, finish_config
from tailrace.lint.facts import Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.source import Source

_BATCH_COMMENT = re.compile(r"^[ \t]*@?(?:rem\b|::).*$", re.MULTILINE | re.IGNORECASE)
_SHEBANG = re.compile(rb"^#!.*\b(?:ba|da|z|k)?sh\b")
_SUFFIXES = frozenset({".sh", ".bash", ".zsh", ".bat", ".cmd", ".ps1", ".fish", ".ksh"})
_NAMES = frozenset({"postBuild", "start"})
"""Scripts that repo2docker runs, whatever their first line is."""


def has_shell_shebang(data: bytes) -> bool:
    """Whether the first line says that a shell runs it."""
    return bool(_SHEBANG.match(data[:200]))


def read(source: Source) -> Document:
    """The document."""
    text = source.text
    if source.path.lower().endswith((".bat", ".cmd")):
        text = _BATCH_COMMENT.sub(lambda found: " " * len(found[0]), text)
    facts = Facts()
    collect_shell(facts, text)
    finish_config(facts)
    return facts.document(source, "script", runs=True)


def _mentions(path: PurePosixPath, data: bytes) -> bool:
    named = path.suffix.lower() in _SUFFIXES or path.name in _NAMES
    return (named or has_shell_shebang(data)) and mentions_conda(path, data)


KIND = FileKind(
    id="script",
    # A file without a suffix is a script when its first line says so.
    matches=lambda path: path.suffix.lower() in _SUFFIXES or "." not in path.name,
    mentions=_mentions,
    read=read,
    rank=90,
)
