"""What `channel check` found, for a terminal."""

from __future__ import annotations

from itertools import groupby

from tailrace.channel.index_formats.values import ChannelCheck, FolderFound
from tailrace.model.inert import visible
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.channel_check import TITLES, headline

SHOWN = 20


def render(check: ChannelCheck, options: RenderOptions) -> str:
    """The verdict first, then what was looked at, then every kind of difference."""
    ink = Ink(color=options.color, width=options.width)
    ink.prose(visible(headline(check)), indent=0, hang=2, style="bold")
    ink.blank()
    for folder in check.folders:
        _folder(ink, folder)
    for rule, group in groupby(
        sorted(check.differences, key=lambda one: list(TITLES).index(one.rule)), lambda d: d.rule
    ):
        found = [f"{one.folder + ': ' if one.folder else ''}{one.message}" for one in group]
        _list(ink, f"{TITLES[rule]} [{rule}]", found)
    if check.not_checked:
        _list(ink, "Not checked", [f"{what.what}: {what.reason}" for what in check.not_checked])
    for note in check.notes:
        ink.blank()
        ink.prose(visible(note), indent=0, first=("Note: ", "cyan"))
    return ink.text()


def _list(ink: Ink, title: str, lines: list[str]) -> None:
    ink.blank()
    ink.line((title, "bold"))
    for line in lines[:SHOWN]:
        ink.prose(visible(line), indent=2, hang=2)
    if len(lines) > SHOWN:
        ink.line((f"  and {len(lines) - SHOWN} more; --format json lists them all", "dim"))


def _folder(ink: Ink, folder: FolderFound) -> None:
    forms = ", ".join(
        one.file if one.state == "read" else f"{one.file} ({one.state})"
        for one in folder.forms
        if one.state != "absent"
    )
    absent = ", ".join(f"{one.file} ({one.reason})" for one in folder.forms if one.state == "absent")
    counts = (
        f"{folder.folder}: {_many(folder.records, 'record')}"
        + (f", {folder.removed} removed" if folder.removed else "")
        + (f", {folder.patched} hotfixed" if folder.patched else "")
        + (f", {_many(folder.files, 'file')} hashed" if folder.files is not None else "")
    )
    ink.prose(visible(counts), indent=0, hang=2)
    ink.prose(visible(forms), indent=2, hang=2, first=("read: ", "dim"))
    if absent:
        ink.prose(visible(absent), indent=2, hang=2, first=("absent: ", "dim"))


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
