"""An object store (S3-compatible, Google, Azure) as the place of a store. The only module that imports obstore.

Fragments never change, so a copy in the local cache is good for ever: it is fetched once, compared with its hash, and
asked as a local file.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tailrace.model.address import Address
from tailrace.store.errors import (
    DamagedStoreError,
    ScratchError,
    StorePlaceError,
    StoreUnreachableError,
    StoreWriteError,
)
from tailrace.store.place import Kept, sha256_of

# In what the library says: the status of the answer, and the server that was asked.
_ANSWERED: Final = re.compile(r"status code: (\d{3}[\w ]{0,40})")
_SERVER: Final = re.compile(r"(https?://[^/\s@]+)")
_SCHEMES: Final = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
# The library would try for minutes.
_RETRIES: Final = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}


class ObjectPlace:
    """A bucket, or a folder in one. Credentials and endpoint come from the environment (`AWS_ENDPOINT_URL`,
    `AWS_ACCESS_KEY_ID`, …), as for other tools."""

    def __init__(self, url: Address, cache_dir: Path | None = None) -> None:
        self.url = url
        self._cache = _cache_folder(cache_dir, url)
        self._opened: Any = None
        scheme = url.reveal().partition("://")[0].lower()
        if scheme not in _SCHEMES:
            raise StorePlaceError(
                f"a store cannot lie at {url}: {scheme}:// is not known.",
                hint=f"Name a folder, or a URL that starts with one of {', '.join(f'{s}://' for s in _SCHEMES)}.",
            )
        if not url.reveal().partition("://")[2].strip("/"):
            raise StorePlaceError(
                f"a store cannot lie at {url}: it names no bucket.", hint=f"Write {scheme}://BUCKET/PREFIX."
            )

    def __getstate__(self) -> dict[str, object]:
        """A connection is made anew in another process."""
        return {"url": self.url, "_cache": self._cache, "_opened": None}

    @property
    def shown(self) -> str:
        """See `Place`."""
        return str(self.url)

    def create(self, name: str, data: bytes) -> bool:
        """See `Place`."""
        import obstore.exceptions

        with self._translated(writing=True):
            try:
                self._store.put(name, data, mode="create")
            except obstore.exceptions.AlreadyExistsError:
                return False
        return True

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        with self._translated():
            try:
                return bytes(self._store.get(name).bytes())
            except FileNotFoundError:
                return None

    def list(self, folder: str) -> list[Kept]:
        """See `Place`."""
        with self._translated():
            found = [
                Kept(str(one["path"]), int(one["size"]), one["last_modified"].timestamp())
                for part in self._store.list(folder)
                for one in part
            ]
        return sorted(found, key=lambda kept: kept.name)

    def delete(self, name: str) -> None:
        """See `Place`."""
        with self._translated(writing=True), contextlib.suppress(FileNotFoundError):
            self._store.delete(name)

    def local(self, name: str, sha256: str) -> Path:
        """See `Place`: fetched once into the cache, and compared with its hash."""
        path = self._cache / name
        if path.is_file():
            return path
        data = self.read(name)
        if data is None:
            raise DamagedStoreError(self.shown, name, "is missing")
        if sha256_of(data) != sha256:
            raise DamagedStoreError(self.shown, name, "does not have the hash that the generation names")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(beside).replace(path)
        except OSError as error:
            hint = "Make room there, or let --cache-dir name a folder on another file system."
            raise ScratchError(str(path.parent), error.strerror or str(error), hint) from error
        return path

    def now(self) -> float:
        """See `Place`: the time that the store gives a new object."""
        name = f"clock/{time.time_ns()}-{os.getpid()}"
        self.create(name, b"")
        try:
            with self._translated():
                return float(self._store.head(name)["last_modified"].timestamp())
        finally:
            self.delete(name)

    @property
    def _store(self) -> Any:
        if self._opened is None:
            try:
                from obstore.store import from_url
            except ImportError:
                raise StorePlaceError(
                    "a store in an object store needs the library obstore.",
                    hint="Install it with `pip install tailrace[s3]`.",
                ) from None
            options: dict[str, Any] = {"retry_config": _RETRIES}
            endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
            if endpoint.startswith("http://"):
                options["client_options"] = {"allow_http": True}
            with self._translated():
                self._opened = from_url(self.url.reveal(), **options)
        return self._opened

    @contextlib.contextmanager
    def _translated(self, *, writing: bool = False) -> Iterator[None]:
        import obstore.exceptions as errors

        try:
            yield
        except (FileNotFoundError, errors.AlreadyExistsError):
            raise
        except (errors.PermissionDeniedError, errors.UnauthenticatedError) as error:
            reason = self._said(error)
            raise (StoreWriteError if writing else StoreUnreachableError)(self.shown, reason) from None
        except (errors.BaseError, OSError, ValueError) as error:
            raise StoreUnreachableError(self.shown, self._said(error)) from None

    def _said(self, error: Exception) -> str:
        """The reason of a failed request: the server's message, a missing object, or the library's first line."""
        text = str(error)
        if answered := _ANSWERED.search(text):
            asked = "; is there such a bucket?" if answered[1].startswith("404") else ""
            return f"the server says {answered[1].rstrip()}{asked}"
        if "error sending request" in text and (server := _SERVER.search(text)):
            return self.url.scrub(f"no connection to {server[1]}")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return self.url.scrub((lines or [type(error).__name__])[0])[:300].rstrip(".")


def _cache_folder(cache_dir: Path | None, url: Address) -> Path:
    from tailrace.sources.cache import default_cache_dir, digest

    return (cache_dir or default_cache_dir()) / "stores" / digest(url.public)[:32]
