"""Compiles documents into a program for the records of one subdir, indexed so that most tests are never made.

Changes no record.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tailrace.hotfix.apply.actions import Step, compile_action
from tailrace.hotfix.apply.conditions import UNANSWERED, Record, Test, compile_condition, cost, test_subdir
from tailrace.hotfix.language.document import HotfixDocument, RecordCondition
from tailrace.hotfix.language.globs import OPTIONAL_TAIL, is_literal, literal_prefix

COPIED = ("depends", "constrains")
"""The lists that actions change in place."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One document made ready: its tests, cheapest first, and its steps."""

    document: HotfixDocument
    tests: tuple[tuple[Test, RecordCondition], ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """What the documents did to one record: `record` is the patched copy, or the very record when no document applied.

    `applied`: numbers of the documents whose conditions held, in order (0-based in the program's documents), also of
    those that then changed nothing. `unanswered`: `(document number, line, reason)` of those that could not be decided
    or carried out.
    """

    record: Record
    applied: tuple[int, ...] = ()
    unanswered: tuple[tuple[int, int, str], ...] = ()


class HotfixProgram:
    """All documents for one subdir.

    Reusable for any number of records; keeps only what it learns about names and specs.
    """

    def __init__(self, documents: Iterable[HotfixDocument], subdir: str) -> None:
        self.subdir = subdir
        self.compiled: dict[int, Compiled] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_file: dict[str, list[int]] = {}
        self._by_token: dict[str, list[tuple[str, int]]] = {}
        self._by_prefix: list[tuple[str, int]] = []
        self._always: list[int] = []
        self._specs: dict[str, tuple[int, ...]] = {}
        for number, document in enumerate(documents):
            self._take(number, document)

    def _take(self, number: int, document: HotfixDocument) -> None:
        conditions = []
        for condition in document.conditions:
            if condition.of_file and condition.field == "subdir":
                if not test_subdir(condition, self.subdir):
                    return
            else:
                conditions.append(condition)
        conditions.sort(key=cost)
        tests = tuple((compile_condition(condition), condition) for condition in conditions)
        self.compiled[number] = Compiled(document, tests, tuple(map(compile_action, document.actions)))
        self._index(number, conditions)

    def _index(self, number: int, conditions: list[RecordCondition]) -> None:
        """Files the document under the most telling condition that is not negated.

        File name, package name, then a dependency.
        """
        wanted = [condition for condition in conditions if not condition.negated]
        for field, index in (("artifact", self._by_file), ("name", self._by_name)):
            for condition in wanted:
                values = tuple(map(str, condition.values))
                exact = condition.operator == "eq" or all(map(is_literal, values))
                if condition.field == field and condition.operator in ("is", "in", "eq") and exact:
                    for value in dict.fromkeys(values):
                        index.setdefault(value, []).append(number)
                    return
        for condition in wanted:
            if condition.operator == "has" and condition.field == "depends":
                for pattern in map(str, condition.values):
                    prefix = literal_prefix(pattern)
                    if " " in prefix or is_literal(pattern) or pattern == prefix + OPTIONAL_TAIL:
                        self._by_token.setdefault(prefix.split(" ", 1)[0], []).append((prefix, number))
                        return
                    if prefix:
                        self._by_prefix.append((prefix, number))
                        return
        self._always.append(number)

    def _for_spec(self, spec: str) -> tuple[int, ...]:
        """The documents that some `has_depends` may make interested in a record with this entry."""
        known = self._specs.get(spec)
        if known is None:
            token = spec.split(" ", 1)[0]
            found = [number for prefix, number in self._by_token.get(token, ()) if spec.startswith(prefix)]
            found += [number for prefix, number in self._by_prefix if spec.startswith(prefix)]
            known = self._specs[spec] = tuple(found)
        return known

    def _candidates(self, record: Record, fn: str) -> list[int]:
        """Numbers of all documents that may apply, in order."""
        found = set(self._always)
        name = record.get("name")
        if isinstance(name, str):
            found.update(self._by_name.get(name, ()))
        found.update(self._by_file.get(fn, ()))
        depends = record.get("depends")
        if isinstance(depends, list):
            known = self._specs
            for spec in depends:
                if isinstance(spec, str):
                    numbers = known[spec] if spec in known else self._for_spec(spec)
                    if numbers:
                        found.update(numbers)
        return sorted(found)

    def run(self, record: Record, fn: str) -> ProgramRun:
        """Applies all documents in order to one record, without changing it."""
        queue = self._candidates(record, fn)
        if not queue:
            return ProgramRun(record)
        applied: list[int] = []
        unanswered: list[tuple[int, int, str]] = []
        current = record
        position = 0
        while position < len(queue):
            number = queue[position]
            position += 1
            compiled = self.compiled[number]
            if not self._holds(compiled, current, fn, number, unanswered):
                continue
            own = own_copy(current)
            line = compiled.document.line
            try:
                for step, action in zip(compiled.steps, compiled.document.actions, strict=True):
                    line = action.line
                    step(own, self.subdir)
            except UNANSWERED as error:
                unanswered.append((number, line, _reason(error)))
                continue
            applied.append(number)
            changed = own.get("depends") != current.get("depends")
            current = own
            if changed:
                # A document further down may be interested in what was just added.
                queue = self._candidates(current, fn)
                position = bisect_right(queue, number)
        return ProgramRun(current, tuple(applied), tuple(unanswered))

    @staticmethod
    def _holds(
        compiled: Compiled, record: Record, fn: str, number: int, unanswered: list[tuple[int, int, str]]
    ) -> bool:
        """All conditions hold.

        One that says no settles it, wherever it stands; otherwise one without an answer is reported.
        """
        doubt: tuple[int, int, str] | None = None
        for test, condition in compiled.tests:
            try:
                if not test(record, fn):
                    return False
            except UNANSWERED as error:
                doubt = doubt or (number, condition.line, _reason(error))
        if doubt is not None:
            unanswered.append(doubt)
        return doubt is None


def own_copy(record: Record) -> dict[str, Any]:
    """A copy of which the lists that actions change are copies too."""
    own = dict(record)
    for field in COPIED:
        entries = own.get(field)
        if isinstance(entries, list):
            own[field] = list(entries)
    return own


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if isinstance(error, KeyError) and text.startswith("'"):
        return f"the record has no {text}"
    return text


def subdir_programs(documents: tuple[HotfixDocument, ...], subdirs: Iterable[str]) -> Mapping[str, HotfixProgram]:
    """One program for each subdir."""
    return {subdir: HotfixProgram(documents, subdir) for subdir in dict.fromkeys(subdirs)}
