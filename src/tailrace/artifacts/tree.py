"""Opens a folder or an environment as an artifact. Lists and reads files; changes and imports none."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tailrace.artifacts.errors import TooLargeError
from tailrace.artifacts.layout import find_search_paths
from tailrace.artifacts.manifest import Manifest, decode, encode
from tailrace.artifacts.metadata import read_installed, read_source
from tailrace.artifacts.names import show_name
from tailrace.model import Artifact, Metadata
from tailrace.sources import Located
from tailrace.sources.cache import Cache, digest
from tailrace.sources.local import find_distribution, find_project, folder_reader, site_packages
from tailrace.sources.settings import Limits
from tailrace.sources.wanted import PROJECT_NAMES, SCRIPT_HEAD, is_script, is_wrapper, may_be_script, sort_member

if TYPE_CHECKING:
    from importlib.metadata import Distribution

SKIPPED = frozenset(
    [
        "__pycache__",
        "node_modules",
        "__pypackages__",
        "site-packages",
        ".git",
        ".hg",
        ".svn",
        ".bzr",
        ".tox",
        ".nox",
        ".venv",
        ".pixi",
        ".eggs",
        ".cache",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".ipynb_checkpoints",
    ]
)


@dataclass(slots=True)
class _Listing:
    python: list[str] = field(default_factory=list)
    compiled: list[str] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    egg_infos: list[str] = field(default_factory=list)
    seen: int = 0


def open_directory(located: Located, limits: Limits) -> Artifact:
    """A source tree, or a site-packages folder."""
    if site_packages(located.path) == (located.path,):
        return _open_folder(located, located.path, limits)
    return _describe(located, limits).artifact(located.release, located.path, None)


def open_git(located: Located, cache: Cache, limits: Limits) -> Artifact:
    """An extracted git tree: it never changes, so what was found out once is kept."""
    key = digest("git", located.tree_key or "", located.release.name, located.release.version)
    manifest = decode(cache.read_record("manifests", key) or b"")
    if manifest is None:
        manifest = _describe(located, limits)
        cache.write_record("manifests", key, encode(manifest))
    return manifest.artifact(located.release, located.path, None)


def open_environment(located: Located, limits: Limits) -> Artifact:
    """One installed distribution by its RECORD, or everything that is installed."""
    folders = site_packages(located.path)
    if located.distribution is None:
        return _open_folder(located, folders[0], limits, notes=_other_folders(folders))
    distribution = find_distribution(folders, located.distribution)
    assert distribution is not None, "resolving found it"
    root = Path(str(distribution.locate_file("")))
    info = Path(str(getattr(distribution, "_path", "")))
    listing = _Listing()
    recorded = _recorded(distribution)
    for path in recorded:
        if not path.startswith("/") and ".." not in PurePosixPath(path).parts and ":" not in path:
            _note_file(root, path, limits, listing)
        elif _is_installed_script(located.path, root, path) and _is_script(root / path):
            if not is_wrapper(root / path):
                listing.python.append(path)
    notes = () if recorded else ("The installation has no RECORD: which files belong to it is not known.",)
    metadata = read_installed(folder_reader(root), info.name, located.release.name, located.release.version)
    return _manifest("environment", metadata, ("",), listing, notes).artifact(located.release, root, None)


def _recorded(distribution: Distribution) -> list[str]:
    """The files that the installation lists, also those that are gone: `Distribution.files` leaves these out since
    Python 3.12."""
    try:
        if text := distribution.read_text("RECORD"):
            return [str(PurePosixPath(row[0])) for row in csv.reader(text.splitlines()) if row and row[0]]
        return [str(PurePosixPath(path)) for path in distribution.files or ()]
    except (ValueError, OSError, UnicodeDecodeError, csv.Error):
        return []


def _open_folder(located: Located, root: Path, limits: Limits, notes: tuple[str, ...] = ()) -> Artifact:
    listing = _list(root, limits)
    folders = [path.name for path in sorted(root.glob("*.dist-info"))]
    metadata = Metadata(name=located.release.name, version=located.release.version)
    if len(folders) == 1:
        metadata = read_installed(folder_reader(root), folders[0], metadata.name, metadata.version)
    return _manifest("environment", metadata, ("",), listing, notes).artifact(located.release, root, None)


def _describe(located: Located, limits: Limits) -> Manifest:
    root, release = located.path, located.release
    listing = _list(root, limits)
    _, inner = find_project(root, release.name)
    folder = root / inner if inner else root
    egg_infos = [path[len(inner) + 1 :] if inner else path for path in listing.egg_infos if path.startswith(inner)]
    metadata, project = read_source(folder_reader(folder), egg_infos, release.name, release.version)
    declared = [f"{inner}/{path}" if inner else path for path in project.package_dirs]
    # A configuration file for a linter does not make the top of a repository a project.
    homes = {home for home in listing.projects if home or (project.name and not inner)}
    search_paths = find_search_paths(listing.python, homes, declared)
    search_paths = (
        tuple(sorted(search_paths, key=lambda path: path.partition("/")[0] != inner)) if inner else search_paths
    )
    unreadable = (*listing.unreadable, *located.unreadable)
    return _manifest("tree", metadata, search_paths, listing, (), tuple(sorted(unreadable)))


def _manifest(
    kind: str,
    metadata: Metadata,
    search_paths: tuple[str, ...],
    listing: _Listing,
    notes: tuple[str, ...],
    unreadable: tuple[tuple[str, str], ...] | None = None,
) -> Manifest:
    return Manifest(
        kind=kind,  # type: ignore[arg-type]  # one of two literals of this module
        root="",
        metadata=metadata,
        search_paths=search_paths,
        python_files=tuple(sorted(set(listing.python))),
        compiled_files=tuple(sorted(set(listing.compiled))),
        unreadable=tuple(sorted(listing.unreadable)) if unreadable is None else unreadable,
        notes=notes,
        opaque_files=tuple(sorted(set(listing.opaque))),
        other_files=tuple(sorted(set(listing.others))),
    )


def _list(root: Path, limits: Limits) -> _Listing:
    """Every file that matters, links to folders not followed, nested environments and caches left out."""
    listing = _Listing()
    pending = [("", str(root))]
    while pending:
        prefix, folder = pending.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            listing.unreadable.append(
                (show_name(prefix) or ".", f"the folder cannot be read ({error.strerror or error})")
            )
            continue
        if prefix and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            listing.seen += 1
            if listing.seen > limits.members:
                raise TooLargeError(str(root), f"it has more than {limits.members} files")
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    pending.append((path, entry.path))
            else:
                _note_file(root, path, limits, listing)
    return listing


def _note_file(root: Path, path: str, limits: Limits, listing: _Listing) -> None:
    folder, _, name = path.rpartition("/")
    if name in PROJECT_NAMES:
        (listing.egg_infos if folder.endswith(".egg-info") else listing.projects).append(folder)
    wanted = sort_member(path)
    target = root / path
    if wanted == "no" and may_be_script(path) and _is_script(target):
        wanted = "source"
    if wanted in ("no", "text"):
        if path.isprintable():
            listing.others.append(path)
        return
    reason = None
    try:
        path.encode()
        status = target.lstat()
        if target.is_symlink():
            resolved = target.resolve(strict=True)
            reason = None if resolved.is_relative_to(root.resolve()) else "it is a link that leads out of the folder"
            status = resolved.stat()
        if reason is None and (status.st_mode & 0o170000) != 0o100000:
            reason = "it is no regular file"
        if reason is None and wanted == "source" and status.st_size > limits.file_size:
            reason = f"it is larger than {limits.file_size} bytes"
    except UnicodeEncodeError:
        reason = "its name is not UTF-8"
    except (OSError, RuntimeError, ValueError) as error:
        reason = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
    if wanted == "opaque":
        if reason is None:
            listing.opaque.append(path)
        return
    if reason:
        listing.unreadable.append((show_name(path) if not path.isascii() else path, reason))
    elif wanted == "source":
        listing.python.append(path)
    else:
        listing.compiled.append(path)


def _is_installed_script(prefix: Path, root: Path, path: str) -> bool:
    """Whether a path of a RECORD that leads out of site-packages leads to the programs of the same environment."""
    try:
        return (root / path).resolve().parent in {(prefix / name).resolve() for name in ("bin", "Scripts")}
    except (OSError, ValueError, RuntimeError):
        return False


def _is_script(path: Path) -> bool:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            return is_script(file.read(SCRIPT_HEAD))
    except (OSError, ValueError):
        return False


def _other_folders(folders: Iterable[Path]) -> tuple[str, ...]:
    left = [str(folder) for folder in folders][1:]
    return (f"Only the first site-packages folder was read, not {', '.join(left)}.",) if left else ()
