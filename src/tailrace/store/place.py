"""Where a store lies: a folder or an object store, behind one small interface. Knows nothing of what is kept there."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from tailrace.model.address import Address
from tailrace.store.errors import StorePlaceError, StoreUnreachableError, StoreWriteError


@dataclass(frozen=True, slots=True)
class Kept:
    """An object: its name, its size in bytes, and when it was written (seconds since epoch, by the store's clock)."""

    name: str
    size: int
    time: float


class Place(Protocol):
    """Immutable objects by name. Names are relative POSIX paths."""

    @property
    def shown(self) -> str:
        """The place as a user knows it, without secrets."""

    def create(self, name: str, data: bytes) -> bool:
        """Writes an object whole; False where one of that name is there already, which stays as it is."""

    def read(self, name: str) -> bytes | None:
        """The bytes, `None` where there is no such object."""

    def list(self, folder: str) -> list[Kept]:
        """What lies in a folder, sorted by name."""

    def delete(self, name: str) -> None:
        """Removes an object; does nothing where it is gone."""

    def local(self, name: str, sha256: str) -> Path:
        """A file of this machine with the object's bytes. `sha256`: what a cached copy must have."""

    def now(self) -> float:
        """The store's own clock: seconds since epoch."""


def default_store() -> str:
    """The store in the user's data folder."""
    import platformdirs

    return str(Path(platformdirs.user_data_dir("tailrace", appauthor=False)) / "store")


def open_place(text: str | None, cache_dir: Path | None = None) -> Place:
    """The place that a user names: a folder, or a URL such as `s3://BUCKET/PREFIX`. Raises `StorePlaceError`."""
    named = text or default_store()
    if "://" in named and not named.startswith("file://"):
        from tailrace.store.objects import ObjectPlace

        return ObjectPlace(Address(named), cache_dir)
    if named.startswith("file://"):
        from tailrace.sources.download import local_path

        return FolderPlace(local_path(named))
    return FolderPlace(Path(named).expanduser().absolute())


class FolderPlace:
    """A folder. An object is written beside its name and then linked to it, which fails where the name is taken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if root.exists() and not root.is_dir():
            raise StorePlaceError(f"the store {root} is not a folder.", hint="Name a folder with --store.")

    @property
    def shown(self) -> str:
        """See `Place`."""
        return str(self.root)

    def create(self, name: str, data: bytes) -> bool:
        """See `Place`."""
        path = self.root / name
        with self._writing():
            if path.exists():
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            # Not `mkstemp`: others may read what is shared, as far as the umask lets them.
            beside = str(path.parent / f".{uuid4().hex}")
            handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                return _link(beside, path)
            finally:
                with contextlib.suppress(OSError):
                    Path(beside).unlink()

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        path = self.root / name
        try:
            if not path.is_file():  # a pipe would wait for ever
                return None
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnreachableError(self.shown, error.strerror or str(error)) from error

    def list(self, folder: str) -> list[Kept]:
        """See `Place`."""
        found: list[Kept] = []
        try:
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    if not entry.name.startswith("."):
                        status = entry.stat()
                        found.append(Kept(f"{folder}/{entry.name}", status.st_size, status.st_mtime))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise StoreUnreachableError(self.shown, error.strerror or str(error)) from error
        return sorted(found, key=lambda kept: kept.name)

    def delete(self, name: str) -> None:
        """See `Place`."""
        with self._writing(), contextlib.suppress(FileNotFoundError):
            (self.root / name).unlink()

    def local(self, name: str, sha256: str) -> Path:
        """See `Place`."""
        return self.root / name

    def now(self) -> float:
        """See `Place`: the time that the file system gives a new file."""
        with self._writing(), tempfile.NamedTemporaryFile(dir=self.root, prefix=".") as file:
            return os.stat(file.name).st_mtime  # noqa: PTH116 - it has a text only

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreWriteError(self.shown, error.strerror or str(error)) from error


def _link(beside: str, path: Path) -> bool:
    """Gives a file its final name unless that is taken."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        # A file system without links (FAT, some network shares): the empty name is taken first, then replaced.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        os.replace(beside, path)  # noqa: PTH105
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_of(data: bytes) -> str:
    """The SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()
