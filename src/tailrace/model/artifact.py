"""An artifact: the opened, read-only files of one release. Values only; opening is the room `artifacts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tailrace.model.release import Release


@dataclass(frozen=True, slots=True)
class Metadata:
    """Core metadata (wheel METADATA, sdist PKG-INFO or pyproject.toml, conda index.json), as far as it is there.

    `requires_dist`: requirement lines as written, PEP 508. `entry_points`: group → ((name, target), …),
    `console_scripts`
    among them, sorted. `top_level`: import names that the distribution itself declares (may be empty). `extras`: those
    that it declares, also without a requirement; `None` where that is not known.
    """

    name: str
    version: str
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    entry_points: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    top_level: tuple[str, ...] = ()
    extras: tuple[str, ...] | None = None

    def entry_point_group(self, group: str) -> tuple[tuple[str, str], ...]:
        """The `(name, target)` pairs of one group, empty when the group is absent."""
        return dict(self.entry_points).get(group, ())


@dataclass(frozen=True, slots=True)
class Artifact:
    """One opened release.

    `root` is the folder that finding paths are relative to (an sdist's or zip's own top folder is stripped).
    `search_paths` are the folders that an importer would have on `sys.path` (a wheel's root, an sdist's `src`),
    relative
    POSIX paths, `""` being the root. `python_files` are the `.py`/`.pyi`/`.pyw` files, `compiled_files` the
    extension modules
    (`.so`, `.pyd`, `.pyx`, `.pxd`), both relative to `root`, POSIX separators, sorted. `unreadable` pairs a member
    with the reason
    why it was left out (a name that is not UTF-8, a file over the limit). `opaque_files` hold
    Python code in a form that is not read (notebooks, zipped eggs, zip applications). `other_files` are the names of
    all other files as far as they are known: a tree of git lists only those that somebody reads (templates,
    configuration). `archive` is the file it came from, where it is one.
    """

    release: Release
    metadata: Metadata
    root: Path
    kind: Literal["wheel", "sdist", "conda", "tree", "environment"]
    search_paths: tuple[str, ...] = ("",)
    python_files: tuple[str, ...] = ()
    compiled_files: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    archive: Path | None = None
    notes: tuple[str, ...] = field(default=())
    opaque_files: tuple[str, ...] = ()
    other_files: tuple[str, ...] = ()
