"""What is known of an unpacked tree, kept beside it, so that opening it again walks and parses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from tailrace.model import Artifact, Metadata, Release
from tailrace.sources.wanted import SELECTION

# Raise it when the same archive would give another tree or another manifest.
EXTRACTION = f"2.{SELECTION}"
FILES = "files"
MANIFEST = "manifest"


class Manifest(msgspec.Struct, frozen=True, array_like=True):
    """The fields of an `Artifact` that depend on content alone. `root` is relative to the tree's `files` folder."""

    kind: Literal["wheel", "sdist", "conda", "tree", "environment"]
    root: str
    metadata: Metadata
    search_paths: tuple[str, ...]
    python_files: tuple[str, ...]
    compiled_files: tuple[str, ...]
    unreadable: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    opaque_files: tuple[str, ...] = ()
    other_files: tuple[str, ...] = ()

    def artifact(self, release: Release, files: Path, archive: Path | None) -> Artifact:
        """The artifact whose files lie under `files`."""
        return Artifact(
            release=release,
            metadata=self.metadata,
            root=files / self.root if self.root else files,
            kind=self.kind,
            search_paths=self.search_paths,
            python_files=self.python_files,
            compiled_files=self.compiled_files,
            unreadable=self.unreadable,
            archive=archive,
            notes=self.notes,
            opaque_files=self.opaque_files,
            other_files=self.other_files,
        )


def encode(manifest: Manifest) -> bytes:
    """For keeping."""
    return msgspec.msgpack.encode(manifest)


def decode(data: bytes) -> Manifest | None:
    """What was kept, `None` when it is not understood (another version wrote it)."""
    try:
        return msgspec.msgpack.decode(data, type=Manifest)
    except (msgspec.MsgspecError, ValueError):
        return None
