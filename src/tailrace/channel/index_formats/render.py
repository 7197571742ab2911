"""The answer of `channel check` in, text or JSON out. Decides nothing; what channels say is made harmless."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import msgspec

from tailrace.channel.index_formats.values import ChannelCheck, FolderFound

SHOWN = 20
_TITLES = {
    "form-unreadable": "Forms that cannot be read",
    "record-missing": "Records that a form lacks",
    "record-extra": "Records that only one form has",
    "record-differs": "Records that differ between forms",
    "removed-differs": "Files that are removed in one form and not in another",
    "removed-and-listed": "Files that are removed and listed all the same",
    "file-missing": "Files that are listed and not there",
    "file-unlisted": "Files that are not listed",
    "size-differs": "Sizes that are not those of the files",
    "hash-differs": "Hashes that are not those of the files",
    "name-differs": "File names that are not those of the records",
    "subdir-differs": "Records that belong in another subdir",
    "dependency-unknown": "Dependencies that no declared channel has",
    "not-installable": "Packages that cannot be installed from here",
    "version-skew": "Releases that only one of the channels has",
}


def render_json(check: ChannelCheck) -> str:
    """Schema `tailrace.channel-check/1`, the same text for the same answer."""
    return msgspec.json.format(msgspec.json.encode(check), indent=2).decode()


def render_text(check: ChannelCheck) -> str:
    """The verdict first, then what was looked at, then every kind of difference."""
    return "\n".join(_harmless(line) for line in _lines(check))


def _lines(check: ChannelCheck) -> Iterator[str]:
    yield _verdict(check)
    yield ""
    for folder in check.folders:
        yield from _folder(folder)
    for rule, group in groupby(
        sorted(check.differences, key=lambda one: list(_TITLES).index(one.rule)), lambda d: d.rule
    ):
        found = list(group)
        yield ""
        yield f"{_TITLES[rule]} [{rule}]"
        for one in found[:SHOWN]:
            yield f"  {one.folder + ': ' if one.folder else ''}{one.message}"
        if len(found) > SHOWN:
            yield f"  and {len(found) - SHOWN} more; --format json lists them all"
    if check.not_checked:
        yield ""
        yield "Not checked"
        for what in check.not_checked[:SHOWN]:
            yield f"  {what.what}: {what.reason}"
        if len(check.not_checked) > SHOWN:
            yield f"  and {len(check.not_checked) - SHOWN} more; --format json lists them all"
    for note in check.notes:
        yield ""
        yield f"Note: {note}"


def _verdict(check: ChannelCheck) -> str:
    count = len(check.differences)
    match check.status:
        case "fine":
            return f"fine: {check.channel} tells every client the same"
        case "differences":
            return f"differences: {count} in {check.channel}" if count != 1 else f"differences: one in {check.channel}"
        case "incomplete":
            return f"incomplete: {len(check.not_checked)} things in {check.channel} could not be checked"


def _folder(folder: FolderFound) -> Iterator[str]:
    forms = ", ".join(
        one.file if one.state == "read" else f"{one.file} ({one.state})"
        for one in folder.forms
        if one.state != "absent"
    )
    absent = ", ".join(f"{one.file} ({one.reason})" for one in folder.forms if one.state == "absent")
    yield (
        f"{folder.folder}: {_many(folder.records, 'record')}"
        + (f", {folder.removed} removed" if folder.removed else "")
        + (f", {folder.patched} hotfixed" if folder.patched else "")
        + (f", {_many(folder.files, 'file')} hashed" if folder.files is not None else "")
    )
    yield f"  read: {forms}"
    if absent:
        yield f"  absent: {absent}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _harmless(line: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in line)
