"""Patches or compares index files by path, for `tailrace hotfix apply|diff`. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailrace.conda.errors import RepodataError, SubdirError
from tailrace.conda.instructions import (
    PatchInstructions,
    apply_instructions,
    make_instructions,
    read_instructions,
    write_instructions,
)
from tailrace.conda.repodata import SECTIONS, Repodata, Section, read_repodata, with_records, write_repodata
from tailrace.hotfix.apply.diff import HotfixDiff, RecordChange, group_changes, record_change
from tailrace.hotfix.apply.program import HotfixProgram
from tailrace.hotfix.apply.run import Patched, apply_program
from tailrace.hotfix.errors import Unanswered, UnansweredError
from tailrace.hotfix.language.document import HotfixDocument
from tailrace.hotfix.language.parse import load_patches
from tailrace.outcome import CommandOutcome, HasOutcome


@dataclass(frozen=True, slots=True)
class HotfixResult(HasOutcome):
    """What patches do to an index.

    `patched` is the index afterwards, `diff` what changed, `instructions` the same as patch instructions, `unanswered`
    what was left undone.
    """

    subdir: str
    repodata: Repodata
    patched: Repodata
    diff: HotfixDiff
    instructions: PatchInstructions
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends: incomplete when a document could not be decided for some record."""
        return CommandOutcome.INCOMPLETE if self.unanswered else CommandOutcome.CLEAR


def hotfix_apply(
    patches: Path,
    repodata: Path,
    *,
    subdir: str | None = None,
    output: Path | None = None,
    instructions: Path | None = None,
    keep_going: bool = False,
) -> HotfixResult:
    """Applies patch YAML (a file or a folder) or a `patch_instructions.json` to one repodata file.

    `output` gets the patched repodata and `instructions` the instructions, each at once or not at all. When a document
    cannot be decided for a record, nothing is written and `UnansweredError` is raised, unless `keep_going`; the result
    then lists what was left undone.
    """
    result = hotfix_diff(patches, repodata, subdir=subdir)
    if result.unanswered and not keep_going:
        raise UnansweredError(result.unanswered)
    if output is not None:
        write_repodata(result.patched, output)
    if instructions is not None:
        write_instructions(result.instructions, instructions)
    return result


def hotfix_diff(patches: Path, repodata: Path, *, subdir: str | None = None) -> HotfixResult:
    """What the patches would change; writes nothing."""
    if patches.suffix == ".json":
        given = read_instructions(patches)
        index = read_repodata(repodata)
        return patch_with_instructions(given, index, _subdir(index, subdir))
    documents = load_patches(patches)
    index = read_repodata(repodata)
    return patch_repodata(documents, index, _subdir(index, subdir))


def patch_repodata(documents: Iterable[HotfixDocument], index: Repodata, subdir: str) -> HotfixResult:
    """Applies documents to both file types of an index."""
    documents = tuple(documents)
    program = HotfixProgram(documents, subdir)
    done: dict[Section, Patched] = {name: apply_program(program, index.section(name)) for name in SECTIONS}
    changed: dict[Section, Mapping[str, dict[str, Any]]] = {name: done[name].changed for name in SECTIONS}
    changes = [
        change
        for name in SECTIONS
        for fn, new in changed[name].items()
        if (change := _change(index, name, subdir, fn, new, [documents[number] for number in done[name].by[fn]]))
    ]
    return HotfixResult(
        subdir,
        index,
        with_records(index, changed),
        group_changes(changes, len(index)),
        make_instructions({name: index.section(name) for name in SECTIONS}, changed),
        tuple(one for name in SECTIONS for one in done[name].unanswered),
    )


def patch_with_instructions(instructions: PatchInstructions, index: Repodata, subdir: str) -> HotfixResult:
    """Applies patch instructions to an index. A removed record shows in the diff as one that lost all its fields."""
    patched = apply_instructions(instructions, index)
    changes: list[RecordChange] = []
    for name in SECTIONS:
        after = patched.section(name)
        for fn, raw in index.section(name).raw.items():
            if fn not in after or bytes(after.raw[fn]) != bytes(raw):
                change = _change(index, name, subdir, fn, after.get(fn, {}), ())
                changes += [change] if change is not None else []
    return HotfixResult(subdir, index, patched, group_changes(changes, len(index)), instructions)


def _change(
    index: Repodata, section: Section, subdir: str, fn: str, new: Mapping[str, Any], documents: Iterable[HotfixDocument]
) -> RecordChange | None:
    return record_change(subdir, fn, index.section(section)[fn], new, documents)


def _subdir(index: Repodata, asked: str | None) -> str:
    if asked is None and index.subdir is None:
        raise SubdirError(f'{index.path}: its "info" names no subdir.', hint="Say which it is with --subdir.")
    if asked is not None and index.subdir not in (None, asked):
        raise SubdirError(f"{index.path}: this is the index of {index.subdir}, not of {asked}.", hint="Check --subdir.")
    subdir = asked or index.subdir or ""
    if not subdir or "/" in subdir or not subdir.isprintable():
        raise RepodataError(index.path, f"{subdir!r} is not a subdir.")
    return subdir
