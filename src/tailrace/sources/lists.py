"""Reads the release specs of a requirements, lock or environment file."""

from __future__ import annotations

import reprlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tailrace import disk
from tailrace.model import Address, conceal
from tailrace.model.foreign import read_marker
from tailrace.sources.errors import EmptyListError, ListError
from tailrace.sources.locks import read_pdm_lock, read_pipfile_lock, read_poetry_lock
from tailrace.sources.requirements import read_requirements, spec_of_requirement
from tailrace.sources.settings import MIB
from tailrace.sources.spec import CondaSpec, GitSpec, spec_text
from tailrace.toml.parse import parse_toml

_SIZE = 64 * MIB
_KINDS = (
    "requirements.txt, pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pixi.lock, conda-lock.yml, "
    "environment.yml"
)


def read_list(path: Path) -> tuple[str | Address, ...]:
    """The specs in the file's order, each once. Entries for other environments (markers) are left out.

    A spec that holds a secret is an `Address`. An entry that no source can serve (another version control system)
    stays in as it is written, so that whoever resolves it reports it as not checked. Raises `ListError` for a file
    that cannot be read or holds nothing.
    """
    reader = _reader_for(path)
    try:
        specs = tuple(dict.fromkeys(conceal(spec) if isinstance(spec, str) else spec for spec in reader(path)))
    except RecursionError:
        raise ListError(str(path), "is nested too deeply") from None
    if not specs:
        raise EmptyListError(str(path), "lists no package for this environment", hint=f"Read are {_KINDS}.")
    return specs


def read_text(path: Path) -> str:
    """The file's text, bounded."""
    try:
        return disk.read_bounded(path, _SIZE).decode("utf-8-sig")
    except IsADirectoryError:
        raise ListError(
            str(path), "is a folder, not a list of packages", hint="Name a project's folder with --downstream."
        ) from None
    except OSError as error:
        raise ListError(str(path), f"cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise ListError(str(path), f"is not UTF-8 (byte {error.start})") from None


def _reader_for(path: Path) -> Callable[[Path], Iterator[str | Address]]:
    name = path.name.lower()
    if name == "uv.lock":
        return _uv_lock
    if name == "pipfile.lock":
        return lambda file: read_pipfile_lock(file, read_text(file))
    if name == "poetry.lock":
        return lambda file: read_poetry_lock(file, _toml(file))
    if name == "pdm.lock":
        return lambda file: read_pdm_lock(file, _toml(file))
    if name == "pixi.lock":
        return _pixi_lock
    if name.endswith(".toml"):
        return _pylock
    if name.endswith((".yml", ".yaml")):
        return _conda_yaml
    if name.endswith(".lock"):
        raise ListError(str(path), "is a lock file of a kind that is not known", hint=f"Read are {_KINDS}.")
    return lambda file: read_requirements(file, read_text)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ListError(str(path), f"is no valid TOML ({error})") from None


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    from tailrace.conda.yaml_nodes import NotYamlError, load_yaml

    try:
        data = load_yaml(read_text(path))
    except NotYamlError:
        raise RecursionError from None
    except (ValueError, OverflowError) as error:
        raise ListError(str(path), f"holds a value that cannot be read ({str(error)[:200]})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "syntax"
        raise ListError(str(path), f"is no valid YAML ({problem})", line=mark.line + 1 if mark else None) from None
    if not isinstance(data, dict):
        raise ListError(str(path), "holds no table at its top", hint=f"Read are {_KINDS}.")
    return data


def _pylock(path: Path) -> Iterator[str | Address]:
    """PEP 751: the packages whose markers hold in this environment."""
    data = _toml(path)
    if "lock-version" not in data:
        raise ListError(str(path), "is no pylock.toml (it has no lock-version)", hint=f"Read are {_KINDS}.")
    for entry in _tables(data, "packages"):
        marker = _string(entry, "marker")
        if marker and not _holds(path, marker):
            continue
        name, version = _string(entry, "name"), _string(entry, "version")
        vcs, directory, archive = (entry.get(key) for key in ("vcs", "directory", "archive"))
        if isinstance(vcs, dict):
            yield _vcs_spec(path, vcs)
        elif isinstance(directory, dict):
            yield str(path.parent / str(directory.get("path", ".")))
        elif isinstance(archive, dict):
            yield str(archive.get("url") or path.parent / str(archive.get("path", "")))
        elif name and version:
            yield f"{name}=={version}"
        elif name:
            yield f"pypi:{name}"


def _holds(path: Path, text: str) -> bool:
    from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName

    try:
        return bool(read_marker(text).evaluate({"extras": set(), "dependency_groups": set(), "extra": ""}))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, TypeError):
        raise ListError(str(path), f"has a marker that cannot be read ({text!r})") from None


def _vcs_spec(path: Path, vcs: dict[str, Any]) -> str | Address:
    kind, commit = vcs.get("type", "git"), vcs.get("commit-id") or vcs.get("requested-revision") or "HEAD"
    where = vcs.get("url") or str(path.parent / str(vcs.get("path", "")))
    if kind != "git":
        return f"{kind}+{where}@{commit}"
    return spec_text(GitSpec(Address(str(where)), str(commit), str(vcs.get("subdirectory") or "")))


def _uv_lock(path: Path) -> Iterator[str | Address]:
    for entry in _tables(_toml(path), "package"):
        name, version, source = _string(entry, "name"), _string(entry, "version"), entry.get("source")
        source = source if isinstance(source, dict) else {}
        if "registry" in source and name and version:
            yield f"{name}=={version}"
        elif isinstance(source.get("git"), str):
            url, _, commit = source["git"].partition("#")
            url, _, query = url.partition("?")
            folder = next((part.partition("=")[2] for part in query.split("&") if part.startswith("subdirectory=")), "")
            yield spec_text(GitSpec(Address(url), commit or "HEAD", folder))
        elif isinstance(source.get("url"), str):
            yield source["url"]
        elif (
            isinstance(where := source.get("path") or source.get("directory") or source.get("editable"), str)
            and where != "."
        ):
            yield _as_path(path, where)
        elif name and version and not source:
            yield f"{name}=={version}"


def _as_path(path: Path, where: str) -> str:
    return str((path.parent / where).absolute())


def _pixi_lock(path: Path) -> Iterator[str | Address]:
    """Every package of every environment, those of this platform and noarch first named once; through py-rattler's own
    reader.
    """
    from tailrace.conda.rattler import library

    rattler = library()
    try:
        lock = rattler.LockFile.from_path(path)
        here = str(rattler.platform.Subdir.current())
        environments = [environment for _, environment in sorted(lock.environments())]
        entries: list[Any] = []
        for environment in environments:
            platforms = environment.platforms()
            chosen = [
                platform
                for platform in platforms
                if str(getattr(platform, "subdir", platform)) == here or str(getattr(platform, "name", "")) == here
            ]
            for platform in chosen or platforms[:1]:
                entries += environment.packages(platform) or []
    except Exception as error:
        raise ListError(
            str(path), f"cannot be read ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        ) from error
    for entry in entries:
        location = str(entry.location)
        if hasattr(entry, "package_record"):
            yield _conda_spec_of_url(path, location)
        elif location.startswith("git+") or "://" not in location:
            yield _git_or_path(path, location)
        else:
            yield f"{entry.name}=={entry.version}"


def _git_or_path(path: Path, location: str) -> str | Address:
    if not location.startswith("git+"):
        return _as_path(path, location)
    url, _, commit = location.removeprefix("git+").partition("#")
    return spec_text(GitSpec(Address(url.partition("?")[0]), commit or "HEAD"))


def _conda_spec_of_url(path: Path, url: str) -> str | Address:
    """`https://host/channel/noarch/name-1.0-py_0.conda` → `https://host/channel::name==1.0=py_0`."""
    if "://" not in url:
        return _as_path(path, url)
    base, _, filename = url.partition("#")[0].rpartition("/")
    channel, _, _subdir = base.rpartition("/")
    stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
    parts = stem.rsplit("-", 2)
    if len(parts) != 3 or stem == filename or not channel:
        raise ListError(str(path), f"names a package that is none ({url!r})")
    return spec_text(CondaSpec((Address(channel),), parts[0], f"=={parts[1]}", parts[2]))


def _conda_yaml(path: Path) -> Iterator[str | Address]:
    data = _yaml(path)
    if "package" in data and "metadata" in data:
        yield from _conda_lock(path, data)
    elif "dependencies" in data:
        yield from _environment_yaml(path, data)
    elif "environments" in data and "packages" in data:
        yield from _pixi_lock(path)
    else:
        raise ListError(str(path), "is neither an environment.yml nor a conda-lock.yml", hint=f"Read are {_KINDS}.")


def _conda_lock(path: Path, data: dict[str, Any]) -> Iterator[str | Address]:
    from tailrace.conda.rattler import library

    entries = _tables(data, "package")
    here = str(library().platform.Subdir.current())
    platforms = [_string(entry, "platform") for entry in entries]
    platform = here if here in platforms else next((name for name in platforms if name), None)
    for entry in entries:
        if entry.get("platform") not in (platform, "noarch", None):
            continue
        url, name, version = _string(entry, "url"), _string(entry, "name"), entry.get("version")
        if entry.get("manager") == "conda" and url:
            yield _conda_spec_of_url(path, url)
        elif name and isinstance(version, str | int | float):
            yield f"{name}=={version}"


def _environment_yaml(path: Path, data: dict[str, Any]) -> Iterator[str | Address]:
    channels = tuple(name for name in _items(path, data, "channels") if isinstance(name, str) and name != "nodefaults")
    for entry in _items(path, data, "dependencies"):
        if isinstance(entry, dict):
            for line in _items(path, entry, "pip"):
                if isinstance(line, str):
                    yield from _pip_line(path, line)
                else:
                    raise ListError(str(path), f"has a pip requirement that is not text ({_shown(line)})")
        elif isinstance(entry, str):
            channel, separator, match = entry.rpartition("::")
            if not separator and not channels:
                raise ListError(
                    str(path), f"names no channel for {entry!r}", hint="Add channels, or write CHANNEL::NAME."
                )
            if match.split("=")[0].split(" ")[0].strip() not in ("python", "pip") or separator:
                yield f"{channel or ','.join(channels)}::{match.strip()}"
        elif entry is not None:
            raise ListError(str(path), f"has a dependency that is not text ({_shown(entry)})")


def _shown(value: object) -> str:
    """A value for a message, without unfolding what aliases make of a few lines: that may be larger than memory."""
    return reprlib.repr(value)[:80]


def _items(path: Path, data: dict[Any, Any], key: str) -> list[Any]:
    """The list under a key, empty when there is none. Raises ListError for anything else."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ListError(str(path), f"has {key}: with something other than a list", hint=f"Write {key}: and `- ` lines.")
    return value


def _pip_line(path: Path, line: str) -> Iterator[str | Address]:
    words = line.split()
    if words and words[0] in ("-r", "--requirement") and len(words) > 1:
        yield from read_requirements(path.parent / words[1], read_text)
    elif words and words[0] in ("-e", "--editable") and len(words) > 1:
        yield _git_or_path(path, words[1]) if not words[1].startswith("git+") else words[1]
    elif not line.startswith("-"):
        spec = spec_of_requirement(line, path, None)
        if spec:
            yield spec


def _tables(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = data.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _string(entry: dict[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) and value else None
