"""Parses hotfix YAML in conda-forge's language, and collects every mistake of all files at once. Applies none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from packaging.version import InvalidVersion

from tailrace import disk
from tailrace.conda.yaml_nodes import NotYamlError, compose_documents
from tailrace.hotfix.errors import DocumentMistake, PatchLanguageError
from tailrace.hotfix.language.document import COMPARISONS, HotfixAction, HotfixDocument, RecordCondition, Scalar
from tailrace.hotfix.language.templates import OLD, PLACEHOLDERS, unknown_placeholders
from tailrace.hotfix.language.vocabulary import (
    ACTION_WORDS,
    CONDITION_WORDS,
    VERSION_GLOB_MARKS,
    ActionWord,
    ConditionWord,
    nearest,
)
from tailrace.hotfix.language.yaml_values import MAX_DEPTH, describe, kind_of, whole_number
from tailrace.model.foreign import read_version

MAX_BYTES = 16 * 1024 * 1024

_MAX_PIN = re.compile(r"\.*x[x.]*")
_DIGITS = re.compile(r"[0-9]{1,18}")


def load_patches(path: Path) -> tuple[HotfixDocument, ...]:
    """All documents of a YAML file, or of the `*.yaml` files of a folder, in the order of their names.

    Raises `PatchLanguageError` with every mistake of every file.
    """
    if path.is_dir():
        files = _files(path)
    else:
        files = [path]
    texts: list[tuple[str, str]] = []
    mistakes: list[DocumentMistake] = []
    for file in files:
        name = file.name if path.is_dir() else str(path)
        try:
            if file.stat().st_size > MAX_BYTES:
                mistakes.append(
                    DocumentMistake(name, 0, 0, f"larger than {MAX_BYTES // 2**20} MB, which no hotfix file needs")
                )
                continue
            texts.append((name, disk.read_bounded(file, MAX_BYTES).decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            mistakes.append(DocumentMistake(name, 0, 0, f"not UTF-8 text (byte {error.start})"))
        except OSError as error:
            mistakes.append(DocumentMistake(name, 0, 0, f"cannot be read: {error.strerror or error}"))
    return _parse_all(texts, mistakes)


def _files(folder: Path) -> list[Path]:
    """The files that conda-forge's own tool would take. It would pass over a `.yml`, so one is a mistake here."""
    try:
        found = sorted((one for one in folder.iterdir() if not one.name.startswith(".")), key=lambda one: one.name)
    except OSError as error:
        raise PatchLanguageError(
            (DocumentMistake(str(folder), 0, 0, f"cannot be read: {error.strerror or error}"),)
        ) from None
    wrong = tuple(
        DocumentMistake(one.name, 0, 0, 'hotfix files end in ".yaml"') for one in found if one.suffix == ".yml"
    )
    files = [one for one in found if one.suffix == ".yaml"]
    if wrong or not files:
        raise PatchLanguageError(wrong or (DocumentMistake(str(folder), 0, 0, "this folder holds no .yaml file"),))
    return files


def parse_patches(text: str, file: str = "<text>") -> tuple[HotfixDocument, ...]:
    """The documents of one text; empty documents are skipped but counted. Raises `PatchLanguageError`."""
    return _parse_all([(file, text)], [])


def _parse_all(texts: Iterable[tuple[str, str]], mistakes: list[DocumentMistake]) -> tuple[HotfixDocument, ...]:
    documents: list[HotfixDocument] = []
    for file, text in texts:
        parser = _Parser(file)
        documents.extend(parser.parse(text))
        mistakes.extend(parser.mistakes)
    if mistakes:
        raise PatchLanguageError(tuple(mistakes))
    return tuple(documents)


class _Parser:
    """Reads the documents of one file and collects its mistakes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[DocumentMistake] = []
        self.number = 0

    def mistake(self, node: yaml.Node, message: str) -> None:
        self.mistakes.append(DocumentMistake(self.file, self.number, node.start_mark.line + 1, message))

    def parse(self, text: str) -> list[HotfixDocument]:
        documents: list[HotfixDocument] = []
        for root in self._roots(text):
            self.number += 1
            if kind_of(root) == "null":
                continue
            before = len(self.mistakes)
            document = self._document(root)
            if len(self.mistakes) == before and document is not None:
                documents.append(document)
        return documents

    def _roots(self, text: str) -> Iterator[yaml.Node]:
        try:
            yield from compose_documents(text, MAX_DEPTH)
        except NotYamlError as error:
            self.mistakes.append(DocumentMistake(self.file, 0, error.line, error.reason))

    def _document(self, root: yaml.Node) -> HotfixDocument | None:
        entries = self._mapping(root, "a document", ("if", "then"))
        if entries is None:
            return None
        for part, role in (("if", "the conditions"), ("then", "a list of instructions")):
            if part not in entries:
                self.mistake(root, f'a document needs "{part}:" with {role}')
        conditions = self._conditions(entries["if"][1]) if "if" in entries else ()
        actions = self._actions(entries["then"][1]) if "then" in entries else ()
        return HotfixDocument(conditions, actions, file=self.file, number=self.number, line=root.start_mark.line + 1)

    def _mapping(
        self, node: yaml.Node, what: str, known: tuple[str, ...]
    ) -> dict[str, tuple[yaml.Node, yaml.Node]] | None:
        if not isinstance(node, yaml.MappingNode):
            parts = f" of {' and '.join(known)}" if len(known) <= 3 else ""
            self.mistake(node, f"{what} must be a mapping{parts}, not {describe(node)}")
            return None
        entries: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None or name not in known:
                shown = f'"{name}"' if name is not None else describe(key)
                self.mistake(key, f"unknown key {shown} in {what}{nearest(name or '', known)}")
            elif name in entries:
                first = entries[name][0].start_mark.line + 1
                self.mistake(key, f'"{name}" stands twice in {what} (first on line {first}); only one would count')
            else:
                entries[name] = (key, value)
        return entries

    def _conditions(self, node: yaml.Node) -> tuple[RecordCondition, ...]:
        entries = self._mapping(node, '"if"', _CONDITION_KEYS) or {}
        found = (
            self._condition(key, key.value, CONDITION_WORDS[name], value) for name, (key, value) in entries.items()
        )
        return tuple(condition for condition in found if condition is not None)

    def _condition(self, key: yaml.Node, name: str, word: ConditionWord, node: yaml.Node) -> RecordCondition | None:
        many = word.kind in ("texts", "numbers-or-globs")
        nodes = self._items(node, name, many)
        if nodes is None:
            return None
        values: list[Scalar] = []
        for item in nodes:
            value = self._number(item, name, word) if "number" in word.kind else self._text(item, name)
            if value is None:
                return None
            if word.field == "version" and word.operator != "in" and not self._is_version(item, name, word, str(value)):
                return None
            values.append(value)
        return RecordCondition(
            word.field,
            word.operator,
            tuple(values),
            negated=word.negated,
            of_file=word.of_file,
            as_list=isinstance(node, yaml.SequenceNode),
            line=key.start_mark.line + 1,
        )

    def _is_version(self, node: yaml.Node, name: str, word: ConditionWord, value: str) -> bool:
        if word.operator == "is" and not VERSION_GLOB_MARKS.isdisjoint(value):
            return True
        try:
            read_version(value)
        except InvalidVersion:
            way_out = f"; version_in: {value} compares it as text" if word.operator not in COMPARISONS else ""
            self.mistake(
                node, f'"{name}" compares versions as PEP 440 does, and "{value}" is none of its versions{way_out}'
            )
            return False
        return True

    def _number(self, node: yaml.Node, name: str, word: ConditionWord) -> Scalar | None:
        kind = kind_of(node)
        if kind == "int":
            number = whole_number(node)
            if number is not None and number >= 0:
                return number
        elif kind == "str" and node.value:
            if word.kind != "number":
                return str(node.value)
            if _DIGITS.fullmatch(node.value) and word.field != "size":
                return int(node.value)
        unit = " (milliseconds since 1970 UTC)" if word.field == "timestamp" else ""
        other = " or a glob in quotes" if word.kind != "number" else ""
        self.mistake(node, f'"{name}" takes a whole number of 0 or more{unit}{other}, not {describe(node)}')
        return None

    def _items(self, node: yaml.Node, name: str, many: bool) -> list[yaml.Node] | None:
        if isinstance(node, yaml.SequenceNode):
            if many:
                return list(node.value)
            self.mistake(node, f'"{name}" takes one value, not a list')
            return None
        return [node]

    def _text(self, node: yaml.Node, name: str) -> str | None:
        if kind_of(node) == "str" and node.value:
            return str(node.value)
        hint = ""
        if node.value and kind_of(node) in _QUOTABLE:
            hint = f'; put it in quotes: "{node.value}"'
        self.mistake(node, f'"{name}" takes text, not {describe(node)}{hint}')
        return None

    def _actions(self, node: yaml.Node) -> tuple[HotfixAction, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self.mistake(node, f'"then" must be a list of instructions ("- add_depends: …"), not {describe(node)}')
            return ()
        if not node.value:
            self.mistake(node, '"then" holds no instruction')
        actions: list[HotfixAction] = []
        for item in node.value:
            entries = self._mapping(item, "an instruction", _ACTION_KEYS)
            if entries is not None and not entries and not item.value:
                self.mistake(item, "this instruction is empty")
            for name, (key, value) in (entries or {}).items():
                action = self._action(key, name, ACTION_WORDS[name], value)
                if action is not None:
                    actions.append(action)
        return tuple(actions)

    def _action(self, key: yaml.Node, name: str, word: ActionWord, node: yaml.Node) -> HotfixAction | None:
        line = key.start_mark.line + 1
        if word.kind == "texts":
            values = [self._text(item, name) for item in self._items(node, name, True) or ()]
            for item, value in zip(node.value if isinstance(node, yaml.SequenceNode) else [node], values, strict=True):
                if value is not None:
                    self._template(item, name, value, filled=word.verb != "remove" and word.field != "track_features")
            texts = tuple(value for value in values if value is not None)
            return HotfixAction(word.verb, word.field, texts, as_list=isinstance(node, yaml.SequenceNode), line=line)
        if word.kind == "old-new":
            entries = self._mapping(node, f'"{name}"', ("old", "new"))
            if entries is None:
                return None
            old = self._part(node, entries, name, "old")
            new = self._part(node, entries, name, "new", old=word.verb == "replace")
            return HotfixAction(word.verb, word.field, old=old, new=new, line=line)
        return self._pin(name, word, node, line)

    def _pin(self, name: str, word: ActionWord, node: yaml.Node, line: int) -> HotfixAction | None:
        entries = self._mapping(node, f'"{name}"', ("name", "max_pin", "upper_bound"))
        if entries is None:
            return None
        package = self._part(node, entries, name, "name")
        max_pin = self._part(node, entries, name, "max_pin") if "max_pin" in entries else None
        if max_pin and not _MAX_PIN.fullmatch(max_pin):
            self.mistake(entries["max_pin"][1], f'"max_pin" is written "x", "x.x", "x.x.x" …, not "{max_pin}"')
        upper_bound = None
        if "upper_bound" in entries and kind_of(entries["upper_bound"][1]) != "null":
            upper_bound = self._part(node, entries, name, "upper_bound")
        if word.verb == "tighten" and "max_pin" not in entries and upper_bound is None:
            self.mistake(node, '"tighten_depends" needs "max_pin" or "upper_bound"')
        return HotfixAction(word.verb, word.field, name=package, max_pin=max_pin, upper_bound=upper_bound, line=line)

    def _part(
        self, node: yaml.Node, entries: dict[str, tuple[yaml.Node, yaml.Node]], name: str, part: str, old: bool = False
    ) -> str:
        if part not in entries:
            self.mistake(node, f'"{name}" needs "{part}"')
            return ""
        value = self._text(entries[part][1], part)
        if value is not None:
            self._template(entries[part][1], part, value, old=old)
        return value or ""

    def _template(self, node: yaml.Node, name: str, text: str, *, old: bool = False, filled: bool = True) -> None:
        if not filled:
            if "$" in text:
                self.mistake(node, f'"{name}" fills in no placeholders, so "{text}" would never match anything')
            return
        for unknown in unknown_placeholders(text, old=old):
            known = (*PLACEHOLDERS, OLD) if old else PLACEHOLDERS
            self.mistake(node, f'"{name}" has an unknown placeholder "{unknown}"{nearest(unknown, known)}')


_CONDITION_KEYS = tuple(CONDITION_WORDS)
_ACTION_KEYS = tuple(ACTION_WORDS)
_QUOTABLE = frozenset({"int", "float", "bool", "timestamp"})
