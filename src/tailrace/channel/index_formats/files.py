"""Lists what does not fit between records and the package files they describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tailrace.channel.index_formats.places import IndexLocation
from tailrace.channel.index_formats.read import Form
from tailrace.channel.index_formats.values import Difference, NotChecked, format_value
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.repodata import SECTIONS

ENDINGS = (".conda", ".tar.bz2")


def check_names(folder: str, form: Form) -> Iterator[Difference]:
    """File names that are not `name-version-build`, and records that belong in another subdir."""
    subdir = folder.rpartition("/")[2]
    for section, ending in zip(SECTIONS, (".tar.bz2", ".conda"), strict=True):
        for file_name, record in sorted((form.records or {})[section].items()):
            stem = "-".join(str(record.get(key)) for key in ("name", "version", "build"))
            if file_name != stem + ending:
                yield Difference(
                    folder=folder,
                    rule="name-differs",
                    form="repodata.json",
                    file=file_name,
                    expected=format_value(stem + ending),
                    found=format_value(file_name),
                    message=f"{file_name} has the record of {stem}{ending}.",
                )
            own = record.get("subdir")
            if own not in (None, subdir) or (record.get("noarch") and subdir != "noarch"):
                said = own if own not in (None, subdir) else "noarch"
                yield Difference(
                    folder=folder,
                    rule="subdir-differs",
                    form="repodata.json",
                    file=file_name,
                    expected=format_value(subdir),
                    found=format_value(said),
                    message=f"{file_name} lies in {subdir}, its record says {format_value(said)}.",
                )


def check_files(place: IndexLocation, folder: str, form: Form) -> Iterator[Difference | NotChecked]:
    """Check that every listed file is there and is what its record describes, and find files that are not listed."""
    listed: set[str] = set()
    for section in SECTIONS:
        for file_name, record in sorted((form.records or {})[section].items()):
            listed.add(file_name)
            try:
                yield from _check_file(place, folder, file_name, record)
            except ChannelUnreadableError as error:
                yield NotChecked(what=f"{folder}/{file_name}", reason=error.reason)
    try:
        names = place.names(folder)
    except ChannelUnreadableError as error:
        yield NotChecked(what=folder, reason=error.reason)
        return
    for file_name in sorted((names or frozenset()) - listed - form.removed):
        if file_name.endswith(ENDINGS) and not file_name.startswith("."):
            yield Difference(
                folder=folder,
                rule="file-unlisted",
                file=file_name,
                message=f"{file_name} lies in the channel, but is neither listed nor removed: no client sees it.",
            )


def _check_file(place: IndexLocation, folder: str, file_name: str, record: dict[str, Any]) -> Iterator[Difference]:
    if "/" in file_name or "\0" in file_name or file_name in ("", ".", ".."):
        yield Difference(
            folder=folder, rule="name-differs", file=file_name, message=f"{file_name[:200]!r} cannot be a file's name."
        )
        return
    found = place.digest(f"{folder}/{file_name}")
    if found is None:
        yield Difference(
            folder=folder, rule="file-missing", file=file_name, message=f"{file_name} is listed, but is not there."
        )
        return
    size = record.get("size")
    if size is not None and size != found.size:
        yield Difference(
            folder=folder,
            rule="size-differs",
            file=file_name,
            field="size",
            expected=format_value(found.size),
            found=format_value(size),
            message=f"{file_name} has {found.size} bytes, its record says {format_value(size)}.",
        )
    for key, value in (("md5", found.md5), ("sha256", found.sha256)):
        said = record.get(key)
        if said is not None and said != value:
            yield Difference(
                folder=folder,
                rule="hash-differs",
                file=file_name,
                field=key,
                expected=format_value(value),
                found=format_value(said),
                message=f"{file_name} has the {key} {value}, its record says {format_value(said)}.",
            )
