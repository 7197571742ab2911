"""Extracts from one opened release everything that the store keeps."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from tailrace.model import Artifact, TailraceError, redact
from tailrace.python.modules import Surface
from tailrace.scan.extract import EXTRACTOR, extract, file_key, words_only
from tailrace.store.rows import NOT_PYTHON, ArtifactRow, ContentRow, FileRow, RequireRow, Scanned, UseRow, WordsRow

if TYPE_CHECKING:
    from tailrace.model import Metadata

_MAX_TEXT = 2000
_LARGEST_TEXT = 1_000_000
_CONFIGURATION = (".cfg", ".ini", ".toml", ".yaml", ".yml", ".json", ".conf")
_TEMPLATES = (".html", ".htm", ".txt", ".xml", ".email", ".md")


class ChangedFileError(TailraceError):
    """A file was written to while it was read: what was read is perhaps half of each. `path`: inside the release."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while it was read; scan it again when nothing writes to it any more.")
        self.path = path


def scan_artifact(
    artifact: Artifact, is_known: Callable[[int], bool] = lambda key: False, *, uploaded: int = 0
) -> Scanned:
    """The facts of a release. `is_known`: whether the facts of a file content are kept already, so that it is not
    parsed. `uploaded`: ms since epoch UTC, 0 where it is not known. Raises `ChangedFileError`."""
    surface = Surface(artifact)
    contents: list[tuple[str, str, int]] = []
    files: dict[int, FileRow] = {}
    uses: list[UseRow] = []
    words: list[WordsRow] = []
    unreadable = [f"{path}: {reason}" for path, reason in artifact.unreadable]
    for path in artifact.python_files:
        if path.endswith(".pyi"):
            continue
        try:
            data = _read_whole(artifact, path)
        except OSError as error:
            unreadable.append(f"{path}: {error.strerror or error}")
            continue
        key = file_key(data)
        contents.append((path, surface.module_of_file(path) or "", key))
        if key in files or is_known(key):
            continue
        facts = extract(data)
        files[key] = facts.file
        uses += facts.uses
        words += [facts.words] if facts.words is not None else []
    python_files = len(contents)
    for path in artifact.other_files:
        text = _read_text(artifact, path)
        if text is not None:
            key = file_key(text)
            contents.append((path, "", key))
            if key not in files and not is_known(key):
                facts = words_only(text)
                files[key] = facts.file
                words += [facts.words] if facts.words is not None else []
    release, metadata = artifact.release, artifact.metadata
    points = tuple(f"{group}:{name}={target}" for group, found in metadata.entry_points for name, target in found)
    number = _number(release.name, release.version, release.sha256 or "", metadata, points, contents)
    row = ArtifactRow(
        artifact=number,
        name=str(canonicalize_name(release.name)),
        version=release.version,
        spec=redact(release.spec),
        kind=artifact.kind,
        filename=release.filename or "",
        sha256=release.sha256 or "",
        requires_python=(metadata.requires_python or release.requires_python or "")[:_MAX_TEXT],
        uploaded=uploaded,
        import_names=tuple(sorted(surface.roots)),
        requires=tuple(line[:_MAX_TEXT] for line in metadata.requires_dist),
        entry_points=tuple(point[:_MAX_TEXT] for point in points),
        unreadable=tuple(text[:_MAX_TEXT] for text in unreadable),
        opaque=len(artifact.opaque_files) + sum(f.lower().endswith(".pyx") for f in artifact.compiled_files),
        files=python_files,
        extractor=EXTRACTOR,
    )
    return Scanned(
        artifact=row,
        contents=tuple(ContentRow(number, path, module, key) for path, module, key in contents),
        requires=tuple(dict.fromkeys(_requirements(number, row.requires))),
        files=tuple(files.values()),
        uses=tuple(uses),
        words=tuple(words),
    )


def files_without_facts(scanned: Scanned) -> list[tuple[str, str]]:
    """The files that Python could import and that gave no facts when they were read now, each with the reason."""
    problems = {row.file: row.problem for row in scanned.files if row.problem not in ("", NOT_PYTHON)}
    found = [(row.path, problems[row.file]) for row in scanned.contents if row.file in problems]
    for text in scanned.artifact.unreadable:
        path, _, reason = text.partition(": ")
        found.append((path, reason))
    return sorted(set(found))


def _read_whole(artifact: Artifact, path: str) -> bytes:
    """The bytes of a file that nothing writes to meanwhile; it is read once more where something did."""
    for _ in range(2):
        with Path(artifact.root, path).open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read()
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return data
    raise ChangedFileError(path)


def _read_text(artifact: Artifact, path: str) -> bytes | None:
    """The bytes of a configuration file or a template that may name what others offer; `None` for any other file."""
    if not path.lower().endswith((*_CONFIGURATION, *_TEMPLATES)):
        return None
    try:
        if (artifact.root / path).stat().st_size > _LARGEST_TEXT:
            return None
        data = _read_whole(artifact, path)
    except OSError:
        return None
    return data if b"{%" in data or path.lower().endswith(_CONFIGURATION) else None


def _requirements(number: int, lines: tuple[str, ...]) -> list[RequireRow]:
    import re

    found = []
    for line in lines:
        match = re.match(r"\s*(?:[^\s;\[]+::)?([A-Za-z0-9][A-Za-z0-9._-]*)", line)
        if match is not None:
            found.append(RequireRow(str(canonicalize_name(match.group(1))), number, line))
    return found


def _number(
    name: str,
    version: str,
    sha256: str,
    metadata: Metadata,
    points: tuple[str, ...],
    contents: list[tuple[str, str, int]],
) -> int:
    """The number of an artifact: of its name, version, archive, metadata and files, as this extractor reads them."""
    digest = hashlib.blake2b(digest_size=8, salt=f"tailrace/{EXTRACTOR}".encode())
    parts = [name, version, sha256, metadata.requires_python or "", *metadata.requires_dist, *points]
    parts += [f"{path}\0{key}" for path, _, key in contents]
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        digest.update(len(data).to_bytes(8, "big") + data)
    return int.from_bytes(digest.digest(), "big") >> 1
