"""Files of a downstream that hold Python code in a form that is not read, and whether they name the upstream."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from pathlib import Path

from tailrace.artifacts import ArtifactError, read_member
from tailrace.artifacts.errors import BrokenArchiveError
from tailrace.artifacts.members import Readable, iterate_members
from tailrace.model import Artifact
from tailrace.python.parsing import identifiers
from tailrace.sources import Limits
from tailrace.sources.wanted import BINARY_SUFFIXES, SCRIPT_HEAD, is_bytecode, is_script, is_template, may_be_script

_SOURCES = (".py", ".pyw", ".pyi", ".pyx", ".ipynb")
# JSON writes the end of a line with a letter, which would become a part of the next word.
_ESCAPE = re.compile(rb"\\[nrtbf\"\\/]")
_CYTHON = (".pyx", ".pxd", ".pxi")
# Functions that Cython takes by their declarations, which `interfaces.binaries` compares; members of a class are not.
_CIMPORTED = re.compile(
    rb"^[ \t]*from[ \t]+[\w.]+[ \t]+cimport[ \t]+[a-z_]\w{0,80}"
    rb"(?:[ \t]{0,20},[ \t]{0,20}[a-z_]\w{0,80}){0,60}[ \t]{0,20}$",
    re.MULTILINE,
)
_KINDS = {
    ".ipynb": "a notebook",
    ".zip": "an archive",
    ".pth": "it runs code when Python starts",
    ".pyc": "bytecode without a source",
    ".pyo": "bytecode without a source",
} | dict.fromkeys(_CYTHON, "Cython")
# A name between two bytes that are not text, as compilers keep the names that a module looks up.
_TEXT_IN_BINARY = re.compile(rb"(?<=[\x00-\x08\x0e-\x1f])[A-Za-z_][A-Za-z0-9_.]{1,80}(?=[\x00-\x08\x0e-\x1f])")
_ARCHIVE = "an archive of Python code"


def find_opaque(downstream: Artifact, roots: Set[str]) -> tuple[tuple[str, str], ...]:
    """`(file, what it is)` of the files that name an import root of the upstream, or may name one."""
    wanted = frozenset(root.encode("utf-8", "replace") for root in roots)
    sources = {file.rpartition(".")[0] for file in downstream.python_files}
    files = [
        file for file in downstream.opaque_files if not is_bytecode(file) or file.rpartition(".")[0] not in sources
    ]
    files += (file for file in downstream.compiled_files if file.lower().endswith(_CYTHON))
    files += (file for file in downstream.other_files if file.lower().endswith(".pth"))
    return tuple((file, _kind(file)) for file in files if _names_any(downstream.root / file, wanted))


def find_compiled(
    downstream: Artifact, roots: Set[str], changed: Callable[[], Set[str]]
) -> tuple[tuple[str, str], ...]:
    """`(file, why)` of the compiled modules that hold the name of the upstream and one of the names that changed, as
    texts of their own. `changed`: asked only where a module holds the first.
    """
    found = []
    for file in downstream.compiled_files:
        if not file.lower().endswith(BINARY_SUFFIXES):
            continue
        try:
            data = read_member(downstream, file)
        except (ArtifactError, OSError):
            continue  # its own note says so
        if not any(root.encode() in data for root in roots):
            continue
        texts = {text.decode() for text in _TEXT_IN_BINARY.findall(data)}
        names = {part for text in texts for part in text.split(".") if len(part) > 1}
        if any(text.partition(".")[0] in roots for text in texts) and (lost := names & (changed() - roots)):
            found.append((file, f"it is compiled, and holds {min(lost)}"))
    return tuple(found)


def _kind(file: str) -> str:
    if is_template(file):
        return "a template of Python code"
    return _KINDS.get(Path(file).suffix.lower(), _ARCHIVE)


def _names_any(path: Path, roots: frozenset[bytes]) -> bool:
    try:
        if is_bytecode(path.name):
            data = path.read_bytes()
            return any(mark in data for root in roots for mark in _marshalled(root))
        if path.suffix.lower() == ".pth":
            lines = path.read_bytes().splitlines()
            return any(
                not roots.isdisjoint(_words(line)) for line in lines if line.startswith((b"import ", b"import\t"))
            )
        if path.suffix.lower() in _CYTHON:
            return not roots.isdisjoint(_words(_CIMPORTED.sub(b"", path.read_bytes())))
        if path.suffix.lower() == ".ipynb" or is_template(path.name):
            return not roots.isdisjoint(_words(path.read_bytes()))
        return any(not roots.isdisjoint(_words(source)) for source in _sources(path))
    except BrokenArchiveError:  # which nothing can be imported from
        return False
    except (ArtifactError, OSError):  # too large, encrypted
        return True


def _marshalled(name: bytes) -> tuple[bytes, ...]:
    """How bytecode spells the name of a module, and the beginning of the name of a module below it."""
    return bytes([len(name) & 255]) + name, len(name).to_bytes(4, "little") + name, name + b"."


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
