"""What a kind of file is: how it is recognised, and the function that reads the facts in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tailrace.lint.facts import Document
from tailrace.lint.source import MAX_BYTES, Source


def _always(path: PurePosixPath, data: bytes) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file. A module of this folder is a kind when it has a `KIND`, or several in a tuple.

    `matches(path)`: whether a file of this name can be of the kind; it is asked about every file of a folder.
    `mentions(path, data)`: whether the bytes are worth reading; a file that is not is passed over.
    `read(source)`: the facts, `None` when the file is something else under the same name; raises
    `UnreadableFileError` for a file that is meant to be of the kind and cannot be read.
    `rank`: kinds with a lower rank are asked first. `max_bytes`: larger files are named as not checked.
    """

    id: str
    matches: Callable[[PurePosixPath], bool]
    read: Callable[[Source], Document | None]
    mentions: Callable[[PurePosixPath, bytes], bool] = _always
    rank: int = 50
    max_bytes: int = MAX_BYTES


def mentions_conda(path: PurePosixPath, data: bytes) -> bool:
    """Whether there can be a call of a client or a name of a channel at all."""
    lower = data.lower()
    return b"conda" in lower or b"mamba" in lower
