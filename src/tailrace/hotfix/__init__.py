"""Patches repodata with hotfix documents or patch instructions. Touches no network and no channel."""

from tailrace.conda.errors import RepodataError, SubdirError
from tailrace.conda.instructions import (
    PatchInstructions,
    apply_instructions,
    make_instructions,
    read_instructions,
    write_instructions,
)
from tailrace.conda.repodata import (
    RawRecords,
    Repodata,
    decode_repodata,
    encode_repodata,
    read_repodata,
    write_repodata,
)
from tailrace.hotfix.apply.commands import (
    HotfixResult,
    hotfix_apply,
    hotfix_diff,
    patch_repodata,
    patch_with_instructions,
)
from tailrace.hotfix.apply.diff import (
    ChangeGroup,
    FieldChange,
    HotfixDiff,
    RecordChange,
    group_changes,
    record_change,
)
from tailrace.hotfix.apply.program import HotfixProgram, ProgramRun
from tailrace.hotfix.apply.run import Patched, apply_documents, apply_program
from tailrace.hotfix.errors import DocumentMistake, HotfixError, PatchLanguageError, Unanswered, UnansweredError
from tailrace.hotfix.language.document import HotfixAction, HotfixDocument, RecordCondition
from tailrace.hotfix.language.dump import dump_document, dump_documents
from tailrace.hotfix.language.parse import load_patches, parse_patches

__all__ = [
    "ChangeGroup",
    "DocumentMistake",
    "FieldChange",
    "HotfixAction",
    "HotfixDiff",
    "HotfixDocument",
    "HotfixError",
    "HotfixProgram",
    "HotfixResult",
    "PatchInstructions",
    "PatchLanguageError",
    "Patched",
    "ProgramRun",
    "RawRecords",
    "RecordChange",
    "RecordCondition",
    "Repodata",
    "RepodataError",
    "SubdirError",
    "Unanswered",
    "UnansweredError",
    "apply_documents",
    "apply_instructions",
    "apply_program",
    "decode_repodata",
    "dump_document",
    "dump_documents",
    "encode_repodata",
    "group_changes",
    "hotfix_apply",
    "hotfix_diff",
    "load_patches",
    "make_instructions",
    "parse_patches",
    "patch_repodata",
    "patch_with_instructions",
    "read_instructions",
    "read_repodata",
    "record_change",
    "write_instructions",
    "write_repodata",
]
