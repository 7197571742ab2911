"""A release together with the place on disk that holds its files. A value only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tailrace.model import Release


@dataclass(frozen=True, slots=True)
class Located:
    """`path` is the archive, the directory, the extracted git tree, or the environment's prefix, according to `kind`.

    `tree_key` names the content of a git extraction (it never changes under its key), `None` for what may change.
    `distribution` is the one distribution meant in an environment. `unreadable`: members left out already, with the
    reason.
    """

    release: Release
    path: Path
    kind: Literal["archive", "directory", "git", "environment"]
    tree_key: str | None = None
    distribution: str | None = None
    unreadable: tuple[tuple[str, str], ...] = ()
