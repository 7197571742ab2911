"""Files of a downstream that hold Python code in a form that is not read, and whether they name the upstream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path

from tailrace.artifacts import ArtifactError
from tailrace.artifacts.errors import BrokenArchiveError
from tailrace.artifacts.members import Readable, iterate_members
from tailrace.model import Artifact
from tailrace.python.parsing import identifiers
from tailrace.sources import Limits
from tailrace.sources.wanted import SCRIPT_HEAD, is_script, is_template, may_be_script

_SOURCES = (".py", ".pyw", ".pyi", ".pyx", ".ipynb")
# JSON writes the end of a line with a letter, which would become a part of the next word.
_ESCAPE = re.compile(rb"\\[nrtbf\"\\/]")
_KINDS = {".ipynb": "a notebook", ".pyx": "Cython", ".zip": "an archive"}
_ARCHIVE = "an archive of Python code"


def find_opaque(downstream: Artifact, roots: Set[str]) -> tuple[tuple[str, str], ...]:
    """`(file, what it is)` of the files that name an import root of the upstream, or of which nobody knows it."""
    wanted = frozenset(root.encode("utf-8", "replace") for root in roots)
    files = [*downstream.opaque_files, *(file for file in downstream.compiled_files if file.lower().endswith(".pyx"))]
    return tuple((file, _kind(file)) for file in files if _names_any(downstream.root / file, wanted))


def _kind(file: str) -> str:
    if is_template(file):
        return "a template of Python code"
    return _KINDS.get(Path(file).suffix.lower(), _ARCHIVE)


def _names_any(path: Path, roots: frozenset[bytes]) -> bool:
    try:
        if path.suffix.lower() in (".ipynb", ".pyx") or is_template(path.name):
            return not roots.isdisjoint(_words(path.read_bytes()))
        return any(not roots.isdisjoint(_words(source)) for source in _sources(path))
    except BrokenArchiveError:  # which nothing can be imported from
        return False
    except (ArtifactError, OSError):  # too large, encrypted
        return True


def _words(data: bytes) -> frozenset[bytes]:
    return identifiers(_ESCAPE.sub(b" ", data))


def _sources(archive: Path) -> Iterator[bytes]:
    """The Python files of an archive, each of bounded size."""
    limits = Limits()
    for member in iterate_members(archive, limits):
        if member.path.lower().endswith(_SOURCES):
            yield _read(member.stream, b"", limits.file_size)
        elif member.stream is not None and may_be_script(member.path):
            head = member.stream.read(SCRIPT_HEAD)
            if is_script(head):
                yield _read(member.stream, head, limits.file_size)


def _read(stream: Readable | None, head: bytes, limit: int) -> bytes:
    """Raises OSError for what is encrypted or larger than the limit (bytes)."""
    parts, size = [head], len(head)
    while stream is not None and (part := stream.read(1 << 20)):
        size += len(part)
        parts.append(part)
        if size > limit:
            break
    else:
        if stream is not None:
            return b"".join(parts)
    raise OSError("a member that cannot be read")
