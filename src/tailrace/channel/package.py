"""Reads what a package archive says of itself and where it belongs. Nothing is unpacked to disk, nothing run."""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tailrace.channel.errors import PackageError
from tailrace.channel.state import File
from tailrace.conda import rattler
from tailrace.model.foreign import beyond_bounds

if TYPE_CHECKING:
    from tarfile import TarFile, TarInfo

ENDINGS = (".conda", ".tar.bz2")
MAX_INDEX = 4 << 20
MAX_MEMBERS = 1_000_000
MAX_UNPACKED = 64 << 30
#: Small packages of text reach high ratios, so the ratio counts from this many bytes on.
UNPACKED_FROM = 1 << 30
RATIO = 1000
MAX_PARTS = 100
_PART = ".tar.zst"
_NAME = re.compile(r"[a-z0-9_.-]{1,200}", re.ASCII)
_TEXT = re.compile(r"[A-Za-z0-9_.!+~]{1,200}", re.ASCII)


class _Index(msgspec.Struct):
    name: str
    version: str
    build: str
    build_number: int
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    extra_depends: dict[str, tuple[str, ...]] = {}
    subdir: str | None = None
    platform: str | None = None
    arch: str | None = None
    noarch: str | bool | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """An archive that may be part of a channel: its file name, the subdir it belongs in, and its facts."""

    file_name: str
    subdir: str
    file: File


def read_package(path: Path, file_name: str, known_subdirs: tuple[str, ...]) -> Package:
    """What the archive at `path` is, when it goes by `file_name`. Raises PackageError.

    The archive's own `info/index.json` decides; a file name that says something else is refused, and so is a noarch
    package that names a platform as its subdir, and the other way round.
    """
    if not file_name.endswith(ENDINGS):
        raise PackageError(file_name, "is not a conda package", hint="Package files end in .conda or .tar.bz2.")
    sha256, size = _digest(path)
    index, data, inside = _index(path, file_name)
    for what, value, pattern in (
        ("name", index.name, _NAME),
        ("version", index.version, _TEXT),
        ("build", index.build, _TEXT),
    ):
        if not pattern.fullmatch(value):
            raise PackageError(file_name, f"has no usable {what} in its index.json ({value[:80]!r})")
    stem = f"{index.name}-{index.version}-{index.build}"
    ending = ".conda" if file_name.endswith(".conda") else ".tar.bz2"
    if {file_name, inside} != {stem + ending}:
        raise PackageError(
            file_name, f"calls itself {stem} in its index.json", hint=f"Its file name must be {stem}{ending}."
        )
    for text in (*index.depends, *index.constrains, *(one for some in index.extra_depends.values() for one in some)):
        if problem := beyond_bounds(text):  # the indexer's parser would end the process, now and each time
            raise PackageError(file_name, f"has a dependency {problem} in its index.json ({text[:40]!r}...)")
    if problem := rattler.refused_index(data):  # of any other field
        raise PackageError(file_name, f"has an index.json that cannot be indexed ({problem})")
    subdir = _subdir(index, file_name, known_subdirs)
    return Package(
        file_name,
        subdir,
        File(name=index.name, version=index.version, build=index.build, size=size, sha256=sha256),
    )


def _subdir(index: _Index, file_name: str, known: tuple[str, ...]) -> str:
    said = index.subdir
    if said is None and index.platform and index.arch:
        said = f"{index.platform}-{ {'x86_64': '64', 'x86': '32'}.get(index.arch, index.arch) }"
    if said is None and index.noarch:
        said = "noarch"
    if said is None:
        raise PackageError(file_name, "says nowhere which subdir it belongs in", hint="Build it with a current tool.")
    if said not in known:
        raise PackageError(file_name, f"belongs in {said[:80]!r}, which is not a conda platform")
    if index.noarch and said != "noarch":
        raise PackageError(file_name, f"is noarch, but calls {said} its subdir")
    return said


def _index(path: Path, file_name: str) -> tuple[_Index, bytes, str]:
    """The archive's index.json, its bytes, and the name its parts were made for.

    All of it is read: an archive that was cut short may well begin soundly.
    """
    from conda_package_streaming.package_streaming import stream_conda_component, stream_conda_info

    found: _Index | None = None
    text = b""
    try:
        called = _name_inside(path, file_name) if file_name.endswith(".conda") else file_name
        with path.open("rb") as stream:
            for count, (tar, member) in enumerate(stream_conda_info(called, stream)):
                if posixpath.normpath(member.name) == "info/index.json":
                    if found is not None:  # which of them counts depends on the client
                        raise PackageError(file_name, "has more than one info/index.json")
                    if not member.isfile():
                        raise PackageError(file_name, "has an info/index.json that is not a file")
                    opened = tar.extractfile(member)
                    data = opened.read(MAX_INDEX + 1) if opened else b""
                    if len(data) > MAX_INDEX:
                        raise PackageError(file_name, f"has an index.json of more than {MAX_INDEX >> 20} MB")
                    found, text = msgspec.json.decode(data, type=_Index), data
                _limit(path, file_name, tar, member, count)
            if file_name.endswith(".conda"):
                stream.seek(0)
                for count, (tar, member) in enumerate(stream_conda_component(called, stream, component="pkg")):
                    _limit(path, file_name, tar, member, count)
    except PackageError:
        raise
    except msgspec.MsgspecError as error:
        raise PackageError(file_name, f"has an index.json that cannot be read ({error})") from None
    except OSError as error:
        raise PackageError(file_name, f"cannot be read ({error.strerror or error})") from None
    except Exception as error:  # tarfile, zipfile, bz2 and zstd each have errors of their own for a broken archive
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise PackageError(file_name, f"is not a whole package archive ({reason})") from None
    if found is None:
        raise PackageError(file_name, "has no info/index.json")
    return found, text, called


def _limit(path: Path, file_name: str, tar: TarFile, member: TarInfo, count: int) -> None:
    """Raises PackageError for a member with which the archive holds more than a package of its size can hold."""
    most = max(UNPACKED_FROM, RATIO * path.stat().st_size)
    if count > MAX_MEMBERS or member.size < 0 or not 0 <= tar.offset <= min(MAX_UNPACKED, most):
        raise PackageError(file_name, "holds more than a package can hold")


def _name_inside(path: Path, file_name: str) -> str:
    """The file name that the parts of a `.conda` were made for, all of whose checksums are right."""
    from zipfile import ZIP_STORED, ZipFile

    with ZipFile(path) as archive:
        if len(archive.infolist()) > MAX_PARTS:
            raise PackageError(file_name, f"has more than {MAX_PARTS} parts")
        if any(member.compress_type != ZIP_STORED for member in archive.infolist()):
            raise PackageError(file_name, "is compressed twice, which no conda client reads")
        broken = archive.testzip()
        stems = {
            kind: [
                name[len(kind) + 1 : -8]
                for name in archive.namelist()
                if name.startswith(f"{kind}-") and name.endswith(_PART)
            ]
            for kind in ("info", "pkg")
        }
    if broken is not None:
        raise PackageError(file_name, f"is not a whole package archive ({broken[:80]} has a wrong checksum)")
    if len(stems["info"]) != 1 or stems["info"] != stems["pkg"]:
        raise PackageError(file_name, "is not a whole package archive (it needs one info and one pkg part)")
    return f"{stems['info'][0]}.conda"


def _digest(path: Path) -> tuple[str, int]:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            return found, file.tell()
    except OSError as error:
        raise PackageError(str(path), f"cannot be read ({error.strerror or error})") from None
