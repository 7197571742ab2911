"""Applies documents to the records of one subdir. Pure: no record is ever changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tailrace.hotfix.apply.conditions import Record
from tailrace.hotfix.apply.program import HotfixProgram
from tailrace.hotfix.errors import Unanswered
from tailrace.hotfix.language.document import HotfixDocument


@dataclass(frozen=True, slots=True)
class Patched:
    """What a patch set does to an index.

    `changed`: file name → new record, only of records that are different afterwards. `by`: file name → numbers of the
    documents (0-based, in the order given) whose conditions held, for these. `unanswered`: documents that could not be
    decided for a record.
    """

    subdir: str
    changed: Mapping[str, dict[str, Any]]
    by: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unanswered: tuple[Unanswered, ...] = ()


def apply_documents(documents: Iterable[HotfixDocument], records: Mapping[str, Record], subdir: str) -> Patched:
    """Applies all documents, in order, to all records of one subdir."""
    documents = tuple(documents)
    return apply_program(HotfixProgram(documents, subdir), records)


def apply_program(program: HotfixProgram, records: Mapping[str, Record]) -> Patched:
    """The same with documents that are compiled already, for several indexes of one subdir."""
    changed: dict[str, dict[str, Any]] = {}
    by: dict[str, tuple[int, ...]] = {}
    unanswered: list[Unanswered] = []
    for fn, record in records.items():
        run = program.run(record, fn)
        if run.applied and run.record != record:
            changed[fn] = dict(run.record)
            by[fn] = run.applied
        for number, line, reason in run.unanswered:
            document = program.compiled[number].document
            unanswered.append(Unanswered(program.subdir, fn, document.file, document.number, line, reason))
    return Patched(program.subdir, changed, by, tuple(unanswered))
