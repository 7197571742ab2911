"""Writes the needed members of an archive to disk and lists the others. Writes only inside the given folder."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field
from pathlib import Path

from tailrace.artifacts.members import Member, iterate_members
from tailrace.sources.settings import Limits
from tailrace.sources.wanted import SCRIPT_HEAD, is_script, may_be_script, sort_member

CONDA_INFO = ("info/index.json", "info/link.json")
NOT_OF_THE_NAME = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    }
)
_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/(.+)\Z")
_OTHER_DATA = re.compile(r"[^/]+\.data/(?!scripts/|data/)")
_VENDORED_LIBRARIES = re.compile(r"(?:^|/)[^/]*\.(?:libs|dylibs)/")


@dataclass(slots=True)
class Extraction:
    """What came out. Paths are POSIX, as in the archive (a wheel's `.data` folders already merged into the root)."""

    sources: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    compiled: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)
    top_names: set[str] = field(default_factory=set)
    duplicates: set[str] = field(default_factory=set)
    links: int = 0


def extract(archive: Path, folder: Path, limits: Limits) -> Extraction:
    """Write what somebody reads into `folder`, and list the rest where it matters. Raises `ArtifactError`."""
    found = Extraction()
    is_wheel = archive.name.lower().endswith(".whl")
    written: set[str] = set()
    for member in iterate_members(archive, limits):
        path = place(member.path) if is_wheel else member.path
        if path is None:
            continue
        found.top_names.add(path.partition("/")[0] if "/" in path else "")
        _take(member, path, folder, limits, found, written)
    return found


def place(path: str) -> str | None:
    """Where a wheel's member is installed, `None` for headers. Scripts and data keep their place in the archive."""
    match = _DATA.match(path)
    if match:
        return match.group(1)
    return None if _OTHER_DATA.match(path) else path


def _take(member: Member, path: str, folder: Path, limits: Limits, found: Extraction, written: set[str]) -> None:
    wanted = "text" if path in CONDA_INFO else sort_member(path, member.size)
    if member.link:
        found.links += 1
    head = b""
    if wanted == "no" and member.stream is not None and may_be_script(path):
        head = member.stream.read(SCRIPT_HEAD)
        wanted = "source" if is_script(head) else "no"
    if wanted in ("no", "text") and not member.link:
        found.others.add(path)
    if wanted == "no":
        return
    if member.stream is None:
        if wanted in ("source", "compiled-source"):
            found.unreadable[path] = member.reason or "it cannot be read"
        elif wanted == "opaque":
            found.opaque.add(path)
        return
    if wanted == "binary":
        if not _VENDORED_LIBRARIES.search(path):
            found.compiled.add(path)
        return
    if path in written:
        found.duplicates.add(path)
    reason = _write(member, folder / path, limits, head, again=path in written)
    if wanted == "opaque":
        found.opaque.add(path)
        return
    if reason:
        found.unreadable[path] = reason
        return
    written.add(path)
    found.unreadable.pop(path, None)
    if wanted == "source":
        found.sources.add(path)
    elif wanted == "compiled-source":
        found.compiled.add(path)
    else:
        found.texts.add(path)


def _write(member: Member, target: Path, limits: Limits, head: bytes, *, again: bool) -> str | None:
    """Write one file, of which `head` was read before; the reason when it cannot be.

    The last of several members with one name wins, as for an installer.
    """
    assert member.stream is not None
    too_large = f"it is larger than {limits.file_size} bytes"
    if member.size > limits.file_size:
        return too_large
    content = _read_bounded(member, limits.file_size, head)
    if content is None:
        return too_large
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Exclusive: on a file system that ignores case, `A.py` must not overwrite `a.py`.
        with target.open("wb" if again else "xb") as file:
            file.write(content)
    except FileExistsError:
        return "its name differs from another only in case, or a folder has that name"
    except OSError as error:
        if error.errno in NOT_OF_THE_NAME:
            raise  # nothing is wrong with the member: what was kept now would be believed later
        return f"it cannot be written here ({error.strerror or error})"
    return None


def _read_bounded(member: Member, limit: int, head: bytes) -> bytes | None:
    assert member.stream is not None
    chunks = [head]
    size = len(head)
    while chunk := member.stream.read(1 << 20):
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
