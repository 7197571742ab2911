"""Opens the artifact of a spec or a release, and reads single members on demand."""

from __future__ import annotations

from typing import assert_never

import msgspec

from tailrace.artifacts.archive import open_archive, read_archive_member
from tailrace.artifacts.errors import MissingMemberError
from tailrace.artifacts.manifest import FILES
from tailrace.artifacts.tree import open_directory, open_environment, open_git
from tailrace.model import Artifact, Release
from tailrace.sources import Limits, Located, Sources

UNKNOWN = "0+unknown"


def open_release(spec_or_release: str | Release | Located, sources: Sources) -> Artifact:
    """Locate the release (downloading it when needed) and open it. Raises `SourceError` and `ArtifactError`."""
    located = spec_or_release if isinstance(spec_or_release, Located) else sources.locate(spec_or_release)
    limits = sources.settings.limits
    match located.kind:
        case "archive":
            artifact = open_archive(located.release, located.path, sources.cache, limits)
        case "directory":
            artifact = open_directory(located, limits)
        case "git":
            artifact = open_git(located, sources.cache, limits)
        case "environment":
            artifact = open_environment(located, limits)
        case _:
            assert_never(located.kind)
    return _complete(artifact)


def read_member(artifact: Artifact, path: str, limits: Limits | None = None) -> bytes:
    """The bytes of one of the artifact's files, from its tree or, where it was not unpacked, from its archive."""
    target = artifact.root / path
    known = any(path in files for files in (artifact.python_files, artifact.compiled_files, artifact.other_files))
    if known and target.is_file():
        return target.read_bytes()
    if artifact.archive is not None and known:
        content = read_archive_member(artifact.archive, _stripped(artifact), path, limits or Limits())
        if content is not None:
            return content
    raise MissingMemberError(artifact.release.spec, f"has no file {path!r}")


def _stripped(artifact: Artifact) -> str:
    """The folder of the archive that became the root."""
    parts = artifact.root.parts
    last = len(parts) - 1 - parts[::-1].index(FILES)
    return "/".join(parts[last + 1 :])


def _complete(artifact: Artifact) -> Artifact:
    """Where the file's name did not say which version it is, its metadata does."""
    release, metadata = artifact.release, artifact.metadata
    if release.version != UNKNOWN and (release.requires_python or not metadata.requires_python):
        return artifact
    from dataclasses import replace

    from packaging.utils import canonicalize_name

    if release.version == UNKNOWN and metadata.version and metadata.version != UNKNOWN:
        release = msgspec.structs.replace(release, name=str(canonicalize_name(metadata.name)), version=metadata.version)
    return replace(
        artifact,
        release=msgspec.structs.replace(release, requires_python=release.requires_python or metadata.requires_python),
    )
