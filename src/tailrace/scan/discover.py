"""Who depends on a distribution, from every source that knows: the store, channels, environments, lock files, the web.

Each answer says where it comes from and how old it is. No source is complete; none is trusted over another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import quote, urlsplit

import msgspec
from packaging.utils import canonicalize_name

from tailrace.model import Address, TailraceError, redact
from tailrace.sources.errors import UnreachableError
from tailrace.toml.parse import parse_toml

if TYPE_CHECKING:
    from tailrace.sources import Sources
    from tailrace.store.store import Snapshot

Origin = Literal["store", "repodata", "environment", "lock-file", "ecosyste.ms"]
_LARGEST = 64 << 20
_PAGES = 50
_PER_PAGE = 100
_API = "https://packages.ecosyste.ms/api/v1"
#: Said where its answers are shown.
LICENCE = "ecosyste.ms, CC-BY-SA-4.0"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One dependent. `requirement`: as the source has it, `None` where it does not say. `kind`: the field that says it.
    `place`: which store, channel, environment, file or address. `as_of`: when the source knew it, ISO 8601 UTC, `None`
    where nothing says so."""

    name: str
    version: str
    requirement: str | None
    kind: str
    origin: Origin
    place: str
    as_of: str | None


class Trouble(msgspec.Struct, frozen=True):
    """A source that could not be asked, and why."""

    origin: Origin
    place: str
    reason: str


class Dependents(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of all sources. `sources`: those that were asked."""

    schema: Literal["tailrace.dependents/1"] = "tailrace.dependents/1"
    name: str
    found: tuple[Found, ...]
    sources: tuple[str, ...]
    unanswered: tuple[Trouble, ...] = ()


class Web(Protocol):
    """The port to the web: returns the answer of an address and its age."""

    def get(self, url: str) -> tuple[bytes, str | None]:
        """The body, and the day of the answer (ISO 8601 UTC) where it is known. Raises `TailraceError`."""


def in_store(snapshot: Snapshot, name: str) -> Iterator[Found]:
    """The releases of the store that require it."""
    from tailrace.store.ask import dependents

    for row, texts in dependents(snapshot, str(canonicalize_name(name))):
        uploaded = datetime.fromtimestamp(row.uploaded / 1000, UTC).isoformat() if row.uploaded else None
        for text in texts:
            yield Found(
                name=row.name,
                version=row.version,
                requirement=text,
                kind="Requires-Dist",
                origin="store",
                place=snapshot.place.shown,
                as_of=uploaded,
            )


def in_channel(sources: Sources, channel: str | Address, name: str) -> Iterator[Found]:
    """The records of a conda channel that depend on it or constrain it."""
    from tailrace.sources.channel_listing import dependents_in_channel

    address = Address(channel)
    for one in dependents_in_channel(sources.conda, address, name):
        when = datetime.fromtimestamp(one.timestamp / 1000, UTC).isoformat() if one.timestamp else None
        yield Found(
            name=one.name,
            version=one.version,
            requirement=one.requirement,
            kind=one.kind,
            origin="repodata",
            place=str(address),
            as_of=when,
        )


def in_environment(prefix: Path, name: str) -> Iterator[Found]:
    """What is installed in an environment and requires it."""
    from importlib.metadata import distributions

    from tailrace.sources.local import site_packages

    wanted = canonicalize_name(name)
    for folder in site_packages(prefix):
        for distribution in distributions(path=[str(folder)]):
            own = str(distribution.metadata["Name"] or "")
            for line in distribution.requires or ():
                if own and _name_of(line) == wanted:
                    yield Found(
                        name=str(canonicalize_name(own)),
                        version=str(distribution.metadata["Version"] or ""),
                        requirement=line,
                        kind="Requires-Dist",
                        origin="environment",
                        place=str(prefix),
                        as_of=_changed(folder),
                    )


def in_lock_file(path: Path, name: str) -> Iterator[Found]:
    """The packages of a lock file (uv, Poetry, PDM, pixi, conda-lock) that depend on it."""
    wanted = canonicalize_name(name)
    for package, version, requirements in _locked(path):
        for requirement in requirements:
            if _name_of(requirement) == wanted:
                yield Found(
                    name=str(canonicalize_name(package)),
                    version=version,
                    requirement=requirement,
                    kind="dependencies",
                    origin="lock-file",
                    place=str(path),
                    as_of=_changed(path),
                )


def on_the_web(web: Web, name: str, *, registry: str) -> Iterator[Found]:
    """What ecosyste.ms knows: the latest release of each dependent, without its requirement. `registry`: the host of
    the package index."""
    for page in range(1, _PAGES + 1):
        url = (
            f"{_API}/registries/{quote(registry, safe='')}/packages/{quote(name, safe='')}/dependent_packages"
            f"?latest=true&per_page={_PER_PAGE}&page={page}"
        )
        body, day = web.get(url)
        try:
            packages = msgspec.json.decode(body, type=list[dict[str, Any]])
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise UnreachableError(url, "its answer is not a list of packages") from None
        for package in packages:
            own, version = package.get("name"), package.get("latest_release_number")
            if not isinstance(own, str) or not own:
                continue
            synced = package.get("last_synced_at")
            yield Found(
                name=str(canonicalize_name(own[:200])),
                version=version[:100] if isinstance(version, str) else "",
                requirement=None,
                kind="dependent_packages",
                origin="ecosyste.ms",
                place=_API,
                as_of=synced[:40] if isinstance(synced, str) else day,
            )
        if len(packages) < _PER_PAGE:
            return


class SessionWeb:
    """The port over the HTTP session of the sources. Asks nothing when offline."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def get(self, url: str) -> tuple[bytes, str | None]:
        """See `Web`."""
        if self.sources.settings.offline:
            from tailrace.sources.errors import OfflineError

            raise OfflineError("What ecosyste.ms knows")
        response = self.sources.downloader.session.get(url, headers={"Accept": "application/json"})
        if response.status_code != 200:
            raise UnreachableError(url, f"it answers with status {response.status_code}")
        return bytes(response.content), response.headers.get("Date")


def public_registry(sources: Sources) -> str:
    """The host of the public package index, as ecosyste.ms names registries."""
    from tailrace.sources.configured import public_index

    return urlsplit(public_index()).hostname or ""


def gather(
    name: str,
    sources: Sources,
    *,
    snapshot: Snapshot | None = None,
    channels: Iterable[str] = (),
    environments: Iterable[Path] = (),
    files: Iterable[Path] = (),
    web: Web | None = None,
) -> Dependents:
    """Every source's answer. One that cannot be asked is named, and costs no other answer. Raises `UnseenNameError`
    where no source has seen the name."""
    channels, environments, files = tuple(channels), tuple(environments), tuple(files)
    found: list[Found] = []
    asked: list[str] = []
    unanswered: list[Trouble] = []

    def ask(origin: Origin, place: str, answers: Iterator[Found]) -> None:
        asked.append(f"{origin}: {place}")
        try:
            found.extend(answers)
        except (TailraceError, OSError, ValueError) as error:
            unanswered.append(Trouble(origin, place, redact(str(error))[:500]))

    if snapshot is not None:
        ask("store", snapshot.place.shown, in_store(snapshot, name))
    for channel in channels:
        ask("repodata", str(Address(channel)), in_channel(sources, channel, name))
    for prefix in environments:
        ask("environment", str(prefix), in_environment(prefix, name))
    for file in files:
        ask("lock-file", str(file), in_lock_file(file, name))
    if web is not None:
        ask("ecosyste.ms", _API, on_the_web(web, name, registry=public_registry(sources)))
    if not found and not unanswered and asked:
        _refuse_unknown(name, sources, snapshot, channels, environments, files, web)
    ordered = sorted(set(found), key=lambda one: (one.name, one.version, one.origin, one.requirement or ""))
    return Dependents(name=name, found=tuple(ordered), sources=tuple(asked), unanswered=tuple(unanswered))


def _refuse_unknown(
    name: str,
    sources: Sources,
    snapshot: Snapshot | None,
    channels: Iterable[str],
    environments: Iterable[Path],
    files: Iterable[Path],
    web: Web | None,
) -> None:
    """Raises `UnseenNameError` where no source that can list its names has this one."""
    from difflib import get_close_matches

    from tailrace.store.ask import known_distributions
    from tailrace.store.errors import UnseenNameError

    if web is not None:  # it lists no names
        return
    known: set[str] = set(known_distributions(snapshot)) if snapshot is not None else set()
    for channel in channels:
        from tailrace.sources.channel_listing import names_in_channel

        known |= names_in_channel(sources.conda, Address(channel))
    for prefix in environments:
        known |= _names_installed(prefix)
    for file in files:
        for package, _, requirements in _locked(file):
            known |= {str(canonicalize_name(package)), *filter(None, map(_name_of, requirements))}
    wanted = str(canonicalize_name(name))
    if wanted not in known:
        near = get_close_matches(wanted, known, n=3, cutoff=0.6)
        raise UnseenNameError(f"no source that was asked knows a distribution {name}.", tuple(near))


def _names_installed(prefix: Path) -> set[str]:
    from importlib.metadata import distributions

    from tailrace.sources.local import site_packages

    found: set[str] = set()
    for folder in site_packages(prefix):
        for distribution in distributions(path=[str(folder)]):
            found.add(str(canonicalize_name(str(distribution.metadata["Name"] or ""))))
            found.update(filter(None, map(_name_of, distribution.requires or ())))
    return found


def _name_of(line: str) -> str | None:
    match = re.match(r"\s*(?:[^\s;\[]+::)?([A-Za-z0-9][A-Za-z0-9._-]*)", line)
    return str(canonicalize_name(match[1])) if match is not None else None


def _changed(path: Path) -> str | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except OSError:
        return None


def _locked(path: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(name, version, requirements) of each package of a lock file. Raises `ListError`."""
    from tailrace.sources.errors import ListError
    from tailrace.sources.lists import read_text

    text = read_text(path)
    try:
        if path.suffix in (".yml", ".yaml") or path.name == "pixi.lock":
            from tailrace.conda.yaml_nodes import load_yaml

            data = load_yaml(text)
        else:
            data = parse_toml(text)
    except (ValueError, RecursionError) as error:
        raise ListError(str(path), f"cannot be read ({str(error)[:200]})") from None
    tables = data.get("package") or data.get("packages") or [] if isinstance(data, Mapping) else []
    for table in tables if isinstance(tables, list) else ():
        if not isinstance(table, Mapping):
            continue
        name = table.get("name")
        if not isinstance(name, str):
            name = _name_in_url(table)
        if name:
            yield name, str(table.get("version", "")), tuple(_requirements_of(table))


def _name_in_url(table: Mapping[str, Any]) -> str:
    """pixi writes `conda: URL` for a package: the file name begins with its name."""
    url = table.get("conda") or table.get("pypi")
    return url.rpartition("/")[2].rsplit("-", 2)[0] if isinstance(url, str) else ""


def _requirements_of(table: Mapping[str, Any]) -> Iterator[str]:
    for key in ("dependencies", "depends", "requires_dist"):
        held = table.get(key)
        if isinstance(held, Mapping):
            for name, wanted in held.items():
                text = wanted.get("version", "") if isinstance(wanted, Mapping) else wanted
                yield f"{name} {text}".strip() if isinstance(text, str) else str(name)
        elif isinstance(held, list):
            for item in held:
                if isinstance(item, str):
                    yield item
                elif isinstance(item, Mapping) and isinstance(item.get("name"), str):
                    yield item["name"]
