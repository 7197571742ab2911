"""The keys of the hotfix language and the kind of value each takes. A table; decides nothing about records."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from tailrace.hotfix.language.document import Operator, Verb

ConditionKind = Literal["text", "texts", "number", "number-or-glob", "numbers-or-globs"]
ActionKind = Literal["texts", "old-new", "pin"]

TEXT_FIELDS = (
    "arch", "build", "legacy_bz2_md5", "legacy_bz2_size", "license", "license_family", "md5", "name", "noarch",
    "platform", "sha256", "subdir", "version",
)  # fmt: skip
NUMBER_FIELDS = ("build_number", "size", "timestamp")
VERSION_GLOB_MARKS = frozenset("*[]?()")
"""A `version` with any of these is a glob over the text; one without is compared as a version."""
LIST_FIELDS = ("depends", "constrains", "track_features")


@dataclass(frozen=True, slots=True)
class ConditionWord:
    """What a key of an `if` block means. `of_file`: it looks at the file (its subdir or name), not at the record."""

    field: str
    operator: Operator
    kind: ConditionKind
    negated: bool
    of_file: bool = False


@dataclass(frozen=True, slots=True)
class ActionWord:
    """What a key of a `then` item means."""

    verb: Verb
    field: Literal["depends", "constrains", "track_features"]
    kind: ActionKind


def _condition_words() -> dict[str, ConditionWord]:
    words: dict[str, ConditionWord] = {}
    order: tuple[Operator, ...] = ("lt", "le", "gt", "ge")
    same: tuple[Operator, ...] = ("eq", "ne")
    for negated in (False, True):
        start = "not_" if negated else ""
        for name in TEXT_FIELDS:
            words[f"{start}{name}"] = ConditionWord(name, "is", "text", negated)
            words[f"{start}{name}_in"] = ConditionWord(name, "in", "texts", negated)
            for operator in same if name != "version" else same + order:
                words[f"{start}{name}_{operator}"] = ConditionWord(name, operator, "text", negated)
        for name in NUMBER_FIELDS:
            words[f"{start}{name}"] = ConditionWord(name, "is", "number-or-glob", negated)
            words[f"{start}{name}_in"] = ConditionWord(name, "in", "numbers-or-globs", negated)
            for operator in same + order:
                words[f"{start}{name}_{operator}"] = ConditionWord(name, operator, "number", negated)
        for name in LIST_FIELDS:
            words[f"{start}has_{name}"] = ConditionWord(name, "has", "texts", negated)
        # `subdir_in` asks for the folder the index is of, as `artifact_in` asks for the file; plain `subdir`
        # asks the record.
        words[f"{start}subdir_in"] = ConditionWord("subdir", "in", "texts", negated, of_file=True)
        words[f"{start}artifact_in"] = ConditionWord("artifact", "in", "texts", negated, of_file=True)
    return words


CONDITION_WORDS = _condition_words()
ACTION_WORDS: dict[str, ActionWord] = {
    "add_depends": ActionWord("add", "depends", "texts"),
    "add_constrains": ActionWord("add", "constrains", "texts"),
    "add_track_features": ActionWord("add", "track_features", "texts"),
    "remove_depends": ActionWord("remove", "depends", "texts"),
    "remove_constrains": ActionWord("remove", "constrains", "texts"),
    "remove_track_features": ActionWord("remove", "track_features", "texts"),
    "reset_depends": ActionWord("reset", "depends", "texts"),
    "reset_constrains": ActionWord("reset", "constrains", "texts"),
    "replace_depends": ActionWord("replace", "depends", "old-new"),
    "replace_constrains": ActionWord("replace", "constrains", "old-new"),
    "rename_depends": ActionWord("rename", "depends", "old-new"),
    "rename_constrains": ActionWord("rename", "constrains", "old-new"),
    "relax_exact_depends": ActionWord("relax_exact", "depends", "pin"),
    "tighten_depends": ActionWord("tighten", "depends", "pin"),
    "loosen_depends": ActionWord("loosen", "depends", "pin"),
}


def nearest(word: str, known: tuple[str, ...]) -> str:
    """`; did you mean "…"?` when a known word is near, else the known words if they are few, else nothing."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if found:
        return f'; did you mean "{found[0]}"?'
    return f"; known here: {', '.join(known)}" if len(known) <= 16 else ""
