"""Applies patches to a channel in memory. Touches no disk, no network.

So a hotfix can be tried on any day of a channel's past, before it is written anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tailrace.conda.folders import served_folder
from tailrace.conda.instructions import PatchInstructions, read_instructions
from tailrace.conda.records import Channel, Record, Subdir
from tailrace.conda.repodata import SECTIONS, Repodata, decode_repodata, read_repodata
from tailrace.hotfix.apply.commands import patch_repodata, patch_with_instructions
from tailrace.hotfix.errors import Unanswered
from tailrace.hotfix.language.document import HotfixDocument
from tailrace.hotfix.language.parse import load_patches

Patches = Sequence[HotfixDocument] | PatchInstructions
_FIELDS = ("depends", "constrains", "track_features", "features", "noarch", "build_number")


@dataclass(frozen=True, slots=True)
class PatchedChannel:
    """`changed`: `(before, after)` of each record that is different; `removed`: records that are gone.

    `unanswered`: documents that could not be decided for a record.
    """

    channel: Channel
    changed: tuple[tuple[Record, Record], ...] = ()
    removed: tuple[Record, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()


def load_channel_patches(path: Path) -> Patches:
    """The patches in a YAML file, in a folder of such files, or in a patch_instructions.json."""
    return read_instructions(path) if path.suffix == ".json" else load_patches(path)


def served_indexes(channels: Sequence[str], subdirs: Sequence[str]) -> dict[str, dict[str, Repodata]]:
    """Whole records of the channels that are folders, by channel URL and subdir: patches may ask for any field."""
    found: dict[str, dict[str, Repodata]] = {}
    for text in channels:
        folder = served_folder(text)
        if folder is None:
            continue
        for subdir in (*subdirs, "noarch"):
            for name in ("repodata.json", "repodata.json.zst"):
                path = folder.path / subdir / name
                if path.is_file():
                    found.setdefault(folder.url, {})[subdir] = read_repodata(path)
                    break
    return found


def patch_channel(channel: Channel, patches: Patches, indexes: Mapping[str, Repodata] | None = None) -> PatchedChannel:
    """The channel with the patches applied to every subdir.

    `indexes`: repodata as served, by subdir, where it is at hand: a channel in memory keeps only what solvers look at,
    and a document may ask for more (a licence, a hash).
    """
    subdirs: list[Subdir] = []
    changed: list[tuple[Record, Record]] = []
    removed: list[Record] = []
    unanswered: list[Unanswered] = []
    for subdir in channel.subdirs:
        index = (indexes or {}).get(subdir.name) or _index(subdir)
        if isinstance(patches, PatchInstructions):
            result = patch_with_instructions(patches, index, subdir.name)
        else:
            result = patch_repodata(patches, index, subdir.name)
        unanswered += result.unanswered
        kept: list[Record] = []
        for record in subdir.records:
            section = next((name for name in SECTIONS if record.file_name in index.section(name)), None)
            if section is None:
                kept.append(record)
                continue
            old, new = index.section(section), result.patched.section(section)
            if record.file_name not in new:
                removed.append(record)
                continue
            if new.raw[record.file_name] is old.raw[record.file_name]:
                kept.append(record)
                continue
            after = _changed(record, new[record.file_name])
            kept.append(after)
            if after is not record:
                changed.append((record, after))
        subdirs.append(Subdir(subdir.name, tuple(kept), subdir.refused))
    return PatchedChannel(
        Channel(channel.name, channel.url, tuple(subdirs)), tuple(changed), tuple(removed), tuple(unanswered)
    )


def as_mapping(record: Record) -> dict[str, Any]:
    """A record as the hotfix language sees it: the fields that a channel in memory keeps of it."""
    made: dict[str, Any] = {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": record.build_number,
        "depends": list(record.depends),
        "constrains": list(record.constrains),
        "subdir": record.subdir,
    }
    if record.timestamp is not None:
        made["timestamp"] = int(record.timestamp)
    if record.track_features:
        made["track_features"] = " ".join(record.tracked)
    if record.noarch is not None:
        made["noarch"] = record.noarch
    return made


def _index(subdir: Subdir) -> Repodata:
    parts: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    for record in subdir.records:
        section = "packages.conda" if record.file_name.endswith(".conda") else "packages"
        parts[section][record.file_name] = as_mapping(record)
    return decode_repodata(msgspec.json.encode({"info": {"subdir": subdir.name}, **parts}), subdir.name)


def _changed(record: Record, new: Mapping[str, Any]) -> Record:
    """The record with what a solver looks at as it is now; the same one when that did not change."""
    fields: dict[str, Any] = {}
    for name in _FIELDS:
        value = new.get(name)
        if name in ("depends", "constrains"):
            value = tuple(value or ())
        old = " ".join(record.tracked) or None if name == "track_features" else getattr(record, name)
        if value != old and not (name in ("features", "noarch", "build_number") and value is None):
            fields[name] = value
    return msgspec.structs.replace(record, **fields) if fields else record
