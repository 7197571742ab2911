"""Reads the name and version of a path or an installed environment from its text files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model import Release
from tailrace.model.foreign import read_version
from tailrace.sources.cache import Cache, file_sha256
from tailrace.sources.errors import PathError, UnknownNameError
from tailrace.sources.project import read_project
from tailrace.sources.project_values import Project, Read
from tailrace.sources.settings import MIB
from tailrace.sources.spec import ARCHIVE_SUFFIXES, EnvironmentSpec, PathSpec
from tailrace.sources.wanted import PROJECT_NAMES

if TYPE_CHECKING:
    from importlib.metadata import Distribution

UNKNOWN_VERSION = "0+unknown"
_TEXT_LIMIT = 4 * MIB
_PYTHON = (".py", ".pyi", ".pyw", ".pyx", ".pxd", ".so", ".pyd")


def resolve_path(spec: PathSpec, cache: Cache) -> tuple[Release, Path]:
    """The release that an archive or a directory holds, by its file name or its own metadata."""
    path = Path(spec.path).expanduser()
    try:
        path = path.absolute()
        if path.is_dir():
            return _resolve_directory(path, spec), path
        if not path.is_file():
            raise PathError(
                spec.path,
                "does not exist" if not path.exists() else "is neither a file nor a folder",
                hint="Check the path.",
            )
    except (OSError, ValueError) as error:
        raise PathError(spec.path, f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not path.name.lower().endswith(ARCHIVE_SUFFIXES):
        raise PathError(spec.path, "is no archive that can be read", hint=f"Known are {' '.join(ARCHIVE_SUFFIXES)}.")
    try:
        sha256 = file_sha256(path, cache)
    except OSError as error:
        raise PathError(spec.path, f"cannot be read ({error.strerror or error})") from None
    name, version = name_of_archive(path.name)
    return Release(name=name, version=version, spec=str(path), source="file", filename=path.name, sha256=sha256), path


def name_of_archive(filename: str) -> tuple[str, str]:
    """(name, version) as the file name has it; the version is `0+unknown` where it has none."""
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion

    lower = filename.lower()
    suffix = next((s for s in ARCHIVE_SUFFIXES if lower.endswith(s)), "")
    stem = filename[: len(filename) - len(suffix)]
    parts = stem.split("-")
    if suffix == ".whl" and len(parts) >= 5:
        return str(canonicalize_name(parts[0])), parts[1].replace("_", "-") if "+" not in parts[1] else parts[1]
    if suffix in (".conda", ".tar.bz2") and len(parts) >= 3 and not _is_version(parts[-1]):
        return str(canonicalize_name("-".join(parts[:-2]))), parts[-2]
    for cut in range(len(parts) - 1, 0, -1):
        try:
            read_version(parts[cut])
        except InvalidVersion:
            continue
        return str(canonicalize_name("-".join(parts[:cut]))), parts[cut]
    return str(canonicalize_name(stem)) or "archive", UNKNOWN_VERSION


def folder_reader(folder: Path) -> Read:
    """Read the text files of a folder, bounded, `None` for what is not there. Links that lead out are not followed."""

    def read(path: str) -> str | None:
        target = folder / path
        try:
            if not target.is_file() or not target.resolve().is_relative_to(folder.resolve()):
                return None
            with target.open("rb") as file:
                return file.read(_TEXT_LIMIT).decode("utf-8", "replace")
        except (OSError, ValueError):
            return None

    return read


def find_project(folder: Path, *likely: str) -> tuple[Project, str]:
    """The project in a source tree, and the sub-folder that it is in (`""` for the top).

    Where the top has no project of its own, the sub-folder with one of the `likely` names, or the only one, is it.
    """
    project = read_project(folder_reader(folder))
    if project.name or not folder.is_dir():
        return project, ""
    inner: dict[str, Project] = {}
    for child in sorted(folder.iterdir()):
        if (
            child.is_dir()
            and not child.is_symlink()
            and not child.name.startswith(".")
            and (child / "setup.py").is_file() | (child / "pyproject.toml").is_file()
        ):
            found = read_project(folder_reader(child))
            if found.name:
                inner[child.name] = found
    for name in likely:
        if name in inner:
            return inner[name], name
    if len(inner) == 1 and not project.version:
        name, found = next(iter(inner.items()))
        return found, name
    return project, ""


def site_packages(prefix: Path) -> tuple[Path, ...]:
    """The folders of an environment that hold installed distributions; the prefix itself may be one."""
    if any(prefix.glob("*.dist-info")) or any(prefix.glob("*.egg-info/PKG-INFO")):
        return (prefix,)
    patterns = (
        "lib/python3*/site-packages",
        "lib64/python3*/site-packages",
        "Lib/site-packages",
        "lib/python3*/dist-packages",
        "lib/pypy3*/site-packages",
        "site-packages",
    )
    found: dict[Path, Path] = {}
    for pattern in patterns:
        for path in sorted(prefix.glob(pattern)):
            if path.is_dir():
                found.setdefault(path.resolve(), path)
    return tuple(found.values())


def holds_distributions(folder: Path) -> bool:
    """Whether the folder is a site-packages folder of several distributions rather than one project."""
    if not folder.is_dir() or site_packages(folder) != (folder,):
        return False
    return sum(1 for _ in distributions((folder,))) > 1 and not read_project(folder_reader(folder)).name


def open_environment(spec: EnvironmentSpec) -> tuple[Path, tuple[Path, ...]]:
    """The prefix and its site-packages folders; raises `PathError` when there are none."""
    prefix = Path(spec.prefix).expanduser().absolute()
    if not prefix.is_dir():
        raise PathError(spec.prefix, "is no folder", hint="Name the environment's prefix, which holds bin or Scripts.")
    folders = site_packages(prefix)
    if not folders:
        raise PathError(
            spec.prefix,
            "has no site-packages folder",
            hint="Name the environment's prefix, which holds bin or Scripts.",
        )
    return prefix, folders


def resolve_environment(spec: EnvironmentSpec) -> tuple[Release, Path]:
    """The release installed under that name, or the whole prefix as one."""
    from packaging.utils import canonicalize_name

    prefix, folders = open_environment(spec)
    if spec.name is None:
        _refuse_nothing_installed(spec.prefix, folders)
        name = str(canonicalize_name(prefix.name)) or "environment"
        return Release(
            name=name, version=UNKNOWN_VERSION, spec=str(EnvironmentSpec(str(prefix))), source="environment"
        ), prefix
    wanted = canonicalize_name(spec.name)
    distribution = find_distribution(folders, wanted)
    if distribution is None:
        names = sorted(name for name, _ in distributions(folders))
        import difflib

        raise UnknownNameError(spec.name, (str(prefix),), tuple(difflib.get_close_matches(wanted, names, n=3)))
    release = Release(
        name=str(wanted),
        version=distribution.version or UNKNOWN_VERSION,
        spec=str(EnvironmentSpec(str(prefix), str(wanted))),
        source="environment",
        requires_python=_header(distribution, "Requires-Python"),
    )
    return release, prefix


def _refuse_nothing_installed(prefix: str, folders: tuple[Path, ...]) -> None:
    """Raises `PathError` where no distribution is known by its metadata: nothing of it could be named or checked."""
    if any(True for _ in distributions(folders)):
        return
    loose = any(entry.suffix == ".py" or (entry / "__init__.py").is_file() for f in folders for entry in f.iterdir())
    if loose:
        raise PathError(
            prefix,
            "has modules, but no metadata (*.dist-info) that says which distributions they belong to",
            hint="Install into it with a tool that writes metadata, or name a module's folder itself as a downstream.",
        )
    raise PathError(prefix, "is an environment in which nothing is installed", hint="Install the downstreams into it.")


def distributions(folders: tuple[Path, ...]) -> Iterator[tuple[str, Distribution]]:
    """(normalised name, distribution) of what is installed; the first folder wins, as on `sys.path`."""
    from importlib.metadata import distributions as find_distributions

    from packaging.utils import canonicalize_name

    seen: set[str] = set()
    for distribution in find_distributions(path=[str(folder) for folder in folders]):
        try:
            name = _header(distribution, "Name")
        except Exception:  # noqa: S112 - whatever the parser makes of hostile metadata: that one has no name
            continue
        normal = str(canonicalize_name(name)) if isinstance(name, str) and re.match(r"[A-Za-z0-9]", name) else ""
        if normal and normal not in seen:
            seen.add(normal)
            yield normal, distribution


def _header(distribution: Distribution, name: str) -> str | None:
    headers = distribution.metadata
    return str(headers[name]) if name in headers else None


def find_distribution(folders: tuple[Path, ...], name: str) -> Distribution | None:
    """The distribution of that normalised name."""
    return next((found for normal, found in distributions(folders) if normal == name), None)


def installed_specs(prefix: Path) -> tuple[str, ...]:
    """One spec for each installed distribution, sorted; an editable one is named by its source folder."""
    root, folders = open_environment(EnvironmentSpec(str(prefix)))
    _refuse_nothing_installed(str(prefix), folders)
    specs = []
    for name, distribution in distributions(folders):
        source = _editable_source(distribution)
        specs.append(str(source) if source else str(EnvironmentSpec(str(root), name)))
    return tuple(sorted(specs))


def _editable_source(distribution: Distribution) -> Path | None:
    """PEP 660 leaves only a pointer in the environment; `direct_url.json` (PEP 610) says to where."""
    import json

    from tailrace.sources.download import local_path

    try:
        data = json.loads(distribution.read_text("direct_url.json") or "null")
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("dir_info"), dict) or not data["dir_info"].get("editable"):
        return None
    url = data.get("url")
    path = local_path(url) if isinstance(url, str) and url.startswith("file://") else None
    return path if path and path.is_dir() else None


def _resolve_directory(path: Path, spec: PathSpec) -> Release:
    from packaging.utils import canonicalize_name

    project, _ = find_project(path, path.name)
    _refuse_no_project(path, spec, project)
    version = project.version or _egg_info_version(path)
    if not project.name and (folders := site_packages(path)) == (path,):
        found = list(distributions(folders))
        if len(found) == 1:
            return Release(name=found[0][0], version=found[0][1].version, spec=str(path), source="directory")
    name = str(canonicalize_name(project.name or path.name)) or "directory"
    return Release(
        name=name,
        version=version or UNKNOWN_VERSION,
        spec=str(path),
        source="directory",
        requires_python=project.requires_python,
    )


def _refuse_no_project(path: Path, spec: PathSpec, project: Project) -> None:
    """Raises `PathError` for a folder that holds nothing to read: an empty one, or one of archives."""
    if project.name or site_packages(path) == (path,) or any((path / name).is_file() for name in PROJECT_NAMES):
        return
    for place, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not (Path(place) / name).joinpath("pyvenv.cfg").is_file()]
        if any(name.endswith(_PYTHON) for name in files):
            return
    here = sorted(entry.name for entry in path.iterdir() if entry.name.lower().endswith(ARCHIVE_SUFFIXES))
    if here:
        more = f" and {len(here) - 5} more" if len(here) > 5 else ""
        raise PathError(
            spec.path,
            f"is a folder of archives, not a project: {', '.join(here[:5])}{more}",
            hint=f"Name one of them, such as {Path(spec.path) / here[-1]}.",
        )
    raise PathError(
        spec.path,
        "holds no Python project: neither a pyproject.toml, setup.cfg or setup.py nor a Python module",
        hint="Name the folder of a project, an archive, or a release as NAME==VERSION.",
    )


def _egg_info_version(path: Path) -> str | None:
    read = folder_reader(path)
    for found in sorted((*path.glob("*.egg-info/PKG-INFO"), *path.glob("src/*.egg-info/PKG-INFO"))):
        text = read(found.relative_to(path).as_posix()) or ""
        match = re.search(r"^Version: (\S+)", text, re.MULTILINE)
        if match:
            return match.group(1)
    return None


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion

    try:
        read_version(text)
    except InvalidVersion:
        return False
    return not text.isdigit()
