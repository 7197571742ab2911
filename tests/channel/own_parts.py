"""Packages for tests, made with the library that conda packages are made with, and channels filled with them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from conda_package_streaming.create import conda_builder

from tailrace import channel as own
from tailrace.cli.channel.patches import hotfix_instructions as patcher

WHEN = "2026-01-02T03:04:05+00:00"
__all__ = ["WHEN", "channel_of", "forms_of", "make_package", "patcher", "served_names"]


def make_package(
    folder: Path,
    name: str,
    version: str,
    *depends: str,
    build: str = "0",
    subdir: str = "noarch",
    ending: str = ".conda",
    files: dict[str, str] | None = None,
    file_name: str | None = None,
    index: dict[str, Any] | None = None,
) -> Path:
    """A whole package; what is given as `index` goes into its index.json (`None` takes a field out)."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "name": name,
        "version": version,
        "build": build,
        "build_number": 0,
        "depends": list(depends),
        "subdir": subdir,
        "timestamp": 1_650_000_000_000,
        **({"noarch": "generic"} if subdir == "noarch" else {}),
        **(index or {}),
    }
    files = {f"share/{name}.txt": f"{name} {version}\n"} if files is None else files
    paths = [
        {"_path": path, "path_type": "hardlink", "sha256": hashlib.sha256(text.encode()).hexdigest(),
         "size_in_bytes": len(text.encode())}
        for path, text in files.items()
    ]  # fmt: skip
    members = {
        "info/index.json": json.dumps({key: value for key, value in said.items() if value is not None}),
        "info/paths.json": json.dumps({"paths_version": 1, "paths": paths}),
        "info/files": "".join(f"{path}\n" for path in files),
        **files,
    }
    stem = f"{name}-{version}-{build}"

    def fill(archive: tarfile.TarFile) -> None:
        for path, text in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))

    if ending == ".conda":
        with conda_builder(stem, str(folder), compression_level=1) as archive:
            fill(archive)
    else:
        with tarfile.open(folder / f"{stem}{ending}", "w:bz2", compresslevel=1) as archive:
            fill(archive)
    made = folder / f"{stem}{ending}"
    return made if file_name is None else made.rename(folder / file_name)


def channel_of(root: Path, **labels: list[Path]) -> Path:
    """A channel that is indexed, with these archives by label."""
    own.init(root, WHEN)
    for label, archives in labels.items():
        own.add(root, archives, label)
    own.index(root, patcher, WHEN)
    return root


def forms_of(folder: Path) -> dict[str, Any]:
    """The index of a subdir as each served form tells it: records, removed."""
    from tailrace.channel.index_formats.places import Folder
    from tailrace.channel.index_formats.read import read_form

    place = Folder(folder.parent.resolve(), "test")
    found = {}
    for name in ("json", "zst", "shards"):
        form = read_form(place, folder.name, name)  # type: ignore[arg-type]
        assert form.present
        assert form.problem is None
        assert form.records is not None
        found[name] = ({**form.records["packages"], **form.records["packages.conda"]}, sorted(form.removed))
    return found


def served_names(root: Path, folder: str = "noarch") -> list[str]:
    """The file names that clients see; all forms must agree."""
    forms = forms_of(root / "current" / folder)
    names = {form: sorted(records) for form, (records, _) in forms.items()}
    assert len({tuple(one) for one in names.values()}) == 1, names
    return names["json"]
