"""Finds one file of the release that a name and a version specifier select. Indexes are read through unearth."""

from __future__ import annotations

import difflib
import re
import time
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.parser import HeaderParser
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from tailrace.model import Release
from tailrace.model.address import bare
from tailrace.model.foreign import read_specifiers, read_version
from tailrace.sources.cache import Cache, digest
from tailrace.sources.choice import order_files
from tailrace.sources.constraints import read_constraints
from tailrace.sources.download import Downloader, local_path, without_credentials
from tailrace.sources.errors import (
    NoPreviousError,
    OfflineError,
    SourceError,
    UnknownNameError,
    UnknownVersionError,
    UnreachableError,
)
from tailrace.sources.pages import (
    ACCEPT,
    Offer,
    PageError,
    check_hashes,
    offers_of,
    read_file,
    read_folder,
    read_page,
)
from tailrace.sources.settings import SourceSettings
from tailrace.sources.spec import ARCHIVE_SUFFIXES, PypiSpec

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

# The same patience that the public index asks of its clients with `Cache-Control: max-age`.
PAGE_SECONDS = 600.0
# Characters of metadata that are read.
_METADATA_SIZE = 500_000


class IndexFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that an index offers. `url` without credentials; `yanked_reason` is `None` unless the file is yanked.

    `uploaded`: ISO 8601 time, UTC; empty where the index does not say, `None` where it was not asked.
    """

    filename: str
    version: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str | None = None
    yanked_reason: str | None = None
    uploaded: str | None = None

    @property
    def is_wheel(self) -> bool:
        """True for a wheel, false for a source distribution."""
        return self.filename.endswith(".whl")


class PypiSource:
    """The package indexes and find-links folders, asked as one. Answers are remembered in the cache."""

    def __init__(self, settings: SourceSettings, cache: Cache, downloader: Downloader) -> None:
        self.settings = settings
        self.cache = cache
        self.downloader = downloader
        indexes = downloader.indexes
        asked = tuple(bare(url) for url in (*indexes.index_urls, *indexes.find_links))
        self.asked = ("the public index", *asked) if indexes.public else asked
        self._pages: dict[str, tuple[IndexFile, ...]] = {}

    def resolve(self, spec: PypiSpec) -> Release:
        """The release that the spec names. `==` takes yanked and pre-releases; otherwise they are taken only for want
        of others.
        """
        name = normal_name(spec.name)
        pinned = _pinned(spec.specifier)
        if pinned and (known := self._recall(name, pinned)):
            return self._release(name, known)

        specifier = read_specifiers(spec.specifier)
        constraint = None if pinned else self._constraints.get(name)
        if constraint is not None:
            specifier &= constraint
        files = self._page(name, pinned)
        version = _best_version(files, specifier, pinned, self.settings.allow_prereleases)
        if version is None:
            if self.settings.offline and any(not _is_local(url) for url in self.downloader.index_urls):
                raise OfflineError(f"{name}{spec.specifier}")  # what is local holds others; the index was not asked
            raise self._unknown_version(name, spec.specifier, files, constraint)
        chosen = order_files(file for file in files if file.version == version)
        self.cache.write_record("pypi", self._key(name, version), msgspec.msgpack.encode(chosen))
        if pinned and pinned != version:
            self.cache.write_record("pypi", self._key(name, pinned), msgspec.msgpack.encode(chosen))
        return self._release(name, chosen)

    def locate(self, release: Release) -> Path:
        """The release's file, downloaded when it is not there."""
        if release.filename is None or release.url is None:
            raise UnknownVersionError(release.name, f"exactly {release.version}")
        hashes = {"sha256": release.sha256} if release.sha256 else self._hashes(release)
        path, sha256 = self.downloader.fetch(self._address(release), release.filename, hashes)
        if release.sha256 is None and not release.url.startswith("file://"):
            self._remember_hash(release, sha256)
        return path

    def sdist(self, release: Release) -> Release | None:
        """The source distribution of the same release, `None` when there is none."""
        files = self._recall_files(release.name, release.version) or tuple(
            file for file in self._page(release.name, release.version) if file.version == release.version
        )
        sources = order_files(file for file in files if not file.is_wheel)
        return self._release(release.name, sources) if sources else None

    def files(self, release: Release) -> tuple[str, ...]:
        """The names of the files that the indexes offer of a release, those that are yanked left out."""
        page = self._page(release.name, release.version)
        return tuple(f.filename for f in page if f.version == release.version and f.yanked_reason is None)

    def versions(self, name: str) -> tuple[str, ...]:
        """The final, not yanked releases of a name, oldest first."""
        files = self._page(normal_name(name), None)
        texts = {str(version): version for version in _versions(files)}
        sound = [v for v in texts.values() if not v.is_prerelease and not _is_yanked(files, str(v))]
        return tuple(str(version) for version in sorted(sound))

    def history(self, name: str) -> tuple[tuple[str, datetime], ...]:
        """(version, when its first file was uploaded) of the final, not yanked releases, lowest version first; those
        left out whose time the index does not say.
        """
        files = self._dated_page(normal_name(name), None)
        times: dict[str, str] = {}
        for file in files:
            if file.uploaded:
                times[file.version] = min(file.uploaded, times.get(file.version, file.uploaded))
        sound = sorted(v for v in _versions(files) if not v.is_prerelease and not _is_yanked(files, str(v)))
        return tuple((str(v), datetime.fromisoformat(times[str(v)])) for v in sound if str(v) in times)

    def newest(self, name: str, specifier: str, day: datetime | None) -> Release | None:
        """The highest release that fits, of those uploaded until `day`; without a day where no file has a time."""
        from packaging.specifiers import SpecifierSet

        files = self._dated_page(normal_name(name), None) if day is not None else self._page(normal_name(name), None)
        if day is not None and any(file.uploaded for file in files):
            files = tuple(file for file in files if file.uploaded and datetime.fromisoformat(file.uploaded) <= day)
        version = _best_version(files, SpecifierSet(specifier), _pinned(specifier), self.settings.allow_prereleases)
        return self.resolve(PypiSpec(name, f"=={version}")) if version is not None else None

    def _dated_page(self, name: str, wanted: str | None) -> tuple[IndexFile, ...]:
        """All files of a name, asked for again where they were kept without their times."""
        page = self._page(name, wanted)
        if any(file.uploaded is None for file in page) and not self.settings.offline:
            page, _ = self._ask(name, wanted)
            self._pages[name] = page
        return page

    def requirements(self, release: Release) -> tuple[str, ...] | None:
        """The requirements of a wheel as its index serves them beside it; `None` where it does not, or not now."""
        if not (release.filename or "").endswith(".whl") or release.url is None or release.url.startswith("file://"):
            return None
        key = digest("requirements", release.name, release.version, release.filename or "")
        kept = self.cache.read_record("requirements", key)
        if kept is not None:
            return tuple(msgspec.msgpack.decode(kept, type=list[str]))
        text = self._metadata_beside(release)
        if text is None and (release.filename or "").endswith("-none-any.whl"):  # those are small
            text = self._metadata_inside(release)
        if text is None:
            return None
        headers = HeaderParser().parsestr(text)
        lines = [" ".join(str(line).split()) for line in headers.get_all("Requires-Dist", [])]
        self.cache.write_record("requirements", key, msgspec.msgpack.encode(lines))
        return tuple(lines)

    def _metadata_beside(self, release: Release) -> str | None:
        try:
            path, _ = self.downloader.fetch(f"{self._address(release)}.metadata", f"{release.filename}.metadata", {})
            with path.open(encoding="utf-8", errors="replace") as file:
                return file.read(_METADATA_SIZE)
        except (SourceError, OSError):
            return None

    def _metadata_inside(self, release: Release) -> str | None:
        try:
            with zipfile.ZipFile(self.locate(release)) as wheel:
                name = next((n for n in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)), None)
                if name is None:
                    return None
                with wheel.open(name) as file:
                    return file.read(_METADATA_SIZE).decode("utf-8", "replace")
        except (SourceError, OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
            return None

    def upload_time(self, release: Release) -> datetime | None:
        """When the first file of the release was uploaded, `None` where the index does not say."""
        files = self._recall_files(release.name, release.version) or ()
        if not files or any(file.uploaded is None for file in files):
            page = self._dated_page(release.name, release.version)
            files = order_files(file for file in page if file.version == release.version)
            self.cache.write_record("pypi", self._key(release.name, release.version), msgspec.msgpack.encode(files))
        times = sorted(file.uploaded for file in files if file.uploaded)
        return datetime.fromisoformat(times[0]) if times else None

    def previous(self, name: str, version: str, spec: str) -> Release:
        """The highest release below `version` (of all, where that is unknown): not yanked; a pre-release only below a
        pre-release or for want of others.
        """
        from packaging.version import InvalidVersion

        try:
            upper = read_version(version)
        except InvalidVersion:
            raise NoPreviousError(spec, f"{version!r} is no version that can be compared") from None
        files = self._page(name, None)
        known = upper.local != "unknown"  # a tree whose version is made when it is built may be the next release
        lower = sorted(
            {v for v in _versions(files) if not known or (v < upper and v.public != upper.public)}, reverse=True
        )
        sound = [v for v in lower if not _is_yanked(files, str(v))]
        finals = [v for v in sound if not v.is_prerelease]
        order = sound if upper.is_prerelease or self.settings.allow_prereleases else finals
        for candidates in (order, sound, lower):
            if candidates:
                return self.resolve(PypiSpec(name, f"=={candidates[0]}"))
        raise NoPreviousError(spec, f"{', '.join(self.asked)} has nothing lower of {name}")

    def _release(self, name: str, files: Sequence[IndexFile]) -> Release:
        file = files[0]
        return Release(
            name=name,
            version=file.version,
            spec=f"{name}=={file.version}",
            source="pypi",
            filename=file.filename,
            sha256=file.hashes.get("sha256") if check_hashes(file.hashes) is None else None,
            url=bare(file.url),
            requires_python=file.requires_python,
            yanked=all(entry.yanked_reason is not None for entry in files),
            yanked_reason=file.yanked_reason or None,
        )

    def _key(self, name: str, version: str) -> str:
        return digest(*self.asked, name, version)

    def _recall(self, name: str, version: str) -> tuple[IndexFile, ...] | None:
        """The files of a pinned release, best first, if that one is at hand too (or no index may be asked)."""
        files = None if self.settings.refresh else self._recall_files(name, version)
        if not files:
            return None
        file = files[0]
        if file.url.startswith("file://"):
            at_hand = local_path(file.url).is_file()
        else:
            at_hand = self.cache.find_archive(file.hashes.get("sha256"), file.filename) is not None
        return files if at_hand or self.settings.offline else None

    def _recall_files(self, name: str, version: str) -> tuple[IndexFile, ...] | None:
        return _decode(self.cache.read_record("pypi", self._key(name, version)))

    def _address(self, release: Release) -> str:
        """Where the file is: the index may have signed the address, which is in no release."""
        files = self._recall_files(release.name, release.version) or ()
        return next(
            (f.url for f in files if f.filename == release.filename and bare(f.url) == release.url), None
        ) or str(release.url)

    def _hashes(self, release: Release) -> dict[str, str]:
        files = self._recall_files(release.name, release.version) or ()
        return next((file.hashes for file in files if file.filename == release.filename), {})

    def _remember_hash(self, release: Release, sha256: str) -> None:
        """An index without hashes: what was downloaded once is what the release is from now on."""
        files = self._recall_files(release.name, release.version) or ()
        known = tuple(
            msgspec.structs.replace(file, hashes={**file.hashes, "sha256": sha256})
            if file.filename == release.filename
            else file
            for file in files
        )
        self.cache.write_record("pypi", self._key(release.name, release.version), msgspec.msgpack.encode(known))

    def _page(self, name: str, wanted: str | None) -> tuple[IndexFile, ...]:
        """All files of a name. A remembered answer serves for ten minutes, unless it lacks the wanted version."""
        if name in self._pages:
            return self._pages[name]
        key = self._key(name, "")
        remembered = _decode(self.cache.read_record("pages", key))
        age = self.cache.record_age("pages", key, time.time())
        fresh = age is not None and age < PAGE_SECONDS and not self.settings.refresh
        local = any(
            _is_local(url) for url in (*self.downloader.indexes.index_urls, *self.downloader.indexes.find_links)
        )
        has_wanted = wanted is None or (remembered is not None and _holds(remembered, wanted))
        if remembered is not None and (self.settings.offline or (fresh and has_wanted and not local)):
            files = remembered
        else:
            files, complete = self._ask(name, wanted)
            if complete and not self.settings.offline:
                self.cache.write_record("pages", key, msgspec.msgpack.encode(files))
        self._pages[name] = files
        return files

    def _ask(self, name: str, wanted: str | None) -> tuple[tuple[IndexFile, ...], bool]:
        """The files, and whether every source answered; a silent one matters while what is wanted is missing."""
        indexes = self.downloader.indexes
        reachable = [url for url in self.downloader.index_urls if not self.settings.offline or _is_local(url)]
        folders = [
            link for link in indexes.find_links if _is_usable(link) and (not self.settings.offline or _is_local(link))
        ]
        if not reachable and not folders:
            if self.settings.offline and self.asked:
                raise OfflineError(f"The list of releases of {name}")
            raise UnknownNameError(name, self.asked)
        offers, silent = self._offers(name, reachable, folders)
        found = tuple(
            IndexFile(
                filename=offer.filename,
                version=version,
                url=without_credentials(offer.url),
                hashes=dict(offer.hashes),
                requires_python=offer.requires_python,
                yanked_reason=offer.yanked,
                uploaded=offer.uploaded,
            )
            for offer, version in offers_of(name, offers)
        )
        if silent and not (wanted and _holds(found, wanted)):
            raise silent
        if not found:
            if self.settings.offline:
                raise OfflineError(f"The list of releases of {name}")
            raise UnknownNameError(
                name, self.asked, self._lookalikes(reachable, folders, name), hint=_directory_hint(name)
            )
        self.cache.write_record("names", name, b"")
        return found, silent is None

    def _offers(
        self, name: str, indexes: Iterable[str], links: Iterable[str]
    ) -> tuple[list[Offer], UnreachableError | None]:
        """What every source offers, and the first failure of one that gave no usable answer."""
        found: list[Offer] = []
        silent: UnreachableError | None = None
        for url, is_index in (*((f"{url}/{name}/", True) for url in indexes), *((link, False) for link in links)):
            try:
                found += self._read_local(url, is_index) if _is_local(url) else self._read_remote(url)
            except UnreachableError as error:
                silent = silent or error
            except (PageError, OSError) as error:
                silent = silent or UnreachableError(without_credentials(url), str(error))
        return found, silent

    def _read_local(self, url: str, is_index: bool) -> tuple[Offer, ...]:
        path = local_path(url) if url.startswith("file://") else Path(url)
        if is_index:
            page = path / "index.html"
            return read_file(page) if page.is_file() else ()
        if path.is_dir():
            return read_folder(path)
        if path.name.lower().endswith(ARCHIVE_SUFFIXES):
            return (Offer(path.absolute().as_uri(), path.name, {}),) if path.is_file() else ()
        return read_file(path) if path.is_file() else ()

    def _read_remote(self, url: str) -> tuple[Offer, ...]:
        import logging

        from unearth import Link
        from unearth.collector import is_secure_origin

        logging.getLogger("unearth").setLevel(logging.ERROR)
        shown = without_credentials(url)
        session = self.downloader.session
        if not is_secure_origin(session, Link(url)):
            raise UnreachableError(shown, "it is neither https nor one of pip's trusted hosts, so it was not asked")
        path = urlsplit(url).path
        if path.lower().endswith(ARCHIVE_SUFFIXES):
            return (Offer(url, path.rpartition("/")[2], {}),)
        response = session.get(url, headers={"Accept": ACCEPT})
        if response.status_code in (404, 410):
            return ()
        if response.status_code != 200:
            raise UnreachableError(shown, f"HTTP status {response.status_code}")
        return read_page(response.content, response.headers.get("Content-Type", ""), str(response.url))

    def _lookalikes(self, indexes: list[str], links: list[str], name: str) -> tuple[str, ...]:
        """Names that an index does know: those like it among the names at hand, and common slips. At most nine
        questions, for an index gives no short list of its names.
        """
        bare = re.sub(r"[-_.]", "", name)
        alike = difflib.get_close_matches(name, self._names_at_hand(), n=3, cutoff=0.8)
        tries = [
            *alike,
            bare,
            name.removeprefix("python-"),
            f"python-{name}",
            name.removesuffix("s"),
            f"{name}s",
            f"py{name}",
        ]
        found: list[str] = []
        for variant in dict.fromkeys(tries):
            if (
                variant
                and variant != name
                and any(True for _ in offers_of(variant, self._offers(normal_name(variant), indexes, links)[0]))
            ):
                found.append(variant)
        return tuple(found)

    def _names_at_hand(self) -> set[str]:
        """Names that were found before, that are installed beside Tailrace, or lie in a local index."""
        from importlib.metadata import distributions

        names = set(self.cache.record_keys("names"))
        names |= {distribution.metadata["Name"] or "" for distribution in distributions()}
        for place in (*self.downloader.indexes.index_urls, *self.downloader.indexes.find_links):
            if _is_local(place) and _is_usable(place):
                folder = local_path(place) if place.startswith("file://") else Path(place)
                names |= {entry.name.partition("-")[0] if entry.is_file() else entry.name for entry in folder.iterdir()}
        return {normal_name(name) for name in names if name}

    @cached_property
    def _constraints(self) -> dict[str, SpecifierSet]:
        return read_constraints(self.downloader.indexes)

    def _unknown_version(
        self, name: str, specifier: str, files: Sequence[IndexFile], constraint: SpecifierSet | None
    ) -> UnknownVersionError:
        wanted = re.sub(r"^[=~<>!]+", "", specifier)
        hint = None
        if constraint is not None:
            specifier = ",".join(filter(None, (specifier, str(constraint))))
            hint = f"pip or uv is configured to keep {name}{constraint}. Name a version with == to check another one."
        return UnknownVersionError(name, specifier or "usable", nearest_versions(wanted, _versions(files)), hint=hint)


def nearest_versions(wanted: str, known: Iterable[Version]) -> tuple[str, ...]:
    """Up to four versions around the wanted one, those below it first; the newest where it is no version."""
    from packaging.version import InvalidVersion

    ordered = sorted(known, reverse=True)
    try:
        asked = read_version(wanted)
    except InvalidVersion:
        close = difflib.get_close_matches(wanted, [str(v) for v in ordered], n=4, cutoff=0.5)
        return tuple(close) or tuple(str(v) for v in ordered[:4])
    below = [v for v in ordered if v < asked]
    above = [v for v in reversed(ordered) if v > asked]
    return tuple(str(v) for v in (*below[:2], *above[:2])) if above else tuple(str(v) for v in below[:4])


def _decode(record: bytes | None) -> tuple[IndexFile, ...] | None:
    try:
        return msgspec.msgpack.decode(record, type=tuple[IndexFile, ...]) if record is not None else None
    except msgspec.MsgspecError:
        return None


def normal_name(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pinned(specifier: str) -> str | None:
    match = re.fullmatch(r"={2,3}([^*,;<>=!~]+)", specifier)
    return match.group(1) if match else None


def _versions(files: Iterable[IndexFile]) -> set[Version]:
    from packaging.version import Version

    return {Version(text) for text in {file.version for file in files}}


def _holds(files: Iterable[IndexFile], wanted: str) -> bool:
    from packaging.version import InvalidVersion

    try:
        return read_version(wanted) in _versions(files)
    except InvalidVersion:
        return False


def _is_yanked(files: Iterable[IndexFile], version: str) -> bool:
    return all(file.yanked_reason is not None for file in files if file.version == version)


def _best_version(
    files: Sequence[IndexFile], specifier: object, pinned: str | None, allow_prereleases: bool
) -> str | None:
    """The text of the version as the files have it."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    assert isinstance(specifier, SpecifierSet)
    texts = {Version(file.version): file.version for file in files}
    if pinned:
        try:
            exact = texts.get(read_version(pinned))
        except InvalidVersion:
            exact = None
        if exact is not None:
            return exact
    matching = sorted((v for v in texts if specifier.contains(v, prereleases=True)), reverse=True)
    sound = [v for v in matching if not _is_yanked(files, texts[v])]
    finals = [v for v in sound if not v.is_prerelease or allow_prereleases or specifier.prereleases]
    usable = finals or sound or (matching if pinned else [])
    return texts[usable[0]] if usable else None


def _is_local(url: str) -> bool:
    return url.startswith("file://") or "://" not in url


def _is_usable(link: str) -> bool:
    """A find-links folder that is not there is no error, as with pip."""
    if "://" in link and not link.startswith("file://"):
        return True
    return Path(urlsplit(link).path if link.startswith("file://") else link).exists()


def _directory_hint(name: str) -> str | None:
    return f"A folder of that name exists: write ./{name} to mean it." if Path(name).is_dir() else None
