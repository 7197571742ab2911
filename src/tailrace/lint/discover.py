"""Lists the files below paths that lint may read. Links to folders are not followed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from tailrace.lint.errors import NoSuchPathError
from tailrace.lint.files import may_matter
from tailrace.lint.source import word_set

SKIPPED = word_set(
    ".git .hg .svn node_modules .venv venv .tox .nox __pycache__ .pixi .mypy_cache .ruff_cache "
    ".pytest_cache .eggs site-packages .snakemake .terraform bower_components"
)
"""Folders that hold what others made."""

TEST_DATA = ("tests", "test", "testdata", "test-data", "fixtures")
"""Folders whose files are made to be wrong; the setting `lint.exclude` begins with them."""

MAX_FILES = 50_000
MAX_DEPTH = 60


@dataclass(slots=True)
class Found:
    """`files`: path as shown → where it is, and whether it was named itself. `left_out`: excluded folders and files.

    `stopped`: the bound that ended the walk, in words.
    """

    files: dict[str, tuple[Path, bool]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    stopped: str | None = None
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def discover(paths: Sequence[str], exclude: Sequence[str] = TEST_DATA) -> Found:
    """Every file that is named, and those below the folders that are named. Raises `NoSuchPathError`.

    `exclude`: names or glob patterns of folders and files, matched against a name and against the path below what
    was named; a path that is named itself is never excluded.
    """
    found = Found()
    for given in paths:
        path = Path(given)
        if not os.path.lexists(path):
            raise NoSuchPathError(given)
        if path.is_dir():
            _walk(path, found, exclude)
        else:
            found.files.setdefault(path.as_posix(), (path, True))
    return found


def _walk(root: Path, found: Found, exclude: Sequence[str]) -> None:
    seen = 0

    def refused(error: OSError) -> None:
        found.unreadable.append(
            (Path(error.filename or root).as_posix(), f"the folder cannot be opened: {error.strerror}")
        )

    for folder, folders, names in os.walk(root, onerror=refused):
        here = Path(folder)
        below = here.relative_to(root)
        folders[:] = sorted(_kept(here, below, folders, found, exclude))
        if len(below.parts) >= MAX_DEPTH and folders:
            found.stopped = f"folders more than {MAX_DEPTH} deep were left out"
            folders.clear()
        for name in sorted(_kept(here, below, names, found, exclude, is_folder=False)):
            seen += 1
            if seen > MAX_FILES:
                found.stopped = f"there are more than {MAX_FILES} files; the rest was left out"
                return
            shown = (here / name).as_posix()
            if may_matter(shown):
                found.files.setdefault(shown, (here / name, False))


def _kept(
    here: Path, below: Path, names: Sequence[str], found: Found, exclude: Sequence[str], *, is_folder: bool = True
) -> Iterator[str]:
    for name in names:
        if is_folder and (name in SKIPPED or _is_environment(here / name)):
            continue
        path = (below / name).as_posix()
        if any(fnmatchcase(name, pattern) or fnmatchcase(path, pattern.rstrip("/")) for pattern in exclude):
            if is_folder or may_matter(path):
                found.left_out.append((here / name).as_posix() + ("/" if is_folder else ""))
            continue
        yield name


def _is_environment(folder: Path) -> bool:
    """Whether the folder is an installed environment, which holds what others made."""
    return (folder / "conda-meta" / "history").is_file() or (folder / "pyvenv.cfg").is_file()
