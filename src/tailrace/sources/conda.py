"""Finds one record of a conda channel and its archive. Repodata is read with py-rattler."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tailrace.conda.folders import served_folder
from tailrace.conda.rattler import library, run, version_spec
from tailrace.conda.rattler import version as read_version
from tailrace.model import Address, Release
from tailrace.model.address import bare
from tailrace.sources.cache import Cache, digest
from tailrace.sources.download import Downloader, local_path
from tailrace.sources.errors import (
    NoPreviousError,
    OfflineError,
    SpecError,
    UnknownNameError,
    UnknownVersionError,
    UnreachableError,
)
from tailrace.sources.pages import is_file_name
from tailrace.sources.settings import SourceSettings
from tailrace.sources.spec import CondaSpec

if TYPE_CHECKING:
    from types import ModuleType

COMMON_SUBDIRS = ("noarch", "linux-64", "osx-arm64", "osx-64", "win-64", "linux-aarch64", "linux-ppc64le", "win-arm64")
_PRERELEASE = re.compile(r"(?i)\d[._-]?(a|b|c|rc|alpha|beta|dev|pre)\d*")


class CondaFile(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a channel. `channel` is the text it was asked by; `url` is without credentials."""

    channel: str
    name: str
    version: str
    build: str
    build_number: int
    subdir: str
    filename: str
    url: str
    sha256: str | None = None
    md5: str | None = None
    timestamp: int | None = None


class CondaSource:
    """Conda channels by name, URL or folder. The first channel that knows a name answers for it."""

    def __init__(self, settings: SourceSettings, cache: Cache, downloader: Downloader) -> None:
        self.settings = settings
        self.cache = cache
        self.downloader = downloader
        self._records: dict[tuple[Address, str], tuple[CondaFile, ...]] = {}

    def resolve(self, spec: CondaSpec) -> Release:
        """The record that the spec names: highest version, then highest build number; this platform before others."""
        key = digest("conda", spec.write(Address.reveal))
        if spec.version and spec.version[0] not in "<>!~" and not self.settings.refresh:
            known = _decode(self.cache.read_record("conda", key))
            if known and (self.settings.offline or self._at_hand(known)):
                return _release(known)
        files = self._query(spec)
        found = self._best([file for file in files if _matches(file, spec)] or self._fuzzy(files, spec))
        if found is None:
            raise UnknownVersionError(spec.name, spec.match.removeprefix(spec.name), _nearest(spec, files))
        self.cache.write_record("conda", key, msgspec.msgpack.encode(found))
        self.cache.write_record("conda", digest("conda", _release(found).spec), msgspec.msgpack.encode(found))
        return _release(found)

    def locate(self, release: Release, spec: CondaSpec) -> Path:
        """The record's archive, downloaded when it is not there."""
        if release.url is None or release.filename is None:
            raise UnknownVersionError(release.name, f"exactly {release.version}")
        known = _decode(self.cache.read_record("conda", digest("conda", release.spec)))
        hashes = {"sha256": release.sha256} if release.sha256 else {"md5": known.md5} if known and known.md5 else {}
        return self.downloader.fetch(_with_credentials(str(release.url), spec), release.filename, hashes)[0]

    def built(self, release: Release, spec: CondaSpec) -> datetime | None:
        """When the record's file was built (its `timestamp`), `None` where the index does not say."""
        for file in self._query(spec):
            if file.filename == release.filename and file.timestamp is not None:
                return datetime.fromtimestamp(file.timestamp / 1000, UTC)
        return None

    def previous(self, release: Release, spec: CondaSpec) -> Release:
        """The highest version below the release's, pre-releases only below a pre-release or for want of others."""
        order = library().Version
        upper = order(release.version)
        lower = [file for file in self._query(CondaSpec(spec.channels, spec.name)) if order(file.version) < upper]
        if not lower:
            raise NoPreviousError(release.spec, f"{', '.join(map(str, spec.channels))} has nothing lower")
        found = self._best(lower, prereleases=bool(_PRERELEASE.search(release.version)))
        assert found is not None
        return self.resolve(CondaSpec(spec.channels, spec.name, f"=={found.version}", found.build))

    def _at_hand(self, file: CondaFile) -> bool:
        if file.url.startswith("file://"):
            return local_path(file.url).is_file()
        return self.cache.find_archive(file.sha256, file.filename) is not None

    def _best(self, files: Sequence[CondaFile], *, prereleases: bool = False) -> CondaFile | None:
        if not files:
            return None
        finals = [file for file in files if prereleases or not _PRERELEASE.search(file.version)]
        rattler = library()
        here = str(rattler.platform.Subdir.current())

        def rank(file: CondaFile) -> tuple[Any, ...]:
            nearness = {"noarch": 2, here: 3}.get(file.subdir, 1)
            return (
                rattler.Version(file.version),
                nearness,
                file.build_number,
                file.filename.endswith(".conda"),
                file.build,
                file.subdir,
            )

        return max(files if self.settings.allow_prereleases else finals or files, key=rank)

    def _fuzzy(self, files: Sequence[CondaFile], spec: CondaSpec) -> list[CondaFile]:
        """As a MatchSpec: `=1.0` admits 1.0.3. Asked only when no version is that text itself."""
        if not spec.version and not spec.build:
            return list(files)
        wanted = version_spec(spec.version if spec.version[:1] in tuple("<>=!~") else f"={spec.version or '*'}")
        if wanted is None:
            raise SpecError(
                str(spec)[:200], "has a version that conda cannot read", hint="Write CHANNEL::NAME=VERSION."
            )
        return [
            file
            for file in files
            if (found := read_version(file.version)) is not None
            and wanted.matches(found)
            and _build_matches(file, spec)
        ]

    def _query(self, spec: CondaSpec) -> tuple[CondaFile, ...]:
        for channel in spec.channels:
            if files := self._query_channel(channel, spec.name):
                return files
        shown = tuple(channel.public for channel in spec.channels)
        raise UnknownNameError(spec.name, shown, hint="Names in a channel may differ from those in the package index.")

    def _query_channel(self, channel: Address, name: str) -> tuple[CondaFile, ...]:
        if (channel, name) not in self._records:
            rattler = library()
            place = place_of(channel)
            folder = local_path(place) if place.startswith("file://") else None
            if folder is not None and not any(has_repodata(path) for path in _folders(folder)):
                reason = "has no repodata" if folder.is_dir() else "does not exist"
                raise UnknownNameError(name, (str(channel),), hint=f"The channel folder {folder} {reason}.")
            here = str(rattler.platform.Subdir.current())
            if folder is not None:
                groups = [[subdir for subdir in subdirs_of(rattler) if has_repodata(folder / subdir)]]
            else:
                groups = [
                    list(dict.fromkeys(("noarch", here))),
                    [subdir for subdir in COMMON_SUBDIRS if subdir not in ("noarch", here)],
                ]
            found: tuple[CondaFile, ...] = ()
            for subdirs in groups:
                if subdirs and not found:
                    found = self._ask(rattler, channel, place, subdirs, name)
            self._records[channel, name] = found
        return self._records[channel, name]

    def _ask(
        self, rattler: ModuleType, channel: Address, place: str, subdirs: list[str], name: str
    ) -> tuple[CondaFile, ...]:
        remote = not place.startswith("file://")
        action = "force-cache-only" if self.settings.offline and remote else "cache-or-fetch"
        gateway = rattler.Gateway(
            cache_dir=self.cache.root / "repodata",
            default_config=rattler.SourceConfig(cache_action=action),
            show_progress=False,
        )
        try:
            answer = run(
                gateway.query(
                    [rattler.Channel(place)],
                    subdirs,
                    [name.lower()],
                    recursive=False,
                    channel_relations="disabled",
                )
            )
        except Exception as error:
            shown = channel.public
            if self.settings.offline and remote:
                raise OfflineError(f"The list of releases of {shown}::{name}") from error
            reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
            raise UnreachableError(shown, channel.scrub(reason)) from error
        found = (_file(record, str(channel)) for records in answer for record in records)
        return tuple(file for file in found if _is_sound(file, remote=remote))


def _with_credentials(url: str, spec: CondaSpec) -> str:
    """The channel as the user wrote it may carry a token; a release's `url` never does."""
    for channel in spec.channels:
        base, whole = channel.public.rstrip("/"), channel.reveal().rstrip("/")
        if "://" in whole and base != whole and url.startswith(f"{base}/"):
            return whole + url[len(base) :]
    return url


def place_of(address: Address) -> str:
    """A folder becomes a file:// URL, one of a channel of one's own that of what it serves; names and URLs stay."""
    channel = address.reveal()
    if "://" in channel:
        return channel
    path = Path(channel).expanduser()
    if channel.startswith((".", "~", "/")) or "\\" in channel or path.is_absolute():
        served = served_folder(channel)
        own = served is not None and served.path != path.absolute().resolve()
        return served.url if served is not None and own else path.absolute().as_uri()
    return channel


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def subdirs_of(rattler: ModuleType) -> tuple[str, ...]:
    """Every subdir that a channel may have."""
    from typing import get_args

    return tuple(map(str, get_args(rattler.platform.SubdirLiteral)))


def has_repodata(folder: Path) -> bool:
    """Whether a folder is a subdir of a channel."""
    names = ("repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst", "repodata.json.bz2")
    return any((folder / name).is_file() for name in names)


def _file(record: Any, channel: str) -> CondaFile:
    return CondaFile(
        channel=channel,
        name=record.name.normalized,
        version=str(record.version),
        build=str(record.build),
        build_number=record.build_number,
        subdir=str(record.subdir),
        filename=str(record.file_name),
        url=bare(str(record.url)),
        sha256=record.sha256.hex() if record.sha256 else None,
        md5=record.md5.hex() if record.md5 else None,
        timestamp=int(record.timestamp.timestamp() * 1000) if record.timestamp is not None else None,
    )


def _is_sound(file: CondaFile, *, remote: bool) -> bool:
    """A channel of the web has no packages on this machine, whatever its `base_url` says, and a file name is a name."""
    return is_file_name(file.filename) and (not remote or file.url.startswith(("http://", "https://")))


def _release(file: CondaFile) -> Release:
    from packaging.utils import canonicalize_name

    return Release(
        name=str(canonicalize_name(file.name)),
        version=file.version,
        spec=str(CondaSpec((Address(file.channel),), file.name, f"=={file.version}", file.build)),
        source="conda",
        filename=file.filename,
        sha256=file.sha256,
        url=file.url,
    )


def _matches(file: CondaFile, spec: CondaSpec) -> bool:
    """The version is the very text that was asked for."""
    return bool(spec.version) and file.version == spec.version.lstrip("=") and _build_matches(file, spec)


def _build_matches(file: CondaFile, spec: CondaSpec) -> bool:
    from tailrace.model.patterns import PatternError, compile_glob

    try:
        return not spec.build or compile_glob(spec.build)(file.build)
    except PatternError:
        return False


def _nearest(spec: CondaSpec, files: Iterable[CondaFile]) -> tuple[str, ...]:
    order: Callable[[str], Any] = library().Version
    versions = sorted({file.version for file in files}, key=order, reverse=True)
    builds = sorted({f"{file.version}={file.build}" for file in files if file.version == spec.version.lstrip("=")})
    wanted = spec.version.lstrip("<>=!~")
    return tuple(builds[:6] or difflib.get_close_matches(wanted, versions, n=4, cutoff=0.5) or versions[:4])


def _decode(record: bytes | None) -> CondaFile | None:
    try:
        return msgspec.msgpack.decode(record, type=CondaFile) if record is not None else None
    except msgspec.MsgspecError:
        return None
