"""Puts hotfixes into the hidden package from which the indexer takes patch instructions.

What hotfixes mean is decided in the room `hotfix`, which lies above this one and hands in a `Patcher`.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tailrace.channel.errors import IndexFaultError
from tailrace.channel.index_formats.compare import normalize_record
from tailrace.channel.index_formats.read import Records
from tailrace.conda.instructions import REVOKED_DEPENDENCY, PatchInstructions
from tailrace.conda.repodata import as_conda_file

#: A name that is not `name-version-build`, so that the indexer reads it and does not list it.
HIDDEN = ".hotfixes.conda"


#: Makes instructions from patches (a file or a folder), the bytes of an unpatched repodata.json and its subdir.
Patcher = Callable[[Path, bytes, str], PatchInstructions]


def portable_instructions(instructions: PatchInstructions, records: Mapping[str, Records]) -> PatchInstructions:
    """The same in what every indexer understands: revoking is a dependency that nothing meets, no text is null.

    A file that both leaves the index and is changed just leaves it. `.tar.bz2` stands for its `.conda` too.
    """
    packages, conda = dict(instructions.packages), dict(instructions.packages_conda)
    for section, known, names in (
        ("packages", packages, instructions.revoke),
        ("packages.conda", conda, tuple(map(as_conda_file, instructions.revoke))),
    ):
        for name in names:
            if name in records[section]:
                ours = packages.get(name.removesuffix(".conda") + ".tar.bz2", {}) | known.get(name, {})
                depends = ours.get("depends", records[section][name].get("depends")) or []
                known[name] = {**ours, "depends": [*depends, REVOKED_DEPENDENCY]}
    gone = {*instructions.remove, *map(as_conda_file, instructions.remove)}
    lists = {"depends", "constrains"}

    def cleaned(fields: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            name: {key: ([] if value is None and key in lists else value) for key, value in one.items()}
            for name, one in fields.items()
            if name not in gone
        }

    present = {name for section in records.values() for name in section}
    return PatchInstructions(
        packages=cleaned(packages), packages_conda=cleaned(conda), remove=tuple(sorted(gone & present))
    )


def check_applied(folder: str, instructions: PatchInstructions, records: Mapping[str, Records]) -> None:
    """Raise IndexFaultError when the index is not what the instructions ask for."""
    for section, wanted in (("packages", instructions.packages), ("packages.conda", instructions.packages_conda)):
        for name, fields in wanted.items():
            found = records[section].get(name)
            if found is None:
                continue
            now, asked = normalize_record(found), normalize_record({**found, **fields})
            wrong = sorted(key for key in now.keys() | asked.keys() if now.get(key) != asked.get(key) and key in fields)
            if wrong:
                raise IndexFaultError(
                    f"{folder}/{name}: the indexer cannot carry out the hotfix of {', '.join(wrong)}; "
                    "the channel is unchanged.",
                    hint="Hotfix depends, constrains, track_features, features, license or license_family.",
                )


def hidden_package(folder: Path, by_subdir: Mapping[str, tuple[PatchInstructions, Iterable[str]]]) -> str:
    """Write the hidden package into `folder`, which is a `noarch/`; its name. By subdir: instructions, and further
    files to be listed as removed.
    """
    from conda_package_streaming.create import conda_builder

    stem = HIDDEN.removesuffix(".conda")
    with conda_builder(stem, str(folder), compression_level=1) as archive:
        for subdir, (instructions, removed) in sorted(by_subdir.items()):
            gone = tuple(sorted({*removed, *instructions.remove}))
            data = msgspec.json.encode(msgspec.structs.replace(instructions, revoke=(), remove=gone))
            member = tarfile.TarInfo(f"{subdir}/patch_instructions.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return HIDDEN
