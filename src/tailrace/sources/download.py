"""Downloads a URL to a checked file in the cache. The only module that speaks HTTP; nothing unchecked is kept."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from tailrace.model.address import bare, redact
from tailrace.processes.environment import child_environment, find_program
from tailrace.sources.cache import Cache, file_sha256
from tailrace.sources.configured import Indexes, public_index
from tailrace.sources.errors import DownloadError, NetworkSettingsError, OfflineError, PathError, UnreachableError
from tailrace.sources.pages import PAGE_LIMIT, check_hashes, is_file_name

ATTEMPTS = 3
PAUSE = 0.2
KEYRING_SECONDS = 60.0
#: The longest that one page of an index may take.
PAGE_SECONDS = 300.0
#: The longest that one file may take.
DOWNLOAD_SECONDS = 1800.0
_CHUNK = 1 << 18
_KNOWN_HASHES = ("sha256", "sha512", "sha384", "sha224", "sha1", "md5")


class Downloader:
    """One HTTP session, made when first needed, with the certificates and credentials that pip and uv would use."""

    def __init__(
        self, cache: Cache, indexes: Indexes, *, offline: bool, size_limit: int, transport: object | None = None
    ) -> None:
        self.cache = cache
        self.indexes = indexes
        self.offline = offline
        self.size_limit = size_limit
        self.transport = transport
        self.statuses: dict[str, int] = {}

    @cached_property
    def index_urls(self) -> tuple[str, ...]:
        """Every index to ask, with credentials, the public one written out."""
        return ((public_index(),) if self.indexes.public else ()) + self.indexes.index_urls

    @cached_property
    def session(self) -> Any:
        """The session; it notes the status of every answer in `statuses`."""
        return open_session(self.indexes, self.index_urls, self.statuses, self.transport)

    def fetch(self, url: str, filename: str, hashes: Mapping[str, str]) -> tuple[Path, str]:
        """The path of the file and its SHA-256. A file that is on this machine already is used where it lies.

        Name and hashes may come from a stranger's index. Raises DownloadError for those that cannot be used.
        """
        if not is_file_name(filename):
            raise DownloadError(repr(filename[:80]), "is not a file name")
        if problem := check_hashes(hashes):
            raise DownloadError(filename, problem)
        hashes = {name: value.lower() for name, value in hashes.items()}
        wanted = hashes.get("sha256")
        if url.startswith("file://"):
            return self._check_local(local_path(url), filename, hashes)
        if found := self._kept(wanted, filename):
            return found, str(wanted)
        if self.offline:
            raise OfflineError(filename)
        with self.cache.lock(f"download {without_credentials(url)}"):
            if found := self._kept(wanted, filename):
                return found, str(wanted)
            with self.cache.scratch() as scratch:
                sha256 = self._stream(url, scratch / "download", filename, hashes)
                return self.cache.keep_archive(scratch / "download", sha256, filename), sha256

    def _kept(self, sha256: str | None, filename: str) -> Path | None:
        """The file in the cache, if it is what its place says."""
        found = self.cache.find_archive(sha256, filename)
        return found if found is not None and file_sha256(found, self.cache) == sha256 else None

    def _check_local(self, path: Path, filename: str, hashes: Mapping[str, str]) -> tuple[Path, str]:
        if not path.is_file():
            raise UnreachableError(str(path), "the file that the index names is not there")
        sha256 = file_sha256(path, self.cache)
        if hashes.get("sha256", sha256) != sha256:
            raise DownloadError(filename, f"has the SHA-256 {sha256}, the index promises {hashes['sha256']}")
        for name, expected in hashes.items():
            if name in _KNOWN_HASHES and name != "sha256":
                with path.open("rb") as file:
                    value = hashlib.file_digest(file, name).hexdigest()
                if value != expected:
                    raise DownloadError(filename, f"has the {name} {value}, the index promises {expected}")
        return path, sha256

    def _stream(self, url: str, target: Path, filename: str, hashes: Mapping[str, str]) -> str:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._stream_once(url, target, filename, hashes)
            except UnreachableError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(PAUSE * attempt)
        raise AssertionError("the last attempt returns or raises")

    def _stream_once(self, url: str, target: Path, filename: str, hashes: Mapping[str, str]) -> str:
        sums = {name: hashlib.new(name) for name in {"sha256", *(n for n in hashes if n in _KNOWN_HASHES)}}
        size = 0
        end = time.monotonic() + DOWNLOAD_SECONDS
        with target.open("wb") as file, self._open(url) as response:
            promised = response.headers.get("Content-Length")
            for chunk in _chunks(response, url):
                size += len(chunk)
                if size > self.size_limit:
                    raise DownloadError(filename, f"is larger than {self.size_limit} bytes")
                if time.monotonic() > end:
                    raise DownloadError(filename, f"could not be fetched within {DOWNLOAD_SECONDS:g} seconds")
                for value in sums.values():
                    value.update(chunk)
                file.write(chunk)
        if promised and promised.isdigit() and not response.headers.get("Content-Encoding") and int(promised) != size:
            raise UnreachableError(without_credentials(url), f"the connection ended after {size} of {promised} bytes")
        for name, expected in hashes.items():
            if name in sums and sums[name].hexdigest() != expected.lower():
                raise DownloadError(filename, f"has the {name} {sums[name].hexdigest()}, the index promises {expected}")
        return sums["sha256"].hexdigest()

    @contextmanager
    def _open(self, url: str) -> Iterator[Any]:
        shown = without_credentials(url)
        stream = self.session.get_stream(url, headers={"Accept-Encoding": "identity"})
        try:
            response = stream.__enter__()
        except UnreachableError:
            raise
        except Exception as error:
            raise UnreachableError(shown, _reason(error)) from error
        try:
            if response.status_code >= 400:
                raise UnreachableError(shown, f"HTTP status {response.status_code}")
            yield response
        finally:
            stream.__exit__(None, None, None)


def open_session(
    indexes: Indexes, index_urls: tuple[str, ...], statuses: dict[str, int], transport: object | None = None
) -> Any:
    """unearth's session with the settings of pip and uv; it tries again, and notes the status of every answer."""
    import logging
    import ssl

    from unearth import auth
    from unearth.fetchers import PyPIClient

    class Session(PyPIClient):
        def get(self, url: Any, **kwargs: Any) -> Any:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    response = self._whole(url, **kwargs)
                except UnreachableError:
                    raise
                except Exception as error:
                    if attempt == ATTEMPTS:
                        raise UnreachableError(without_credentials(str(url)), _reason(error)) from error
                    time.sleep(PAUSE * attempt)
                    continue
                statuses[without_credentials(str(url))] = response.status_code
                if response.status_code < 500 or attempt == ATTEMPTS:
                    return response
                time.sleep(PAUSE * attempt)
            raise AssertionError("the last attempt returns or raises")

        def _whole(self, url: Any, **kwargs: Any) -> Any:
            """The answer with its content, which is unpacked piece by piece and only up to a limit."""
            content = bytearray()
            end = time.monotonic() + PAGE_SECONDS
            with self.stream("GET", url, **kwargs) as response:
                for chunk in response.iter_bytes(1 << 16):
                    content += chunk
                    if len(content) > PAGE_LIMIT:
                        raise UnreachableError(
                            without_credentials(str(url)), f"its answer is larger than {PAGE_LIMIT} bytes"
                        )
                    if time.monotonic() > end:
                        raise UnreachableError(
                            without_credentials(str(url)), f"its answer took longer than {PAGE_SECONDS:g} seconds"
                        )
            left_out = ("content-encoding", "content-length", "transfer-encoding")
            headers = [(name, value) for name, value in response.headers.items() if name.lower() not in left_out]
            return type(response)(
                response.status_code, headers=headers, content=bytes(content), request=response.request
            )

    # Libraries repeat addresses in their warnings, which Python writes to stderr where nobody has asked for them.
    for library in ("unearth", "httpx", "httpcore", "keyring"):
        logging.getLogger(library).addHandler(logging.NullHandler())
    verify: Any = True
    if indexes.certificates:
        path = Path(indexes.certificates)
        try:
            verify = ssl.create_default_context(
                cafile=None if path.is_dir() else str(path), capath=str(path) if path.is_dir() else None
            )
        except OSError:  # `ssl.SSLError` is one
            raise PathError(
                str(path), "holds no certificate", hint="See SSL_CERT_FILE, PIP_CERT and `pip config get global.cert`."
            ) from None
    given = {"proxy": indexes.proxy, "transport": transport, "cert": indexes.client_certificate}
    options: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for url in index_urls:
        try:
            urlsplit(url).port  # noqa: B018 - raises for what is not a port
        except ValueError:
            raise NetworkSettingsError("the address of an index", "is not valid") from None
    try:
        session = Session(
            trusted_hosts=indexes.trusted_hosts,
            verify=verify,
            timeout=indexes.timeout,
            follow_redirects=True,
            event_hooks={"response": [_refuse_other_schemes]},
            **options,
        )
    except ImportError:
        raise NetworkSettingsError("the proxy", "speaks SOCKS, for which the package socksio is needed") from None
    except OSError as error:
        raise PathError(
            str(indexes.client_certificate),
            f"is not a certificate of a client ({error.strerror or type(error).__name__})",
            hint="See SSL_CLIENT_CERT, PIP_CLIENT_CERT and `client-cert` in the configuration of pip.",
        ) from None
    except Exception as error:
        if isinstance(error, ValueError) or type(error).__name__ == "InvalidURL":  # of a client library with two names
            raise NetworkSettingsError("the address of the proxy", "is not one of http or https") from None
        raise
    auth.get_keyring_provider = _find_keyring
    session.auth = auth.MultiDomainBasicAuth(prompting=False, index_urls=list(index_urls))
    return session


def _find_keyring() -> Any:
    """The keyring of the user, `None` without one: the library's own search takes a program of the working directory
    where PATH has a relative entry, and waits for it without end.
    """
    from unearth import auth

    if auth.KEYRING_DISABLED:
        return None
    if importlib.util.find_spec("keyring") is not None:
        with contextlib.suppress(Exception):  # a keyring whose backend does not start
            return auth.KeyringModuleProvider()
    program = find_program("keyring")
    if program is None:
        return None

    class KeyringProgram(auth.KeyringCliProvider):
        def _get_secret(self, service_name: str, username: str, mode: Any = "password") -> str | None:
            done = subprocess.run(
                [self.keyring, f"--mode={mode}", "get", service_name, username],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=child_environment(PYTHONIOENCODING="utf-8"),
                cwd=tempfile.gettempdir(),
                check=False,
                timeout=KEYRING_SECONDS,
            )
            return done.stdout.decode("utf-8").strip() if done.returncode == 0 else None

    return KeyringProgram(str(program))


def _refuse_other_schemes(response: Any) -> None:
    """A server may send on to another server, not to a file of this machine."""
    target = response.headers.get("Location")
    if target is None or not 300 <= response.status_code < 400:
        return
    try:
        scheme = urlsplit(urljoin(str(response.request.url), target)).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        shown = without_credentials(str(response.request.url))
        raise UnreachableError(shown, "it sends on to an address that is not one of the web")


def _chunks(response: Any, url: str) -> Iterator[bytes]:
    chunks = response.iter_bytes(_CHUNK)
    while True:
        try:
            chunk = next(chunks, None)
        except Exception as error:
            raise UnreachableError(without_credentials(url), _reason(error)) from error
        if chunk is None:
            return
        yield chunk


def without_credentials(url: str) -> str:
    """The URL without user, password, fragment and token in its path. It may be signed in its query: a key, not for
    anybody to read.
    """
    address, mark, query = url.partition("#")[0].partition("?")
    return bare(address) + mark + query


def local_path(url: str) -> Path:
    """The path that a file:// URL names."""
    from urllib.request import url2pathname

    parts = urlsplit(url.partition("#")[0])
    return Path(url2pathname(parts.path) if parts.path.startswith("/") else unquote(parts.path))


def _reason(error: Exception) -> str:
    text = redact(str(error)).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")
