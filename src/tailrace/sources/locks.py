"""Reads the release specs of a poetry.lock, pdm.lock or Pipfile.lock, with all groups and extras.

Groups and extras are what somebody installs, so all are listed; a marker leaves out what this environment never gets.
An entry that holds something else than the format says is a `ListError`, not an entry less.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tailrace.model import Address
from tailrace.sources.errors import ListError
from tailrace.sources.spec import GitSpec, spec_text

_HINT = "Write the lock file anew with its own tool."


def read_poetry_lock(path: Path, data: dict[str, Any]) -> Iterator[str | Address]:
    """Every version of the format, 0.12 to 2: `[[package]]` with name and version, and where it comes from.

    Up to 1.x there are no markers of a whole entry; 2.x has `markers` as a text or a table by group.
    """
    for entry in _entries(path, data, "package"):
        name, version = _needed(path, entry, "name"), _needed(path, entry, "version")
        if not _applies(path, entry.get("markers", entry.get("marker"))):
            continue
        source = _table(path, entry, "source", name)
        kind, where = source.get("type"), source.get("url")
        if kind in ("git", "directory", "file", "url", "hg", "bzr", "svn") and not isinstance(where, str):
            raise ListError(str(path), f"names no place for {name}, which comes from {kind}", hint=_HINT)
        match kind:
            case "git":
                commit = source.get("resolved_reference") or source.get("reference") or "HEAD"
                yield _git(str(where), commit, source.get("subdirectory"))
            case "directory" | "file":
                yield _place(path, str(where))
            case "url":
                yield str(where)
            case "hg" | "bzr" | "svn":
                yield f"{kind}+{where}@{source.get('resolved_reference') or source.get('reference') or 'tip'}"
            case _:  # an index, named or not; `legacy` in all versions
                yield f"{name}=={version}"


def read_pdm_lock(path: Path, data: dict[str, Any]) -> Iterator[str | Address]:
    """Every version of the format: `[[package]]` with name and version, else `git`, `url` or `path`.

    A package that is locked with extras stands there once more for each set of them.
    """
    for entry in _entries(path, data, "package"):
        name = _needed(path, entry, "name")
        if not _applies(path, entry.get("marker", entry.get("requires_marker"))):
            continue
        if isinstance(where := entry.get("git"), str):
            yield _git(where, entry.get("revision") or entry.get("ref") or "HEAD", entry.get("subdirectory"))
        elif isinstance(where := entry.get("path"), str):
            if where.rstrip("/") not in (".", ""):
                yield _place(path, where)
        elif isinstance(where := entry.get("url"), str):
            yield where.partition("#")[0]
        elif vcs := next((kind for kind in ("hg", "bzr", "svn") if isinstance(entry.get(kind), str)), None):
            yield f"{vcs}+{entry[vcs]}@{entry.get('revision') or 'tip'}"
        else:
            yield f"{name}=={_needed(path, entry, 'version')}"


def read_pipfile_lock(path: Path, text: str) -> Iterator[str | Address]:
    """`default`, `develop` and any category of its own: name → version or place, in their order."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ListError(str(path), f"is not valid JSON ({error})") from None
    if not isinstance(data, dict):
        raise ListError(str(path), "has no table at its top", hint=_HINT)
    for category, entries in data.items():
        if category == "_meta":
            continue
        if not isinstance(entries, dict):
            raise ListError(str(path), f"has no table of packages in {category!r}", hint=_HINT)
        for name, entry in entries.items():
            entry = {"version": entry} if isinstance(entry, str) else entry
            if not isinstance(entry, dict):
                raise ListError(str(path), f"has no table for {name!r} in {category!r}", hint=_HINT)
            if _applies(path, entry.get("markers")):
                yield from _pipfile_spec(path, name, entry)


def _pipfile_spec(path: Path, name: str, entry: dict[str, Any]) -> Iterator[str | Address]:
    version = entry.get("version")
    if isinstance(where := entry.get("git"), str):
        yield _git(where, entry.get("ref") or "HEAD", entry.get("subdirectory"))
    elif vcs := next((kind for kind in ("hg", "bzr", "svn") if isinstance(entry.get(kind), str)), None):
        yield f"{vcs}+{entry[vcs]}@{entry.get('ref') or 'tip'}"
    elif isinstance(where := entry.get("path"), str):
        if where.rstrip("/") not in (".", ""):
            yield _place(path, where)
    elif isinstance(where := entry.get("file"), str):
        yield where.partition("#")[0] if "://" in where else _place(path, where)
    elif isinstance(version, str) and version.strip() not in ("", "*"):
        yield f"{name}{version.strip()}" if version.strip()[0] in "=<>!~" else f"{name}=={version.strip()}"
    elif version is None or isinstance(version, str):
        yield f"pypi:{name}"
    else:
        raise ListError(str(path), f"has no text as the version of {name!r}", hint=_HINT)


def _entries(path: Path, data: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    entries = data.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ListError(str(path), f"has no array of tables [[{key}]]", hint=_HINT)
    yield from entries


def _needed(path: Path, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ListError(
            str(path), f"has an entry ({entry.get('name', 'without a name')!r}) without a {key}", hint=_HINT
        )
    return value.strip()


def _table(path: Path, entry: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    value = entry.get(key, {})
    if not isinstance(value, dict):
        raise ListError(str(path), f"has a {key} of {name} that is not a table", hint=_HINT)
    return value


def _applies(path: Path, markers: object) -> bool:
    """Whether a marker, or one of a table by group, may hold in this environment; extras are taken to be wanted."""
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    if markers is None:
        return True
    texts = list(markers.values()) if isinstance(markers, dict) else [markers]
    for text in texts:
        if not isinstance(text, str):
            raise ListError(str(path), f"has a marker that is not a text ({text!r})", hint=_HINT)
        if not text.strip():
            return True
        try:
            if "extra" in text or Marker(text).evaluate({"extra": ""}):
                return True
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError):
            raise ListError(str(path), f"has a marker that cannot be read ({text!r})") from None
    return not texts


def _git(url: str, commit: object, subdirectory: object) -> str | Address:
    folder = subdirectory.strip("/") if isinstance(subdirectory, str) else ""
    return spec_text(GitSpec(Address(url.removeprefix("git+")), commit if isinstance(commit, str) else "HEAD", folder))


def _place(path: Path, where: str) -> str:
    return str((path.parent / where).absolute())
