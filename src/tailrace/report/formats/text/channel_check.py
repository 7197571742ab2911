"""What `channel check` found, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tailrace.channel.index_formats.values import ChannelCheck, FolderFound
from tailrace.model.inert import inert, visible
from tailrace.report.options import RenderOptions
from tailrace.report.views.channel_check import TITLES, headline

SHOWN = 20


def render(check: ChannelCheck, options: RenderOptions) -> str:
    """The verdict first, then what was looked at, then every kind of difference."""
    return inert("\n".join(map(visible, _lines(check))) + "\n")


def _lines(check: ChannelCheck) -> Iterator[str]:
    yield headline(check)
    yield ""
    for folder in check.folders:
        yield from _folder(folder)
    for rule, group in groupby(
        sorted(check.differences, key=lambda one: list(TITLES).index(one.rule)), lambda d: d.rule
    ):
        found = list(group)
        yield ""
        yield f"{TITLES[rule]} [{rule}]"
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
