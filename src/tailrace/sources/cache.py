"""Keeps bytes by their content hash, complete or absent, whatever happens."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tailrace.sources.errors import CacheError

LAYOUT = "v1"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


def default_cache_dir() -> Path:
    """The user's cache folder for Tailrace on this platform."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("tailrace", appauthor=False))


def channel_cache_dir(environ: Mapping[str, str]) -> Path:
    """Where downloaded repodata is kept: below TAILRACE_CACHE_DIR if it is set, else below the user's cache folder."""
    named = environ.get("TAILRACE_CACHE_DIR")
    return (Path(named).expanduser() if named else default_cache_dir()) / "channels"


def digest(*parts: str) -> str:
    """A key: SHA-256 over the parts, hexadecimal."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class Cache:
    """Three shelves under `root`: `archives` by hash, `trees` by key, `records` (small answers) by key.

    Whatever stands under its final name is complete: everything is written beside it first and then renamed.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or default_cache_dir()).expanduser().absolute() / LAYOUT

    def archive(self, sha256: str, filename: str) -> Path:
        """Where the archive of that hash is or would be kept. Raises ValueError for what is not a SHA-256."""
        if not _SHA256.match(sha256) or filename in ("", ".", "..") or set(filename) & set("/\\\0"):
            raise ValueError(f"{sha256[:80]!r} and {filename[:80]!r} do not name an archive in the cache")
        return self.root / "archives" / sha256[:2] / sha256 / filename

    def find_archive(self, sha256: str | None, filename: str) -> Path | None:
        """The kept archive, or `None`."""
        if not sha256 or not _SHA256.match(sha256):
            return None
        path = self.archive(sha256, filename)
        return path if path.is_file() else None

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder of one's own on the cache's file system, removed at the end."""
        folder: str | None = None
        try:
            (self.root / "scratch").mkdir(parents=True, exist_ok=True)
            folder = tempfile.mkdtemp(dir=self.root / "scratch")
        except OSError as error:
            raise CacheError(str(self.root), error.strerror or str(error)) from error
        try:
            yield Path(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Only one process at a time works on `key`. The system frees the lock when a process dies."""
        import filelock

        path = self.root / "locks" / f"{digest(key)[:32]}.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(path)
            lock.acquire()
        except OSError as error:
            raise CacheError(str(self.root), error.strerror or str(error)) from error
        try:
            yield
        finally:
            lock.release()

    def keep_archive(self, scratch_file: Path, sha256: str, filename: str) -> Path:
        """Move a complete file into its place; if another process was faster, its file is the same."""
        path = self.archive(sha256, filename)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch_file.replace(path)
        return path

    def tree(self, key: str, fill: Callable[[Path], None]) -> Path:
        """The folder for `key`; `fill` writes into an empty folder when it is not there yet."""
        path = self.root / "trees" / key[:2] / key
        if path.is_dir():
            return path
        with self.lock(f"tree {key}"):
            if path.is_dir():
                return path
            with self.scratch() as scratch:
                fresh = scratch / "tree"
                fresh.mkdir()
                fill(fresh)
                path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    fresh.rename(path)
                except OSError:
                    if not path.is_dir():
                        raise
        return path

    def read_record(self, shelf: str, key: str) -> bytes | None:
        """A small answer kept earlier, or `None`."""
        try:
            return self._record(shelf, key).read_bytes()
        except OSError:
            return None

    def record_keys(self, shelf: str) -> tuple[str, ...]:
        """The keys of the answers that are kept on a shelf."""
        return tuple(sorted(p.name for p in (self.root / "records" / shelf).glob("*/*") if not p.name.startswith(".")))

    def record_age(self, shelf: str, key: str, now: float) -> float | None:
        """Seconds since the record was written, `None` when there is none."""
        try:
            return now - self._record(shelf, key).stat().st_mtime
        except OSError:
            return None

    def write_record(self, shelf: str, key: str, data: bytes) -> None:
        """Keep a small answer, in one step. A cache that cannot be written to only remembers less."""
        path = self._record(shelf, key)
        temporary: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()

    def _record(self, shelf: str, key: str) -> Path:
        return self.root / "records" / shelf / key[:2] / key


def file_sha256(path: Path, cache: Cache | None = None) -> str:
    """The SHA-256 of a file; remembered for as long as its size, times and inode stay the same."""
    status = path.stat()
    identity = digest(
        str(path.absolute()), *(str(n) for n in (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    )
    if cache and (known := cache.read_record("hashes", identity)):
        return known.decode()
    with path.open("rb") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
    if cache:
        cache.write_record("hashes", identity, value.encode())
    return value
