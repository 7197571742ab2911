"""A shell, batch or PowerShell script in, its conda commands and variables out. Runs nothing."""

from __future__ import annotations

import re

from tailrace.lint.commands import collect_shell, finish_config
from tailrace.lint.facts import Document, Facts
from tailrace.lint.source import Source

_BATCH_COMMENT = re.compile(r"^[ \t]*@?(?:rem\b|::).*$", re.MULTILINE | re.IGNORECASE)
_SHEBANG = re.compile(rb"^#!.*\b(?:ba|da|z|k)?sh\b")
_MENTIONS = re.compile(rb"conda|mamba", re.IGNORECASE)


def has_shell_shebang(data: bytes) -> bool:
    """Whether the first line says that a shell runs it."""
    return bool(_SHEBANG.match(data[:200]))


def mentions_conda(data: bytes) -> bool:
    """Whether there can be anything to read at all."""
    return bool(_MENTIONS.search(data))


def read(source: Source) -> Document:
    """The document."""
    text = source.text
    if source.path.lower().endswith((".bat", ".cmd")):
        text = _BATCH_COMMENT.sub(lambda found: " " * len(found[0]), text)
    facts = Facts()
    collect_shell(facts, text)
    finish_config(facts)
    return facts.document(source, "script")
