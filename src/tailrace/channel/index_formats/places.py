"""Reads the files of a channel from its folder or URL. Reads only, and never more than a bound."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeVar
from urllib.parse import quote, unquote, urlsplit

from tailrace import disk
from tailrace.conda import rattler
from tailrace.conda.errors import ChannelUnreadableError, MissingChannelError
from tailrace.conda.folders import served_folder
from tailrace.conda.loading import channel_address, without_secrets

T = TypeVar("T")
LIMIT = 1 << 30
TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file's bytes are."""

    size: int
    md5: str
    sha256: str


class IndexLocation(Protocol):
    """Where a channel's files are. `shown` carries no secrets."""

    @property
    def shown(self) -> str:
        """The channel as it is named in messages."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, `None` when it is not there. Raises ChannelUnreadableError when that is not known."""

    def digest(self, path: str) -> Digest | None:
        """Size and hashes of a file, `None` when it is not there. Raises ChannelUnreadableError."""

    def names(self, folder: str) -> frozenset[str] | None:
        """The files of a folder; `None` where they cannot be listed (a URL)."""

    def folders(self) -> tuple[str, ...] | None:
        """Paths of all folders with an index, those of labels too; `None` where they cannot be listed."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A channel on disk."""

    root: Path
    shown: str

    def read(self, path: str) -> bytes | None:
        """The bytes of a file."""
        with self._open(path) as file:
            if file is None:
                return None
            data = file.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise ChannelUnreadableError(self.shown, f"{path} is larger than {LIMIT >> 20} MB")
        return data

    def digest(self, path: str) -> Digest | None:
        """Size and hashes of a file."""
        with self._open(path) as file:
            return None if file is None else _digest(file)

    def names(self, folder: str) -> frozenset[str] | None:
        """The files of a folder."""
        try:
            return frozenset(one.name for one in (self.root / folder).iterdir() if one.is_file())
        except OSError as error:
            raise ChannelUnreadableError(self.shown, f"{folder} cannot be listed ({error.strerror})") from None

    def folders(self) -> tuple[str, ...] | None:
        """Every folder that has an index, or package files and should have one."""
        known = set(rattler.platforms())
        try:
            roots = [self.root, *(one for one in sorted((self.root / "label").glob("*")) if one.is_dir())]
            found = [one for root in roots for one in sorted(root.iterdir()) if one.name in known and one.is_dir()]
        except OSError as error:
            raise ChannelUnreadableError(self.shown, f"it cannot be listed ({error.strerror})") from None
        return tuple(one.relative_to(self.root).as_posix() for one in found)

    @contextmanager
    def _open(self, path: str) -> Iterator[IO[bytes] | None]:
        target = self.root / path
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise ChannelUnreadableError(self.shown, f"{path[:200]!r} leads out of the channel")
        try:
            file = disk.open_file(target)
        except (FileNotFoundError, NotADirectoryError):
            yield None
            return
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ChannelUnreadableError(self.shown, f"{path} cannot be read ({reason})") from None
        with file:
            yield file


@dataclass(frozen=True, slots=True)
class Web:
    """A channel behind a URL.

    The files are asked for one by one with the standard library: a conda client would pick one of the forms and never
    show the others.
    """

    url: str

    @property
    def shown(self) -> str:
        """The URL without user, password and token."""
        return without_secrets(self.url)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file."""
        with self._open(path) as file:
            if file is None:
                return None
            data = self._guarded(path, lambda: file.read(LIMIT + 1))
        if len(data) > LIMIT:
            raise ChannelUnreadableError(self.shown, f"{path} is larger than {LIMIT >> 20} MB")
        return data

    def digest(self, path: str) -> Digest | None:
        """Size and hashes of a file, downloaded and thrown away."""
        with self._open(path) as file:
            return None if file is None else self._guarded(path, lambda: _digest(file))

    def names(self, folder: str) -> frozenset[str] | None:
        """A web server has no list that could be relied on."""
        return None

    def folders(self) -> tuple[str, ...] | None:
        """A web server has no list that could be relied on."""
        return None

    def _guarded(self, path: str, ask: Callable[[], T]) -> T:
        from http.client import HTTPException

        try:
            return ask()
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise ChannelUnreadableError(
                self.shown, f"{path} cannot be fetched ({without_secrets(str(reason))})", hint="Is the address right?"
            ) from None

    @contextmanager
    def _open(self, path: str) -> Iterator[IO[bytes] | None]:
        from urllib.error import HTTPError
        from urllib.request import Request, urlopen

        address = path if "://" in path else f"{self.url.rstrip('/')}/{quote(path)}"
        if urlsplit(address).scheme not in ("http", "https"):
            raise ChannelUnreadableError(self.shown, f"{address[:200]} is not a web address")
        address, login = _without_login(address)
        headers = {"User-Agent": "tailrace", "Accept-Encoding": "identity", **login}
        request = Request(address, headers=headers)  # noqa: S310 - above

        def ask() -> IO[bytes] | None:
            try:
                return urlopen(request, timeout=TIMEOUT)  # type: ignore[no-any-return]  # noqa: S310 - the same
            except HTTPError as error:
                error.close()
                if error.code in (404, 410):
                    return None
                raise

        opened = self._guarded(path, ask)
        if opened is None:
            yield None
            return
        with closing(opened):
            yield opened


def _without_login(address: str) -> tuple[str, dict[str, str]]:
    """The address without `user:password@`, which the library takes for a host's name, and the header in its place."""
    parts = urlsplit(address)
    login, found, host = parts.netloc.rpartition("@")
    if not found:
        return address, {}
    token = b64encode(unquote(login).encode()).decode()
    return parts._replace(netloc=host).geturl(), {"Authorization": f"Basic {token}"}


def place_of(text: str) -> IndexLocation:
    """The place that a folder, a `file://` address or a URL names; a channel of one's own is what it serves now.

    Raises ChannelUnreadableError for a folder that is not there.
    """
    if "://" in text and not text.startswith("file://"):
        return Web(text)
    folder = served_folder(text)
    if folder is not None:
        return Folder(folder.path, text)
    if text.startswith((".", "/", "~", "file:")) or Path(text).exists():
        raise MissingChannelError(text)
    return Web(channel_address(text))


def _digest(file: IO[bytes]) -> Digest:
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    while chunk := file.read(1 << 20):
        md5.update(chunk)
        sha256.update(chunk)
        size += len(chunk)
    return Digest(size, md5.hexdigest(), sha256.hexdigest())
