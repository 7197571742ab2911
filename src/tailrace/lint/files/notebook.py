"""Read the shell lines and shell cells of a Jupyter notebook. Runs no cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from tailrace.lint.commands import collect_shell, finish_config
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.files.jsontext import compose_json
from tailrace.lint.files.shelltext import unescape
from tailrace.lint.files.yamltext import child, items
from tailrace.lint.source import Source

_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|cmd|system|sx|!|script\s+(?:--\S+\s+)*(?:/\S+/)?(?:ba|z|k|da)?sh)\b[^\n]*")
_SHELL_LINE = re.compile(
    r"[ \t]*(?:\w+[ \t]*=[ \t]*)?(?:!{1,2}|%{1,2}(?=(?:conda|mamba|micromamba)\b)|%s[xc]\b|%system\b)"
)
MAX_BYTES = 32 << 20
"""Outputs make notebooks large."""


def read(source: Source) -> Document | None:
    """The document; `None` for a notebook without a shell line that names a client."""
    try:
        root = compose_json(source)
    except UnreadableFileError:
        if not re.search(r"[!%][^\"\n]{0,200}(?:conda|mamba) ", source.text):
            return None
        raise
    cells = [*items(child(root, "cells"))]
    for sheet in items(child(root, "worksheets")):  # notebooks of format 3
        cells += items(child(sheet, "cells"))
    kept: list[tuple[int, str]] = []
    for cell in cells:
        kind = child(cell, "cell_type")
        if isinstance(kind, yaml.ScalarNode) and kind.value == "code":
            given = child(cell, "source") or child(cell, "input")
            kept += _shell(source.text, [given] if isinstance(given, yaml.ScalarNode) else [*items(given)])
    if not kept:
        return None
    facts = Facts()
    collect_shell(facts, _script(source.text, kept))
    finish_config(facts)
    return facts.document(source, "notebook", runs=True) if facts.commands else None


def _script(text: str, kept: list[tuple[int, str]]) -> str:
    """The pieces at their offsets; what stands between two lines of a cell is JSON, and ends no line."""
    parts: list[str] = []
    at, ended = 0, True
    for start, piece in sorted(kept):
        gap = start - at
        parts += ("" if gap <= 0 else " " * gap if ended else "\n" + " " * (gap - 1), piece)
        at, ended = start + len(piece), piece.endswith("\n")
    return "".join(parts)


def _shell(text: str, lines: list[yaml.Node]) -> Iterator[tuple[int, str]]:
    """The pieces of one cell that a shell runs, each with its offset."""
    strings = [
        (int(node.start_mark.index) + 1, unescape(text[node.start_mark.index + 1 : node.end_mark.index - 1]))
        for node in lines
        if isinstance(node, yaml.ScalarNode) and node.value
    ]
    whole = bool(strings and _SHELL_CELL.match(strings[0][1]))
    goes_on = False
    for number, (start, piece) in enumerate(strings):
        at = start
        for row, line in enumerate(piece.splitlines(keepends=True)):
            head = None if whole or goes_on else _SHELL_LINE.match(line)
            if whole and number == row == 0:
                pass  # the line that makes it a shell cell
            elif whole or goes_on:
                yield at, line
            elif head:
                yield at, " " * head.end() + line[head.end() :]
            goes_on = not whole and bool(head or goes_on) and line.rstrip().endswith("\\")
            at += len(line)


KIND = FileKind(
    id="notebook",
    matches=lambda path: path.suffix.lower() == ".ipynb",
    mentions=mentions_conda,
    read=read,
    max_bytes=MAX_BYTES,
    rank=20,
)
