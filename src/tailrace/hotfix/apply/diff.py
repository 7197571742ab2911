"""What patches change in records, with the records that change alike together. Applies nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tailrace.hotfix.language.document import HotfixDocument

SPEC_LISTS = ("depends", "constrains")


class FieldChange(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One field.

    For lists of specs the entries that went and came, in the record's order; for other fields the old and new value as
    text.

    `reordered`: the same entries in another order, which means nothing to a solver.
    """

    field: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    reordered: bool = False


class RecordChange(msgspec.Struct, frozen=True, kw_only=True):
    """One record with its whole old and new lists, and the documents (`file#number`) that apply to it."""

    subdir: str
    fn: str
    changes: tuple[FieldChange, ...]
    old_depends: tuple[str, ...] = ()
    new_depends: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


class ChangeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """All records with the same change.

    `artifacts` are `subdir/file name`, sorted; `documents` those that apply to all of them.
    """

    changes: tuple[FieldChange, ...]
    artifacts: tuple[str, ...]
    documents: tuple[str, ...] = ()


class HotfixDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What a patch set changes. `records` looked at, `changed` among them; the groups hold each changed record once."""

    schema: str = "tailrace.hotfix-diff/1"
    records: int
    changed: int
    groups: tuple[ChangeGroup, ...]


def record_change(
    subdir: str,
    fn: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    documents: Iterable[HotfixDocument] = (),
) -> RecordChange | None:
    """What became of one record, `None` when nothing."""
    names = (*old, *(name for name in new if name not in old))
    changes = tuple(change for name in names if (change := _field_change(name, old, new)) is not None)
    if not changes:
        return None
    return RecordChange(
        subdir=subdir,
        fn=fn,
        changes=changes,
        old_depends=tuple(map(str, old.get("depends") or ())),
        new_depends=tuple(map(str, new.get("depends") or ())),
        documents=tuple(document.place for document in documents),
    )


def group_changes(changes: Iterable[RecordChange], records: int) -> HotfixDiff:
    """The changes grouped by what they do.

    The groups and what is in them sorted, the order of `changes` not mattering.
    """
    groups: dict[tuple[FieldChange, ...], list[RecordChange]] = {}
    for change in changes:
        groups.setdefault(tuple(sorted(change.changes)), []).append(change)
    made = [
        ChangeGroup(
            changes=key,
            artifacts=tuple(sorted(f"{one.subdir}/{one.fn}" for one in members)),
            documents=tuple(sorted(set.intersection(*(set(one.documents) for one in members)))),
        )
        for key, members in groups.items()
    ]
    made.sort(key=lambda group: group.artifacts)
    return HotfixDiff(records=records, changed=sum(len(group.artifacts) for group in made), groups=tuple(made))


def _field_change(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> FieldChange | None:
    before, after = old.get(name), new.get(name)
    if before == after and (name in old) == (name in new):
        return None
    if name in SPEC_LISTS and isinstance(before or [], list) and isinstance(after or [], list):
        gone, came = list(map(str, before or [])), list(map(str, after or []))
        for entry in list(gone):
            if entry in came:
                gone.remove(entry)
                came.remove(entry)
        reordered = bool(before) and bool(after) and not gone and not came
        return FieldChange(field=name, removed=tuple(gone), added=tuple(came), reordered=reordered)
    return FieldChange(field=name, removed=_as_text(name, old), added=_as_text(name, new))


def _as_text(name: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    if name not in record:
        return ()
    value = record[name]
    return (value if isinstance(value, str) else msgspec.json.encode(value).decode(),)
