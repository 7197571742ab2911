"""Lists every difference between two forms of one index. Pure.

`repodata.json` is what the others are measured by: it is the oldest form, and every client falls back to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tailrace.channel.index_formats.read import PATHS, Form, Records
from tailrace.channel.index_formats.values import Difference, format_value
from tailrace.conda.repodata import SECTIONS

# Fields that may be left out when there is nothing in them.
_EMPTY: Mapping[str, tuple[Any, ...]] = {
    "depends": ([], None),
    "constrains": ([], None),
    "track_features": ("", [], None),
    "features": ("", None),
    "extra_depends": ({}, None),
    "flags": ([], None),
}


def normalize_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without what says nothing, and with lists that have a second spelling in their first."""
    found = {key: value for key, value in record.items() if value is not None and value not in _EMPTY.get(key, ())}
    features = found.get("track_features")
    if isinstance(features, str):
        found["track_features"] = features.replace(",", " ").split()
    return found


def compare_forms(
    folder: str, reference: Form, form: Form, unpatched: Mapping[str, Records] | None
) -> Iterator[Difference]:
    """How `form` deviates from `reference`; `unpatched`: the records as they are without hotfixes, where known.

    `current_repodata.json` may hold fewer records, but none that differ.
    """
    path = PATHS[form.name]
    if form.problem is not None:
        yield Difference(
            folder=folder,
            rule="form-unreadable",
            form=path,
            message=f"{path} {form.problem}; clients that ask for it fail.",
        )
        return
    assert reference.records is not None
    assert form.records is not None
    for section in SECTIONS:
        wanted, found = reference.records[section], form.records[section]
        before = (unpatched or {}).get(section, {})
        for file_name in sorted(wanted.keys() | found.keys()):
            if file_name not in found:
                if form.name != "current":
                    yield Difference(
                        folder=folder,
                        rule="record-missing",
                        form=path,
                        file=file_name,
                        message=f"{file_name} is in repodata.json and not in {path}.",
                    )
            elif file_name not in wanted:
                yield Difference(
                    folder=folder,
                    rule="record-extra",
                    form=path,
                    file=file_name,
                    message=f"{file_name} is in {path} and not in repodata.json.",
                )
            else:
                yield from _fields(folder, path, file_name, wanted[file_name], found[file_name], before.get(file_name))
    if form.name == "current":
        return
    for file_name in sorted(reference.removed ^ form.removed):
        listed = file_name in reference.removed
        where, other = ("repodata.json", path) if listed else (path, "repodata.json")
        yield Difference(
            folder=folder,
            rule="removed-differs",
            form=path,
            file=file_name,
            message=f"{file_name} is listed as removed in {where} and not in {other}.",
        )


def _fields(
    folder: str, path: str, file_name: str, wanted: dict[str, Any], found: dict[str, Any], before: dict[str, Any] | None
) -> Iterator[Difference]:
    if wanted == found:
        return
    one, other = normalize_record(wanted), normalize_record(found)
    old = normalize_record(before) if before is not None else None
    for key in sorted(one.keys() | other.keys()):
        if one.get(key) == other.get(key):
            continue
        unpatched = old is not None and old.get(key) == other.get(key) and old.get(key) != one.get(key)
        yield Difference(
            folder=folder,
            rule="record-differs",
            form=path,
            file=file_name,
            field=key,
            expected=format_value(one.get(key)),
            found=format_value(other.get(key)),
            message=f"{file_name}: {key} is {format_value(one.get(key))} in repodata.json, "
            f"{format_value(other.get(key))} in {path}"
            + ("; that is its value without the hotfix." if unpatched else "."),
        )


def removed_and_listed(folder: str, form: Form) -> Iterator[Difference]:
    """Files that are called removed and still have a record: rattler passes over them, conda installs them."""
    for section in SECTIONS:
        for file_name in sorted(form.removed & (form.records or {}).get(section, {}).keys()):
            yield Difference(
                folder=folder,
                rule="removed-and-listed",
                form=PATHS[form.name],
                file=file_name,
                message=f"{file_name} is listed as removed and has a record in {PATHS[form.name]} all the same: "
                "conda still installs it, rattler passes it over.",
            )
