"""Read the conda calls of a noxfile.py from its syntax tree. Runs nothing of it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from tailrace.lint.commands import collect_command, finish_config, read_command
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.source import Source, Word

_PROGRAMS = frozenset({"conda", "mamba", "micromamba"})


def read(source: Source) -> Document:
    """The document. Raises `UnreadableFileError` for text that is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 0
        raise UnreadableFileError("it is not Python that this interpreter reads", line) from None
    facts = Facts()
    offsets = _Offsets(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            _call(facts, offsets, node, node.func.attr)
    facts.channels.sort(key=lambda listing: listing.at.start)
    finish_config(facts)
    return facts.document(source, "nox", runs=True)


def _call(facts: Facts, offsets: _Offsets, node: ast.Call, name: str) -> None:
    words = tuple(offsets.word(arg) for arg in node.args if _is_text(arg))
    if name in ("run", "run_always", "run_install") and words and words[0].text in _PROGRAMS:
        collect_command(facts, read_command(words[0].text, words))
    elif name == "conda_install":
        at = offsets.name(node, name)
        channels = [
            word for keyword in node.keywords if keyword.arg == "channel" for word in offsets.texts(keyword.value)
        ]
        command = read_command("conda", (at, Word("install", at.start, at.end), *words))
        collect_command(facts, command, section="`conda_install`")
        if channels:
            facts.channels.append(ChannelList(tuple(channels), "command", at))
    elif name == "session":
        for keyword in node.keywords:
            if keyword.arg == "venv_params":
                params = tuple(offsets.texts(keyword.value))
                at = offsets.name(node, name)
                collect_command(
                    facts, read_command("conda", (at, Word("create", at.start, at.end), *params)), "`venv_params`"
                )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class _Offsets:
    """Where nodes stand in the text; Python counts columns in bytes."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def at(self, line: int, column: int) -> int:
        start = self._source.offset(min(line, self._source.line_count))
        text = self._source.text[start : start + column]
        return start + (column if text.isascii() else len(text.encode()[:column].decode(errors="ignore")))

    def word(self, node: ast.expr) -> Word:
        assert isinstance(node, ast.Constant)
        return Word(
            str(node.value),
            self.at(node.lineno, node.col_offset),
            self.at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def texts(self, node: ast.expr) -> Iterator[Word]:
        for part in node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else (node,):
            if _is_text(part):
                yield self.word(part)

    def name(self, node: ast.Call, name: str) -> Word:
        end = self.at(node.func.end_lineno or node.lineno, node.func.end_col_offset or node.col_offset)
        return Word(name, max(0, end - len(name)), end)


KIND = FileKind(
    id="nox",
    matches=lambda path: path.name == "noxfile.py",
    mentions=mentions_conda,
    read=read,
    rank=20,
)
