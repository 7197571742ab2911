"""The only module that imports py-rattler; it takes and returns plain values.

py-rattler's runtime threads can outlive the interpreter and crash it at exit (seen in a third of short scripts).
Exit handlers run last-in first-out, so a short sleep registered before the library is first imported runs after its
own handlers and lets the threads finish. https://github.com/conda/rattler/issues
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from tailrace.model.foreign import MAX_VERSION, beyond_bounds

if TYPE_CHECKING:
    import rattler

T = TypeVar("T")
Priority = Literal["strict", "flexible", "disabled"]


class UnreadableError(ValueError):
    """What the library cannot read; its message is the library's reason, one line."""


@dataclass(frozen=True, slots=True)
class SpecParts:
    """A match spec taken apart; `version` is the text of a version spec. `None`: not constrained. `channel`: name or
    base URL.
    """

    name: str
    version: str | None
    build: str | None
    build_number: str | None
    channel: str | None
    subdir: str | None
    other: bool


@dataclass(frozen=True, slots=True)
class RepodataFile:
    """One repodata file handed to the solver: where it claims to come from, and where its text lies."""

    url: str
    subdir: str
    path: Path


@lru_cache(maxsize=1)
def library() -> ModuleType:
    """The module `rattler`, imported when it is first needed, with the cure for its crash at exit."""
    atexit.register(_let_threads_end)
    import rattler

    return rattler


def _let_threads_end() -> None:
    with contextlib.suppress(KeyboardInterrupt):  # the program is at its end already
        time.sleep(0.1)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine to its end, also when the caller has an event loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@lru_cache(maxsize=200_000)
def version(text: str) -> rattler.Version | None:
    """The version, ordered as conda orders versions; `None` for a text that is none."""
    if len(text) > MAX_VERSION:
        return None
    try:
        return library().Version(text)  # type: ignore[no-any-return]
    except Exception:
        return None


@lru_cache(maxsize=50_000)
def version_spec(text: str) -> Any:
    """The version spec (`>=1,<2|3.*`), with a method `matches`; `None` for a text that is none."""
    if beyond_bounds(text):
        return None
    try:
        return library().version.VersionSpec(text)
    except Exception:
        return None


def split_spec(text: str) -> SpecParts:
    """A match spec in all of conda's spellings, taken apart. Raises UnreadableError."""
    if problem := beyond_bounds(text):  # the library's parser would end the process
        raise UnreadableError(f"it is {problem}")
    rattler = library()
    try:
        spec = rattler.MatchSpec(text)
        name = spec.name.normalized if spec.name is not None else "*"
        channel = spec.channel
        return SpecParts(
            name=name,
            version=spec.version,
            build=spec.build,
            build_number=spec.build_number,
            channel=None if channel is None else channel.base_url.rstrip("/"),
            subdir=spec.subdir,
            other=any((spec.file_name, spec.md5, spec.sha256)),
        )
    except Exception as error:
        raise UnreadableError(str(error).splitlines()[0].rstrip(".") or type(error).__name__) from None


def channel_url(name: str, alias: str | None = None) -> str:
    """The base URL, without a slash at the end, of a channel given by name, URL or path."""
    rattler = library()
    config = rattler.ChannelConfig(channel_alias=alias) if alias else None
    url: str = rattler.Channel(name, config).base_url
    return url.rstrip("/")


def platforms() -> tuple[str, ...]:
    """All subdirs that conda clients know, sorted."""
    return tuple(sorted(get_args(library().platform.SubdirLiteral)))


def this_platform() -> str:
    """The subdir of the machine we run on."""
    rattler = library()
    return str(rattler.Subdir.current())


@lru_cache(maxsize=1)
def detected_virtual_packages() -> tuple[tuple[str, str, str], ...]:
    """Virtual packages of this machine as `(name, version, build)`."""
    rattler = library()
    found = (package.into_generic() for package in rattler.VirtualPackage.detect())
    return tuple(sorted((p.name.normalized, str(p.version), str(p.build_string)) for p in found))


def fetch_repodata(url: str, subdir: str, cache: Path) -> Path | None:
    """Download one subdir's repodata over HTTP (validated by ETag, `.zst` preferred); the path of the plain JSON,
    `None` if it has none.
    """
    rattler = library()
    folder = cache / subdir
    folder.mkdir(parents=True, exist_ok=True)
    found = run(
        rattler.fetch_repo_data(
            channels=[rattler.Channel(url)], platforms=[rattler.Subdir(subdir)], cache_path=folder, callback=None
        )
    )
    del found
    files = [path for path in folder.glob("*.json") if not path.name.endswith(".info.json") and _came_from(path, url)]
    return max(files, key=lambda path: path.stat().st_mtime_ns) if files else None


def _came_from(path: Path, url: str) -> bool:
    """Whether a kept index is that of this channel, as the note beside it says."""
    import json
    from urllib.parse import urlsplit

    try:
        noted = urlsplit(str(json.loads(path.with_suffix(".info.json").read_bytes())["url"]))
        wanted = urlsplit(url)
        return (noted.scheme, noted.hostname, noted.port) == (wanted.scheme, wanted.hostname, wanted.port)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


@dataclass(frozen=True, slots=True)
class Picked:
    """One record of a solver's answer."""

    channel_url: str
    subdir: str
    file_name: str


@lru_cache(maxsize=256)
def _sparse(source: RepodataFile) -> Any:
    rattler = library()
    return rattler.SparseRepoData(rattler.Channel(source.url), source.subdir, source.path)


def solve_sparse(
    specs: Sequence[str],
    sources: Sequence[RepodataFile],
    priority: Priority,
    virtual_packages: Sequence[tuple[str, str, str]],
    constraints: Sequence[str] = (),
    locked: Sequence[RepodataFile] = (),
) -> tuple[Picked, ...] | str:
    """What rattler's solver picks from whole repodata files (order of sources = order of channels), or its text when
    there is nothing to pick.

    The files must not change while the process lives: a source is read once. `locked`: files with the records of
    installed packages, which are preferred. `constraints`: specs that only bind packages that come in anyway. The
    gateway API is never used: it shows the solver only the records that match the specs, and so satisfies them from a
    lower channel under strict priority. Raises UnreadableError for files that are none.
    """
    for text in (*specs, *constraints):
        if problem := beyond_bounds(text):
            raise UnreadableError(f"a spec is {problem}")
    rattler = library()
    from rattler.exceptions import SolverError

    priorities = {
        "strict": rattler.ChannelPriority.Strict,
        "disabled": rattler.ChannelPriority.Disabled,
        "flexible": rattler.ChannelPriority.Flexible,
    }
    virtual = [
        rattler.GenericVirtualPackage(rattler.PackageName(name), rattler.Version(number), rattler.BuildString(build))
        for name, number, build in virtual_packages
    ]
    try:
        records = run(
            rattler.solve_with_sparse_repodata(
                [rattler.MatchSpec(text) for text in specs],
                [_sparse(source) for source in sources],
                locked_packages=[record for source in locked for record in _sparse(source).load_all_records()],
                virtual_packages=virtual,
                channel_priority=priorities[priority],
                constraints=[rattler.MatchSpec(text) for text in constraints],
            )
        )
    except SolverError as error:
        return str(error)
    except (OSError, ValueError) as error:
        raise UnreadableError(str(error)) from None
    return tuple(Picked((record.channel or "").rstrip("/"), record.subdir, record.file_name) for record in records)


def refused_index(data: bytes) -> str | None:
    """Why an indexer cannot use this `index.json` of a package, whose specs are within bounds; `None` where it can."""
    from rattler.package import IndexJson

    try:
        IndexJson.from_str(data.decode("utf-8"))
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except Exception as error:  # errors of several classes, none of them public
        return " ".join(str(error).split())[:160] or type(error).__name__
    return None


def index_folder(folder: Path, patch: str | None, *, served: bool) -> None:
    """Read every package file below a channel folder and write its index beside them, in place.

    `patch` is the name, relative to `noarch/`, of a package with patch instructions; `served`: also as `.zst` and as
    shards. Records that an existing repodata.json has are taken from there. Raises UnreadableError.
    """
    library()
    from rattler.index.index import index_fs

    try:
        run(index_fs(folder, repodata_patch=patch, write_zst=served, write_shards=served))
    except Exception as error:  # the library raises what its runtime gives, also for a package that it cannot read
        raise UnreadableError(" ".join(str(error).split())[:300]) from None


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One package to install: an archive on this machine, or an entry of an index that was downloaded."""

    name: str
    file_name: str
    archive: Path | None = None
    index: RepodataFile | None = None


def install_packages(files: Sequence[PackageFile], prefix: Path, cache: Path) -> None:
    """Make an environment of exactly these packages; their link scripts are not run. Raises UnreadableError."""
    rattler = library()

    async def make() -> None:
        records = []
        for file in files:
            if file.archive is not None:
                records.append(await rattler.RepoDataRecord.from_package_archive(file.archive))
            else:
                assert file.index is not None
                found = _sparse(file.index).load_records(rattler.PackageName(file.name))
                records.append(next(record for record in found if record.file_name == file.file_name))
        prefix.mkdir(parents=True, exist_ok=True)
        cache.mkdir(parents=True, exist_ok=True)
        await rattler.install(
            records, target_prefix=prefix, cache_dir=cache, show_progress=False, execute_link_scripts=False
        )

    try:
        run(make())
    except Exception as error:  # the library raises many kinds, and all mean that there is no environment
        raise UnreadableError(" ".join(str(error).split())[:600]) from None
