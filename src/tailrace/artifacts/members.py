"""Iterates over the members of an archive, within limits. A size that the archive declares is not believed."""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from tailrace.artifacts.errors import BrokenArchiveError, TooLargeError, UnsafeArchiveError
from tailrace.artifacts.names import UnreadableNameError, UnsafeNameError, clean_name, show_name, text_of_zip_name
from tailrace.model import TailraceError
from tailrace.sources.settings import MIB, Limits

# A tar header announces how long a name is; the library would read all of that into memory.
_HEADER_LIMIT = MIB
_HEADER_TYPES = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)

# A local header of a zip; the bit that leaves its sizes for later, and the number that leaves them to an extra field.
_LOCAL_SIGNATURE = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_SIZES_FOLLOW = 0x8
_IN_EXTRA = 0xFFFFFFFF
# Bytes of the sizes that follow: with or without a signature, of 32 or 64 bits; none where a writer left them out.
_DESCRIPTORS = (0, 12, 16, 20, 24)


class Readable(Protocol):
    """A member's bytes, in order."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, empty at the end."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry. `path` is clean; `reason` says why it cannot be read (then `stream` is `None`)."""

    path: str
    size: int = 0
    stream: Readable | None = None
    reason: str | None = None
    link: bool = False


class Budget:
    """Counts what one archive has cost, and stops it at the limits."""

    def __init__(self, archive: Path, limits: Limits) -> None:
        self.name = archive.name
        self.limits = limits
        self.packed = max(archive.stat().st_size, 1)
        self.members = 0
        self.unpacked = 0

    def count_member(self) -> None:
        """One more entry."""
        self.members += 1
        if self.members > self.limits.members:
            raise TooLargeError(self.name, f"it has more than {self.limits.members} members")

    def count_bytes(self, number: int) -> None:
        """So many more bytes were unpacked."""
        self.unpacked += number
        if self.unpacked > self.limits.total_size:
            raise TooLargeError(self.name, f"it unpacks to more than {self.limits.total_size} bytes")
        if self.unpacked > self.limits.ratio_from and self.unpacked > self.limits.ratio * self.packed:
            raise TooLargeError(self.name, f"it unpacks to more than {self.limits.ratio} times its size")


def iterate_members(archive: Path, limits: Limits, ending: str = "") -> Iterator[Member]:
    """Every entry but folders. A member's stream is good only until the next one is asked for.

    `ending`: entries whose names end otherwise may be left out, where the archive has a directory to tell by.
    """
    budget = Budget(archive, limits)
    kind = archive_kind(archive)
    if kind == "zip":
        yield from _zip_members(archive, budget, ending)
    elif kind == "conda":
        yield from _conda_members(archive, budget)
    else:
        with archive.open("rb") as file:
            yield from _tar_members(_decompress(file, kind), budget)


def archive_kind(archive: Path) -> Literal["zip", "conda", "gzip", "bzip2", "xz", "zstd", "tar"]:
    """What the file is by its first bytes; its name decides only between .conda and other zips."""
    with archive.open("rb") as file:
        head = file.read(512)
    program = head.startswith(b"#!") and zipfile.is_zipfile(archive)  # a zip application
    if program or head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "conda" if archive.name.lower().endswith(".conda") else "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head[257:262] == b"ustar":
        return "tar"
    raise BrokenArchiveError(archive.name, "is empty" if not head else "is no archive, or only a part of one")


def _decompress(file: IO[bytes], kind: str) -> IO[bytes]:
    match kind:
        case "gzip":
            return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
        case "bzip2":
            return bz2.BZ2File(file)
        case "xz":
            return lzma.LZMAFile(file)
        case "zstd":
            return open_zstd(file)
    return file


def open_zstd(file: IO[bytes]) -> IO[bytes]:
    """A reader over Zstandard frames; a window over 128 MiB is refused by the library."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    return io.BufferedReader(decompressor.stream_reader(file, read_across_frames=True), 1 << 16)


class _Counted(io.RawIOBase):
    """A stream whose bytes are counted as they are unpacked."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self.stream = stream
        self.budget = budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size if 0 <= size <= MIB else MIB)
        self.budget.count_bytes(len(data))
        return data


class _SafeTarInfo(tarfile.TarInfo):
    """Refuses headers whose announced size would be read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Any:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.InvalidHeaderError as error:  # type: ignore[attr-defined]  # typeshed does not know it
            # The library takes a damaged header for the end, and what follows would be missing without a word.
            raise tarfile.ReadError(f"a header is damaged: {error}") from None
        if info.size < 0:
            raise tarfile.ReadError("a member has a size below nothing")
        if info.type in _HEADER_TYPES and info.size > _HEADER_LIMIT:
            raise tarfile.ReadError("a header is larger than any name can be")
        return info


def _tar_members(stream: IO[bytes], budget: Budget) -> Iterator[Member]:
    counted = _Counted(stream, budget)
    with _broken(budget.name):
        tar = tarfile.open(  # noqa: SIM115 - the stream is the caller's
            fileobj=counted,
            mode="r|",
            tarinfo=_SafeTarInfo,
            encoding="utf-8",
            errors="surrogateescape",
            bufsize=1 << 16,
        )
    while True:
        with _broken(budget.name):
            info = tar.next()
            # Streaming needs no index of what has gone by; without this a long archive would stay in memory.
            tar.members = []  # type: ignore[attr-defined]  # documented nowhere, but what streaming readers do
        if info is None:
            break
        budget.count_member()
        # The library would read on to the end that a header announces, also long after the archive's own.
        if info.size < 0 or tar.offset < info.offset_data:
            raise BrokenArchiveError(budget.name, "has a member with a size below nothing")
        if tar.offset > budget.limits.total_size + (1 << 30):
            raise TooLargeError(budget.name, f"it unpacks to more than {budget.limits.total_size} bytes")
        if info.isdir():
            _safe(budget.name, info.name)
            continue
        path, reason = _safe(budget.name, info.name)
        if not path and reason is None:
            raise BrokenArchiveError(budget.name, "has a member without a name")
        if info.issym() or info.islnk():
            yield Member(path, reason=reason or "it is a link", link=True)
        elif not info.isreg():
            raise UnsafeArchiveError(budget.name, show_name(info.name), "is no file (a device or a pipe)")
        elif reason:
            yield Member(path, info.size, reason=reason)
        else:
            with _broken(budget.name):
                content = tar.extractfile(info)
            yield Member(path, info.size, stream=_Guarded(content, budget.name) if content else None)
    if budget.unpacked < 512:
        raise BrokenArchiveError(budget.name, "is no archive, or only a part of one")
    _read_to_the_end(tar, budget)


def _read_to_the_end(tar: tarfile.TarFile, budget: Budget) -> None:
    """Reads on to the zeros that end an archive: what follows them is hidden, and without them it is only a part.

    Raises BrokenArchiveError.
    """
    with _broken(budget.name):
        rest: Any = tar.fileobj
        ended = rest.tell() >= tar.offset + tarfile.BLOCKSIZE
        while chunk := rest.read(MIB):
            if chunk.strip(b"\0"):
                raise BrokenArchiveError(budget.name, "goes on after its end, which hides what follows")
    if not ended:
        raise BrokenArchiveError(budget.name, "has no end: it is only a part of one")


class _Guarded(io.RawIOBase):
    """A member's bytes; what goes wrong while reading them is the archive's fault."""

    def __init__(self, stream: IO[bytes], name: str, budget: Budget | None = None) -> None:
        self.stream = stream
        self.archive_name = name
        self.budget = budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        with _broken(self.archive_name):
            data = self.stream.read(size)
        if self.budget:
            self.budget.count_bytes(len(data))
        return data


def _zip_members(archive: Path, budget: Budget, ending: str) -> Iterator[Member]:
    with open_zip(archive, budget.limits) as file:
        contradicted = _contradicted(file)
        for info in file.infolist():
            budget.count_member()
            if ending and not info.orig_filename.endswith(ending):
                continue
            path, reason = _safe(budget.name, text_of_zip_name(info.orig_filename, info.flag_bits))
            mode = info.external_attr >> 16
            if info.is_dir() or info.orig_filename.endswith("\\") or (not path and reason is None):
                continue
            file_type = mode & 0o170000
            if file_type == 0o120000:
                yield Member(path, reason=reason or "it is a link", link=True)
            elif file_type not in (0, 0o100000, 0o040000):
                raise UnsafeArchiveError(budget.name, show_name(info.filename), "is no file (a device or a pipe)")
            elif reason or info.flag_bits & 0x1:
                yield Member(path, info.file_size, reason=reason or "it is encrypted")
            elif info.filename in contradicted:
                yield Member(path, info.file_size, reason="the archive holds it twice, with different contents")
            else:
                yield Member(path, info.file_size, stream=_LazyZipMember(file, info, budget))


def _contradicted(file: zipfile.ZipFile) -> frozenset[str]:
    """Names of several members with different contents: which of them counts depends on the installer."""
    known: dict[str, tuple[int, int]] = {}
    found: set[str] = set()
    for info in file.infolist():
        content = (info.CRC, info.file_size)
        if known.setdefault(info.filename, content) != content:
            found.add(info.filename)
    return frozenset(found)


class _LazyZipMember(io.RawIOBase):
    """A zip member that is opened when first read: most are never read at all."""

    def __init__(self, file: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> None:
        self.file = file
        self.info = info
        self.budget = budget
        self.opened: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        with _broken(self.budget.name):
            if self.opened is None:
                self.opened = self.file.open(_with_room(self.info))
            data = self.opened.read(size)
        self.budget.count_bytes(len(data))
        return data


def _with_room(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A copy of the entry that asks for one byte more than the directory announces.

    The library cuts a member off where the directory says it ends, also where its data go on. Then the checksum is that
    of all of the data, and differs.
    """
    asked = copy.copy(info)
    if info.compress_type != zipfile.ZIP_STORED:
        asked.file_size += 1
    return asked


def _conda_members(archive: Path, budget: Budget) -> Iterator[Member]:
    """A .conda is a zip of two Zstandard tars (CEP 13's `info-` and `pkg-`), stored without compression."""
    with open_zip(archive, budget.limits) as file:
        components = {
            kind: [info for info in file.infolist() if info.filename.startswith(f"{kind}-")] for kind in ("info", "pkg")
        }
        for kind, found in components.items():
            if not found:
                raise BrokenArchiveError(budget.name, f"has no {kind} component, so it is not a complete conda package")
            if len(found) > 1:
                raise BrokenArchiveError(budget.name, f"has {len(found)} {kind} components, and only one can count")
            if not found[0].filename.endswith(".tar.zst"):
                raise BrokenArchiveError(budget.name, f"has a {kind} component that is not a .tar.zst")
        for info in (found[0] for found in components.values()):
            with _broken(budget.name):
                stream = open_zstd(file.open(info))
            yield from _tar_members(stream, budget)


@contextmanager
def open_zip(archive: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The zip, provided that its directory is of a size that the member limit allows."""
    _check_zip_directory(archive, limits)
    with _broken(archive.name):
        file = zipfile.ZipFile(archive)
    with file:
        with archive.open("rb") as raw, _broken(archive.name):
            _check_zip_layout(raw, file, archive.name)
        yield file


def _check_zip_layout(raw: IO[bytes], file: zipfile.ZipFile, name: str) -> None:
    """Refuses an archive whose local headers contradict its directory, or that has members beside it.

    One reader goes by the directory, another by the local headers in order, and each would see another package.
    Raises BrokenArchiveError.
    """
    entries = sorted(file.infolist(), key=lambda info: info.header_offset)
    starts = [*(info.header_offset for info in entries), file.start_dir]
    _refuse_hidden_members(raw, 0, starts[0], name)
    for info, following in zip(entries, starts[1:], strict=True):
        raw.seek(info.header_offset)
        head = raw.read(_LOCAL_HEADER.size)
        if len(head) < _LOCAL_HEADER.size or not head.startswith(_LOCAL_SIGNATURE):
            continue  # the library refuses it when it is read
        _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _LOCAL_HEADER.unpack(head)
        end = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length + info.compress_size
        same = method == info.compress_type
        if flags & _SIZES_FOLLOW:
            same &= following - end in _DESCRIPTORS or following < end
        else:
            same &= packed in (info.compress_size, _IN_EXTRA) and size in (info.file_size, _IN_EXTRA)
        if not same:
            reason = f"contradicts itself: header and directory differ on {show_name(info.filename)}"
            raise BrokenArchiveError(name, reason)
        _refuse_hidden_members(raw, end, following, name)
    _refuse_hidden_members(raw, file.start_dir, raw.seek(0, io.SEEK_END), name)


def _refuse_hidden_members(raw: IO[bytes], start: int, end: int, name: str) -> None:
    """Reads what lies outside of the members that the directory lists."""
    raw.seek(start)
    kept = b""
    while start < end and (chunk := raw.read(min(end - start, MIB))):
        start += len(chunk)
        if _LOCAL_SIGNATURE in kept + chunk:
            raise BrokenArchiveError(name, "holds members that its directory does not list")
        kept = chunk[-3:]


def _check_zip_directory(archive: Path, limits: Limits) -> None:
    """The library reads the whole directory into memory; its announced size stands in the last 22 bytes and the
    comment.
    """
    with archive.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise BrokenArchiveError(archive.name, "is no archive, or only a part of one")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if directory == 0xFFFFFFFF:
        start = tail.rfind(b"PK\x06\x06", 0, at)
        directory = int.from_bytes(tail[start + 40 : start + 48], "little") if start >= 0 else size
    if directory > limits.members * 512:
        raise TooLargeError(archive.name, f"its directory is larger than {limits.members} members need")


def _safe(archive: str, name: str) -> tuple[str, str | None]:
    """(clean path, reason why it cannot be read); raises for a name that leads out."""
    try:
        return clean_name(name), None
    except UnreadableNameError as error:
        return show_name(name), str(error)
    except UnsafeNameError as error:
        raise UnsafeArchiveError(archive, show_name(name), str(error)) from None


@contextmanager
def _broken(archive: str) -> Iterator[None]:
    """Whatever the archive libraries raise is the archive's fault: the kinds are many and undocumented."""
    try:
        yield
    except TailraceError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise BrokenArchiveError(archive, f"cannot be read ({show_name(reason)})", hint="Fetch it again.") from error
