"""Hotfixes and an index in, the hidden package that the indexer takes patch instructions from out.

What hotfixes mean is decided elsewhere (the room `hotfix` lies above this one) and handed in as a `Patcher`.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tailrace.channel.errors import IndexFaultError
from tailrace.channel.index_formats.compare import plain
from tailrace.channel.index_formats.read import Records

#: A name that is not `name-version-build`, so that the indexer reads it and does not list it.
HIDDEN = ".hotfixes.conda"
REVOKED = "package_has_been_revoked"


class Instructions(msgspec.Struct, frozen=True, kw_only=True):
    """What one subdir is changed by: fields by file name, and files that leave the index."""

    packages: dict[str, dict[str, Any]] = {}
    packages_conda: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict, name="packages.conda")
    revoke: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


#: Patches (a file or a folder), the bytes of an unpatched repodata.json and its subdir in, instructions out.
Patcher = Callable[[Path, bytes, str], Instructions]


def settled(instructions: Instructions, records: Mapping[str, Records]) -> Instructions:
    """The same in what every indexer understands: revoking is a dependency that nothing meets, no text is null.

    A file that both leaves the index and is changed just leaves it. `.tar.bz2` stands for its `.conda` too.
    """
    packages, conda = dict(instructions.packages), dict(instructions.packages_conda)
    for section, known, names in (
        ("packages", packages, instructions.revoke),
        ("packages.conda", conda, tuple(map(twin, instructions.revoke))),
    ):
        for name in names:
            if name in records[section]:
                ours = packages.get(name.removesuffix(".conda") + ".tar.bz2", {}) | known.get(name, {})
                depends = ours.get("depends", records[section][name].get("depends")) or []
                known[name] = {**ours, "depends": [*depends, REVOKED]}
    gone = {*instructions.remove, *map(twin, instructions.remove)}
    lists = {"depends", "constrains"}

    def cleaned(fields: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            name: {key: ([] if value is None and key in lists else value) for key, value in one.items()}
            for name, one in fields.items()
            if name not in gone
        }

    present = {name for section in records.values() for name in section}
    return Instructions(packages=cleaned(packages), packages_conda=cleaned(conda), remove=tuple(sorted(gone & present)))


def twin(name: str) -> str:
    """The `.conda` of a `.tar.bz2`."""
    return name.removesuffix(".tar.bz2") + ".conda" if name.endswith(".tar.bz2") else name


def check_applied(folder: str, instructions: Instructions, records: Mapping[str, Records]) -> None:
    """Raise IndexFaultError when the index is not what the instructions ask for."""
    for section, wanted in (("packages", instructions.packages), ("packages.conda", instructions.packages_conda)):
        for name, fields in wanted.items():
            found = records[section].get(name)
            if found is None:
                continue
            now, asked = plain(found), plain({**found, **fields})
            wrong = sorted(key for key in now.keys() | asked.keys() if now.get(key) != asked.get(key) and key in fields)
            if wrong:
                raise IndexFaultError(
                    f"{folder}/{name}: the indexer cannot carry out the hotfix of {', '.join(wrong)}; "
                    "the channel is unchanged.",
                    hint="Hotfix depends, constrains, track_features, features, license or license_family.",
                )


def hidden_package(folder: Path, by_subdir: Mapping[str, tuple[Instructions, Iterable[str]]]) -> str:
    """Write the hidden package into `folder`, which is a `noarch/`; its name. By subdir: instructions, and further
    files to be listed as removed.
    """
    from conda_package_streaming.create import conda_builder

    stem = HIDDEN.removesuffix(".conda")
    with conda_builder(stem, str(folder), compression_level=1) as archive:
        for subdir, (instructions, removed) in sorted(by_subdir.items()):
            data = msgspec.json.encode(
                {
                    "patch_instructions_version": 1,
                    "packages": instructions.packages,
                    "packages.conda": instructions.packages_conda,
                    "revoke": [],
                    "remove": sorted({*removed, *instructions.remove}),
                }
            )
            member = tarfile.TarInfo(f"{subdir}/patch_instructions.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return HIDDEN
