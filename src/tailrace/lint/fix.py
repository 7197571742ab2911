"""Fixes the faults of a lint run that are safe to fix. Writes a file whole or not at all."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tailrace.lint.edits import Edit, apply_edits
from tailrace.lint.engine import Judged, Run, check_document, judge_document
from tailrace.lint.errors import LintError, UnreadableFileError
from tailrace.lint.facts import Document
from tailrace.lint.files import read_file

_ROUNDS = 10


class NotWrittenError(LintError):
    """A fixed file could not be written; those before it were. `path` is the file."""

    exit_status = 3

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} could not be written: {reason}.", hint="Nothing of it was changed.")
        self.path = path


@dataclass(frozen=True, slots=True)
class FixedFile:
    """One file that changes. `count`: how many findings are gone."""

    shown: str
    before: str
    document: Document
    data: bytes
    count: int


def apply_fixes(run: Run, *, unsafe: bool = False, disable: Collection[str] = ()) -> tuple[FixedFile, ...]:
    """What fixing would change; writes nothing."""
    found = []
    for shown, document in sorted(run.documents.items()):
        fixed, count = fix_document(document, unsafe=unsafe, disable=disable, project=tuple(run.documents.values()))
        if fixed.source.text != document.source.text:
            source = fixed.source
            found.append(FixedFile(shown, document.source.text, fixed, source.encode(source.text), count))
    return tuple(found)


def fix_document(
    document: Document, *, unsafe: bool = False, disable: Collection[str] = (), project: tuple[Document, ...] = ()
) -> tuple[Document, int]:
    """The document after its edits, and how many findings are gone. Idempotent: what it gives needs no further edit.

    An edit counts only if the file still reads as what it was and finds less, or less grave, faults; else it is undone.
    """
    refused: set[tuple[str, str]] = set()
    start = sum(_weight(document, project, disable))
    for _ in range(_ROUNDS):
        judged = _open(judge_document(document, project, disable))
        chosen = [
            j for j in judged if j.edits and (unsafe or j.safe) and (j.finding.rule, j.finding.message) not in refused
        ]
        if not chosen:
            break
        together = _after(document, [edit for j in chosen for edit in j.edits])
        weight = _weight(document, project, disable)
        if together and _weight(together, project, disable) < weight:
            document = together
            continue
        # One of them does harm: each for itself, and never again those that do.
        first = chosen[0]
        alone = _after(document, first.edits)
        if alone and _weight(alone, project, disable) < weight:
            document = alone
        else:
            refused.add((first.finding.rule, first.finding.message))
    return document, start - sum(_weight(document, project, disable))


def _weight(document: Document, project: tuple[Document, ...], disable: Collection[str]) -> tuple[int, int, int]:
    """How many errors, warnings and notes there are: what may only become less, the graver ones first."""
    found = [one.finding.severity for one in _open(judge_document(document, project, disable))]
    return found.count("error"), found.count("warning"), found.count("note")


def _open(judged: list[Judged]) -> list[Judged]:
    return [one for one in judged if one.finding.suppressed is None]


def _after(document: Document, edits: list[Edit] | tuple[Edit, ...]) -> Document | None:
    source = document.source
    data = source.encode(apply_edits(source.text, edits))
    try:
        changed = read_file(source.path, data, kind="condarc" if document.kind == "condarc" else None)
    except (UnreadableFileError, RecursionError):
        return None
    return changed if changed and changed.kind == document.kind else None


def write(run: Run, fixed: tuple[FixedFile, ...], disable: Collection[str] = ()) -> None:
    """Writes the files and judges them anew. A file that was changed meanwhile is left alone with `NotWrittenError`."""
    for one in fixed:
        path = run.found.files[one.shown][0]
        _write(path, one.shown, run.data[one.shown], one.data)
        run.documents[one.shown] = one.document
        run.data[one.shown] = one.data
        run.fixed += one.count
    check_document(run, disable)


def diff_of(fixed: tuple[FixedFile, ...]) -> str:
    """A unified diff that `git apply` and `patch -p1` take."""
    return "".join(_diff(one) for one in fixed)


def _diff(one: FixedFile) -> str:
    old, new = (text.splitlines(keepends=True) for text in (one.before, one.document.source.text))
    lines = difflib.unified_diff(old, new, f"a/{one.shown}", f"b/{one.shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _write(path: Path, shown: str, before: bytes, after: bytes) -> None:
    target = path.resolve()
    beside = None
    try:
        if target.read_bytes() != before:
            raise NotWrittenError(shown, "it was changed since it was read")
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)
    except OSError as error:
        if beside:
            beside.unlink(missing_ok=True)
        raise NotWrittenError(shown, error.strerror or str(error)) from None
