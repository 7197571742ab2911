"""Finds served forms of a channel that differ from its records. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tailrace.channel.index_formats.places import IndexLocation, Web
from tailrace.channel.index_formats.read import PATHS, Form, FormName, read_form
from tailrace.conda.records import Record
from tailrace.conda.repodata import SECTIONS
from tailrace.hotfix.reach.clients import Kind, clients_that_trust
from tailrace.hotfix.reach.records import compare_records, plain_record
from tailrace.hotfix.reach.values import Miss

#: From how many names on the shards of all others are left out, where each is a download.
MANY = 500
FORMS: tuple[FormName, ...] = ("json", "zst", "bz2", "shards", "current")
_KIND: Mapping[FormName, Kind] = {
    "json": "other-form",
    "zst": "other-form",
    "bz2": "other-form",
    "shards": "shards",
    "current": "current-repodata",
}


def stale_forms(
    place: IndexLocation, subdirs: Sequence[str], expected: Mapping[tuple[str, str], Record], matter: frozenset[str]
) -> tuple[tuple[Miss, ...], tuple[str, ...], tuple[str, ...]]:
    """Misses, forms that were read, and forms that could not be. `expected`: the patched records by subdir and file.

    A sharded index on the web is one download a name. Where more than MANY names are expected, only those that `matter`
    are asked for, and the others are named among what was not read.
    """
    names = frozenset(record.name for record in expected.values())
    only = names & matter if isinstance(place, Web) and len(names) > MANY else names
    misses: list[Miss] = []
    read: list[str] = []
    failed: list[str] = []
    for subdir in subdirs:
        for name in FORMS:
            form = read_form(place, subdir, name, only)
            where = f"{place.shown}/{subdir}/{PATHS[name]}"
            if not form.present:
                continue
            if form.problem is not None:
                failed.append(f"{where} {form.problem}")
                continue
            read.append(where)
            if form.unread and len(only) < len(names):
                failed.append(
                    f"{where}: {form.unread:,} of {form.unread + len(only):,} shards were not read, each would be a "
                    "download; with PATCHES those of the patched packages are."
                )
            misses += _compared(form, subdir, where, expected)
    return tuple(misses), tuple(read), tuple(failed)


def _compared(form: Form, subdir: str, where: str, expected: Mapping[tuple[str, str], Record]) -> Iterator[Miss]:
    for section in SECTIONS:
        for file_name, fields in sorted((form.records or {}).get(section, {}).items()):
            if file_name in form.removed:
                yield Miss(kind="removed", where=where, package=file_name, trusted_by=clients_that_trust("removed"))
            wanted = expected.get((subdir, file_name))
            if wanted is None:
                continue
            for record in plain_record(fields):
                found = compare_records(record, wanted)
                if found is not None:
                    kind = _KIND[form.name]
                    yield Miss(
                        kind=kind,
                        where=where,
                        package=_stem(file_name),
                        lacks=found[0],
                        has=found[1],
                        trusted_by=clients_that_trust(kind),
                    )


def _stem(file_name: str) -> str:
    return file_name.removesuffix(".conda").removesuffix(".tar.bz2")
