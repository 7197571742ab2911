"""Unpacks an archive once, into a folder named by its hash, and opens it as an artifact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.artifacts.layout import find_search_paths
from tailrace.artifacts.manifest import EXTRACTION, FILES, MANIFEST, Manifest, decode, encode
from tailrace.artifacts.metadata import read_conda, read_installed, read_source
from tailrace.model import Artifact, Metadata, Release
from tailrace.sources.cache import Cache, digest, file_sha256
from tailrace.sources.local import folder_reader, name_of_archive
from tailrace.sources.settings import Limits
from tailrace.sources.wanted import PROJECT_NAMES, is_wrapper

if TYPE_CHECKING:
    from tailrace.artifacts.extract import Extraction

# Where a conda package has programs and data: neither its own description nor the standard library of a Python.
_NOT_PROGRAMS = re.compile(r"info/|(?:lib/python\d[^/]*|Lib)/")
_SITE_PACKAGES = re.compile(r"((?:lib/python\d[^/]*/|Lib/|lib/)?site-packages)/")


def open_archive(release: Release, archive: Path, cache: Cache, limits: Limits) -> Artifact:
    """Unpack the archive unless its tree is there already."""
    sha256 = release.sha256 or file_sha256(archive, cache)
    # The name's ending decides how the archive is read, so it is part of what the tree depends on.
    suffix = archive.name.lower().rpartition(".")[2]
    key = digest("archive", sha256, suffix, EXTRACTION, repr(limits))
    tree = cache.tree(key, lambda folder: _fill(archive, folder, limits))
    manifest = decode((tree / MANIFEST).read_bytes())
    assert manifest is not None, "the key holds the version of the manifest"
    return manifest.artifact(release, tree / FILES, archive)


def read_archive_member(archive: Path, root: str, path: str, limits: Limits) -> bytes | None:
    """The bytes of one file of an artifact, read from its archive; `root` is the folder that was stripped."""
    from tailrace.artifacts.extract import place
    from tailrace.artifacts.members import iterate_members

    is_wheel = archive.name.lower().endswith(".whl")
    wanted = f"{root}/{path}" if root else path
    found: bytes | None = None
    name = wanted.rpartition("/")[2]
    for member in iterate_members(archive, limits, ending=name if name.isascii() else ""):
        placed = place(member.path) if is_wheel else member.path
        if placed == wanted and member.stream is not None:
            chunks = iter(lambda stream=member.stream: stream.read(1 << 20), b"")  # type: ignore[misc]
            found = b"".join(chunks)
    return found


def _fill(archive: Path, folder: Path, limits: Limits) -> None:
    from tailrace.artifacts.extract import extract

    files = folder / FILES
    files.mkdir()
    found = extract(archive, files, limits)
    (folder / MANIFEST).write_bytes(encode(_describe(archive, files, found)))


def _describe(archive: Path, files: Path, found: Extraction) -> Manifest:
    name, version = name_of_archive(archive.name)
    notes = []
    if found.links:
        notes.append(f"{found.links} links in the archive were left out.")
    if found.duplicates:
        notes.append(f"{len(found.duplicates)} names stand in the archive twice; the last one counts.")
    if "info/index.json" in found.texts:
        root = _conda_root(found)
        read = folder_reader(files / root)
        info = folder_reader(files)
        dist_info = _info_folder(found.texts, root)
        installed = read_installed(read, dist_info, name, version) if dist_info else None
        metadata = read_conda(info("info/index.json"), info("info/link.json"), installed, name, version)
        outside = _programs(found.sources, files)
        if not root:
            notes.append("The package has no site-packages folder, so there is no Python code to import.")
            found.sources, found.compiled = set(), set()
        return _manifest("conda", root, metadata, ("",), found, notes, outside)
    if archive.name.lower().endswith(".whl"):
        dist_info, doubt = _wheel_info(found.texts, name, version)
        notes += doubt
        metadata = (
            read_installed(folder_reader(files), dist_info, name, version)
            if dist_info
            else Metadata(name=name, version=version)
        )
        return _manifest("wheel", "", metadata, ("",), found, notes)
    root = _top_folder(found)
    inside = [
        path[len(root) + 1 :] if root else path
        for path in (*found.texts, *found.sources)
        if not root or path.startswith(f"{root}/")
    ]
    egg_infos = sorted(path.rpartition("/")[0] for path in inside if path.endswith(".egg-info/PKG-INFO"))
    metadata, project = read_source(folder_reader(files / root), egg_infos, name, version)
    python = [path for path in inside if path.endswith((".py", ".pyi", ".pyw"))]
    projects = {
        path.rpartition("/")[0]
        for path in inside
        if path.rpartition("/")[2] in PROJECT_NAMES and ".egg-info" not in path
    }
    return _manifest("sdist", root, metadata, find_search_paths(python, projects, project.package_dirs), found, notes)


def _manifest(
    kind: str,
    root: str,
    metadata: Metadata,
    search_paths: tuple[str, ...],
    found: Extraction,
    notes: list[str],
    outside: Iterable[str] = (),
) -> Manifest:
    """`outside`: Python files that are not below `root`; their paths lead up from it, as in an installed RECORD."""
    up = "../" * (root.count("/") + 1) if root else ""
    return Manifest(
        kind=kind,  # type: ignore[arg-type]  # checked when it is decoded
        root=root,
        metadata=metadata,
        search_paths=search_paths,
        python_files=tuple(sorted({*_inside(found.sources, root), *(up + path for path in outside)})),
        compiled_files=_inside(found.compiled, root),
        unreadable=tuple(
            sorted(
                (path[len(root) + 1 :] if root and path.startswith(f"{root}/") else path, why)
                for path, why in found.unreadable.items()
            )
        ),
        notes=tuple(notes),
        opaque_files=_inside(found.opaque, root),
        other_files=_inside(found.others, root),
    )


def _programs(sources: Iterable[str], files: Path) -> Iterator[str]:
    """Python files of a conda package outside of every site-packages folder, without those that only call an entry
    point.
    """
    for path in sources:
        if not _NOT_PROGRAMS.match(path) and not _SITE_PACKAGES.match(path) and not is_wrapper(files / path):
            yield path


def _inside(paths: Iterable[str], root: str) -> tuple[str, ...]:
    if not root:
        return tuple(sorted(paths))
    return tuple(sorted(path[len(root) + 1 :] for path in paths if path.startswith(f"{root}/")))


def _conda_root(found: Extraction) -> str:
    """The site-packages folder with the most code; a package may be built for several Pythons."""
    counts: dict[str, int] = {}
    for path in (*found.sources, *found.compiled):
        match = _SITE_PACKAGES.match(path)
        if match:
            counts[match.group(1)] = counts.get(match.group(1), 0) + 1
    return max(sorted(counts), key=lambda folder: counts[folder]) if counts else ""


def _info_folder(texts: Iterable[str], root: str) -> str | None:
    prefix = f"{root}/" if root else ""
    pattern = re.compile(rf"{re.escape(prefix)}([^/]+\.(?:dist|egg)-info)/(?:METADATA|PKG-INFO)\Z")
    return next((match.group(1) for path in sorted(texts) if (match := pattern.match(path))), None)


def _wheel_info(texts: Iterable[str], name: str, version: str) -> tuple[str, list[str]]:
    """The `.dist-info` folder of a wheel, empty where it is not known, and what the reader should know of it.

    Of several folders only the one that the file's name calls for counts: an installer refuses such a wheel.
    """
    from packaging.utils import canonicalize_name

    pattern = re.compile(r"([^/]+)\.dist-info/METADATA\Z")
    found = sorted(match[1] for path in texts if (match := pattern.match(path)))
    if not found:
        return "", ["The wheel has no .dist-info folder: nothing is known of its requirements."]
    if len(found) == 1:
        return f"{found[0]}.dist-info", []
    wanted = (canonicalize_name(name), version)
    own = [one for one in found if (canonicalize_name(one.partition("-")[0]), one.partition("-")[2]) == wanted]
    counts = f"The wheel has {len(found)} .dist-info folders, and no installer takes it; "
    if len(own) == 1:
        return f"{own[0]}.dist-info", [f"{counts}that of {own[0]} counts."]
    return "", [f"{counts}nothing is known of its requirements."]


def _top_folder(found: Extraction) -> str:
    """An sdist's own top folder; a second one is stripped only when the project files lie below it."""
    paths = (*found.sources, *found.texts, *found.compiled, *found.unreadable)
    root = ""
    for _ in range(3):
        prefix = f"{root}/" if root else ""
        inside = [path[len(prefix) :] for path in paths if path.startswith(prefix)]
        tops = {path.partition("/")[0] if "/" in path else "" for path in inside} if root else found.top_names
        if len(tops) != 1 or "" in tops or any(path in PROJECT_NAMES for path in inside):
            break
        (top,) = tops
        if root and not any(path.startswith(f"{top}/") and path[len(top) + 1 :] in PROJECT_NAMES for path in inside):
            break
        root = f"{prefix}{top}"
    return root
