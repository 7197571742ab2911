"""Checks whether all served forms of a channel agree with each other, with the files and with its neighbours.

Reads only; prints nothing. The subdir's `repodata.json` must be readable, or there is nothing to measure by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import cast

import msgspec

from tailrace.channel.index_formats.compare import compare_forms, normalize_record, removed_and_listed
from tailrace.channel.index_formats.files import check_files, check_names
from tailrace.channel.index_formats.places import IndexLocation
from tailrace.channel.index_formats.read import PATHS, Form, FormName, read_form, read_records
from tailrace.channel.index_formats.relations import REVOKED, check_dependencies, merged_names
from tailrace.channel.index_formats.values import (
    ChannelCheck,
    Difference,
    FolderFound,
    FormFound,
    NotChecked,
    Status,
)
from tailrace.channel.installable import find_uninstallable, platforms_of
from tailrace.conda import rattler
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.records import Channel, Subdir
from tailrace.conda.repodata import SECTIONS, decode_subdir
from tailrace.conda.specs import parse_dependency

#: Channels of up to so many packages are solved.
SOLVED = 1000
FORMS: tuple[FormName, ...] = ("json", "zst", "bz2", "shards", "current")
ABSENT = {
    "zst": "clients read repodata.json instead",
    "shards": "clients read repodata.json.zst or repodata.json instead",
    "current": "clients read repodata.json instead",
}


def check_channel(
    place: IndexLocation,
    subdirs: Sequence[str] = (),
    *,
    hash_files: bool,
    known_names: frozenset[str] = frozenset(),
    neighbours: Sequence[Channel] = (),
    dependencies: bool = True,
    more: Iterable[Difference | NotChecked] = (),
) -> ChannelCheck:
    """Check every index of the channel, its labels included; or of the named subdirs of the channel and its labels.

    `neighbours`: other channels that dependencies may come from; `known_names`: names that are only known to be there,
    so that what needs them is not solved. `more`: findings made elsewhere. Raises ChannelUnreadableError when an index
    cannot be measured at all.
    """
    found: list[Difference | NotChecked] = list(more)
    known_names |= frozenset(record.name for channel in neighbours for record in channel.records())
    folders = _folders(place, subdirs)
    read = {folder: _reference(place, folder) for folder in folders}
    looked_at = []
    for folder, (reference, others) in read.items():
        unpatched = _unpatched(place, folder)
        for form in others:
            if form.present:
                found += compare_forms(folder, reference, form, unpatched)
        for form in (reference, *(one for one in others if one.present and not one.problem)):
            found += removed_and_listed(folder, form)
            found += [
                NotChecked(what=f"{folder}/{PATHS[form.name]}", reason=f'the records in "{part}" are not compared')
                for part in form.beyond
            ]
        found += check_names(folder, reference)
        if dependencies:
            label = folder.rpartition("/")[0]
            near = [ours for path, (ours, _) in read.items() if path.rpartition("/")[0] in ("", label)]
            found += check_dependencies(folder, reference, known_names | merged_names(near))
        files = None
        if hash_files:
            amiss = list(check_files(place, folder, reference))
            unread = {"file-missing", "name-differs"}
            lacking = sum(one.what != folder if isinstance(one, NotChecked) else one.rule in unread for one in amiss)
            files = max(0, reference.count - lacking)
            found += amiss
        looked_at.append(_folder(folder, reference, others, unpatched, files))
    if dependencies:
        unknown = {one.found for one in found if isinstance(one, Difference) and one.rule == "dependency-unknown"}
        offered = {record.name for channel in neighbours for record in channel.records()}
        found += _uninstallable(read, neighbours, {*map(str, unknown), *(known_names - offered)})
    if any(isinstance(one, Difference) and one.folder in read for one in found):
        _refuse_moving(place, read)
    return _answer(place.shown, tuple(looked_at), found, hash_files)


def _uninstallable(
    read: Mapping[str, tuple[Form, tuple[Form, ...]]], neighbours: Sequence[Channel], unknown: Collection[str]
) -> Iterator[Difference]:
    """Packages that cannot be installed from their label (with `main` and the neighbours), solved one by one. Those
    that need a name that nobody has are named already. A channel with very many packages is not solved.
    """
    if sum(form.count for form, _ in read.values()) > SOLVED:
        return
    labels: dict[str, list[Subdir]] = {}
    for folder, (form, _) in read.items():
        label, _, subdir = folder.rpartition("/")
        # What is removed and still listed is a finding of its own.
        labels.setdefault(label, []).append(
            decode_subdir(msgspec.json.encode(form.records), channel=label or "main", subdir=subdir, place=folder)
        )
    channels = {
        label: Channel(label or "main", f"file:///{label or 'main'}", tuple(subdirs))
        for label, subdirs in labels.items()
    }
    for label, channel in sorted(channels.items()):
        near = (channel, *(other for name, other in channels.items() if not name and label), *neighbours)
        for record in channel.records():
            needed = {parse_dependency(text).name for text in record.depends}
            if record.removed or needed & {*unknown, REVOKED}:
                continue
            failures = [find_uninstallable(record, near, platform) for platform in platforms_of(record, near)]
            first = next((one for one in failures if one is not None), None)
            if first is not None and all(failures):
                folder = f"{label}/{record.subdir}".lstrip("/")
                yield Difference(
                    folder=folder,
                    rule="not-installable",
                    file=record.file_name,
                    field="depends",
                    found=", ".join(first.needs) or None,
                    message=f"{record.file_name} cannot be installed on {first.platform}: {first.reason}.",
                )


def _folders(place: IndexLocation, subdirs: Sequence[str]) -> tuple[str, ...]:
    present = place.folders()
    if present is None and not subdirs:
        # Nobody named this machine's platform, and a channel of noarch packages alone has none.
        here = rattler.this_platform()
        found = [one for one in dict.fromkeys((here, "noarch")) if place.read(f"{one}/{PATHS['json']}") is not None]
        return tuple(found) or ("noarch",)
    if present is None:
        return tuple(dict.fromkeys((*subdirs, "noarch")))
    if not subdirs:
        if not present:
            raise ChannelUnreadableError(
                place.shown, "it has no subdir with an index", hint="Is it the channel's own folder?"
            )
        return present
    for subdir in subdirs:
        if subdir not in present:
            there = ", ".join(sorted({one.rpartition("/")[2] for one in present})) or "none"
            raise ChannelUnreadableError(place.shown, f"it has no subdir {subdir}", hint=f"It has: {there}.")
    return tuple(one for one in present if one.rpartition("/")[2] in subdirs)


def _reference(place: IndexLocation, folder: str) -> tuple[Form, tuple[Form, ...]]:
    form = read_form(place, folder, "json")
    if not form.present:
        raise ChannelUnreadableError(place.shown, f"{folder} has no repodata.json", hint="Index the channel first.")
    if form.problem is not None:
        raise ChannelUnreadableError(
            place.shown, f"{folder}/repodata.json {form.problem}", hint="Is it being written? Try again."
        )
    return form, tuple(read_form(place, folder, name) for name in FORMS[1:])


def _refuse_moving(place: IndexLocation, read: Mapping[str, tuple[Form, tuple[Form, ...]]]) -> None:
    """Forms that were read before and after somebody wrote the channel differ, and say nothing about it."""
    for folder, (before, _) in read.items():
        try:
            after = read_form(place, folder, "json")
        except ChannelUnreadableError:
            after = None
        if after is None or (after.records, after.removed) != (before.records, before.removed):
            raise ChannelUnreadableError(place.shown, f"{folder} changed while it was read", hint="Try again.")


def _unpatched(place: IndexLocation, folder: str) -> dict[str, dict[str, dict[str, object]]] | None:
    data = place.read(f"{folder}/repodata_from_packages.json")
    return cast("dict[str, dict[str, dict[str, object]]] | None", read_records(data)) if data is not None else None


def _folder(
    folder: str,
    reference: Form,
    others: tuple[Form, ...],
    unpatched: dict[str, dict[str, dict[str, object]]] | None,
    files: int | None,
) -> FolderFound:
    patched = None
    if unpatched is not None and reference.records is not None:
        patched = sum(
            normalize_record(record) != normalize_record(unpatched[section][file_name])
            for section in SECTIONS
            for file_name, record in reference.records[section].items()
            if file_name in unpatched[section]
        )
    return FolderFound(
        folder=folder,
        records=reference.count,
        removed=len(reference.removed),
        forms=tuple(_form(form) for form in (reference, *others) if form.present or form.name in ABSENT),
        patched=patched,
        files=files,
    )


def _form(form: Form) -> FormFound:
    if not form.present:
        return FormFound(form=form.name, file=PATHS[form.name], state="absent", reason=ABSENT.get(form.name))
    if form.problem is not None:
        return FormFound(form=form.name, file=PATHS[form.name], state="unreadable", reason=form.problem)
    return FormFound(form=form.name, file=PATHS[form.name], state="read", records=form.count)


def _answer(
    channel: str, folders: tuple[FolderFound, ...], found: Sequence[Difference | NotChecked], hash_files: bool
) -> ChannelCheck:
    differences = tuple(sorted(one for one in found if isinstance(one, Difference)))
    not_checked = tuple(one for one in found if isinstance(one, NotChecked))
    status: Status = "differences" if differences else "incomplete" if not_checked else "fine"
    notes = [] if hash_files else ["Package files were not looked at; --files hashes them all."]
    return ChannelCheck(
        channel=channel,
        status=status,
        folders=folders,
        differences=differences,
        counts=dict(sorted(Counter(one.rule for one in differences).items())),
        not_checked=not_checked,
        notes=tuple(notes),
    )
